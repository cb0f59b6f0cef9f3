import { LineSplitter } from '../bulk/lines.js';
import { CfpbLayout, type CfpbRow, type RowIssue } from './cfpb.js';
import { CsvRecordParser, type CsvRecord } from './csv-records.js';

/** One row of a file: mapped to commands, or rejected. */
export type TableRow = {
  /** Number of the line in which the row ends; the header is line 1. */
  readonly line: number;
  /** Number of characters in all cells of the row. */
  readonly size: number;
} & ({ readonly row: CfpbRow } | { readonly rejected: readonly RowIssue[]; readonly reference?: string });

/** A file of the CFPB register whose header has been read. */
export class CfpbTable {
  private constructor(
    readonly layout: CfpbLayout,
    private readonly header: readonly string[],
    private readonly records: AsyncGenerator<CsvRecord>,
    private readonly splitter: LineSplitter,
  ) {}

  /** Reads the header. @throws UnknownLayout if a required column is missing; the source then stays open */
  static async open(source: AsyncIterable<Buffer>): Promise<CfpbTable> {
    const splitter = new LineSplitter({ keep: true });
    const records = new CsvRecordParser(() => splitter.lineEnd).parse(splitter.split(source));
    const { value: firstRecord } = (await records.next()) as IteratorResult<CsvRecord, undefined>;
    const isReadable = firstRecord !== undefined && 'cells' in firstRecord;
    const header = isReadable ? firstRecord.cells.map((name) => name.trim()) : [];
    return new CfpbTable(new CfpbLayout(header), header, records, splitter);
  }

  /** SHA-256 (hex) of the bytes that were read; call it once, at the end. */
  sha256(): string {
    return this.splitter.sha256();
  }

  /** The rows after the header. Call it once. */
  async *rows(): AsyncGenerator<TableRow, void, undefined> {
    for await (const record of this.records)
      yield { line: record.line, size: sizeOf(record), ...this.mapRecord(record) };
  }

  private mapRecord(record: CsvRecord): ReturnType<CfpbLayout['read']> {
    if ('unreadable' in record) return unreadable(record.unreadable);
    const { cells } = record;
    if (cells.length !== this.header.length)
      return unreadable(`has ${String(cells.length)} cells, but the header has ${String(this.header.length)}`);
    return this.layout.read(Object.fromEntries(this.header.map((name, index) => [name, cells[index] ?? ''])));
  }
}

const sizeOf = (record: CsvRecord): number =>
  'cells' in record ? record.cells.reduce((size, cell) => size + cell.length, 0) : 0;

const unreadable = (reason: string): { readonly rejected: readonly RowIssue[] } => ({
  rejected: [{ code: 'unreadable', column: '', value: '', reason }],
});
