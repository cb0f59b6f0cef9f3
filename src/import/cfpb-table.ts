import { Lines } from '../bulk/lines.js';
import { CfpbLayout, type CfpbRow, type RowIssue } from './cfpb.js';
import { CsvRecords, type CsvRecord } from './csv-records.js';

/** One row of a file: parsed or rejected. */
export type TableRow = {
  /** Number of the line in which the row ends; the header is line 1. */
  readonly line: number;
  /** Number of characters in its cells. */
  readonly size: number;
} & ({ readonly row: CfpbRow } | { readonly rejected: readonly RowIssue[]; readonly reference?: string });

/** A file of the CFPB register whose header has been read. */
export class CfpbTable {
  private constructor(
    readonly layout: CfpbLayout,
    private readonly header: readonly string[],
    private readonly records: AsyncGenerator<CsvRecord>,
    private readonly bytes: Lines,
  ) {}

  /** Reads the header. Does not close the source if the header is unknown. @throws UnknownLayout */
  static async open(source: AsyncIterable<Buffer>): Promise<CfpbTable> {
    const bytes = new Lines({ keep: true });
    const records = new CsvRecords().of(bytes.of(source));
    const { value: first } = (await records.next()) as IteratorResult<CsvRecord, undefined>;
    const header = first !== undefined && 'cells' in first ? first.cells.map((name) => name.trim()) : [];
    return new CfpbTable(new CfpbLayout(header), header, records, bytes);
  }

  /** SHA-256 (hex) of the bytes that were read; call it once, at the end. */
  sha256(): string {
    return this.bytes.sha256();
  }

  async *rows(): AsyncGenerator<TableRow, void, undefined> {
    for await (const record of this.records) yield { line: record.line, size: sizeOf(record), ...this.read(record) };
  }

  private read(record: CsvRecord): ReturnType<CfpbLayout['read']> {
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
