import type { Position } from '../eventstore/event-store.js';
import type { BuildReport, Operation, OperationResult } from './operations.js';
import type { ParkedCounts } from './parked-documents.js';

/**
 * The running read models, as the rest of the service uses them: in this thread (ProjectionRunner), in a worker
 * (WorkerProjectionRunner), or in another process (RemoteProjections). Names are those of the catalogue; an unknown one
 * throws UnknownProjection.
 */
export interface Projections {
  start(): Promise<void>;
  /** Finishes the current batch, stores the checkpoints, cancels rebuilds. */
  stop(): Promise<void>;
  status(): ProjectionsStatus;
  /** Notifies that the log has grown to this position. */
  notify(head: Position): void;
  /** True once queries see everything up to the position; false after the timeout, or when that cannot happen. */
  waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean>;
  /** Executes an operation on one projection, in any thread or process. The signal cancels a rebuild or comparison. */
  execute<O extends Operation>(operation: O, signal?: AbortSignal): Promise<OperationResult<O>>;
}

/**
 * `backing-off`: the log or the read models are unavailable, retried automatically. `failed` and `halted` need operator
 * action.
 */
export type ProjectionState = 'stopped' | 'catching-up' | 'live' | 'paused' | 'backing-off' | 'failed' | 'halted';

/** Why a projection stopped. */
export type HaltReason =
  /** The log is not the one that was folded; only a rebuild resolves it. */
  | 'history_changed'
  | 'undecodable'
  | 'keys_failed'
  | 'evolve_failed'
  /** The store rejects one of its documents permanently. */
  | 'document_rejected'
  /** Another process has taken over the read models. */
  | 'checkpoint_lost'
  | 'storage_failed';

export interface Halt {
  readonly reason: HaltReason;
  readonly error: string;
  /** The failing event, where there is one. */
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
  /** The physical collection that it writes. */
  readonly collection: string | null;
  /** Everything up to here is in the read model. */
  readonly position: Position | null;
  /** recordedAt of the event at `position`: the age of the model while it is not caught up. */
  readonly recordedAt: string | null;
  /** It contains everything known to be recorded. */
  readonly caughtUp: boolean;
  /** It has caught up at least once since it was opened here; before that it may lack recorded events. */
  readonly complete: boolean;
  /** Position numbers behind the head: events on the embedded store, bytes on EventStoreDB. 0 when caught up. */
  readonly lag: number;
  /** Events folded since the start. */
  readonly folded: number;
  readonly parked: ParkedCounts;
  readonly halt?: Halt;
  /** The last error and the number of consecutive failures, while backing off. */
  readonly retry?: RetryTrouble;
  /** A rebuild or comparison in progress. */
  readonly building?: BuildProgress;
  /** Result of the last rebuild, comparison or change of version. */
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
  /** Every projection runs or was paused by an operator, and the thread that runs them is alive. */
  readonly healthy: boolean;
  /** Documents have parked events, or a projection is paused; all others are current. */
  readonly degraded: boolean;
  readonly head: Position | null;
  /** Age of this status in milliseconds: 0 where this process is notified of every change. */
  readonly observedMsAgo: number;
  readonly worker: 'in-process' | 'starting' | 'running' | 'restarting' | 'stopped';
  readonly projections: readonly ProjectionStatus[];
}
