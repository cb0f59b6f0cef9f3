import type { EventStoreAddress, ReadModelsAddress } from '../platform/configuration.js';
import type { Position } from '../eventstore/event-store.js';
import type { Operation } from './operations.js';
import type { ProjectionsStatus } from './projections.js';
import type { ThreadError } from './thread-errors.js';

/** Where the worker finds its files; given to it as workerData. */
export interface WorkerStores {
  /** Only read. */
  readonly eventStore: EventStoreAddress;
  /** The worker is their only writer. */
  readonly readModels: ReadModelsAddress;
  /** Where this thread sends its traces. */
  readonly traces?: string;
  /** Events folded before documents are written while catching up. */
  readonly batchSize?: number;
}

export type ToWorker =
  | { readonly kind: 'notify'; readonly head: Position }
  | { readonly kind: 'execute'; readonly id: number; readonly operation: Operation; readonly isCancelled: boolean }
  | { readonly kind: 'cancel'; readonly id: number }
  /** Answered by the end of the thread. */
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'started' }
  | { readonly kind: 'status'; readonly status: ProjectionsStatus }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ThreadError };
