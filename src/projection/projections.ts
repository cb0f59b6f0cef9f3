import type { Position } from '../eventstore/event-store.js';
import type { Skip } from './skips.js';

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
  /** Which documents wait for an event that could not be folded, and what was skipped (correctness.md §3.11). */
  parked(name: string): Promise<Parked>;
  /** Folds what waits for one document, or for each, in order. Documents that come through take events again. */
  retry(name: string, document?: string): Promise<Retried>;
  /** Leaves the event out of the document, for good and in every rebuild of this version, and goes on. */
  skip(name: string, request: SkipRequest): Promise<Skipped>;
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
    /** The document into which it could not be folded. */
    readonly document?: string;
  };
}

/** One event that waits to be folded into one document. Says where it stands and nothing of what is in it. */
export interface ParkedEvent {
  readonly document: string;
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly recordedAt: string;
  /** Why it could not be folded; null: it waits behind one that could not. */
  readonly error: string | null;
}

/** A document that takes no events for now, and the first that it did not take. */
export interface ParkedDocument extends Omit<ParkedEvent, 'error'> {
  readonly error: string;
  /** Events that wait, the first among them. */
  readonly events: number;
}

export interface Parked {
  /** The one that has waited longest first. */
  readonly documents: readonly ParkedDocument[];
  readonly skipped: readonly Skip[];
}

/** What came of folding the events that waited for a document. */
export interface RetriedDocument {
  readonly document: string;
  /** Events that were folded or skipped. */
  readonly folded: number;
  /** Events that wait still. */
  readonly waiting: number;
  /** The one that failed again; absent when all went through. */
  readonly failed?: ParkedEvent;
}

export interface Retried {
  readonly name: string;
  readonly documents: readonly RetriedDocument[];
}

/** Which event is left out of which document, who says so, why and when. */
export type SkipRequest = Pick<Skip, 'document' | 'position' | 'reason' | 'by' | 'at'>;

/** `nothing_to_skip`: neither the first event that the document waits for nor the one at which the projection halted. */
export type Skipped =
  | { readonly skipped: true; readonly skip: Skip; readonly retried?: RetriedDocument }
  | { readonly skipped: false; readonly code: 'nothing_to_skip' };

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
  readonly parked: ParkedCounts;
  readonly halt?: Halt;
  /** What went wrong last, and how often in a row, while backing off. */
  readonly retry?: { readonly attempt: number; readonly error: string };
  /** A rebuild or comparison under way. */
  readonly building?: { readonly collection: string; readonly position: Position | null };
  /** What the last rebuild, comparison or change of version found. */
  readonly lastBuild?: BuildReport;
}

export interface ParkedCounts {
  readonly documents: number;
  readonly events: number;
  /** Where the event stands that has waited longest. */
  readonly oldest: { readonly position: Position; readonly recordedAt: string } | null;
}

export interface ProjectionsStatus {
  /** Every projection is live or catching up, and so is the thread that runs them. */
  readonly healthy: boolean;
  /** Documents wait for events that could not be folded: all others are current. */
  readonly degraded: boolean;
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
  /**
   * `refused`: same version, and the digests differ or documents of the live model are parked; the live model stays.
   * `uncomparable`: the live one is of another history.
   */
  readonly outcome: 'equal' | 'different' | 'refused' | 'uncomparable' | 'cancelled';
  readonly swapped: boolean;
  readonly live: ModelDigests | null;
  readonly built: ModelDigests | null;
  /** Ids whose documents differ, the first of them. */
  readonly differing: readonly string[];
  /** Documents that wait for an event that could not be folded, in the live model or, compared, in the other. */
  readonly parked: readonly string[];
  /** The collection that was kept beside the new one. */
  readonly kept?: string;
}

export class UnknownProjection extends Error {
  override readonly name = 'UnknownProjection';
  constructor(readonly projection: string) {
    super(`there is no projection ${projection}`);
  }
}

/** One rebuild, comparison, retry or skip of a projection at a time. */
export class BuildUnderWay extends Error {
  override readonly name = 'BuildUnderWay';
  constructor(readonly projection: string) {
    super(`${projection} is being built, compared or retried already`);
  }
}
