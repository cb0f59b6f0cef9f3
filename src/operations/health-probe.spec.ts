import { HealthProbe } from './health-probe.js';

let now = '2026-03-02T09:00:00.000Z';
const clock = { now: () => now };

test('a store that does not answer is unavailable since the first failed check', async () => {
  let fails = false;
  const store = new HealthProbe(
    () => (fails ? Promise.reject(new Error('refused')) : Promise.resolve({ head: '7' })),
    clock,
  );
  expect(await store.look()).toEqual({ up: true, head: '7' });
  fails = true;
  expect(await store.look()).toEqual({ up: false, since: '2026-03-02T09:00:00.000Z' });
  now = '2026-03-02T09:05:00.000Z';
  expect(await store.look()).toEqual({ up: false, since: '2026-03-02T09:00:00.000Z' });
  expect(store.awaySince).toBe('2026-03-02T09:00:00.000Z');
  fails = false;
  expect(await store.look()).toEqual({ up: true, head: '7' });
  expect(store.awaySince).toBeNull();
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
  const looks = await Promise.all([store.look(), store.look()]);
  expect(looks).toEqual([
    { up: false, since: now },
    { up: false, since: now },
  ]);
  expect(asked).toBe(1);
  answer();
  expect(await store.look()).toEqual({ up: true });
  expect(store.awaySince).toBeNull();
});
