import { ByteBudget, heapShare } from '../platform/byte-budget.js';

/** Bytes of the items that this process works on, whatever source they are from. */
const underWayEverywhere = new ByteBudget(heapShare(1 / 32, 64));

export interface Work<Item, Answer> {
  /** Items worked on side by side. */
  readonly limit: number;
  /** Bytes that an item came in. */
  readonly sizeOf: (item: Item) => number;
  readonly work: (item: Item) => Promise<Answer>;
  /** What all that is worked on may take together (default: a 32nd of the heap, at most 64 MiB, for the process). */
  readonly budget?: ByteBudget;
}

/**
 * Works on items side by side, as many as limit and budget allow, and answers in their order, each as soon as those before it are
 * done: it never waits for an item that has not come yet. Reads no further while its answers are not taken. What is
 * under way is finished in any case: when the source fails, its answers come before the failure; when the reader leaves,
 * it is waited for, and an item that comes later is not begun. The source is not asked again then; who owns it ends it.
 */
export async function* inOrder<Item, Answer>(
  source: AsyncIterable<Item>,
  { limit, sizeOf, work, budget = underWayEverywhere }: Work<Item, Answer>,
): AsyncGenerator<Answer, void, undefined> {
  const underWay: Promise<Answer>[] = [];
  const arrival = new Signal();
  const room = new Signal();
  let ended = false as boolean; // by the reader
  let left = false;
  let failure: { readonly error: unknown } | undefined;

  const wanted = (): boolean => !left; // anew at each look: it changes while we wait
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
        answer.then(bytes.release, bytes.release); // a failure is looked at when its turn comes
        underWay.push(answer);
        arrival.give();
        while (underWay.length >= limit && wanted()) await room.wait();
        if (!wanted()) break; // before the source is asked again
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
      const [next] = underWay;
      if (next !== undefined) {
        const answer = await next;
        void underWay.shift();
        room.give();
        yield answer;
      } else if (ended) break;
      else await arrival.wait();
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    left = true;
    room.give();
    await Promise.allSettled(underWay);
  }
}

/** Wakes the one who waits; what is given while nobody waits is kept for the next. */
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
