import { createHash } from 'node:crypto';

/** Maximum size of one line, without its line feed: 1 MiB. */
export const LINE_LIMIT = 1024 * 1024;

/** One line: its bytes without leading and trailing blanks, or undefined if it is over the limit. */
export interface RawLine {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer | undefined;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Splits bytes into lines and holds at most one line in memory. Blank lines are counted and not yielded. A line over the
 * limit is yielded without its bytes, and the lines after it are read (other splitters fail on such a line or drop it).
 */
export class Lines {
  private readonly hash = createHash('sha256');
  private readonly keep: boolean;

  /** With `keep`, yields blank lines too and does not remove leading and trailing blanks. */
  constructor({ keep = false }: { readonly keep?: boolean } = {}) {
    this.keep = keep;
  }

  /** SHA-256 (hex) of all bytes; call it once, after the last line. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  async *of(source: AsyncIterable<Buffer>): AsyncGenerator<RawLine> {
    let number = 1;
    let parts: Buffer[] = [];
    let length = 0;
    const take = (): RawLine | undefined => {
      const whole = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      const bytes = length > LINE_LIMIT ? undefined : this.keep ? whole : trimmed(whole);
      parts = [];
      length = 0;
      return bytes?.length === 0 && !this.keep ? undefined : { number, bytes };
    };
    for await (const chunk of source) {
      this.hash.update(chunk);
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
        if (length + end - start <= LINE_LIMIT) parts.push(chunk.subarray(start, end));
        length += end - start;
        const line = take();
        if (line !== undefined) yield line;
        number += 1;
        start = end + 1;
      }
      const rest = chunk.length - start;
      if (rest > 0 && length + rest <= LINE_LIMIT) parts.push(chunk.subarray(start));
      length += rest;
      if (length > LINE_LIMIT) parts = [];
    }
    const last = length > 0 ? take() : undefined;
    if (last !== undefined) yield last;
  }
}

/** Removes leading and trailing blanks, including a carriage return. */
function trimmed(line: Buffer): Buffer {
  const blank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === CARRIAGE_RETURN;
  let start = 0;
  let end = line.length;
  while (start < end && blank(line[start])) start += 1;
  while (end > start && blank(line[end - 1])) end -= 1;
  return line.subarray(start, end);
}
