import { mapOrdered } from '../bulk/in-order.js';
import type { BulkRefusal, CommandSender } from '../bulk/command-sender.js';
import { complaintIdOf } from '../complaint/identity.js';
import type { BatchSummary, OpenBatch } from '../intake-batch/batch-recorder.js';
import { valueAt } from '../platform/json.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import type { CfpbLayout, CfpbRow, RowIssue } from './cfpb.js';
import type { CfpbTable, TableRow } from './cfpb-table.js';

/** The result of one row. */
export interface RowOutcome {
  /** The line in which the row ends; the header is line 1. */
  readonly line: number;
  /** The complaint id in the register or, in the layout without ids, a reference computed from the row. */
  readonly reference?: string;
  readonly status: 'accepted' | 'already_there' | 'rejected';
  /** Id of the complaint. */
  readonly complaint?: string;
  /** Number of events that this import recorded for the row. */
  readonly newEvents: number;
  readonly warnings: readonly RowIssue[];
  readonly rejected: readonly RowIssue[];
}

export interface CfpbImport {
  readonly sender: CommandSender;
  readonly batch: OpenBatch;
  /** Maximum number of rows in progress (default 128). More are faster, because concurrent appends share one commit. */
  readonly concurrency?: number;
}

/**
 * Imports a file of the CFPB register. Yields the outcome of each row in order, then the summary. An invalid row is
 * rejected and does not end the import. Importing a file again adds nothing; after an interruption, it adds the rest.
 */
export async function* importRows(
  table: CfpbTable,
  { sender, batch, concurrency = 128 }: CfpbImport,
): AsyncGenerator<RowOutcome | BatchSummary, void, undefined> {
  const perComplaint = new KeyedQueue(); // a file may have several rows of one complaint
  let complete = false;
  let summary: BatchSummary;
  const importRow = async ({ size: _size, ...item }: TableRow): Promise<RowOutcome> => {
    const outcome =
      'rejected' in item
        ? { ...item, status: 'rejected' as const, newEvents: 0, warnings: [] }
        : await perComplaint.run(item.row.source.ref, () => sendRow(item.line, item.row, sender, table.layout));
    const { status, line, reference, rejected } = outcome;
    if (status !== 'rejected') batch.add(status);
    else {
      const [firstIssue] = rejected;
      await batch.addRejected({
        line,
        reference,
        code: firstIssue?.code ?? 'rejected',
        pointer: firstIssue?.column === '' ? undefined : firstIssue?.column,
      });
    }
    return outcome;
  };
  try {
    yield* mapOrdered(table.rows(), { limit: concurrency, sizeOf: ({ size }) => size, work: importRow });
    complete = true;
  } finally {
    summary = await batch.close(table.sha256(), complete);
  }
  yield summary;
}

/** Sends the lodging of the row, then its outcome. */
async function sendRow(line: number, row: CfpbRow, sender: CommandSender, layout: CfpbLayout): Promise<RowOutcome> {
  const reference = row.source.ref;
  const warnings = [...row.warnings];
  const outcomeOf = (newEvents: number, rejected: readonly RowIssue[], complaint?: string): RowOutcome => ({
    line,
    reference,
    status: rejected.length > 0 ? 'rejected' : newEvents > 0 ? 'accepted' : 'already_there',
    ...(complaint !== undefined && { complaint }),
    newEvents,
    warnings,
    rejected,
  });
  const lodging = await sender.send({ command: 'LodgeComplaint', key: row.lodgingKey, body: row.lodging });
  if (lodging.status === 'rejected') {
    const issues = issuesOf(lodging, row.lodging, layout);
    if (lodging.code !== 'external_ref_reused') return outcomeOf(0, issues);
    warnings.push(...issues); // the complaint stays as it was first recorded; the outcome of the row is recorded
  }
  const complaint = lodging.status === 'rejected' ? complaintIdOf({ sources: [row.source] }, '') : lodging.id;
  const lodgingEvents = lodging.status === 'accepted' ? lodging.events.length : 0;
  const { outcome: body, outcomeKey: key } = row;
  if (body === undefined || key === undefined) return outcomeOf(lodgingEvents, [], complaint);

  const outcome = await sender.send({ command: 'RecordExternalOutcome', key, complaint, body });
  if (outcome.status === 'rejected') return outcomeOf(lodgingEvents, issuesOf(outcome, body, layout), complaint);
  const outcomeEvents = outcome.status === 'accepted' ? outcome.events.length : 0;
  return outcomeOf(lodgingEvents + outcomeEvents, [], complaint);
}

/** The reasons of a refusal, with column and value instead of a pointer; at least one. */
function issuesOf(
  answer: BulkRefusal,
  body: Readonly<Record<string, unknown>>,
  layout: CfpbLayout,
): [RowIssue, ...RowIssue[]] {
  const issue = ({ message, pointer }: Partial<BulkRefusal['unmet'][number]>): RowIssue => ({
    code: answer.code,
    column: pointer === undefined ? '' : layout.columnOf(pointer),
    value: pointer === undefined ? '' : textAt(body, pointer),
    reason: message ?? answer.code,
  });
  const [first, ...rest] = answer.unmet;
  return [issue(first ?? {}), ...rest.map(issue)];
}

/** The value at a JSON pointer, as text; empty if there is none. */
function textAt(body: unknown, pointer: string): string {
  const value = valueAt(body, pointer);
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
