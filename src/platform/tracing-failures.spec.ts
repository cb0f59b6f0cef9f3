import { startTracing, stopTracing, traced } from './tracing.js';

test('a collector that cannot be reached is reported once, and does not delay the stop for long', async () => {
  const failures: unknown[] = [];
  startTracing('http://127.0.0.1:9/v1/traces', (error) => failures.push(error));
  const wait = jest.spyOn(globalThis, 'setTimeout');
  for (let index = 0; index < 2000; index++) traced('append', {}, () => undefined);
  await stopTracing();
  expect(Math.max(...wait.mock.calls.map(([, ms = 0]) => ms))).toBeLessThanOrEqual(5000);
  wait.mockRestore();
  expect(failures).toHaveLength(1);
});
