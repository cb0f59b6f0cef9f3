import type { Position } from '../../src/eventstore/event-store.js';

/**
 * The running read models, as the rest of the service sees them: in this thread ({@link InProcessProjections}) or in
 * a worker ({@link ProjectionsService}). Names are those of the catalogue; an unknown one throws UnknownProjection.
 */
export interface Projections {
  start(): Promise<void>;
  /** Finishes the batch at hand, stores the checkpoints, cancels rebuilds. */
  stop(): Promise<void>;
  status(): ProjectionsStatus;
  /** Tells that the log has grown to this position: look at once. */
  notify(head: Position): void;
  /** True as soon as queries see everything up to the position; false after the limit, or when that cannot come. */
  waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean>;
  /** Folds the history into a new collection beside the live one, compares both at one position, then swaps. */
  rebuild(name: string, options?: RebuildOptions): Promise<BuildReport>;
  /** The same without the swap: is the live model what its history says? */
  compare(name: string, options?: CompareOptions): Promise<BuildReport>;
  /** Drops the collection that a rebuild kept; false when there is none. */
  drop(name: string): Promise<boolean>;
  /** Stops one projection after its batch, across restarts, until it is resumed. */
  pause(name: string): Promise<void>;
  /** Starts a paused, halted or failed projection again from its checkpoint. */
  resume(name: string): Promise<void>;
}

export interface CompareOptions {
  readonly signal?: AbortSignal;
}

export interface RebuildOptions extends CompareOptions {
  /** Keep the old collection until it is dropped (default false). */
  readonly keep?: boolean;
}

/** `backing-off`: the log or the read models cannot be reached, tried again by itself. The last two wait for a person. */
export type ProjectionState = 'stopped' | 'catching-up' | 'live' | 'paused' | 'backing-off' | 'failed' | 'halted';

/** Why a projection does not go on (correctness.md §3.10, §3.11). */
export type HaltReason =
  /** The log is not the one that was folded; only a rebuild clears it. */
  | 'history_changed'
  | 'undecodable'
  | 'keys_failed'
  | 'evolve_failed'
  /** Another runner writes this model. */
  | 'checkpoint_lost'
  | 'storage_failed';

export interface Halt {
  readonly reason: HaltReason;
  readonly error: string;
  /** The event at fault, where one is. */
  readonly event?: {
    readonly position: Position;
    readonly type: string;
    readonly stream: string;
    readonly revision: number;
  };
}

export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly state: ProjectionState;
  /** The physical collection that is written. */
  readonly collection: string | null;
  /** Everything up to here is in the read model. */
  readonly position: Position | null;
  /** recordedAt of the event at `position`: how old the picture is while it is not caught up. */
  readonly recordedAt: string | null;
  readonly caughtUp: boolean;
  /** Position numbers behind the head: events on the embedded store, bytes on EventStoreDB. 0 when caught up. */
  readonly lag: number;
  /** Events folded since the start. */
  readonly folded: number;
  readonly halt?: Halt;
  /** What went wrong last, and how often in a row, while backing off. */
  readonly retry?: { readonly attempt: number; readonly error: string };
  /** A rebuild or comparison under way. */
  readonly building?: { readonly collection: string; readonly position: Position | null };
  /** What the last rebuild, comparison or change of version found. */
  readonly lastBuild?: BuildReport;
}

export interface ProjectionsStatus {
  /** Every projection is live or catching up, and so is the thread that runs them. */
  readonly healthy: boolean;
  readonly head: Position | null;
  readonly worker: 'in-process' | 'starting' | 'running' | 'restarting' | 'stopped';
  readonly projections: readonly ProjectionStatus[];
}

export interface ModelDigests {
  readonly collection: string;
  readonly documents: number;
  readonly digest: string;
  readonly contentDigest: string;
}

/** Both models were held at one position while they were compared. */
export interface BuildReport {
  readonly name: string;
  readonly position: Position | null;
  readonly events: number;
  /** `refused`: same version, other digest; the live model stays. `uncomparable`: the live one is of another history. */
  readonly outcome: 'equal' | 'different' | 'refused' | 'uncomparable' | 'cancelled';
  readonly swapped: boolean;
  readonly live: ModelDigests | null;
  readonly built: ModelDigests | null;
  /** Ids whose documents differ, the first of them. */
  readonly differing: readonly string[];
  /** The collection that was kept beside the new one. */
  readonly kept?: string;
}

export class UnknownProjection extends Error {
  override readonly name = 'UnknownProjection';
  constructor(readonly projection: string) {
    super(`there is no projection ${projection}`);
  }
}

/** One rebuild or comparison of a projection at a time. */
export class BuildUnderWay extends Error {
  override readonly name = 'BuildUnderWay';
  constructor(readonly projection: string) {
    super(`${projection} is being built or compared already`);
  }
}
