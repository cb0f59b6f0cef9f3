import { mapOrdered } from '../bulk/in-order.js';
import type { BulkRefusal, CommandSender } from '../bulk/command-sender.js';
import { complaintIdOf } from '../complaint/identity.js';
import type { BatchSummary, OpenBatch } from '../intake-batch/batch-recorder.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import type { CfpbLayout, CfpbRow, RowIssue } from './cfpb.js';
import type { CfpbTable, TableRow } from './cfpb-table.js';

/** The result of one row. */
export interface RowOutcome {
  /** The line in which the row ends; the header is line 1. */
  readonly line: number;
  /** The register's id of the row if it has one; otherwise an id that we derive. */
  readonly reference?: string;
  readonly status: 'accepted' | 'already_there' | 'rejected';
  readonly complaint?: string;
  readonly newEvents: number;
  readonly warnings: readonly RowIssue[];
  readonly rejected: readonly RowIssue[];
}

export interface CfpbImport {
  readonly sender: CommandSender;
  readonly batch: OpenBatch;
  /** Maximum number of rows in progress (default 128); concurrent appends share one commit. */
  readonly concurrency?: number;
}

/**
 * Imports a file of the CFPB register, in either layout, row by row; the summary comes last. A row that cannot be used is
 * rejected and does not end the import. A second run adds nothing, and a run that was interrupted can be repeated with the
 * same result.
 */
export async function* importRows(
  table: CfpbTable,
  { sender, batch, concurrency = 128 }: CfpbImport,
): AsyncGenerator<RowOutcome | BatchSummary, void, undefined> {
  const perComplaint = new KeyedQueue(); // a file may contain a complaint twice
  let complete = false;
  let summary: BatchSummary;
  const take = async ({ size: _size, ...read }: TableRow): Promise<RowOutcome> => {
    const outcome =
      'rejected' in read
        ? { ...read, status: 'rejected' as const, newEvents: 0, warnings: [] }
        : await perComplaint.run(read.row.source.ref, () => sendRow(read.line, read.row, sender, table.layout));
    const { status, line, reference, rejected } = outcome;
    if (status !== 'rejected') batch.taken(status);
    else {
      const [first] = rejected;
      await batch.rejected({
        line,
        reference,
        code: first?.code ?? 'rejected',
        pointer: first?.column === '' ? undefined : first?.column,
      });
    }
    return outcome;
  };
  try {
    yield* mapOrdered(table.rows(), { limit: concurrency, sizeOf: ({ size }) => size, work: take });
    complete = true;
  } finally {
    summary = await batch.close(table.sha256(), complete);
  }
  yield summary;
}

/** Lodges the row and records its outcome, in that order. */
async function sendRow(line: number, row: CfpbRow, sender: CommandSender, layout: CfpbLayout): Promise<RowOutcome> {
  const reference = row.source.ref;
  const warnings = [...row.warnings];
  const done = (newEvents: number, rejected: readonly RowIssue[], complaint?: string): RowOutcome => ({
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
    if (lodging.code !== 'external_ref_reused') return done(0, issues);
    warnings.push(...issues); // the complaint stays as first recorded; its outcome is still recorded
  }
  const complaint = lodging.status === 'rejected' ? complaintIdOf({ sources: [row.source] }, '') : lodging.id;
  const lodged = lodging.status === 'accepted' ? lodging.events.length : 0;
  const { outcome: body, outcomeKey: key } = row;
  if (body === undefined || key === undefined) return done(lodged, [], complaint);

  const outcome = await sender.send({ command: 'RecordExternalOutcome', key, complaint, body });
  if (outcome.status === 'rejected' && outcome.code !== 'nothing_to_change')
    return done(lodged, issuesOf(outcome, body, layout), complaint);
  return done(lodged + (outcome.status === 'accepted' ? outcome.events.length : 0), [], complaint);
}

function issuesOf(
  answer: BulkRefusal,
  body: Readonly<Record<string, unknown>>,
  layout: CfpbLayout,
): [RowIssue, ...RowIssue[]] {
  const issue = ({ message, pointer }: Partial<BulkRefusal['unmet'][number]>): RowIssue => ({
    code: answer.code,
    column: pointer === undefined ? '' : layout.columnOf(pointer),
    value: pointer === undefined ? '' : valueAt(body, pointer),
    reason: message ?? answer.code,
  });
  const [first, ...rest] = answer.unmet;
  return [issue(first ?? {}), ...rest.map(issue)];
}

function valueAt(body: unknown, pointer: string): string {
  let value = body;
  for (const step of pointer.split('/').slice(1))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
