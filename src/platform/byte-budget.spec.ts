import { ByteBudget, heapShare } from './byte-budget.js';

describe('a budget of bytes', () => {
  const entered: string[] = [];
  beforeEach(() => {
    entered.length = 0;
  });
  const taking = async (budget: ByteBudget, name: string, bytes: number) => {
    const taken = await budget.take(bytes);
    entered.push(name);
    return taken;
  };
  const settled = () => new Promise(setImmediate);

  test('admits what fits, and the next when there is room again', async () => {
    const budget = new ByteBudget(100);
    const first = await taking(budget, 'first', 60);
    const second = taking(budget, 'second', 60);
    await settled();
    expect(entered).toEqual(['first']);
    first.release();
    await second;
    expect(entered).toEqual(['first', 'second']);
  });

  test('a later caller that would fit does not overtake earlier ones', async () => {
    const budget = new ByteBudget(100);
    const first = await taking(budget, 'first', 60);
    const others = [taking(budget, 'large', 60), taking(budget, 'small', 10)];
    await settled();
    expect(budget.tryTake(10)).toBeUndefined();
    expect(entered).toEqual(['first']);
    first.release();
    await Promise.all(others);
    expect(entered).toEqual(['first', 'large', 'small']);
  });

  test('a size above the whole budget is admitted alone', async () => {
    const budget = new ByteBudget(100);
    const small = await taking(budget, 'small', 1);
    const large = taking(budget, 'large', 500);
    await settled();
    expect(entered).toEqual(['small']);
    small.release();
    (await large).release();
    expect(budget.tryTake(100)).toBeDefined();
  });

  test('adjusting a reservation frees or takes room', async () => {
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

test('a share of the heap does not exceed the given maximum', () => {
  expect(heapShare(1, 1)).toBe(1024 * 1024);
  expect(heapShare(1 / 1024, 1_000_000)).toBeLessThan(1024 * 1024 * 1024);
});
