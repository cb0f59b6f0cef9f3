import { ByteBudget, heapShare, SharedByteBudget } from './byte-budget.js';

describe('ByteBudget', () => {
  /** Names of the callers that have got their bytes, in order. */
  const admitted: string[] = [];
  beforeEach(() => {
    admitted.length = 0;
  });
  const takeAs = async (name: string, budget: ByteBudget, bytes: number) => {
    const taken = await budget.take(bytes);
    admitted.push(name);
    return taken;
  };
  const nextTurn = () => new Promise(setImmediate);

  test('a caller without room waits until bytes are released', async () => {
    const budget = new ByteBudget(100);
    const first = await takeAs('first', budget, 60);
    const second = takeAs('second', budget, 60);
    await nextTurn();
    expect(admitted).toEqual(['first']);
    first.release();
    await second;
    expect(admitted).toEqual(['first', 'second']);
  });

  test('a caller that would fit does not overtake callers that wait', async () => {
    const budget = new ByteBudget(100);
    const first = await takeAs('first', budget, 60);
    const others = [takeAs('large', budget, 60), takeAs('small', budget, 10)];
    await nextTurn();
    expect(budget.tryTake(10)).toBeUndefined();
    expect(admitted).toEqual(['first']);
    first.release();
    await Promise.all(others);
    expect(admitted).toEqual(['first', 'large', 'small']);
  });

  test('a size above the whole budget gets its bytes when nothing else is held', async () => {
    const budget = new ByteBudget(100);
    const small = await takeAs('small', budget, 1);
    const large = takeAs('large', budget, 500);
    await nextTurn();
    expect(admitted).toEqual(['small']);
    small.release();
    (await large).release();
    expect(budget.tryTake(100)).toBeDefined();
  });

  test('resizing taken bytes frees room, or takes more than there is', async () => {
    const budget = new ByteBudget(100);
    const taken = await budget.take(80);
    expect(budget.tryTake(50)).toBeUndefined();
    taken.resize(40);
    const other = budget.tryTake(50);
    expect(other).toBeDefined();
    taken.resize(200);
    other?.release();
    expect(budget.tryTake(1)).toBeUndefined();
    taken.release();
    expect(budget.tryTake(100)).toBeDefined();
  });
});

describe('SharedByteBudget', () => {
  test('gives one caller at most a quarter of its bytes, so that others find room', async () => {
    const budget = new SharedByteBudget(100);
    const first = await budget.take('one', 20);
    expect(budget.tryTake('one', 10)).toBeUndefined();
    const waiting = budget.take('one', 10);
    expect(budget.tryTake('other', 20)).toBeDefined();
    first.release();
    (await waiting).release();
    expect(budget.tryTake('one', 25)).toBeDefined();
  });

  test('limits the bytes of all callers together', async () => {
    const budget = new SharedByteBudget(100);
    const taken = await Promise.all(['a', 'b', 'c', 'd'].map((caller) => budget.take(caller, 25)));
    expect(budget.tryTake('e', 1)).toBeUndefined();
    taken[0]?.resize(5);
    expect(budget.tryTake('e', 20)).toBeDefined();
    expect(budget.tryTake('a', 20)).toBeUndefined(); // of the 20 bytes that 'a' returned, 'e' holds all
    for (const { release } of taken) release();
    expect(budget.tryTake('a', 25)).toBeDefined();
  });
});

test('heapShare is in bytes and does not exceed its maximum in MiB', () => {
  expect(heapShare(1, 1)).toBe(1024 * 1024);
  expect(heapShare(1 / 1024, 1_000_000)).toBeLessThan(1024 * 1024 * 1024);
});
