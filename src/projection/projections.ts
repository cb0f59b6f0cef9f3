import type { Position } from '../eventstore/event-store.js';
import type { BuildReport, Operation, OperationResult } from './operations.js';
import type { ParkedCounts } from './parked-documents.js';

/**
 * The running read models, as the rest of the service sees them: in this thread (ProjectionRunner), in a worker
 * (WorkerProjectionRunner), or in another process (RemoteProjections). Names are those of the catalogue; an unknown one
 * throws UnknownProjection.
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
  /** Carries out an operation on one projection, wherever it runs. The signal cancels a rebuild or comparison. */
  execute<O extends Operation>(operation: O, signal?: AbortSignal): Promise<OperationResult<O>>;
}

/** `backing-off`: the log or the read models cannot be reached, retried by itself. `failed` and `halted` need operator action. */
export type ProjectionState = 'stopped' | 'catching-up' | 'live' | 'paused' | 'backing-off' | 'failed' | 'halted';

/** Why a projection does not go on. */
export type HaltReason =
  /** The log is not the one that was folded; only a rebuild clears it. */
  | 'history_changed'
  | 'undecodable'
  | 'keys_failed'
  | 'evolve_failed'
  /** The store can never take one of its documents as it is. */
  | 'document_rejected'
  /** Another process has taken over the read models. */
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
  /** It shows everything that is known to be recorded. */
  readonly caughtUp: boolean;
  /** It has shown everything at least once since it was taken up here; before that, what it lacks may be recorded. */
  readonly complete: boolean;
  /** Position numbers behind the head: events on the embedded store, bytes on EventStoreDB. 0 when caught up. */
  readonly lag: number;
  /** Events folded since the start. */
  readonly folded: number;
  readonly parked: ParkedCounts;
  readonly halt?: Halt;
  /** What went wrong last, and how often in a row, while backing off. */
  readonly retry?: RetryTrouble;
  /** A rebuild or comparison under way. */
  readonly building?: BuildProgress;
  /** What the last rebuild, comparison or change of version found. */
  readonly lastBuild?: BuildReport;
}

export interface RetryTrouble {
  readonly attempt: number;
  readonly error: string;
}

export interface BuildProgress {
  readonly collection: string;
  readonly position: Position | null;
}

export interface ProjectionsStatus {
  /** Every projection goes on, or was paused by an operator, and so does the thread that runs them. */
  readonly healthy: boolean;
  /** Documents wait for events that could not be folded, or a projection is paused: all others are current. */
  readonly degraded: boolean;
  readonly head: Position | null;
  /** How old this is, in milliseconds: 0 where the log and the projections tell this process of every change. */
  readonly observedMsAgo: number;
  readonly worker: 'in-process' | 'starting' | 'running' | 'restarting' | 'stopped';
  readonly projections: readonly ProjectionStatus[];
}
