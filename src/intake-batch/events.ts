import { defineEvent, type EventOf } from '../eventstore/envelope.js';

/** Prefix of the stream names: each file or bulk request is a batch with its own stream `batch-{id}`. */
export const BATCH_STREAMS = 'batch-';

/**
 * Recorded before the first line is processed. A batch without `IntakeBatchClosed` is in progress or was interrupted.
 */
export const IntakeBatchOpened = defineEvent<{
  /** Who sent the lines, or the register they come from. Reconciliation adds up the counts of each source. */
  readonly source: string;
  /** What a line is: a command, or a row of the CFPB register. */
  readonly kind: 'commands' | 'cfpb';
  /** Name of the file; absent if the batch is not a file. */
  readonly name?: string;
}>()('IntakeBatchOpened');

export interface RejectedLine {
  /** Number of the line; the first line is 1. */
  readonly line: number;
  /** How the sender identifies the line: the key of the command, or the reference of the row. */
  readonly reference?: string;
  /** Why the line was rejected: the code of the first error. */
  readonly code: string;
  /** JSON pointer (command) or column (row) of the invalid value. */
  readonly pointer?: string;
}

/** Rejected lines, without their content. */
export const IntakeLinesRejected = defineEvent<{ readonly lines: readonly RejectedLine[] }>()('IntakeLinesRejected');

/** Numbers of lines. */
export interface BatchCounts {
  readonly read: number;
  readonly accepted: number;
  /** Lines whose commands had been recorded before. */
  readonly alreadyThere: number;
  /** Lines that asked for what already was so; nothing was recorded for them. */
  readonly unchanged: number;
  readonly rejected: number;
}

export const IntakeBatchClosed = defineEvent<
  Omit<BatchCounts, 'unchanged'> & {
    /** Absent in batches of versions that counted these lines as rejected. */
    readonly unchanged?: number;
    /** SHA-256 (hex) of the bytes that were read. */
    readonly sha256: string;
    /** False if the batch was aborted. The counts then include only the lines that were processed. */
    readonly complete: boolean;
    /** Numbers of rejected lines by code, of those that no `IntakeLinesRejected` lists; absent if all are listed. */
    readonly unlisted?: Readonly<Record<string, number>>;
  }
>()('IntakeBatchClosed');

export const intakeBatchEventTypes = [IntakeBatchOpened, IntakeLinesRejected, IntakeBatchClosed] as const;

export type IntakeBatchEvent = EventOf<(typeof intakeBatchEventTypes)[number]>;
