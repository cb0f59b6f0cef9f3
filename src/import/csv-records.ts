import { parse } from 'csv-parse/sync';
import { setImmediate } from 'node:timers/promises';
import type { RawLine } from '../bulk/lines.js';

/**
 * A record of a CSV file (RFC 4180) and the number of its last line; or an unreadable line, its number and the reason.
 */
export type CsvRecord = { readonly line: number } & (
  { readonly cells: readonly string[] } | { readonly unreadable: string }
);

/** Maximum size of a record: 256 KiB. Real records are much shorter. */
const MAX_RECORD_BYTES = 256 * 1024;

/** Maximum number of lines of a record. */
const MAX_RECORD_LINES = 10_000;

/** Number of records after which other work of the thread gets its turn. */
const RECORDS_PER_TURN = 100;

const QUOTE_NOT_CLOSED = 'a quote is opened and not closed within 256 KiB or 10,000 lines';

const HAS_LINE_END = 'has a line end that is neither quoted nor like the other line ends of the file';

const QUOTE = 0x22;

interface Line {
  readonly number: number;
  readonly bytes: Buffer;
}

/**
 * Joins lines into records. A quote that is never closed would make the rest of the file one record. Therefore, as soon
 * as this is detected, the line with the opening quote becomes unreadable, and the lines after it are parsed again. No
 * line is parsed more than a few times, so that the time is proportional to the size of the file.
 */
export class CsvRecordParser {
  /** Lines of an incomplete record: one in which a quote is still open. */
  private openLines: Line[] = [];
  /** Size of the open lines with their line feeds, in bytes. */
  private openBytes = 0;

  /** @param lineEnd returns the byte that ends the lines, once the first line has been read */
  constructor(private readonly lineEnd: () => number = () => LINE_FEED) {}

  async *parse(lines: AsyncIterable<RawLine>): AsyncGenerator<CsvRecord, void, undefined> {
    for await (const line of lines) yield* takingTurns(this.parseAll([line]));
    while (this.openLines.length > 0)
      yield* takingTurns(this.parseAll(this.rejectFirstOpenLine('a quote is opened and never closed')));
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
    // the first line opens the quote; a later line with an odd number of quotes closes it
    const isQuoteOpen = (countQuotes(bytes) % 2 === 1) === (this.openLines.length === 0);
    this.openLines.push({ number, bytes });
    this.openBytes += bytes.length + 1;
    if (isQuoteOpen) {
      const isTooLong = this.openBytes > MAX_RECORD_BYTES || this.openLines.length > MAX_RECORD_LINES;
      return isTooLong ? this.rejectFirstOpenLine(QUOTE_NOT_CLOSED) : [];
    }
    const lineEnd = Buffer.of(this.lineEnd());
    const record = this.openLines.flatMap((line, index) => (index === 0 ? [line.bytes] : [lineEnd, line.bytes]));
    const cells = cellsOf(Buffer.concat(record));
    if (typeof cells === 'string') return this.rejectFirstOpenLine(cells);
    this.clearOpenLines();
    return [{ line: number, cells }];
  }

  /** Returns the first line of the incomplete record as unreadable, and its other lines to be parsed again. */
  private rejectFirstOpenLine(reason: string): (RawLine | CsvRecord)[] {
    const [first, ...others] = this.openLines;
    this.clearOpenLines();
    return first === undefined ? [] : [{ line: first.number, unreadable: reason }, ...others];
  }

  private clearOpenLines(): void {
    this.openLines = [];
    this.openBytes = 0;
  }
}

const LINE_FEED = 0x0a;
const LINE_ENDS = ['\r\n', '\n', '\r'];
const utf8 = new TextDecoder('utf-8', { fatal: true }); // removes a byte order mark

/** Yields the records; lets other work of the thread run between them. */
async function* takingTurns(records: Iterable<CsvRecord>): AsyncGenerator<CsvRecord, void, undefined> {
  let count = 0;
  for (const record of records) {
    yield record;
    count += 1;
    if (count % RECORDS_PER_TURN === 0) await setImmediate();
  }
}

/** The cells, or the reason why they cannot be read. */
function cellsOf(record: Buffer): string[] | string {
  let text: string;
  try {
    text = utf8.decode(record);
  } catch {
    return 'is not UTF-8';
  }
  try {
    // a line end at the edge of the record belongs to the end of a line, such as the CR of CRLF
    const records = parse(text.replace(/^[\r\n]+|[\r\n]+$/g, ''), {
      relax_column_count: true,
      record_delimiter: LINE_ENDS,
    });
    return records.length > 1 ? HAS_LINE_END : (records[0] ?? []);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function countQuotes(bytes: Buffer): number {
  let count = 0;
  for (let index = bytes.indexOf(QUOTE); index >= 0; index = bytes.indexOf(QUOTE, index + 1)) count += 1;
  return count;
}

/** True if the line has only spaces, tabs and line ends. */
const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => [0x20, 0x09, 0x0d, 0x0a].includes(byte));
