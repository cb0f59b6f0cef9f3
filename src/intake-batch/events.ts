import { defineEvent, type EventOf } from '../eventstore/envelope.js';

/** What one file or request held: a stream `batch-{id}`, one for every time something is sent. */

/** Recorded before the first line is taken. A batch that has this and no end was interrupted. */
export const IntakeBatchOpened = defineEvent<{
  /** Who sent it, or what it was taken from: reconciliation adds up by it. */
  readonly source: string;
  readonly kind: 'commands' | 'cfpb';
  /** Name of the file, where it is one. */
  readonly name?: string;
}>()('IntakeBatchOpened');

export interface RejectedLine {
  /** From 1. */
  readonly line: number;
  /** The sender's own name of the line: key, or reference of the row. */
  readonly reference?: string;
  readonly code: string;
  /** JSON pointer or column of the field at fault. */
  readonly pointer?: string;
}

/** Lines that were not taken, as they come up; never their content. */
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
    /** False when the sender broke off: the counts are of what came. */
    readonly complete: boolean;
  }
>()('IntakeBatchClosed');

export const intakeBatchEventTypes = [IntakeBatchOpened, IntakeLinesRejected, IntakeBatchClosed] as const;

export type IntakeBatchEvent = EventOf<(typeof intakeBatchEventTypes)[number]>;
