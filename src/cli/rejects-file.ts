import { stringify, type Stringifier } from 'csv-stringify';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** One rejected value, and the reason. */
export interface Reject {
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly value: string;
  readonly reason: string;
  readonly code: string;
}

const COLUMNS = ['file', 'line', 'column', 'value', 'reason', 'code'] as const;

/** A CSV file of rejected values; it is created with the first of them. */
export class RejectsFile {
  private csv: Stringifier | undefined;
  private written: Promise<void> | undefined;

  constructor(private readonly path: string) {}

  add(reject: Reject): void {
    this.csv ??= this.open();
    this.csv.write(COLUMNS.map((column) => reject[column]));
  }

  async close(): Promise<void> {
    this.csv?.end();
    await this.written;
  }

  private open(): Stringifier {
    const csv = stringify({ header: true, columns: [...COLUMNS], escape_formulas: true });
    const file = createWriteStream(this.path);
    this.written = finished(file);
    csv.pipe(file);
    return csv;
  }
}
