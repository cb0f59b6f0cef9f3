import type { EventStoreAddress, ReadModelsAddress } from '../platform/configuration.js';
import type { Position } from '../eventstore/event-store.js';
import type { ToldError } from './errors-between-threads.js';
import type { BuildReport, Parked, ProjectionsStatus, Retried, SkipRequest, Skipped } from './projections.js';

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

/** What is asked of the worker, with the answer of each. */
export interface Requests {
  rebuild: { readonly name: string; readonly keep: boolean };
  compare: { readonly name: string };
  drop: { readonly name: string };
  pause: { readonly name: string };
  resume: { readonly name: string };
  parked: { readonly name: string };
  retry: { readonly name: string; readonly document?: string };
  skip: { readonly name: string; readonly request: SkipRequest };
  stop: object;
}
export interface Answers {
  rebuild: BuildReport;
  compare: BuildReport;
  drop: boolean;
  pause: null;
  resume: null;
  parked: Parked;
  retry: Retried;
  skip: Skipped;
  stop: null;
}
export type Method = keyof Requests;

export type ToWorker =
  | { readonly kind: 'notify'; readonly head: Position }
  | { readonly kind: 'cancel'; readonly id: number }
  | { [M in Method]: { readonly kind: 'request'; readonly id: number; readonly method: M } & Requests[M] }[Method];

export type FromWorker =
  | { readonly kind: 'started' }
  | { readonly kind: 'status'; readonly status: ProjectionsStatus }
  | { readonly kind: 'answer'; readonly id: number; readonly value: Answers[Method] }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: ToldError };
