import { setTimeout as pause } from 'node:timers/promises';
import { ByteBudget } from '../platform/byte-budget.js';
import { mapOrdered } from './in-order.js';

/** `mapOrdered` for items of one byte each. */
const mapNumbers = <Result>(source: AsyncIterable<number>, limit: number, work: (number: number) => Promise<Result>) =>
  mapOrdered(source, { limit, sizeOf: () => 1, work });

/** Yields 1 to `count`; adds each number to `read` when it is read. */
async function* numbers(count: number, read?: number[]): AsyncGenerator<number> {
  for (let number = 1; number <= count; number++) {
    read?.push(number);
    yield number;
  }
}

async function collect<Item>(source: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Work on numbers that is in progress until the test calls `finish`; each number is its own result. */
class ManualWork {
  /** Functions that finish the work, by number, in the order in which the work was started. */
  readonly started = new Map<number, () => void>();
  readonly work = (number: number): Promise<number> =>
    new Promise((resolve) => this.started.set(number, () => resolve(number)));
  finish(number: number): void {
    this.started.get(number)?.();
  }
}

describe('mapOrdered', () => {
  test('results are yielded in the order of the items, not in the order of completion', async () => {
    const slowFirst = async (number: number): Promise<number> => {
      await pause(10 - number);
      return number;
    };
    expect(await collect(mapNumbers(numbers(9), 4, slowFirst))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('items are read up to the limit, and further ones only when results are consumed', async () => {
    const read: number[] = [];
    const results = mapNumbers(numbers(100, read), 3, (number) => Promise.resolve(number));
    await results.next();
    await pause(20);
    expect(read.length).toBeLessThanOrEqual(5); // the consumed one, three within the limit, and one more as tolerance
    expect(await collect(results)).toHaveLength(99);
  });

  test('items are started as far as the byte budget allows, and further ones when bytes are free again', async () => {
    const manual = new ManualWork();
    const started = (): number[] => [...manual.started.keys()];
    const options = { limit: 100, sizeOf: () => 40, work: manual.work, budget: new ByteBudget(100) };
    const results = collect(mapOrdered(numbers(5), options));
    await pause(20);
    expect(started()).toEqual([1, 2]);
    manual.finish(2);
    await pause(20);
    expect(started()).toEqual([1, 2, 3]);
    for (const number of [1, 3, 4, 5]) {
      manual.finish(number);
      await pause(5);
    }
    expect(await results).toEqual([1, 2, 3, 4, 5]);
  });

  test('a call whose consumer stops returns its bytes to the budget, so that another call can finish', async () => {
    const budget = new ByteBudget(100);
    const manual = new ManualWork();
    const stoppedCall = mapOrdered(numbers(3), { limit: 10, sizeOf: () => 60, work: manual.work, budget });
    const firstResult = stoppedCall.next();
    await pause(5);
    const otherCall = mapOrdered(numbers(3), { limit: 10, sizeOf: () => 60, work: (n) => Promise.resolve(n), budget });
    const otherResults = collect(otherCall);
    manual.finish(1);
    await firstResult;
    const stopping = stoppedCall.return(undefined);
    await pause(20);
    manual.finish(2); // item 2 may have been started meanwhile
    await stopping;
    expect(await otherResults).toEqual([1, 2, 3]);
    expect(budget.tryTake(100)).toBeDefined();
  });

  test('a result is yielded without waiting for the next item', async () => {
    const never = new Promise<IteratorResult<number>>(() => undefined);
    let reads = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => (reads++ === 0 ? Promise.resolve({ done: false as const, value: 1 }) : never),
      }),
    };
    const results = mapNumbers(source, 8, (number) => Promise.resolve(number));
    expect(await results.next()).toEqual({ done: false, value: 1 });
    expect(reads).toBe(2);
  });

  test('if the source fails, the results of the items before the failure are yielded first', async () => {
    async function* failingSource(): AsyncGenerator<number> {
      yield* numbers(3);
      throw new Error('the source failed');
    }
    const results: number[] = [];
    const consuming = (async () => {
      for await (const result of mapNumbers(failingSource(), 8, async (number) => (await pause(5), number)))
        results.push(result);
    })();
    await expect(consuming).rejects.toThrow('the source failed');
    expect(results).toEqual([1, 2, 3]);
  });

  test('the error of an item is thrown in the order of the items, after all started items have ended', async () => {
    const ended: number[] = [];
    const work = async (number: number): Promise<number> => {
      await pause(number);
      ended.push(number);
      if (number === 2) throw new Error('two');
      return number;
    };
    const results = mapNumbers(numbers(4), 4, work);
    expect(await results.next()).toMatchObject({ value: 1 });
    await expect(results.next()).rejects.toThrow('two');
    expect(ended).toEqual([1, 2, 3, 4]);
  });

  test('a consumer that stops waits for the items in progress, and no further item is started', async () => {
    const manual = new ManualWork();
    const results = mapNumbers(numbers(100), 3, manual.work);
    const firstResult = results.next();
    await pause(5);
    manual.finish(1);
    await firstResult;
    await pause(5);
    let stopped = false;
    const stopping = results.return().then(() => (stopped = true));
    await pause(5);
    expect(stopped).toBe(false);
    for (const number of manual.started.keys()) manual.finish(number);
    await stopping;
    await pause(5);
    expect(manual.started.size).toBeLessThanOrEqual(5); // item 1, three within the limit, and one more as tolerance
  });

  test('an item that arrives after the consumer stopped is not started', async () => {
    const pendingReads: ((item: IteratorResult<number>) => void)[] = [];
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<number>>((resolve) => pendingReads.push(resolve)),
      }),
    };
    const started: number[] = [];
    const results = mapNumbers(source, 8, (number) => Promise.resolve(started.push(number)));
    const firstResult = results.next();
    pendingReads[0]?.({ done: false, value: 1 });
    await firstResult;
    await pause(5);
    await results.return();
    pendingReads[1]?.({ done: false, value: 2 });
    await pause(5);
    expect(started).toEqual([1]);
    expect(pendingReads).toHaveLength(2);
  });
});
