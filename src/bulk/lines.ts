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

/**
 * Splits bytes into lines and holds at most one line in memory. Removes leading and trailing blanks. Counts blank lines
 * but does not yield them. Yields a line over the limit without its bytes, and continues with the next line.
 */
export class LineSplitter {
  private readonly hash = createHash('sha256');
  private readonly keep: boolean;

  /** With `keep`, yields every line unchanged: also blank lines, and with leading and trailing blanks. */
  constructor({ keep = false }: { readonly keep?: boolean } = {}) {
    this.keep = keep;
  }

  /** SHA-256 (hex) of all bytes that were read. Call it once, after the last line. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  async *split(source: AsyncIterable<Buffer>): AsyncGenerator<RawLine> {
    let number = 1;
    let parts: Buffer[] = []; // of the current line; not complete if the line is over the limit
    let length = 0; // of the current line, in bytes
    /** Ends the current line; returns undefined if the line is blank and not kept. */
    const finishLine = (): RawLine | undefined => {
      const whole = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      const bytes = length > MAX_LINE_BYTES ? undefined : this.keep ? whole : trimmed(whole);
      parts = [];
      length = 0;
      return bytes?.length === 0 && !this.keep ? undefined : { number, bytes };
    };
    for await (const chunk of source) {
      this.hash.update(chunk);
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
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
}

/** Removes leading and trailing spaces, tabs and carriage returns. */
function trimmed(line: Buffer): Buffer {
  const isBlank = (byte: number | undefined): boolean => byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN;
  let start = 0;
  let end = line.length;
  while (start < end && isBlank(line[start])) start += 1;
  while (end > start && isBlank(line[end - 1])) end -= 1;
  return line.subarray(start, end);
}
