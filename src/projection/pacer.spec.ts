import { Pacer } from './pacer.js';

describe('the pacer', () => {
  const { signal } = new AbortController();

  test('all models pause for as long as they have worked in total, and then resume at the same time', async () => {
    const pacer = new Pacer({ endMovedAt: 0 });
    const startedAt = performance.now();
    const throttle = async (workedMs: number): Promise<number> => {
      await pacer.throttle(workedMs, signal);
      return performance.now() - startedAt;
    };
    const resumedAfterMs = await Promise.all([throttle(5), throttle(15)]);
    // the pause of the first ends after 5 ms; the second adds the 15 ms that it has worked and 15 ms of pause
    for (const milliseconds of resumedAfterMs) expect(milliseconds).toBeGreaterThanOrEqual(35);
  });

  test('an aborted signal ends a pause at once', async () => {
    const workedMs = 99; // after 100 ms or more there would be no pause
    await new Pacer({ endMovedAt: 0 }).throttle(workedMs, AbortSignal.abort());
  });

  test('a build pauses if the end of the log has moved during its work, and not otherwise', async () => {
    const startedAt = performance.now();
    await new Pacer({ endMovedAt: Number.POSITIVE_INFINITY }).yieldToCommands(20, signal);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
    // a pause of an hour would exceed the time limit of the test
    await new Pacer({ endMovedAt: Number.NEGATIVE_INFINITY }).yieldToCommands(3_600_000, signal);
  });
});
