import type { Position } from '../eventstore/event-store.js';
import type { ParkedEvent, ParkedDocument } from './parked-documents.js';
import type { SkippedEvent, SkipRequest } from './skipped-events.js';

/** An operation on one projection. One message type for every thread and process that executes it. */
export type Operation =
  /** Folds the history into a new collection, compares it with the live one at one position, then swaps them. */
  | {
      readonly kind: 'rebuild';
      readonly name: string;
      /** Keep the old collection until it is dropped (default false). */
      readonly keep?: boolean;
    }
  /** The same without the swap: does the live model match its history? */
  | { readonly kind: 'compare'; readonly name: string }
  /** Drops the collection that a rebuild or a new version kept. */
  | { readonly kind: 'drop'; readonly name: string }
  /** Stops it after the current batch, across restarts, until it is resumed. */
  | { readonly kind: 'pause'; readonly name: string }
  /** Restarts it from its checkpoint after a pause, a halt or a failure. */
  | { readonly kind: 'resume'; readonly name: string }
  /** Lists the documents with parked events, and the skipped events. */
  | { readonly kind: 'parked'; readonly name: string }
  /** Folds the parked events of one document or of all, in order. A document without parked events is active again. */
  | { readonly kind: 'retry'; readonly name: string; readonly document?: string }
  /** Leaves the event out of the document, in every rebuild of this version too, and continues. */
  | { readonly kind: 'skip'; readonly name: string; readonly request: SkipRequest };

export interface OperationResults {
  rebuild: BuildReport;
  compare: BuildReport;
  drop: Dropped;
  pause: null;
  resume: null;
  parked: Parked;
  retry: Retried;
  skip: Skipped;
}
export type OperationResult<O extends Operation> = OperationResults[O['kind']];

export interface Dropped {
  /** False when no collection was kept. */
  readonly dropped: boolean;
}

export interface Parked {
  /** Ordered by waiting time, longest first. */
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
  /** The event that failed again; absent when all succeeded. */
  readonly failed?: ParkedEvent;
}

export interface Retried {
  readonly name: string;
  readonly documents: readonly RetriedDocument[];
}

/**
 * `nothing_to_skip`: the event is neither the first one parked for the document nor the one at which the projection
 * halted.
 */
export type Skipped =
  | { readonly skipped: true; readonly skip: SkippedEvent; readonly retried?: RetriedDocument }
  | { readonly skipped: false; readonly code: 'nothing_to_skip' };

export interface ModelDigests {
  readonly collection: string;
  readonly documents: number;
  readonly digest: string;
  readonly contentDigest: string;
}

/** Both models were held at one position during the comparison. */
export interface BuildReport {
  readonly name: string;
  readonly position: Position | null;
  readonly events: number;
  /**
   * `refused`: same version, and the digests differ or documents of the live model are parked; the live model stays.
   * `uncomparable`: the live model belongs to another history.
   */
  readonly outcome: 'equal' | 'different' | 'refused' | 'uncomparable' | 'cancelled';
  readonly swapped: boolean;
  readonly live: ModelDigests | null;
  readonly built: ModelDigests | null;
  /** The first ids whose documents differ. */
  readonly differing: readonly string[];
  /** Documents with parked events, in the live model or, in a comparison, in the other. */
  readonly parked: readonly string[];
  /** The old collection, where it was kept. */
  readonly kept?: string;
}

export class UnknownProjection extends Error {
  override readonly name = 'UnknownProjection';
  constructor(readonly projection: string) {
    super(`there is no projection ${projection}`);
  }
}

/** Only one rebuild, comparison, drop, retry or skip of a projection may run at a time. */
export class BuildUnderWay extends Error {
  override readonly name = 'BuildUnderWay';
  constructor(readonly projection: string) {
    super(`${projection} is being built, compared or retried already`);
  }
}
