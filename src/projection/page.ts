import type { Recorded } from '../eventstore/envelope.js';
import type { Position, StoredEvent } from '../eventstore/event-store.js';

export type Decode = (event: StoredEvent) => Recorded;

/**
 * What the log holds between two positions: every event that the feed's prefixes match, after `after` and up to `through`,
 * inclusive. Decoded once for all projections, and only where one of them looks.
 */
export class Page {
  constructor(
    readonly after: Position | null,
    /** The last event, or further where the log is known to hold nothing in between. */
    readonly through: Position,
    private readonly events: readonly StoredEvent[],
    private readonly decode: Decode,
    private readonly decoded = new Array<Recorded | undefined>(events.length).fill(undefined), // no holes: they would be skipped
  ) {}

  /** This page and those that follow it as one. */
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

  /** Throws what the decoder throws. */
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
