import type { Position } from '../eventstore/event-store.js';
import type { ParkedEvent, ParkedDocument } from './parked-documents.js';
import type { SkippedEvent, SkipRequest } from './skipped-events.js';

/** An operation on one projection, as it is sent to the thread or process that executes it. */
export type Operation =
  /**
   * Folds the history into a new collection, compares it with the live one at the same position, and makes it live. An
   * outcome `refused` leaves the live collection as it is.
   */
  | {
      readonly kind: 'rebuild';
      readonly name: string;
      /** Keep the old collection until an operation `drop` (default false). */
      readonly keep?: boolean;
    }
  /** Like a rebuild, but does not make the new collection live: only checks that the live model matches its history. */
  | { readonly kind: 'compare'; readonly name: string }
  /** Drops the old collection that was kept at a rebuild or a change of version. */
  | { readonly kind: 'drop'; readonly name: string }
  /** Stops the projection after the current batch, until it is resumed. A pause outlasts a restart. */
  | { readonly kind: 'pause'; readonly name: string }
  /** Continues from the stored checkpoint after a pause, a halt or a failure. */
  | { readonly kind: 'resume'; readonly name: string }
  /** Lists the documents with parked events, and the skipped events. */
  | { readonly kind: 'parked'; readonly name: string }
  /** Folds the parked events of one document, or of all, in order. A document without parked events is active again. */
  | { readonly kind: 'retry'; readonly name: string; readonly document?: string }
  /** Leaves an event out of a document, also in later rebuilds of this version, and continues after it. */
  | { readonly kind: 'skip'; readonly name: string; readonly request: SkipRequest };

export interface OperationResults {
  rebuild: BuildReport;
  compare: BuildReport;
  drop: DropResult;
  pause: null;
  resume: null;
  parked: ParkedEvents;
  retry: RetryResult;
  skip: SkipResult;
}
export type OperationResult<O extends Operation> = OperationResults[O['kind']];

export interface DropResult {
  /** False when no collection was kept. */
  readonly dropped: boolean;
}

export interface ParkedEvents {
  /** In the order of their first parked events. */
  readonly documents: readonly ParkedDocument[];
  readonly skipped: readonly SkippedEvent[];
}

/** Result of folding the parked events of a document. */
export interface RetriedDocument {
  readonly document: string;
  /** Events that were folded or skipped. */
  readonly folded: number;
  /** Events that are still parked. */
  readonly waiting: number;
  /** The event that failed again; absent when no event failed. */
  readonly failed?: ParkedEvent;
}

export interface RetryResult {
  readonly name: string;
  readonly documents: readonly RetriedDocument[];
}

/**
 * `nothing_to_skip`: the event is neither the first one parked for the document nor the one at which the projection
 * halted.
 */
export type SkipResult =
  | { readonly skipped: true; readonly skip: SkippedEvent; readonly retried?: RetriedDocument }
  | { readonly skipped: false; readonly code: 'nothing_to_skip' };

/** The digests of one collection (see digest.ts). */
export interface ModelDigests {
  readonly collection: string;
  /** Number of documents. */
  readonly documents: number;
  readonly digest: string;
  readonly contentDigest: string;
}

/** Result of a rebuild or comparison. Both collections include the events up to the same position. */
export interface BuildReport {
  /** Name of the projection. */
  readonly name: string;
  /** Position of the comparison. */
  readonly position: Position | null;
  /** Number of events in the new collection. */
  readonly events: number;
  /**
   * `refused`: the version is the same, and documents differ or have parked events, so the live collection stays live.
   * `uncomparable`: the live collection was folded from another history.
   */
  readonly outcome: 'equal' | 'different' | 'refused' | 'uncomparable' | 'cancelled';
  /** Whether the new collection is live. */
  readonly swapped: boolean;
  /** Digests of the collection that was live; null for the outcomes `uncomparable` and `cancelled`. */
  readonly live: ModelDigests | null;
  /** Digests of the new collection; null for the outcome `cancelled`. */
  readonly built: ModelDigests | null;
  /** The first ids whose documents differ. */
  readonly differing: readonly string[];
  /** Ids of documents with parked events in the live collection or, in a comparison, in the new one. */
  readonly parked: readonly string[];
  /** The old collection, if it was kept. */
  readonly kept?: string;
}

export class UnknownProjection extends Error {
  override readonly name = 'UnknownProjection';
  constructor(readonly projection: string) {
    super(`there is no projection ${projection}`);
  }
}

/** A projection runs only one rebuild, comparison, drop, retry or skip at a time. */
export class OperationInProgress extends Error {
  override readonly name = 'OperationInProgress';
  constructor(readonly projection: string) {
    super(`${projection} is being built, compared or retried already`);
  }
}
