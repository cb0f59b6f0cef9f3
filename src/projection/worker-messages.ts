import type { EventStoreAddress, ReadModelsAddress } from '../platform/configuration.js';
import type { Position } from '../eventstore/event-store.js';
import type { Operation } from './operations.js';
import type { ProjectionsStatus } from './projections.js';
import type { ThreadError } from './thread-errors.js';

/** Paths of the stores that the worker opens; passed as workerData. */
export interface WorkerStores {
  /** Opened read-only. */
  readonly eventStore: EventStoreAddress;
  /** The worker is its only writer. */
  readonly readModels: ReadModelsAddress;
  /** Address to which the worker sends its traces. */
  readonly traces?: string;
  /** Events folded per write while catching up. */
  readonly batchSize?: number;
}

export type ToWorker =
  | { readonly kind: 'notify'; readonly head: Position }
  | { readonly kind: 'execute'; readonly id: number; readonly operation: Operation; readonly isCancelled: boolean }
  | { readonly kind: 'cancel'; readonly id: number }
  /** The worker responds by exiting. */
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'started' }
  | { readonly kind: 'status'; readonly status: ProjectionsStatus }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ThreadError };
