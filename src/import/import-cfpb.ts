import { parse, type CsvError } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { complaintIdOf } from '../complaint/identity.js';
import { CfpbLayout, UnknownLayout, type CfpbRow, type RowRemark } from './cfpb.js';
import type { BulkAnswer, CommandSender } from './command-sender.js';

/** What an import did; `redress import --json` prints it. */
export interface ImportReport {
  readonly rows: number;
  /** Complaints that the rows name, new or not. */
  readonly complaints: number;
  readonly newEvents: number;
  readonly warnings: number;
  readonly rejected: number;
}

/** A remark on one row: a warning where it was taken, else the reason why it was not. */
export interface ImportRemark extends RowRemark {
  readonly file: string;
  /** The line in which the row ends; the header is line 1. */
  readonly line: number;
}

export interface ImportOptions {
  readonly sender: CommandSender;
  readonly onRejected: (remark: ImportRemark) => void;
  readonly onWarning: (remark: ImportRemark) => void;
  /** Called as rows are done. */
  readonly onProgress?: (progress: { readonly file: string; readonly rows: number; readonly bytes: number }) => void;
  readonly signal?: AbortSignal;
  /** Rows under way at once (default 64): appends that meet share one commit. */
  readonly concurrency?: number;
}

interface ParsedRow {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

type Line = { readonly line: number } & ({ readonly row: CfpbRow } | { readonly rejected: readonly RowRemark[] });

interface RowOutcome {
  readonly complaint?: string;
  readonly newEvents: number;
  readonly warnings: readonly RowRemark[];
  readonly rejected: readonly RowRemark[];
  readonly line: number;
}

/**
 * Imports files of the CFPB register in either layout as a stream. A row that cannot be used is reported and the rest
 * goes on; a second run adds nothing; interrupted anywhere and run again it ends the same.
 * @throws UnknownLayout when a file has neither layout
 */
export async function importCfpb(files: readonly string[], options: ImportOptions): Promise<ImportReport> {
  const total = { rows: 0, newEvents: 0, warnings: 0, rejected: 0 };
  const complaints = new Set<string>();
  for (const file of files) {
    const source = createReadStream(file);
    let rows = 0;
    for await (const outcome of rowOutcomes(file, source, options)) {
      rows += 1;
      total.rows += 1;
      total.newEvents += outcome.newEvents;
      total.warnings += outcome.warnings.length;
      if (outcome.complaint !== undefined) complaints.add(outcome.complaint);
      if (outcome.rejected.length > 0) total.rejected += 1;
      for (const remark of outcome.warnings) options.onWarning({ ...remark, file, line: outcome.line });
      for (const remark of outcome.rejected) options.onRejected({ ...remark, file, line: outcome.line });
      options.onProgress?.({ file, rows, bytes: source.bytesRead });
    }
  }
  return { ...total, complaints: complaints.size };
}

async function* rowOutcomes(
  file: string,
  source: Readable,
  { sender, signal, concurrency = 64 }: ImportOptions,
): AsyncGenerator<RowOutcome> {
  const layouts: CfpbLayout[] = [];
  const layout = (): CfpbLayout => {
    const [first] = layouts;
    if (first === undefined) throw new UnknownLayout([`header in ${file}`]);
    return first;
  };
  const unreadable: Line[] = [];
  const csv = source.pipe(
    parse({
      bom: true,
      info: true,
      columns: (header: string[]) => {
        layouts.push(new CfpbLayout(header));
        return header;
      },
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error: CsvError | undefined) => {
        unreadable.push({
          line: Number(error?.lines ?? 0),
          rejected: [{ code: 'unreadable', column: '', value: '', reason: error?.message ?? 'is no row of this table' }],
        });
      },
    }),
  );
  source.on('error', (error) => csv.destroy(error));

  async function* lines(): AsyncGenerator<Line> {
    for await (const { record, info } of csv as AsyncIterable<ParsedRow>) {
      signal?.throwIfAborted();
      yield { line: info.lines, ...layout().read(record) };
      yield* unreadable.splice(0);
    }
    yield* unreadable.splice(0);
  }

  const outcomes = Readable.from(lines()).map((line: Line) => sendRow(line, sender, layout()), { concurrency });
  for await (const outcome of outcomes as AsyncIterable<RowOutcome>) yield outcome;
}

/** Lodges the row and records its outcome, in that order. */
async function sendRow(line: Line, sender: CommandSender, layout: CfpbLayout): Promise<RowOutcome> {
  if ('rejected' in line) return { line: line.line, newEvents: 0, warnings: [], rejected: line.rejected };
  const { row } = line;
  const warnings = [...row.warnings];
  const lodging = await sender.send({ command: 'LodgeComplaint', key: row.lodgingKey, body: row.lodging });
  if (lodging.status === 'rejected') {
    if (lodging.code !== 'external_ref_reused')
      return { line: line.line, newEvents: 0, warnings, rejected: remarksOf(lodging, row.lodging, layout) };
    warnings.push(...remarksOf(lodging, row.lodging, layout));
  }
  const complaint = lodging.status === 'rejected' ? complaintIdOf({ sources: [row.source] }, '') : lodging.id;
  const recorded = lodging.status === 'accepted' ? lodging.events.length : 0;
  if (row.outcome === undefined || row.outcomeKey === undefined)
    return { line: line.line, complaint, newEvents: recorded, warnings, rejected: [] };

  const outcome = await sender.send({
    command: 'RecordExternalOutcome',
    key: row.outcomeKey,
    complaint,
    body: row.outcome,
  });
  const unchanged = outcome.status === 'rejected' && outcome.code === 'nothing_to_change';
  return {
    line: line.line,
    complaint,
    newEvents: recorded + (outcome.status === 'accepted' ? outcome.events.length : 0),
    warnings,
    rejected: outcome.status === 'rejected' && !unchanged ? remarksOf(outcome, row.outcome, layout) : [],
  };
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
