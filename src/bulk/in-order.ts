import { ByteBudget, heapShare } from '../platform/byte-budget.js';

/** Limits the bytes in progress in this process, over all sources. */
const processBudget = new ByteBudget(heapShare(1 / 32, 64));

export interface Work<Item, Answer> {
  /** Maximum number of items in progress. */
  readonly limit: number;
  /** Size of an item in bytes. */
  readonly sizeOf: (item: Item) => number;
  readonly work: (item: Item) => Promise<Answer>;
  /** Maximum bytes in progress (default: 1/32 of the heap, at most 64 MiB, shared by the process). */
  readonly budget?: ByteBudget;
}

/**
 * Processes items in parallel, as far as `limit` and `budget` allow, and yields the answers in the order of the items. Each
 * answer is yielded as soon as all earlier ones are done; it never waits for an item that has not arrived. Stops reading
 * while the consumer does not take answers. Items in progress are always finished: if the source fails, their answers come
 * before the failure; if the consumer stops early, they are awaited, and no further item is started. In that case the source
 * is not read again, and its owner must end it.
 */
export async function* mapOrdered<Item, Answer>(
  source: AsyncIterable<Item>,
  { limit, sizeOf, work, budget = processBudget }: Work<Item, Answer>,
): AsyncGenerator<Answer, void, undefined> {
  const inProgress: Promise<Answer>[] = [];
  const arrival = new Signal();
  const room = new Signal();
  let ended = false as boolean; // set by read()
  let left = false;
  let failure: { readonly error: unknown } | undefined;

  const wanted = (): boolean => !left; // a function, because the value changes during each await
  const read = async (): Promise<void> => {
    try {
      for await (const item of source) {
        if (!wanted()) break;
        const bytes = await budget.take(sizeOf(item));
        if (!wanted()) {
          bytes.release();
          break;
        }
        const answer = work(item);
        answer.then(bytes.release, bytes.release); // a failure is handled in the order of the items
        inProgress.push(answer);
        arrival.give();
        while (inProgress.length >= limit && wanted()) await room.wait();
        if (!wanted()) break; // before the next read of the source
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    arrival.give();
  };

  void read();
  try {
    for (;;) {
      const [next] = inProgress;
      if (next !== undefined) {
        const answer = await next;
        void inProgress.shift();
        room.give();
        yield answer;
      } else if (ended) break;
      else await arrival.wait();
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    left = true;
    room.give();
    await Promise.allSettled(inProgress);
  }
}

/** Wakes the waiting caller; a signal without a waiting caller is kept for the next wait. */
class Signal {
  private given = false;
  private waiting: (() => void) | undefined;

  give(): void {
    this.given = true;
    this.waiting?.();
  }

  async wait(): Promise<void> {
    if (!this.given)
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    this.waiting = undefined;
    this.given = false;
  }
}
