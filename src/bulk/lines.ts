import { createHash } from 'node:crypto';

/** 1 MiB: what one line may have at most, without its line feed. */
export const LINE_LIMIT = 1024 * 1024;

/** One line as it came: its bytes without blanks at its ends, or nothing where it was over the limit. */
export interface RawLine {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer | undefined;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Cuts bytes into lines without ever holding more than one of them. Blank lines are counted and left out. The usual
 * splitters either fail on an over-long line or drop it without a trace; here it is told, and the rest goes on.
 */
export class Lines {
  private readonly hash = createHash('sha256');
  private readonly keep: boolean;

  /** With `keep` lines come as they are: blank ones too, and blanks at the ends of others. */
  constructor({ keep = false }: { readonly keep?: boolean } = {}) {
    this.keep = keep;
  }

  /** SHA-256 (hex) of all bytes; ask for it once, after the last line. */
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

/** Without blanks at its ends, a carriage return among them. */
function trimmed(line: Buffer): Buffer {
  const blank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === CARRIAGE_RETURN;
  let start = 0;
  let end = line.length;
  while (start < end && blank(line[start])) start += 1;
  while (end > start && blank(line[end - 1])) end -= 1;
  return line.subarray(start, end);
}
