import { END_OF_STREAM, type RecordedEvent } from './recorded-event.js';

/** `$maxCount` (events), `$maxAge` (seconds) and `$tb` (first readable revision) of a stream's newest metadata. */
interface Limits {
  readonly maxCount: number;
  readonly maxAge: number;
  readonly truncateBefore: number;
}

const NO_LIMITS: Limits = { maxCount: Infinity, maxAge: Infinity, truncateBefore: 0 };
const TICKS_PER_MILLISECOND = 10_000n;

/** All events of one stream, and the limits in its metadata that decide which of them are readable. */
export class StreamHistory {
  /** The index is the revision: deleted events are hidden, but keep their revisions. */
  readonly events: RecordedEvent[] = [];
  /** The event that records the hard delete of the stream. */
  tombstone: RecordedEvent | undefined;
  /** Whether metadata was ever written: this is enough for an append that expects `stream_exists`. */
  hasMetadata = false;
  #limits: Limits;

  constructor(name: string) {
    this.#limits = name.startsWith('$$') ? { ...NO_LIMITS, maxCount: 1 } : NO_LIMITS;
  }

  /** Revision of the last event, -1 if there never was one. */
  get head(): number {
    return this.events.length - 1;
  }

  /** A soft delete truncates the stream at its largest possible revision. */
  get isSoftDeleted(): boolean {
    return this.#limits.truncateBefore >= Number(END_OF_STREAM);
  }

  /** Applies the limits in a `$metadata` event. Data that is not a JSON object changes no limit. */
  applyMetadata(metadata: RecordedEvent): void {
    this.hasMetadata = true;
    const values = parsedObject(metadata.data);
    if (!values) return;
    const number = (key: string, defaultValue: number): number => {
      const value = values[key];
      return typeof value === 'number' ? value : defaultValue;
    };
    this.#limits = {
      maxCount: number('$maxCount', Infinity),
      maxAge: number('$maxAge', Infinity),
      truncateBefore: number('$tb', 0),
    };
  }

  /** First revision that is readable at `now` (ms since 1970). If no event is readable, it is greater than `head`. */
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

/** The JSON object in the data; undefined if the data is not one. */
function parsedObject(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
