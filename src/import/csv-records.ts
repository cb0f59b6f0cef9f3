import { parse } from 'csv-parse/sync';
import type { RawLine } from '../bulk/lines.js';

/**
 * A record of a CSV file (RFC 4180) and the number of its last line; or an unreadable line, its number and the reason.
 */
export type CsvRecord = { readonly line: number } & (
  { readonly cells: readonly string[] } | { readonly unreadable: string }
);

/** Maximum size of a record: 256 KiB. Real records are much shorter. */
const MAX_RECORD_BYTES = 256 * 1024;

const QUOTE_NOT_CLOSED = 'a quote is opened and not closed within 256 KiB';

const QUOTE = 0x22;

interface Line {
  readonly number: number;
  readonly bytes: Buffer;
}

/**
 * Joins lines into records. A quote that is never closed would make the rest of the file one record. Therefore, as soon
 * as this is detected, the line with the opening quote becomes unreadable, and the lines after it are parsed again.
 */
export class CsvRecordParser {
  /** Lines of an incomplete record: one in which a quote is still open. */
  private openLines: Line[] = [];

  async *parse(lines: AsyncIterable<RawLine>): AsyncGenerator<CsvRecord, void, undefined> {
    for await (const line of lines) yield* this.parseAll([line]);
    while (this.openLines.length > 0)
      yield* this.parseAll(this.rejectFirstOpenLine('a quote is opened and never closed'));
  }

  /**
   * Parses each line, and again each line that `parseLine` returns. Yields, in order, the records among `items` and
   * those that `parseLine` returns.
   */
  private *parseAll(items: readonly (RawLine | CsvRecord)[]): Generator<CsvRecord> {
    const stack = [...items].reverse(); // the next item is at the end
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if ('line' in item)
        yield item; // a record; a RawLine has `number` instead of `line`
      else stack.push(...this.parseLine(item).reverse());
    }
  }

  /** Returns, in order, the records that the line completes and the lines that must be parsed again. */
  private parseLine({ number, bytes }: RawLine): (RawLine | CsvRecord)[] {
    // the line is over 1 MiB
    if (bytes === undefined)
      return this.openLines.length > 0
        ? [...this.rejectFirstOpenLine(QUOTE_NOT_CLOSED), { number, bytes }]
        : [{ line: number, unreadable: 'is over 1 MiB' }];
    if (this.openLines.length === 0 && isBlank(bytes)) return [];
    this.openLines.push({ number, bytes });
    const record = Buffer.concat(
      this.openLines.flatMap((line, index) => (index === 0 ? [line.bytes] : [LF, line.bytes])),
    );
    const isQuoteOpen = countQuotes(record) % 2 === 1;
    if (isQuoteOpen) return record.length > MAX_RECORD_BYTES ? this.rejectFirstOpenLine(QUOTE_NOT_CLOSED) : [];
    const cells = cellsOf(record);
    if (typeof cells === 'string') return this.rejectFirstOpenLine(cells);
    this.openLines = [];
    return [{ line: number, cells }];
  }

  /** Returns the first line of the incomplete record as unreadable, and its other lines to be parsed again. */
  private rejectFirstOpenLine(reason: string): (RawLine | CsvRecord)[] {
    const [first, ...others] = this.openLines;
    this.openLines = [];
    return first === undefined ? [] : [{ line: first.number, unreadable: reason }, ...others];
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

function countQuotes(bytes: Buffer): number {
  let count = 0;
  for (let index = bytes.indexOf(QUOTE); index >= 0; index = bytes.indexOf(QUOTE, index + 1)) count += 1;
  return count;
}

/** True if the line has only spaces, tabs and carriage returns. */
const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
