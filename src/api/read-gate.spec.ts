import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '../eventstore/event-store.js';
import { NotYetVisible } from '../readmodels/read-models.js';
import { ReadGate, positionOf } from './read-gate.js';

type Dependencies = ConstructorParameters<typeof ReadGate>;

/** A gate whose read model reaches no further position, and whose log ends at the results of `head`, one for each read. */
function gateOf({ visibleAfterMs, head }: { visibleAfterMs?: number; head: () => Promise<string | null> }) {
  const projections = {
    waitFor: (_name: string, _position: string, timeoutMs: number) =>
      pause(visibleAfterMs ?? timeoutMs / 10, visibleAfterMs !== undefined),
    status: () => ({ projections: [], observedMsAgo: 0 }),
  };
  const clock = { now: () => '2026-11-22T01:30:00.000Z' };
  const gate = new ReadGate({ head } as unknown as Dependencies[0], projections as unknown as Dependencies[1], clock);
  gate.onApplicationShutdown();
  return gate;
}

const minPosition = '8';

test('a position after the end of the log is refused with the end', async () => {
  const head = jest.fn(() => Promise.resolve<string | null>(positionOf('7')));
  const problem = { status: 400, code: 'position_after_end', extensions: { errors: [{ pointer: '/minPosition' }] } };
  await expect(gateOf({ head }).open('complaints', { minPosition })).rejects.toMatchObject(problem);
  await expect(gateOf({ head }).open('complaints', { minPosition })).rejects.toThrow(
    `ends at position ${positionOf('7')}`,
  );
  head.mockResolvedValue(null);
  await expect(gateOf({ head }).open('complaints', { minPosition })).rejects.toThrow('the log has no events');
  expect(head).toHaveBeenCalledTimes(3); // read anew for each query
});

test('a position in the log that is not visible in time is not yet visible', async () => {
  const gate = gateOf({ head: () => Promise.resolve(positionOf('8')) });
  await expect(gate.open('complaints', { minPosition })).rejects.toThrow(NotYetVisible);
});

test('if the log cannot be read, the query waits', async () => {
  const gate = gateOf({ head: () => Promise.reject(new StoreUnavailable('away')), visibleAfterMs: 300 });
  await expect(gate.open('complaints', { minPosition })).resolves.toMatchObject({ position: null });
});

test('a position that is visible soon needs no read of the log', async () => {
  const head = jest.fn(() => Promise.resolve(null));
  await gateOf({ head, visibleAfterMs: 1 }).open('complaints', { minPosition });
  expect(head).not.toHaveBeenCalled();
});
