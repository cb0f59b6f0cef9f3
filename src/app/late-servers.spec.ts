import { ServerUnusable } from '../platform/server-unusable.js';
import { waitForServers } from './late-servers.js';

const server = { name: 'the event store', setting: 'REDRESS_EVENTSTORE', url: 'esdb://ops:secret@host:2113?tls=false' };
const late = new ServerUnusable(server, { what: 'nothing listens there', advice: 'start it', mayComeUp: true });
const denied = new ServerUnusable(server, { what: 'it denies access', advice: 'grant it', mayComeUp: false });

/** Fails with these errors, one an attempt, then succeeds. */
function opening(...failures: readonly Error[]) {
  let attempts = 0;
  return async () => {
    const failure = failures[attempts++];
    if (failure !== undefined) throw failure;
    return attempts;
  };
}

describe('waiting for servers', () => {
  const tries: string[] = [];
  const waiting = (limitMs: number) =>
    waitForServers({ limitMs, intervalMs: 1, onRetry: ({ message }) => tries.push(message) });
  beforeEach(() => (tries.length = 0));

  test('tries again until the server is there, and reports each failed attempt', async () => {
    expect(await waiting(60_000)(opening(late, late))).toBe(3);
    expect(tries).toEqual([late.message, late.message]);
  });

  test('does not wait for what no waiting changes', async () => {
    await expect(waiting(60_000)(opening(denied))).rejects.toBe(denied);
    const bug = new TypeError('x is not a function');
    await expect(waiting(60_000)(opening(bug))).rejects.toBe(bug);
    expect(tries).toEqual([]);
  });

  test('ends at its limit with the last failure', async () => {
    await expect(waiting(0)(opening(late))).rejects.toBe(late);
    expect(tries).toEqual([]);
    const always = (): Promise<never> => Promise.reject(late);
    await expect(waiting(20)(always)).rejects.toBe(late);
    expect(tries.length).toBeGreaterThan(0);
  });
});

test('the message has the address without user, password and options', () => {
  expect(late.message).toBe(
    'the event store at esdb://host:2113 (REDRESS_EVENTSTORE) cannot be used because nothing listens there: start it',
  );
});
