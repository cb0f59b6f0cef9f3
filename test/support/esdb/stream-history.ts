import { END_OF_STREAM, type RecordedEvent } from './recorded-event.js';

/** `$maxCount`, `$maxAge` (seconds) and `$tb` of a stream's newest metadata. */
interface Limits {
  readonly maxCount: number;
  readonly maxAge: number;
  readonly truncateBefore: number;
}

const NO_LIMITS: Limits = { maxCount: Infinity, maxAge: Infinity, truncateBefore: 0 };
const TICKS_PER_MILLISECOND = 10_000n;

/** One stream: every event it was ever given, and what its metadata leaves readable. */
export class StreamHistory {
  /** Index is the revision: a delete hides events, it frees no number. */
  readonly events: RecordedEvent[] = [];
  /** Set for ever by a hard delete. */
  tombstone: RecordedEvent | undefined;
  /** Whether metadata was ever written: `stream_exists` is content with that. */
  hasMetadata = false;
  #limits: Limits;

  constructor(name: string) {
    this.#limits = name.startsWith('$$') ? { ...NO_LIMITS, maxCount: 1 } : NO_LIMITS;
  }

  /** Revision of the last event, -1 when there never was one. */
  get head(): number {
    return this.events.length - 1;
  }

  get isSoftDeleted(): boolean {
    return this.#limits.truncateBefore >= Number(END_OF_STREAM);
  }

  /** Takes over a `$metadata` event; one that is no JSON object changes nothing. */
  limitBy(metadata: RecordedEvent): void {
    this.hasMetadata = true;
    const raw = parsed(metadata.data);
    if (!raw) return;
    const number = (key: string, otherwise: number): number => {
      const value = raw[key];
      return typeof value === 'number' ? value : otherwise;
    };
    this.#limits = {
      maxCount: number('$maxCount', Infinity),
      maxAge: number('$maxAge', Infinity),
      truncateBefore: number('$tb', 0),
    };
  }

  /** First revision that is still readable at `now` (ms since 1970); beyond the head when none is. */
  firstReadable(now: number): number {
    const { maxCount, maxAge, truncateBefore } = this.#limits;
    let first = Math.max(truncateBefore, this.events.length - maxCount, 0);
    if (maxAge !== Infinity) {
      const oldest = BigInt(Math.round(now - maxAge * 1000)) * TICKS_PER_MILLISECOND;
      while (first < this.events.length && (this.events[first]?.created ?? oldest) < oldest) first += 1;
    }
    return first;
  }
}

function parsed(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
