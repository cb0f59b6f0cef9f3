import { ServerUnusable } from '../platform/server-unusable.js';
import { waitForServers } from './late-servers.js';

const server = { name: 'the event store', setting: 'REDRESS_EVENTSTORE', url: 'esdb://ops:secret@host:2113?tls=false' };
const notListening = new ServerUnusable(server, { what: 'nothing listens there', advice: 'start it', mayComeUp: true });
const denied = new ServerUnusable(server, { what: 'it denies access', advice: 'grant it', mayComeUp: false });

/** Returns a function that throws the next of these errors at each call, then returns its number of calls. */
function failingOpen(...failures: readonly Error[]) {
  let attempts = 0;
  return async () => {
    const failure = failures[attempts++];
    if (failure !== undefined) throw failure;
    return attempts;
  };
}

describe('waiting for servers', () => {
  const retryMessages: string[] = [];
  /** Returns a function that opens a store and waits at most `limitMs` for its server. */
  const openWithin = (limitMs: number) =>
    waitForServers({ limitMs, intervalMs: 1, onRetry: ({ message }) => retryMessages.push(message) });
  beforeEach(() => (retryMessages.length = 0));

  test('an opening that fails is retried until it succeeds, and each failure is reported', async () => {
    expect(await openWithin(60_000)(failingOpen(notListening, notListening))).toBe(3);
    expect(retryMessages).toEqual([notListening.message, notListening.message]);
  });

  test('an error that is not about a starting server is thrown at once', async () => {
    await expect(openWithin(60_000)(failingOpen(denied))).rejects.toBe(denied);
    const bug = new TypeError('x is not a function');
    await expect(openWithin(60_000)(failingOpen(bug))).rejects.toBe(bug);
    expect(retryMessages).toEqual([]);
  });

  test('the last failure is thrown when the time limit has passed', async () => {
    await expect(openWithin(0)(failingOpen(notListening))).rejects.toBe(notListening);
    expect(retryMessages).toEqual([]);
    const alwaysFails = (): Promise<never> => Promise.reject(notListening);
    await expect(openWithin(20)(alwaysFails)).rejects.toBe(notListening);
    expect(retryMessages.length).toBeGreaterThan(0);
  });
});

test('the message of ServerUnusable has the address of the server without user, password and options', () => {
  expect(notListening.message).toBe(
    'the event store at esdb://host:2113 (REDRESS_EVENTSTORE) cannot be used because nothing listens there: start it',
  );
});
