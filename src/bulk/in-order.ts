import { pMapIterable } from 'p-map';
import { ByteBudget, heapShare, type TakenBytes } from '../platform/byte-budget.js';

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
 * is asked to end, which is not awaited: it may be waiting for data.
 */
export async function* mapOrdered<Item, Answer>(
  source: AsyncIterable<Item>,
  { limit, sizeOf, work, budget = processBudget }: Work<Item, Answer>,
): AsyncGenerator<Answer, void, undefined> {
  const reserved = new Set<TakenBytes>();
  const inProgress = new Set<Promise<Answer>>();
  const left = new AbortController();

  async function* withBytes(): AsyncGenerator<readonly [Item, TakenBytes]> {
    for await (const item of source) {
      const bytes = await budget.take(sizeOf(item));
      if (left.signal.aborted) {
        bytes.release();
        return;
      }
      reserved.add(bytes);
      yield [item, bytes];
    }
  }

  const begin = ([item, bytes]: readonly [Item, TakenBytes]): Promise<Answer> => {
    reserved.delete(bytes);
    const answer = work(item).finally(() => {
      inProgress.delete(answer);
      bytes.release();
    });
    inProgress.add(answer);
    return answer;
  };

  try {
    for await (const answer of pMapIterable(withBytes(), begin, { concurrency: limit }))
      yield answer as Awaited<Answer>;
  } finally {
    left.abort();
    for (const bytes of reserved) bytes.release(); // p-map drops what was read and not begun
    await Promise.allSettled(inProgress); // and does not await what was begun
  }
}
