import type { Recorded } from '../eventstore/envelope.js';
import type { Position, StoredEvent } from '../eventstore/event-store.js';

export type Decode = (event: StoredEvent) => Recorded;

/**
 * A page of the log: every event of the streams that the feed reads, after the position `after` and up to and including
 * the position `through`. An event is decoded when it is first used, once for all projections.
 */
export class Page {
  constructor(
    readonly after: Position | null,
    /** Position of the last event, or a later one if the log has no events of these streams in between. */
    readonly through: Position,
    private readonly events: readonly StoredEvent[],
    private readonly decode: Decode,
    /** By index; undefined until the event is decoded. Filled, because `flatMap` drops the holes of a sparse array. */
    private readonly decoded = new Array<Recorded | undefined>(events.length).fill(undefined),
  ) {}

  /** Decodes an event that is not in the page. */
  readonly decodeStored: Decode = (event) => this.decode(event);

  /** Joins this page and the pages that follow it without a gap. */
  joinedWith(following: readonly Page[]): Page {
    const pages = [this, ...following];
    const events = pages.flatMap((page) => page.events);
    const decoded = pages.flatMap((page) => page.decoded);
    return new Page(this.after, pages.at(-1)?.through ?? this.through, events, this.decode, decoded);
  }

  get length(): number {
    return this.events.length;
  }

  /** Number of characters of data and metadata. */
  get size(): number {
    return this.events.reduce((size, { data, metadata }) => size + data.length + metadata.length, 0);
  }

  /** This page without the events after the position. */
  upTo(position: Position): Page {
    if (this.through <= position) return this;
    return new Page(this.after, position, this.events.slice(0, this.firstAfter(position)), this.decode);
  }

  /**
   * The event at an index, not decoded.
   * @throws RangeError when the page has no such index
   */
  at(index: number): StoredEvent {
    const event = this.events[index];
    if (event === undefined)
      throw new RangeError(`expected an index below ${String(this.length)}, found ${String(index)}`);
    return event;
  }

  /** The event at an index, decoded. Throws the errors of the decoder. */
  recorded(index: number): Recorded {
    return (this.decoded[index] ??= this.decode(this.at(index)));
  }

  /** Index of the first event after the position; `length` if there is none. A binary search. */
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
