import { pMapIterable } from 'p-map';
import { ByteBudget, heapShare, type TakenBytes } from '../platform/byte-budget.js';

/** Limits the bytes in progress in this process, in all calls together. */
const processBudget = new ByteBudget(heapShare(1 / 32, 64));

export interface MapOrderedOptions<Item, Result> {
  /** Maximum number of items in progress. */
  readonly limit: number;
  /** Size of an item in bytes. */
  readonly sizeOf: (item: Item) => number;
  readonly work: (item: Item) => Promise<Result>;
  /** Maximum bytes in progress (default: 1/32 of the heap, at most 64 MiB, for all calls in the process together). */
  readonly budget?: ByteBudget;
}

/**
 * Processes items in parallel, as far as `limit` and `budget` allow, and yields the results in the order of the items.
 * Yields a result as soon as it and all earlier ones are ready, without waiting for further items. Stops reading while
 * the consumer takes no results. Started items are always finished. If the source fails, the results of the items
 * before the failure are yielded first. If the consumer stops early, no further item is started, and started items are
 * awaited. The source is then asked to end but not awaited, because it may be waiting for data.
 */
export async function* mapOrdered<Item, Result>(
  source: AsyncIterable<Item>,
  { limit, sizeOf, work, budget = processBudget }: MapOrderedOptions<Item, Result>,
): AsyncGenerator<Result, void, undefined> {
  /** Bytes of the items that were read but not started. */
  const reserved = new Set<TakenBytes>();
  const inProgress = new Set<Promise<Result>>();
  const stopped = new AbortController();

  async function* itemsWithBytes(): AsyncGenerator<readonly [Item, TakenBytes]> {
    for await (const item of source) {
      const bytes = await budget.take(sizeOf(item));
      if (stopped.signal.aborted) {
        bytes.release();
        return;
      }
      reserved.add(bytes);
      yield [item, bytes];
    }
  }

  const start = ([item, bytes]: readonly [Item, TakenBytes]): Promise<Result> => {
    reserved.delete(bytes);
    const result = work(item).finally(() => {
      inProgress.delete(result);
      bytes.release();
    });
    inProgress.add(result);
    return result;
  };

  try {
    for await (const result of pMapIterable(itemsWithBytes(), start, { concurrency: limit }))
      yield result as Awaited<Result>;
  } finally {
    stopped.abort();
    // p-map never starts the remaining items that it has read, and does not await the items that it has started
    for (const bytes of reserved) bytes.release();
    await Promise.allSettled(inProgress);
  }
}
