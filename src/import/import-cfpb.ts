import { parse, type CsvError } from 'csv-parse';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BulkAnswer, CommandSender } from '../bulk/command-sender.js';
import { complaintIdOf } from '../complaint/identity.js';
import type { BatchSummary, OpenBatch } from '../intake-batch/batch-book.js';
import type { RejectedLine } from '../intake-batch/events.js';
import { CfpbLayout, UnknownLayout, type CfpbRow, type RowRemark } from './cfpb.js';

/** What became of one row. */
export interface RowOutcome {
  /** The line in which the row ends; the header is line 1. */
  readonly line: number;
  readonly status: 'accepted' | 'already_there' | 'rejected';
  readonly complaint?: string;
  readonly newEvents: number;
  readonly warnings: readonly RowRemark[];
  readonly rejected: readonly RowRemark[];
}

export interface CfpbImport {
  readonly sender: CommandSender;
  readonly batch: OpenBatch;
  /** Rows under way at once (default 64): appends that meet share one commit. */
  readonly concurrency?: number;
}

interface ParsedRow {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

type Line = { readonly line: number } & ({ readonly row: CfpbRow } | { readonly rejected: readonly RowRemark[] });

/**
 * Takes a file of the CFPB register, in either layout, row by row; the summary comes last. A row that cannot be used is
 * reported and the rest goes on; a second run adds nothing; interrupted anywhere and run again it ends the same.
 * @throws UnknownLayout when the header is of neither layout
 */
export async function* takeCfpb(
  source: AsyncIterable<Buffer>,
  { sender, batch, concurrency = 64 }: CfpbImport,
): AsyncGenerator<RowOutcome | BatchSummary> {
  const table = new CfpbTable(source);
  let complete = false;
  let summary: BatchSummary;
  try {
    const send = (line: Line): Promise<RowOutcome> => sendRow(line, sender, table.layout);
    for await (const outcome of Readable.from(table.lines()).map(send, { concurrency }) as AsyncIterable<RowOutcome>) {
      if (outcome.status !== 'rejected') batch.taken(outcome.status);
      else await batch.rejected(noteOf(outcome));
      yield outcome;
    }
    complete = true;
  } finally {
    summary = await batch.close(table.sha256(), complete);
  }
  yield summary;
}

function noteOf({ line, rejected }: RowOutcome): RejectedLine {
  const [first] = rejected;
  return {
    line,
    code: first?.code ?? 'rejected',
    ...(first !== undefined && first.column !== '' && { pointer: first.column }),
  };
}

/** The rows of one file as they are read. */
class CfpbTable {
  private readonly hash = createHash('sha256');
  private found: CfpbLayout | undefined;
  private readonly unreadable: Line[] = [];

  constructor(private readonly source: AsyncIterable<Buffer>) {}

  get layout(): CfpbLayout {
    if (this.found === undefined) throw new UnknownLayout(['a header']);
    return this.found;
  }

  /** SHA-256 (hex) of the bytes that were read; ask for it once, at the end. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  async *lines(): AsyncGenerator<Line> {
    const csv = parse({
      bom: true,
      info: true,
      columns: (header: string[]) => {
        this.found = new CfpbLayout(header);
        return header;
      },
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error: CsvError | undefined) => {
        const reason = error?.message ?? 'is no row of this table';
        const remark = { code: 'unreadable', column: '', value: '', reason };
        this.unreadable.push({ line: Number(error?.lines ?? 0), rejected: [remark] });
      },
    });
    const bytes = Readable.from(this.hashed());
    bytes.on('error', (error) => csv.destroy(error));
    for await (const { record, info } of bytes.pipe(csv) as AsyncIterable<ParsedRow>) {
      yield { line: info.lines, ...this.layout.read(record) };
      yield* this.unreadable.splice(0);
    }
    yield* this.unreadable.splice(0);
  }

  private async *hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of this.source) {
      this.hash.update(chunk);
      yield chunk;
    }
  }
}

/** Lodges the row and records its outcome, in that order. */
async function sendRow(line: Line, sender: CommandSender, layout: CfpbLayout): Promise<RowOutcome> {
  const done = (rest: Partial<RowOutcome>): RowOutcome => {
    const outcome = { line: line.line, newEvents: 0, warnings: [], rejected: [], ...rest };
    const status = outcome.rejected.length > 0 ? 'rejected' : outcome.newEvents > 0 ? 'accepted' : 'already_there';
    return { ...outcome, status };
  };
  if ('rejected' in line) return done({ rejected: line.rejected });
  const { row } = line;
  const warnings = [...row.warnings];
  const lodging = await sender.send({ command: 'LodgeComplaint', key: row.lodgingKey, body: row.lodging });
  if (lodging.status === 'rejected') {
    const remarks = remarksOf(lodging, row.lodging, layout);
    if (lodging.code !== 'external_ref_reused') return done({ warnings, rejected: remarks });
    warnings.push(...remarks); // it stays as first recorded; its outcome is recorded all the same
  }
  const complaint = lodging.status === 'rejected' ? complaintIdOf({ sources: [row.source] }, '') : lodging.id;
  const lodged = lodging.status === 'accepted' ? lodging.events.length : 0;
  if (row.outcome === undefined || row.outcomeKey === undefined)
    return done({ complaint, newEvents: lodged, warnings });

  const outcome = await sender.send({
    command: 'RecordExternalOutcome',
    key: row.outcomeKey,
    complaint,
    body: row.outcome,
  });
  const refused = outcome.status === 'rejected' && outcome.code !== 'nothing_to_change';
  return done({
    complaint,
    warnings,
    newEvents: lodged + (outcome.status === 'accepted' ? outcome.events.length : 0),
    rejected: refused ? remarksOf(outcome, row.outcome, layout) : [],
  });
}

function remarksOf(
  answer: Extract<BulkAnswer, { status: 'rejected' }>,
  body: Readonly<Record<string, unknown>>,
  layout: CfpbLayout,
): RowRemark[] {
  return answer.unmet.map(({ message, pointer }) => ({
    code: answer.code,
    column: pointer === undefined ? '' : layout.columnOf(pointer),
    value: pointer === undefined ? '' : valueAt(body, pointer),
    reason: message,
  }));
}

function valueAt(body: unknown, pointer: string): string {
  let value = body;
  for (const step of pointer.split('/').slice(1))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
