import { stringify, type Stringifier } from 'csv-stringify';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** A rejected value of an imported file, and the reason. */
export interface Reject {
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly value: string;
  readonly reason: string;
  readonly code: string;
}

const COLUMNS = ['file', 'line', 'column', 'value', 'reason', 'code'] as const;

/** A CSV file of rejected values. The file is created when the first value is added. */
export class RejectsFile {
  private csv: Stringifier | undefined;
  /** Resolves when the file is completely written. */
  private writing: Promise<void> | undefined;

  constructor(private readonly path: string) {}

  add(reject: Reject): void {
    this.csv ??= this.open();
    this.csv.write(COLUMNS.map((column) => reject[column]));
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    this.csv?.end();
    await this.writing;
  }

  private open(): Stringifier {
    // escaped: a spreadsheet program must not run an imported value as a formula
    const csv = stringify({ header: true, columns: [...COLUMNS], escape_formulas: true });
    const file = createWriteStream(this.path);
    this.writing = finished(file);
    csv.pipe(file);
    return csv;
  }
}
