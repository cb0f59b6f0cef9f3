import type { Recorded } from '../eventstore/envelope.js';
import type { Position, StoredEvent } from '../eventstore/event-store.js';

export type Decode = (event: StoredEvent) => Recorded;

/**
 * The events of the log between two positions: every event that matches the prefixes of the feed, after `after`
 * (exclusive) and up to `through` (inclusive). Decoded lazily, once for all projections.
 */
export class Page {
  constructor(
    readonly after: Position | null,
    /** The last event, or a later position where the log is known to hold nothing in between. */
    readonly through: Position,
    private readonly events: readonly StoredEvent[],
    private readonly decode: Decode,
    private readonly decoded = new Array<Recorded | undefined>(events.length).fill(undefined), // dense: a sparse array would skip its holes
  ) {}

  /** Joins this page and the following ones. */
  with(following: readonly Page[]): Page {
    const pages = [this, ...following];
    const events = pages.flatMap((page) => page.events);
    const decoded = pages.flatMap((page) => page.decoded);
    return new Page(this.after, pages.at(-1)?.through ?? this.through, events, this.decode, decoded);
  }

  get length(): number {
    return this.events.length;
  }

  /** Characters of data and metadata. */
  get size(): number {
    return this.events.reduce((size, { data, metadata }) => size + data.length + metadata.length, 0);
  }

  /** The page without the events after the position. */
  upTo(position: Position): Page {
    if (this.through <= position) return this;
    return new Page(this.after, position, this.events.slice(0, this.firstAfter(position)), this.decode);
  }

  /** Undecoded; throws RangeError outside of the page. */
  at(index: number): StoredEvent {
    const event = this.events[index];
    if (event === undefined) throw new RangeError(`event ${String(index)} of a page of ${String(this.length)}`);
    return event;
  }

  /** Throws the errors of the decoder. */
  recorded(index: number): Recorded {
    return (this.decoded[index] ??= this.decode(this.at(index)));
  }

  /** Index of the first event after the position. */
  firstAfter(position: Position | null): number {
    if (position === null || position <= (this.after ?? '')) return 0;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle).position > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
