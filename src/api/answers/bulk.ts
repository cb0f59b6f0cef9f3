import type * as decideLines from '../../bulk/bulk-intake.js';
import { EVENT_TYPES } from '../../complaint/commands/codes.js';
import type * as cfpb from '../../import/cfpb.js';
import type * as importCfpb from '../../import/import-cfpb.js';
import type * as recorder from '../../intake-batch/batch-recorder.js';
import { AnyText, Count, ListOf, Uuid } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Nested, Schema } from '../../platform/fields.js';
import { ERROR_CODES } from './error-codes.js';
import type * as streamedAnswer from '../streamed-answer.js';
import { Unmet } from './problem.js';

const LINE_STATUSES = enumeration(
  'LineStatus',
  ['accepted', 'already_there', 'unchanged', 'rejected'],
  'Result of a line; already_there if its command was recorded before, unchanged if the complaint already is as it asks',
);

const INTERRUPTED = enumeration('Interrupted', ['interrupted'], 'The request broke off before its end');

@Schema({
  summary: 'The result of one line: of a recorded command its events, of a rejected line the reasons',
  example: {
    line: 1,
    key: 'c-1',
    status: 'accepted',
    id: '37367fd5-6616-5286-a6fe-c4735ea7036c',
    reference: '7K3QX-9M2VD-4TB8W',
    revision: 0,
    position: '00000000000000000002',
    events: ['ComplaintReceived'],
  },
  rules: {
    oneOf: [
      { properties: { status: { const: 'rejected' } }, required: ['code', 'errors'] },
      { properties: { status: { const: 'unchanged' } }, required: ['key', 'id', 'reference', 'revision', 'message'] },
      {
        properties: { status: { enum: ['accepted', 'already_there'] } },
        required: ['key', 'id', 'reference', 'revision', 'position', 'events'],
      },
    ],
  },
})
export class LineResult {
  @Count({ description: 'Number of the line, from 1', example: 1 })
  readonly line!: number;
  @AnyText({ optional: true, description: 'The key of the command; absent if the line has none', example: 'c-1' })
  readonly key?: string;
  @Code(LINE_STATUSES)
  readonly status!: decideLines.LineResult['status'];
  @Uuid({ optional: true, description: 'Id of the complaint; absent if it is not known' })
  readonly id?: string;
  @AnyText({ optional: true, description: 'Reference of the complaint', example: '7K3QX-9M2VD-4TB8W' })
  readonly reference?: string;
  @Count({
    optional: true,
    description: 'Revision of the last event of the command; of an unchanged line, of the complaint',
    example: 0,
  })
  readonly revision?: number;
  @AnyText({
    optional: true,
    description: 'Position of the last event of the command',
    example: '00000000000000000002',
  })
  readonly position?: string;
  @Code(EVENT_TYPES, { each: true, optional: true, description: 'Types of the recorded events' })
  readonly events?: readonly string[];
  @Code(ERROR_CODES, { optional: true, description: 'Why the line is rejected', example: 'validation_failed' })
  readonly code?: string;
  @AnyText({
    optional: true,
    description: 'Sentence for people on an unchanged line; it may change',
    example: 'the complaint is already assigned to handler-1',
  })
  readonly message?: string;
  @ListOf(() => Unmet, { optional: true, description: 'Reasons; each `pointer` is a JSON pointer into the line' })
  readonly errors?: readonly Unmet[];
}

@Schema({ summary: 'Counts of the lines, which the service has recorded as a batch' })
export class BatchSummary implements recorder.BatchSummary {
  @Uuid({ description: 'Id of the batch' })
  readonly batch!: string;
  @Count({ description: 'Lines that were read; the sum of the other counts', example: 3 })
  readonly read!: number;
  @Count({ description: 'Lines whose commands were recorded', example: 2 })
  readonly accepted!: number;
  @Count({ description: 'Lines whose commands had been recorded before', example: 0 })
  readonly alreadyThere!: number;
  @Count({ description: 'Lines that asked for what already was so: nothing was recorded', example: 0 })
  readonly unchanged!: number;
  @Count({ description: 'Rejected lines', example: 1 })
  readonly rejected!: number;
  @AnyText({
    description: 'SHA-256 of the bytes that were received, hex',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  readonly sha256!: string;
}

@Schema({
  summary: 'Stands in place of the summary if the request broke off: no batch is complete, so send the request again',
  example: {
    status: 'interrupted',
    code: 'request_timeout',
    message: 'the body arrived too slowly: less than 1000 bytes in 1 s; send the request again',
  },
})
export class Interruption implements streamedAnswer.Interruption {
  @Code(INTERRUPTED)
  readonly status!: 'interrupted';
  @Code(ERROR_CODES, { description: 'Why the request broke off', example: 'request_timeout' })
  readonly code!: string;
  @AnyText({ description: 'Sentence for people; it may change', example: 'the body arrived too slowly' })
  readonly message!: string;
}

@Schema({ summary: 'The results of all lines, then the summary or the interruption' })
export class BulkAnswer {
  @ListOf(() => LineResult, { description: 'One result for each line, in the order of the lines' })
  readonly results!: readonly LineResult[];
  @Nested(() => BatchSummary, { optional: true })
  readonly summary?: BatchSummary;
  @Nested(() => Interruption, { optional: true })
  readonly interruption?: Interruption;
}

@Schema({ summary: 'Why a row is rejected, or a warning about it' })
export class RowIssue implements cfpb.RowIssue {
  @Code(ERROR_CODES, { example: 'bad_date' })
  readonly code!: string;
  @AnyText({ description: 'Name of the column; empty if no column is the cause', example: 'Date received' })
  readonly column!: string;
  @AnyText({ description: 'Value of the cell', example: '13/45/2020' })
  readonly value!: string;
  @AnyText({ description: 'Sentence for people; it may change', example: 'the cell is not a date' })
  readonly reason!: string;
}

@Schema({ summary: 'The result of one row' })
export class RowResult implements importCfpb.RowOutcome {
  @Count({ description: 'Number of the line in which the row ends; the header is line 1', example: 2 })
  readonly line!: number;
  @AnyText({
    optional: true,
    description: 'Complaint id in the register, or a reference that is computed from the row',
    example: '1290516',
  })
  readonly reference?: string;
  @Code(LINE_STATUSES)
  readonly status!: importCfpb.RowOutcome['status'];
  @Uuid({ optional: true, description: 'Id of the complaint' })
  readonly complaint?: string;
  @Count({ description: 'Number of events that this import recorded for the row', example: 2 })
  readonly newEvents!: number;
  @ListOf(() => RowIssue, { description: 'Warnings', example: [] })
  readonly warnings!: readonly RowIssue[];
  @ListOf(() => RowIssue, { description: 'Why the row is rejected', example: [] })
  readonly rejected!: readonly RowIssue[];
}

@Schema({ summary: 'The results of all rows, then the summary or the interruption' })
export class ImportAnswer {
  @ListOf(() => RowResult, { description: 'One result for each row, in the order of the rows' })
  readonly results!: readonly RowResult[];
  @Nested(() => BatchSummary, { optional: true })
  readonly summary?: BatchSummary;
  @Nested(() => Interruption, { optional: true })
  readonly interruption?: Interruption;
}
