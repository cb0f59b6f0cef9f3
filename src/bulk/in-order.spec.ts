import { setTimeout as pause } from 'node:timers/promises';
import { ByteBudget } from '../platform/byte-budget.js';
import { mapOrdered as inOrderBy } from './in-order.js';

const mapOrdered = <Answer>(source: AsyncIterable<number>, limit: number, work: (number: number) => Promise<Answer>) =>
  inOrderBy(source, { limit, sizeOf: () => 1, work });

async function* numbers(count: number, taken?: number[]): AsyncGenerator<number> {
  for (let number = 1; number <= count; number++) {
    taken?.push(number);
    yield number;
  }
}

async function all<Item>(source: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Promises that a test settles by hand. */
class Doors {
  readonly opened = new Map<number, () => void>();
  readonly through = (number: number): Promise<number> =>
    new Promise((resolve) => this.opened.set(number, () => resolve(number)));
  open(number: number): void {
    this.opened.get(number)?.();
  }
}

describe('mapOrdered', () => {
  test('yields answers in the order of the items, not in the order of completion', async () => {
    const slowFirst = async (number: number): Promise<number> => {
      await pause(10 - number);
      return number;
    };
    expect(await all(mapOrdered(numbers(9), 4, slowFirst))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('reads up to the limit, and no further until answers are taken', async () => {
    const taken: number[] = [];
    const results = mapOrdered(numbers(100, taken), 3, (number) => Promise.resolve(number));
    await results.next();
    await pause(20);
    expect(taken.length).toBeLessThanOrEqual(5);
    expect(await all(results)).toHaveLength(99);
  });

  test('reads as far as the byte budget allows, and the rest when bytes are free again', async () => {
    const begun: number[] = [];
    const doors = new Doors();
    const work = (number: number): Promise<number> => {
      begun.push(number);
      return doors.through(number);
    };
    const results = all(inOrderBy(numbers(5), { limit: 100, sizeOf: () => 40, work, budget: new ByteBudget(100) }));
    await pause(20);
    expect(begun).toEqual([1, 2]);
    doors.open(2);
    await pause(20);
    expect(begun).toEqual([1, 2, 3]);
    for (const number of [1, 3, 4, 5]) {
      doors.open(number);
      await pause(5);
    }
    expect(await results).toEqual([1, 2, 3, 4, 5]);
  });

  test('two calls that share a budget finish, and a call that is left returns its bytes', async () => {
    const budget = new ByteBudget(100);
    const doors = new Doors();
    const left = inOrderBy(numbers(3), { limit: 10, sizeOf: () => 60, work: doors.through, budget });
    const first = left.next();
    await pause(5);
    const others = all(inOrderBy(numbers(3), { limit: 10, sizeOf: () => 60, work: (n) => Promise.resolve(n), budget }));
    doors.open(1);
    await first;
    const leaving = left.return(undefined);
    await pause(20);
    doors.open(2); // begun in the meantime or not
    await leaving;
    expect(await others).toEqual([1, 2, 3]);
    expect(budget.tryTake(100)).toBeDefined();
  });

  test('an answer does not wait for the next item', async () => {
    const never = new Promise<IteratorResult<number>>(() => undefined);
    let asked = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => (asked++ === 0 ? Promise.resolve({ done: false as const, value: 1 }) : never),
      }),
    };
    const results = mapOrdered(source, 8, (number) => Promise.resolve(number));
    expect(await results.next()).toEqual({ done: false, value: 1 });
    expect(asked).toBe(2);
  });

  test('if the source fails, the items before the failure are answered first', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield* numbers(3);
      throw new Error('the line is dead');
    }
    const answers: number[] = [];
    const taking = (async () => {
      for await (const answer of mapOrdered(failing(), 8, async (number) => (await pause(5), number)))
        answers.push(answer);
    })();
    await expect(taking).rejects.toThrow('the line is dead');
    expect(answers).toEqual([1, 2, 3]);
  });

  test('a failed item throws in its order, and the other items are awaited', async () => {
    const ended: number[] = [];
    const work = async (number: number): Promise<number> => {
      await pause(number);
      ended.push(number);
      if (number === 2) throw new Error('two');
      return number;
    };
    const results = mapOrdered(numbers(4), 4, work);
    expect(await results.next()).toMatchObject({ value: 1 });
    await expect(results.next()).rejects.toThrow('two');
    expect(ended).toEqual([1, 2, 3, 4]);
  });

  test('a reader that stops waits for the items in progress, and no further item is started', async () => {
    const doors = new Doors();
    const results = mapOrdered(numbers(100), 3, doors.through);
    const first = results.next();
    await pause(5);
    doors.open(1);
    await first;
    await pause(5);
    let left = false;
    const leaving = results.return().then(() => (left = true));
    await pause(5);
    expect(left).toBe(false);
    for (const number of doors.opened.keys()) doors.open(number);
    await leaving;
    await pause(5);
    expect(doors.opened.size).toBeLessThanOrEqual(5);
  });

  test('an item that arrives after the reader stopped is not started', async () => {
    const items: ((item: IteratorResult<number>) => void)[] = [];
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<number>>((resolve) => items.push(resolve)),
      }),
    };
    const begun: number[] = [];
    const results = mapOrdered(source, 8, (number) => Promise.resolve(begun.push(number)));
    const first = results.next();
    items[0]?.({ done: false, value: 1 });
    await first;
    await pause(5);
    await results.return();
    items[1]?.({ done: false, value: 2 });
    await pause(5);
    expect(begun).toEqual([1]);
    expect(items).toHaveLength(2);
  });
});
