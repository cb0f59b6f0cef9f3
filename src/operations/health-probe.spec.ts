import { HealthProbe } from './health-probe.js';

let now = '2026-03-02T09:00:00.000Z';
const clock = { now: () => now };

test('a dependency is unavailable from the first failed check until the next successful one', async () => {
  let fails = false;
  const probe = new HealthProbe(
    () => (fails ? Promise.reject(new Error('refused')) : Promise.resolve({ head: '7' })),
    clock,
  );
  expect(await probe.check()).toEqual({ up: true, head: '7' });
  fails = true;
  expect(await probe.check()).toEqual({ up: false, since: '2026-03-02T09:00:00.000Z' });
  now = '2026-03-02T09:05:00.000Z';
  expect(await probe.check()).toEqual({ up: false, since: '2026-03-02T09:00:00.000Z' });
  expect(probe.unavailableSince).toBe('2026-03-02T09:00:00.000Z');
  fails = false;
  expect(await probe.check()).toEqual({ up: true, head: '7' });
  expect(probe.unavailableSince).toBeNull();
});

test('a dependency that does not answer is down after the timeout, and only one query runs at a time', async () => {
  let queries = 0;
  let answer = (): void => undefined;
  const timeoutMs = 20;
  const probe = new HealthProbe(
    () => {
      queries += 1;
      return new Promise((resolve) => {
        answer = () => {
          resolve({});
        };
      });
    },
    clock,
    { timeoutMs },
  );
  const results = await Promise.all([probe.check(), probe.check()]);
  expect(results).toEqual([
    { up: false, since: now },
    { up: false, since: now },
  ]);
  expect(queries).toBe(1);
  answer();
  expect(await probe.check()).toEqual({ up: true });
  expect(probe.unavailableSince).toBeNull();
});

test('a failed check has the cause of the last failed query, also if the query fails after the timeout', async () => {
  let query = (): Promise<object> => Promise.reject(new Error('refused'));
  const explainFailure = (error: unknown) => (error instanceof Error ? `because: ${error.message}` : undefined);
  const probe = new HealthProbe(() => query() as Promise<Record<string, never>>, clock, {
    explainFailure,
    timeoutMs: 20,
  });
  expect(await probe.check()).toEqual({ up: false, since: now, cause: 'because: refused' });
  query = () => Promise.resolve({});
  expect(await probe.check()).toEqual({ up: true });
  expect(probe.cause).toBeUndefined();
  let fail = (): void => undefined;
  query = () => new Promise((_, reject) => (fail = () => reject(new Error('late'))));
  expect(await probe.check()).toEqual({ up: false, since: now });
  fail();
  await new Promise(setImmediate);
  expect(probe.cause).toBe('because: late');
});
