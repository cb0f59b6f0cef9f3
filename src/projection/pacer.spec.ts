import { Pacer } from './pacer.js';

describe('the pacer', () => {
  const { signal } = new AbortController();

  test('models resume together, after a pause as long as all of them have worked', async () => {
    const pacer = new Pacer({ endMovedAt: 0 });
    const began = performance.now();
    const wake = async (worked: number): Promise<number> => {
      await pacer.throttle(worked, signal);
      return performance.now() - began;
    };
    const woken = await Promise.all([wake(5), wake(15)]);
    for (const after of woken) expect(after).toBeGreaterThanOrEqual(35); // 5 of the first, and twice 15
  });

  test('an aborted pause ends', async () => {
    await new Pacer({ endMovedAt: 0 }).throttle(99, AbortSignal.abort());
  });

  test('a build pauses only while events are recorded', async () => {
    const began = performance.now();
    await new Pacer({ endMovedAt: Number.POSITIVE_INFINITY }).yieldToCommands(20, signal);
    expect(performance.now() - began).toBeGreaterThanOrEqual(19);
    await new Pacer({ endMovedAt: Number.NEGATIVE_INFINITY }).yieldToCommands(3_600_000, signal);
  });
});
