import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { countCommand, counters, type Counted } from '../../test/support/counters.js';
import { NOON } from '../../test/support/given.js';
import { CommandLoop, type LoopOptions } from './command-loop.js';
import { AppendAmbiguous, ConnectionReplaced, StoreUnavailable } from './event-store.js';
import type { LoopCommand } from './loop-command.js';
import { openSqliteEventStore, type SqliteEventStore } from './sqlite/sqlite-event-store.js';

let folder: string;
let store: SqliteEventStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-'));
  store = await openSqliteEventStore(join(folder, 'events.db'));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const sharedLoop = (options: Partial<LoopOptions> = {}) =>
  new CommandLoop(store, counters, { now: () => NOON }, { onlyWriter: false, ...options });

describe('a store that other processes append to', () => {
  /** Makes the store what a server is after a restore: it holds the given stream only, and has a new connection. */
  const restore = async (stream: string, length: number): Promise<SqliteEventStore> => {
    const copy = await openSqliteEventStore(join(folder, 'copy.db'));
    for (const event of (await store.read(stream, { limit: 10 })).slice(0, length))
      await copy.append(stream, event.revision === 0 ? 'none' : event.revision - 1, [event]);
    let connection = 0;
    Object.defineProperty(store, 'connection', { get: () => connection });
    jest.spyOn(store, 'read').mockImplementation((...args) => copy.read(...args));
    jest.spyOn(store, 'append').mockImplementation((name, expected, events, options) => {
      connection = 1; // the first append opens the new connection
      if (options?.connection === 0) return Promise.reject(new ConnectionReplaced('another connection'));
      return copy.append(name, expected, events);
    });
    return copy;
  };

  test('answers a repetition from a read: the store may have lost the command since', async () => {
    const loop = sharedLoop();
    const [first, lost] = [countCommand('a'), countCommand('a')];
    for (const command of [first, lost]) await loop.submit(command);
    const copy = await restore('counter-a', 1);
    expect(await loop.submit(first)).toMatchObject({ alreadyThere: true, folded: { revision: 0 } });
    expect(await loop.submit(lost)).toMatchObject({ alreadyThere: false, folded: { revision: 1 } });
    await copy.close();
  });

  test('gets no event after an event that it has lost, although another event has its revision', async () => {
    const loop = sharedLoop();
    for (let index = 0; index < 2; index++) await loop.submit(countCommand('a'));
    const copy = await restore('counter-a', 1);
    const copyLoop = new CommandLoop(copy, counters, { now: () => NOON }, { onlyWriter: true });
    await copyLoop.submit(countCommand('a'));
    expect(await loop.submit(countCommand('a'))).toMatchObject({ kind: 'recorded', folded: { revision: 2, state: 3 } });
    const stored = await copy.read('counter-a', { limit: 10 });
    const metadata = stored.map((event) => JSON.parse(event.metadata) as { hash: string; prevHash: string });
    expect(metadata.map(({ prevHash }) => prevHash).slice(1)).toEqual(metadata.map(({ hash }) => hash).slice(0, -1));
    await copy.close();
  });

  test('gets the next event over another connection after a read of one event, if it has lost none', async () => {
    const loop = sharedLoop();
    for (let index = 0; index < 2; index++) await loop.submit(countCommand('a'));
    const copy = await restore('counter-a', 2);
    const read = jest.spyOn(copy, 'read');
    expect(await loop.submit(countCommand('a'))).toMatchObject({ kind: 'recorded', folded: { revision: 2 } });
    expect(await loop.submit(countCommand('a'))).toMatchObject({ kind: 'recorded', folded: { revision: 3 } });
    expect(read.mock.calls).toEqual([['counter-a', expect.objectContaining({ from: 1, limit: 1 })]]);
    await copy.close();
  });
});

describe('while the store does not answer', () => {
  const silence = (timeoutMs: number | undefined, error: Error): Promise<never> =>
    new Promise((_, reject) => {
      if (timeoutMs !== undefined) setTimeout(reject, timeoutMs, error);
    });
  let reads: string[];
  beforeEach(() => {
    reads = [];
    jest.spyOn(store, 'read').mockImplementation((stream, { timeoutMs }) => {
      reads.push(stream);
      return silence(timeoutMs, new StoreUnavailable('no answer'));
    });
  });
  const submitAll = (
    loop: CommandLoop<number, Counted>,
    submitted: readonly LoopCommand<number, Counted, string>[],
  ) => {
    const deadline = loop.newDeadline();
    return Promise.all(submitted.map(async (command) => (await loop.submit(command, deadline)).kind));
  };
  const expectUnavailable = (kinds: readonly string[]): void => {
    expect(kinds).toEqual(kinds.map(() => 'unavailable'));
  };

  test.each([
    ['a stream', false],
    ['a stream that each would start', true],
  ])(
    'the commands of %s end at their deadline, and those that waited so long are not sent',
    async (_, startsStream) => {
      const loop = sharedLoop({ timeLimitMs: 1000 });
      if (!startsStream) await loop.submit({ ...countCommand('a'), startsStream: true });
      const append = jest
        .spyOn(store, 'append')
        .mockImplementation((_stream, _expected, _events, options) =>
          silence(options?.timeoutMs, new AppendAmbiguous('no answer')),
        );
      const submitted = Array.from({ length: 2000 }, () => ({ ...countCommand('a'), startsStream }));
      expectUnavailable(await submitAll(loop, submitted));
      const sent = append.mock.calls.flatMap(([, , events]) => events.map(({ metadata }) => metadata));
      expect(new Set(sent).size).toBe(1);
      expect(reads).toEqual([]);
    },
  );

  test('the commands that wait for memory end at their deadline, and do not read', async () => {
    const loop = sharedLoop({ timeLimitMs: 1000 });
    const submitted = Array.from({ length: 40 }, (_, index) => countCommand(String(index)));
    expectUnavailable(await submitAll(loop, submitted));
    // 8 read at a time; a timer that ends just before the deadline lets 8 others begin
    expect(reads.length).toBeLessThanOrEqual(16);
  });
});
