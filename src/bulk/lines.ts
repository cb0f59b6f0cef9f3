import { createHash } from 'node:crypto';

/** Maximum size of one line, without its line feed: 1 MiB. */
export const MAX_LINE_BYTES = 1024 * 1024;

export interface RawLine {
  /** Number of the line in the source; the first line is 1. */
  readonly number: number;
  /** The line without its line feed; undefined if it is over the limit. */
  readonly bytes: Buffer | undefined;
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const NOTHING = Buffer.alloc(0);

/**
 * Splits bytes into lines and holds at most one line in memory. Lines end with LF or CRLF; or with CR, if the first line
 * does, as in files of some spreadsheet programs. Removes a byte order mark, and leading and trailing blanks. Counts blank
 * lines but does not yield them. Yields a line over the limit without its bytes, and continues with the next line.
 */
export class LineSplitter {
  private readonly hash = createHash('sha256');
  private readonly keep: boolean;

  /** The byte that ends each line; undefined until the first line has ended. */
  private endByte: number | undefined;

  /** With `keep`, yields every line unchanged: also blank lines, and with leading and trailing blanks. */
  constructor({ keep = false }: { readonly keep?: boolean } = {}) {
    this.keep = keep;
  }

  /** SHA-256 (hex) of all bytes that were read. Call it once, after the last line. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  /** The byte that ends the lines. Call it after the first line. */
  get lineEnd(): number {
    return this.endByte ?? LINE_FEED;
  }

  async *split(source: AsyncIterable<Buffer>): AsyncGenerator<RawLine> {
    let number = 1;
    let parts: Buffer[] = []; // of the current line; not complete if the line is over the limit
    let length = 0; // of the current line, in bytes
    /** Ends the current line; returns undefined if the line is blank and not kept. */
    const finishLine = (): RawLine | undefined => {
      const joined = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      const whole = number === 1 && joined.subarray(0, 3).equals(BYTE_ORDER_MARK) ? joined.subarray(3) : joined;
      const bytes = length > MAX_LINE_BYTES ? undefined : this.keep ? whole : trimmed(whole);
      parts = [];
      length = 0;
      return bytes?.length === 0 && !this.keep ? undefined : { number, bytes };
    };
    for await (const chunk of this.withLineEnd(source)) {
      let start = 0;
      for (let end = chunk.indexOf(this.lineEnd); end >= 0; end = chunk.indexOf(this.lineEnd, start)) {
        if (length + end - start <= MAX_LINE_BYTES) parts.push(chunk.subarray(start, end));
        length += end - start;
        const line = finishLine();
        if (line !== undefined) yield line;
        number += 1;
        start = end + 1;
      }
      const remaining = chunk.length - start;
      if (remaining > 0 && length + remaining <= MAX_LINE_BYTES) parts.push(chunk.subarray(start));
      length += remaining;
      if (length > MAX_LINE_BYTES) parts = [];
    }
    const last = length > 0 ? finishLine() : undefined;
    if (last !== undefined) yield last;
  }

  /** Hashes the bytes, and finds out how the lines end before it passes on the end of the first line. */
  private async *withLineEnd(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let held: Buffer = NOTHING; // carriage returns at the end of a chunk: the next byte shows whether they end a line
    for await (const received of source) {
      this.hash.update(received);
      const chunk = held.length > 0 ? Buffer.concat([held, received]) : received;
      held = NOTHING;
      if (this.endByte === undefined) {
        const lineFeed = chunk.indexOf(LINE_FEED);
        const carriageReturn = chunk.subarray(0, lineFeed < 0 ? chunk.length : lineFeed).indexOf(CARRIAGE_RETURN);
        let next = carriageReturn; // the byte after the carriage returns
        while (chunk[next] === CARRIAGE_RETURN) next += 1;
        if (carriageReturn < 0) this.endByte = lineFeed < 0 ? undefined : LINE_FEED;
        else if (next < chunk.length) this.endByte = next === lineFeed ? LINE_FEED : CARRIAGE_RETURN;
        else held = chunk.subarray(carriageReturn);
      }
      yield chunk.subarray(0, chunk.length - held.length);
    }
    if (held.length === 0) return;
    this.endByte = CARRIAGE_RETURN;
    yield held;
  }
}

/** Removes leading and trailing spaces, tabs, carriage returns and line feeds. */
function trimmed(line: Buffer): Buffer {
  const isBlank = (byte: number | undefined): boolean =>
    byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN || byte === LINE_FEED;
  let start = 0;
  let end = line.length;
  while (start < end && isBlank(line[start])) start += 1;
  while (end > start && isBlank(line[end - 1])) end -= 1;
  return line.subarray(start, end);
}
