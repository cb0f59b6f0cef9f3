import { HealthProbe } from './health-probe.js';

let now = '2026-03-02T09:00:00.000Z';
const clock = { now: () => now };

test('a store that does not answer is unavailable since the first failed check', async () => {
  let fails = false;
  const store = new HealthProbe(
    () => (fails ? Promise.reject(new Error('refused')) : Promise.resolve({ head: '7' })),
    clock,
  );
  expect(await store.check()).toEqual({ up: true, head: '7' });
  fails = true;
  expect(await store.check()).toEqual({ up: false, since: '2026-03-02T09:00:00.000Z' });
  now = '2026-03-02T09:05:00.000Z';
  expect(await store.check()).toEqual({ up: false, since: '2026-03-02T09:00:00.000Z' });
  expect(store.unavailableSince).toBe('2026-03-02T09:00:00.000Z');
  fails = false;
  expect(await store.check()).toEqual({ up: true, head: '7' });
  expect(store.unavailableSince).toBeNull();
});

test('a silent dependency is down after the timeout, and only one check runs at a time', async () => {
  let asked = 0;
  let answer = (): void => undefined;
  const store = new HealthProbe(
    () => {
      asked += 1;
      return new Promise((resolve) => {
        answer = () => {
          resolve({});
        };
      });
    },
    clock,
    20,
  );
  const results = await Promise.all([store.check(), store.check()]);
  expect(results).toEqual([
    { up: false, since: now },
    { up: false, since: now },
  ]);
  expect(asked).toBe(1);
  answer();
  expect(await store.check()).toEqual({ up: true });
  expect(store.unavailableSince).toBeNull();
});
