import type * as batches from '../../../projections/intake-batches/query.js';
import type * as events from '../../intake-batch/events.js';
import { AnyObject, AnyText, Count, ListOf, Timestamp, Uuid } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Flag, Schema } from '../../platform/fields.js';
import { ERROR_CODES } from './error-codes.js';

@Schema({ summary: 'Sums of all batches of a source' })
export class SourceTotals {
  @AnyText({ description: 'Name of the source', example: 'shop' })
  readonly source!: string;
  @Count({ description: 'Number of batches', example: 2 })
  readonly batches!: number;
  @Count({ description: 'Batches that are not complete', example: 0 })
  readonly interrupted!: number;
  @Count({ description: 'Lines that were read', example: 6 })
  readonly read!: number;
  @Count({ description: 'Lines whose commands were recorded', example: 2 })
  readonly accepted!: number;
  @Count({ description: 'Lines whose commands had been recorded before', example: 2 })
  readonly alreadyThere!: number;
  @Count({ description: 'Lines that asked for what already was so: nothing was recorded', example: 0 })
  readonly unchanged!: number;
  @Count({ description: 'Rejected lines', example: 2 })
  readonly rejected!: number;
}

const BATCH_FORMS = enumeration(
  'BatchForm',
  ['commands', 'cfpb'],
  'What a line is: a command, or a row of the register',
);

@Schema({ summary: 'A bulk request or an import' })
export class Batch implements batches.BatchRow {
  @Uuid({ description: 'Id of the batch' })
  readonly id!: string;
  @AnyText({ description: 'Name of the source', example: 'shop' })
  readonly source!: string;
  @Code(BATCH_FORMS)
  readonly form!: string;
  @AnyText({ nullable: true, description: 'Name of the file', example: 'day.ndjson' })
  readonly name!: string | null;
  @AnyText({ description: 'Id of the sender', example: 'upstream-1' })
  readonly sentBy!: string;
  @Timestamp({ description: 'When the batch was opened' })
  readonly openedAt!: string;
  @Timestamp({ nullable: true, description: 'When the batch was closed; null while it runs, and if it was killed' })
  readonly closedAt!: string | null;
  @Flag({ description: 'False if the batch is running or was interrupted' })
  readonly complete!: boolean;
  @Count({ description: 'Lines that were read', example: 3 })
  readonly read!: number;
  @Count({ description: 'Lines whose commands were recorded', example: 2 })
  readonly accepted!: number;
  @Count({ description: 'Lines whose commands had been recorded before', example: 0 })
  readonly alreadyThere!: number;
  @Count({ description: 'Lines that asked for what already was so: nothing was recorded', example: 0 })
  readonly unchanged!: number;
  @Count({ description: 'Rejected lines', example: 1 })
  readonly rejected!: number;
  @AnyObject({
    optional: true,
    description: 'Numbers of the rejected lines that are not listed, by code',
    example: { validation_failed: 120 },
  })
  readonly unlisted?: Readonly<Record<string, number>>;
  @AnyText({
    nullable: true,
    description: 'SHA-256 of the bytes that were received, hex',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  readonly sha256!: string | null;
}

@Schema({ summary: 'What each source sent, and what is recorded of it' })
export class Reconciliation implements batches.Reconciliation {
  @ListOf(() => SourceTotals, { description: 'One element for each source' })
  readonly totals!: readonly SourceTotals[];
  @ListOf(() => Batch, { description: 'The batches, newest first' })
  readonly batches!: readonly Batch[];
}

@Schema({ summary: 'A rejected line, without its content' })
export class RejectedLine implements events.RejectedLine {
  @Count({ description: 'Number of the line, from 1', example: 3 })
  readonly line!: number;
  @AnyText({ optional: true, description: 'Key of the command, or reference of the row', example: 'day-2' })
  readonly reference?: string;
  @Code(ERROR_CODES, { description: 'Code of the first error', example: 'validation_failed' })
  readonly code!: string;
  @AnyText({ optional: true, description: 'JSON pointer (command) or column (row)', example: '/data/channel' })
  readonly pointer?: string;
}

@Schema({ summary: 'A page of the rejected lines of a batch' })
export class RejectedLines {
  @ListOf(() => RejectedLine, { description: 'About 500 lines' })
  readonly lines!: readonly RejectedLine[];
  @Count({ nullable: true, description: '`after` of the next page; null on the last page', example: null })
  readonly next!: number | null;
}
