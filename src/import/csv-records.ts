import { parse } from 'csv-parse/sync';
import type { RawLine } from '../bulk/lines.js';

/** One record of a CSV file (RFC 4180), by the line in which it ends; or a line that cannot be read, and why. */
export type CsvRecord = { readonly line: number } & (
  { readonly cells: readonly string[] } | { readonly unreadable: string }
);

/** 256 KiB: longer than any record that is meant as one. */
const RECORD_LIMIT = 256 * 1024;

const QUOTE = 0x22;

interface Line {
  readonly number: number;
  readonly bytes: Buffer;
}

/**
 * Puts lines together to records. A quote that is never closed would take the rest of a file with it: here the line in
 * which it was opened is given up as soon as that shows, and the lines after it are read anew.
 */
export class CsvRecords {
  /** Lines of a record that has begun, because a quote is open. */
  private openRecord: Line[] = [];

  async *of(lines: AsyncIterable<RawLine>): AsyncGenerator<CsvRecord, void, undefined> {
    for await (const line of lines) yield* this.take([line]);
    while (this.openRecord.length > 0) yield* this.take(this.givenUp('a quote is opened and never closed'));
  }

  /** What these lines complete. */
  private *take(lines: readonly (RawLine | CsvRecord)[]): Generator<CsvRecord> {
    const waiting = [...lines].reverse();
    for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
      if ('line' in line) yield line;
      else waiting.push(...this.next(line).reverse());
    }
  }

  /** Records, in their order, and lines that are to be read anew. */
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

  /** The first line of what has begun as unreadable, and those after it. */
  private givenUp(unreadable: string): (RawLine | CsvRecord)[] {
    const [first, ...rest] = this.openRecord;
    this.openRecord = [];
    return first === undefined ? [] : [{ line: first.number, unreadable }, ...rest];
  }
}

const LF = Buffer.from('\n');
const utf8 = new TextDecoder('utf-8', { fatal: true }); // takes a byte order mark away

/** The cells, or why there are none. */
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
