import type { Recorded } from '../eventstore/envelope.js';
import type { Position, StoredEvent } from '../eventstore/event-store.js';

export type Decode = (event: StoredEvent) => Recorded;

/** Events decoded at a time. */
const SLICE = 500;

/** A run of the log, decoded once for all projections and only where one of them looks. */
export class EventBatch {
  private readonly decoded: (Recorded | undefined)[];

  constructor(
    private readonly stored: readonly StoredEvent[],
    private readonly decode: Decode,
  ) {
    this.decoded = new Array<Recorded | undefined>(stored.length);
  }

  /** Pieces of it that are decoded each by itself, so that what was decoded is not kept longer than it is looked at. */
  *slices(): Generator<{ readonly slice: EventBatch; readonly start: number }> {
    for (let start = 0; start < this.length; start += SLICE)
      yield { slice: new EventBatch(this.stored.slice(start, start + SLICE), this.decode), start };
  }

  get length(): number {
    return this.stored.length;
  }

  /** Undecoded; throws RangeError outside of the batch. */
  at(index: number): StoredEvent {
    const event = this.stored[index];
    if (event === undefined) throw new RangeError(`event ${String(index)} of a batch of ${String(this.length)}`);
    return event;
  }

  /** Throws what the decoder throws. */
  recorded(index: number): Recorded {
    return (this.decoded[index] ??= this.decode(this.at(index)));
  }

  /** Index of the first event after the position. */
  after(position: Position | null): number {
    if (position === null) return 0;
    let low = 0;
    let high = this.stored.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle).position > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
