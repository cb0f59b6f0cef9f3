import type { EventStoreAddress, ReadModelsAddress } from '../platform/configuration.js';
import type { Position } from '../eventstore/event-store.js';
import type { Operation } from './operations.js';
import type { ProjectionsStatus } from './projections.js';
import type { ThreadError } from './thread-errors.js';

/** The `workerData` of the worker thread: the addresses of the stores that it opens, and its settings. */
export interface WorkerSettings {
  /** The worker opens it read-only. */
  readonly eventStore: EventStoreAddress;
  /** The worker is the only writer. */
  readonly readModels: ReadModelsAddress;
  readonly subjects: SubjectsSettings;
  /** Address to which the worker sends its traces; absent when tracing is off. */
  readonly traces?: string;
  /** Number of events per write while a model catches up. */
  readonly batchSize?: number;
}

/** How the worker writes the index of personal values. */
export interface SubjectsSettings {
  /** The worker is the only writer. */
  readonly store: ReadModelsAddress;
  /** The secret key of the hashes. */
  readonly key: Uint8Array;
  /** Region of phone numbers without a country code. */
  readonly phoneRegion: string;
}

/** A message to the worker. `id` identifies the operation in its answer. */
export type ToWorker =
  | { readonly kind: 'notify'; readonly head: Position }
  /** `isCancelled`: the operation was already cancelled when it was sent. */
  | { readonly kind: 'execute'; readonly id: number; readonly operation: Operation; readonly isCancelled: boolean }
  | { readonly kind: 'cancel'; readonly id: number }
  /** The worker finishes its work and exits; it sends no answer. */
  | { readonly kind: 'stop' };

/** A message from the worker. `id` is that of the executed operation. */
export type FromWorker =
  | { readonly kind: 'started' }
  | { readonly kind: 'status'; readonly status: ProjectionsStatus }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ThreadError };
