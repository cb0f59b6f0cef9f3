import { defineEvent, type EventOf } from '../eventstore/envelope.js';

/** The events of one bulk import (file or request): one stream `batch-{id}` per transmission. */
export const BATCH_STREAMS = 'batch-';

/** Recorded before the first line is processed. A batch with this event and no closing event was interrupted. */
export const IntakeBatchOpened = defineEvent<{
  /** Sender or origin; reconciliation groups by it. */
  readonly source: string;
  readonly kind: 'commands' | 'cfpb';
  /** File name, for a file. */
  readonly name?: string;
}>()('IntakeBatchOpened');

export interface RejectedLine {
  /** Line number, from 1. */
  readonly line: number;
  /** The sender's identifier of the line: key, or reference of the row. */
  readonly reference?: string;
  readonly code: string;
  /** JSON pointer or column of the invalid field. */
  readonly pointer?: string;
}

/** Rejected lines, without their content. */
export const IntakeLinesRejected = defineEvent<{ readonly lines: readonly RejectedLine[] }>()('IntakeLinesRejected');

export interface BatchCounts {
  readonly read: number;
  readonly accepted: number;
  readonly alreadyThere: number;
  readonly rejected: number;
}

export const IntakeBatchClosed = defineEvent<
  BatchCounts & {
    /** SHA-256 (hex) of the bytes that were read. */
    readonly sha256: string;
    /** False if the sender aborted; the counts then cover the received part. */
    readonly complete: boolean;
  }
>()('IntakeBatchClosed');

export const intakeBatchEventTypes = [IntakeBatchOpened, IntakeLinesRejected, IntakeBatchClosed] as const;

export type IntakeBatchEvent = EventOf<(typeof intakeBatchEventTypes)[number]>;
