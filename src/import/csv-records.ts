import { parse } from 'csv-parse/sync';
import type { RawLine } from '../bulk/lines.js';

/** One record of a CSV file (RFC 4180) with the line in which it ends, or a line that cannot be read and the reason. */
export type CsvRecord = { readonly line: number } & (
  { readonly cells: readonly string[] } | { readonly unreadable: string }
);

/** Maximum size of a record: 256 KiB, longer than any real one. */
const RECORD_LIMIT = 256 * 1024;

const QUOTE = 0x22;

interface Line {
  readonly number: number;
  readonly bytes: Buffer;
}

/**
 * Joins lines to records. A quote that is never closed would consume the rest of the file. Here the line with the opening
 * quote becomes unreadable as soon as this is detected, and the lines after it are parsed again.
 */
export class CsvRecords {
  /** Lines of an incomplete record, whose quote is still open. */
  private openRecord: Line[] = [];

  async *of(lines: AsyncIterable<RawLine>): AsyncGenerator<CsvRecord, void, undefined> {
    for await (const line of lines) yield* this.take([line]);
    while (this.openRecord.length > 0) yield* this.take(this.givenUp('a quote is opened and never closed'));
  }

  /** The records that these lines complete. */
  private *take(lines: readonly (RawLine | CsvRecord)[]): Generator<CsvRecord> {
    const waiting = [...lines].reverse();
    for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
      if ('line' in line) yield line;
      else waiting.push(...this.next(line).reverse());
    }
  }

  /** Records, in order, and lines that must be parsed again. */
  private next({ number, bytes }: RawLine): (RawLine | CsvRecord)[] {
    if (bytes === undefined)
      return this.openRecord.length > 0
        ? [...this.givenUp('a quote is opened and not closed in time'), { number, bytes }]
        : [{ line: number, unreadable: 'is over 1 MiB' }];
    if (this.openRecord.length === 0 && isBlank(bytes)) return [];
    this.openRecord.push({ number, bytes });
    const whole = Buffer.concat(
      this.openRecord.flatMap((line, index) => (index === 0 ? [line.bytes] : [LF, line.bytes])),
    );
    if (quotesIn(whole) % 2 === 1)
      return whole.length > RECORD_LIMIT ? this.givenUp('a quote is opened and not closed in time') : [];
    const read = cellsOf(whole);
    if (typeof read === 'string') return this.givenUp(read);
    this.openRecord = [];
    return [{ line: number, cells: read }];
  }

  /** The first line of the incomplete record as unreadable, and the lines after it. */
  private givenUp(unreadable: string): (RawLine | CsvRecord)[] {
    const [first, ...rest] = this.openRecord;
    this.openRecord = [];
    return first === undefined ? [] : [{ line: first.number, unreadable }, ...rest];
  }
}

const LF = Buffer.from('\n');
const utf8 = new TextDecoder('utf-8', { fatal: true }); // removes a byte order mark

/** The cells, or the reason why they cannot be read. */
function cellsOf(record: Buffer): string[] | string {
  let text: string;
  try {
    text = utf8.decode(record);
  } catch {
    return 'is not UTF-8';
  }
  try {
    const [cells] = parse(text, { relax_column_count: true });
    return cells ?? [];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function quotesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) count += 1;
  return count;
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
