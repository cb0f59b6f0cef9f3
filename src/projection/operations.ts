import type { Position } from '../eventstore/event-store.js';
import type { ParkedEvent, ParkedDocument } from './parked-documents.js';
import type { SkippedEvent, SkipRequest } from './skipped-events.js';

/** What can be done with one projection. One message type, whichever thread or process carries it out. */
export type Operation =
  /** Folds the history into a new collection beside the live one, compares both at one position, then swaps. */
  | {
      readonly kind: 'rebuild';
      readonly name: string;
      /** Keep the old collection until it is dropped (default false). */
      readonly keep?: boolean;
    }
  /** The same without the swap: is the live model what its history says? */
  | { readonly kind: 'compare'; readonly name: string }
  /** Drops the collection that a rebuild kept; false when there is none. */
  | { readonly kind: 'drop'; readonly name: string }
  /** Stops it after its batch, across restarts, until it is resumed. */
  | { readonly kind: 'pause'; readonly name: string }
  /** Starts it again from its checkpoint after a pause, a halt or a failure. */
  | { readonly kind: 'resume'; readonly name: string }
  /** Lists the documents that wait for an event that could not be folded, and the events that were skipped. */
  | { readonly kind: 'parked'; readonly name: string }
  /** Folds what waits for one document, or for each, in order. Documents that come through take events again. */
  | { readonly kind: 'retry'; readonly name: string; readonly document?: string }
  /** Leaves the event out of the document, in every rebuild of this version too, and goes on. */
  | { readonly kind: 'skip'; readonly name: string; readonly request: SkipRequest };

export interface OperationResults {
  rebuild: BuildReport;
  compare: BuildReport;
  drop: boolean;
  pause: null;
  resume: null;
  parked: Parked;
  retry: Retried;
  skip: Skipped;
}
export type OperationResult<O extends Operation> = OperationResults[O['kind']];

export interface Parked {
  /** The one that has waited longest first. */
  readonly documents: readonly ParkedDocument[];
  readonly skipped: readonly SkippedEvent[];
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

/** `nothing_to_skip`: neither the first event that the document waits for nor the one at which the projection halted. */
export type Skipped =
  | { readonly skipped: true; readonly skip: SkippedEvent; readonly retried?: RetriedDocument }
  | { readonly skipped: false; readonly code: 'nothing_to_skip' };

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
