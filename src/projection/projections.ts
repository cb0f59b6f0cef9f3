import type { Position } from '../eventstore/event-store.js';
import type { BuildReport, Operation, OperationResult } from './operations.js';
import type { ParkedCounts } from './parked-documents.js';

/**
 * The running projections: in this thread (ProjectionRunner), in a worker thread (WorkerProjectionRunner), or in
 * another process (RemoteProjections). A method that takes the name of a projection throws UnknownProjection for a name
 * that is not in the catalogue.
 */
export interface Projections {
  start(): Promise<void>;
  /** Finishes the current batches, stores the checkpoints and cancels rebuilds. */
  stop(): Promise<void>;
  status(): ProjectionsStatus;
  /** Notifies that the log has grown to this position. */
  notify(head: Position): void;
  /**
   * Waits until queries see every event up to the position. False after the timeout, or when the projection is stopped,
   * paused, failed or halted.
   */
  waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean>;
  /** Executes an operation on one projection. The signal cancels a rebuild or comparison. */
  execute<O extends Operation>(operation: O, signal?: AbortSignal): Promise<OperationResult<O>>;
}

/**
 * `backing-off`: the log or the read models are unavailable; the projection retries by itself. `failed` and `halted`
 * need operator action.
 */
export type ProjectionState = 'stopped' | 'catching-up' | 'live' | 'paused' | 'backing-off' | 'failed' | 'halted';

/** Why a projection stopped. */
export type HaltReason =
  /** The log is not the one that was folded; only a rebuild resolves it. */
  | 'history_changed'
  /** An event cannot be decoded. */
  | 'undecodable'
  /** `keys` of the projection threw an error. */
  | 'keys_failed'
  /** `evolve` of the projection threw an error. */
  | 'evolve_failed'
  /** The store rejects one of its documents permanently. */
  | 'document_rejected'
  /** Another process has taken over the read models. */
  | 'checkpoint_lost'
  /** The log or the read models failed with an error that is not transient. */
  | 'storage_failed';

export interface Halt {
  readonly reason: HaltReason;
  readonly error: string;
  /** The event that failed; absent for a reason that does not come from one event. */
  readonly event?: {
    readonly position: Position;
    readonly type: string;
    readonly stream: string;
    readonly revision: number;
    /** Id of the document into which the event could not be folded. */
    readonly document?: string;
  };
}

export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly state: ProjectionState;
  /** The physical collection that it writes. */
  readonly collection: string | null;
  /** The read model includes every event up to this position. */
  readonly position: Position | null;
  /** recordedAt of the event at `position`. While the model is behind, it shows how old its data is. */
  readonly recordedAt: string | null;
  /** Whether the model includes every event that is known to be recorded. */
  readonly caughtUp: boolean;
  /** Whether the model has caught up since this process opened it; before that it may lack recorded events. */
  readonly complete: boolean;
  /**
   * Distance to the end of the log: number of events on the embedded store, bytes on EventStoreDB. 0 when caught up.
   */
  readonly lag: number;
  /** Events folded since the start. */
  readonly folded: number;
  readonly parked: ParkedCounts;
  readonly halt?: Halt;
  /** While the projection retries: the last error, and the number of consecutive failures. */
  readonly retry?: RetryStatus;
  /** The progress of a rebuild or comparison that is running. */
  readonly building?: BuildProgress;
  /** Result of the last rebuild, comparison or change of version. */
  readonly lastBuild?: BuildReport;
}

export interface RetryStatus {
  /** Number of consecutive failures. */
  readonly attempt: number;
  readonly error: string;
  /** The cause of the error, if it is known. Unlike the error, it never quotes an event. */
  readonly cause?: string;
}

export interface BuildProgress {
  readonly collection: string;
  readonly position: Position | null;
}

export interface ProjectionsStatus {
  /** Every projection runs or is paused by an operator, and the thread that runs the projections is alive. */
  readonly healthy: boolean;
  /** A projection is paused or has parked events. */
  readonly degraded: boolean;
  /** Position of the last event that is known to be recorded. */
  readonly head: Position | null;
  /** Age of this status in milliseconds; 0 when every change is reported to this process. */
  readonly observedMsAgo: number;
  readonly worker: 'in-process' | 'starting' | 'running' | 'restarting' | 'stopped';
  readonly projections: readonly ProjectionStatus[];
}
