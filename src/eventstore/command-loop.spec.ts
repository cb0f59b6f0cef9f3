import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { countCommand, counters, type Counted } from '../../test/support/counters.js';
import { NOON } from '../../test/support/given.js';
import { CommandLoop, type LoopOptions } from './command-loop.js';
import { StoreUnavailable, WrongExpectedRevision } from './event-store.js';
import { openSqliteEventStore, type SqliteEventStore } from './sqlite/sqlite-event-store.js';

let folder: string;
let store: SqliteEventStore;
let reads: string[];
const LATER = '2026-11-10T12:00:00.001Z';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-'));
  store = await openSqliteEventStore(join(folder, 'events.db'));
  reads = [];
  const read = store.read.bind(store);
  jest.spyOn(store, 'read').mockImplementation((stream, options) => {
    reads.push(stream);
    return read(stream, options);
  });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const newLoop = (options: Partial<LoopOptions> = {}, now = NOON) =>
  new CommandLoop(store, counters, { now: () => now }, { onlyWriter: true, ...options });

/** Submits a command that records one event with this text. */
const count = (loop: CommandLoop<number, Counted>, id: string, text?: string, checkRoom?: RoomCheck) =>
  loop.submit<string>({ ...countCommand(id, text), ...(checkRoom && { checkRoom }) });

type RoomCheck = (held: number, added: number) => string | undefined;

describe('the cache of folded streams', () => {
  const loopWithCache = () => newLoop({ memoryBytes: 64 * 1024 });

  test('avoids a second read of a stream', async () => {
    const loop = loopWithCache();
    for (const id of ['a', 'b', 'c', 'a', 'b', 'c']) await count(loop, id);
    expect(reads).toEqual(['counter-a', 'counter-b', 'counter-c']);
  });

  test('is limited in bytes: a large stream replaces several small ones', async () => {
    const loop = loopWithCache();
    for (const id of ['a', 'b', 'c']) await count(loop, id);
    await count(loop, 'large', 'x'.repeat(30_000));
    reads.length = 0;
    for (const id of ['large', 'a', 'b', 'c']) await count(loop, id);
    expect(reads).toEqual(['counter-a', 'counter-b', 'counter-c']);
  });

  test('does not cache a stream that is larger than the whole cache', async () => {
    const loop = loopWithCache();
    await count(loop, 'large', 'x'.repeat(40_000)); // the cache counts two bytes for each stored byte
    reads.length = 0;
    expect(await count(loop, 'large')).toMatchObject({ kind: 'recorded', folded: { state: 2 } });
    expect(reads).toEqual(['counter-large']);
  });

  test('a folded stream has the number of its stored bytes, whether its events were appended or read', async () => {
    const loop = loopWithCache();
    for (const text of ['a', '一二三', '😀']) await count(loop, 'a', text);
    const stored = await store.read('counter-a', { limit: 10 });
    const bytes = stored.map(({ data, metadata }) => Buffer.byteLength(data + metadata));
    expect((await loop.load('a')).bytes).toBe(bytes.reduce((sum, size) => sum + size));
    expect((await newLoop().load('a')).bytes).toBe(bytes.reduce((sum, size) => sum + size));
  });
});

describe('a folded state that a caller holds', () => {
  test('does not change when later commands are recorded', async () => {
    const loop = newLoop();
    await count(loop, 'a');
    const held = await loop.load('a');
    const commandIds = [...held.commands.ids()];
    await count(loop, 'a');
    await count(loop, 'a');
    expect(held).toMatchObject({ state: 1, revision: 0 });
    expect([...held.commands.ids()]).toEqual(commandIds);
    expect([...(await loop.load('a')).commands.ids()]).toHaveLength(3);
  });

  test.each([
    ['fails', new StoreUnavailable('no connection'), 'unavailable'],
    ['has a conflict', new WrongExpectedRevision('counter-a', 0, 1), 'busy'],
  ])('does not change when an append %s, and does not include the command of the append', async (_, error, kind) => {
    const loop = newLoop({ timeLimitMs: 1000 });
    await count(loop, 'a');
    const held = await loop.load('a');
    const commandIds = [...held.commands.ids()];
    const append = jest.spyOn(store, 'append').mockRejectedValue(error);
    expect(await count(loop, 'a')).toMatchObject({ kind });
    append.mockRestore();
    expect([...held.commands.ids()]).toEqual(commandIds);
    expect([...(await loop.load('a')).commands.ids()]).toEqual(commandIds);
    expect(await count(loop, 'a')).toMatchObject({ kind: 'recorded', folded: { revision: 1, state: 2 } });
  });
});

describe('a command that starts its stream', () => {
  const startCommand = (id: string) => ({ ...countCommand(id), startsStream: true });
  const sharedLoop = () => newLoop({ onlyWriter: false });

  test('is recorded without a read if several processes append', async () => {
    expect(await sharedLoop().submit(startCommand('a'))).toMatchObject({ kind: 'recorded', folded: { revision: 0 } });
    expect(reads).toEqual([]);
  });

  test('is decided again after a read when another process has started the stream', async () => {
    await count(newLoop(), 'a');
    reads.length = 0;
    expect(await sharedLoop().submit(startCommand('a'))).toMatchObject({
      kind: 'recorded',
      folded: { revision: 1, state: 2 },
    });
    expect(reads).toEqual(['counter-a']);
  });

  test('gets its first outcome when it is sent again to another process', async () => {
    const command = startCommand('a');
    await sharedLoop().submit(command);
    expect(await newLoop({ onlyWriter: false }, LATER).submit(command)).toMatchObject({
      kind: 'recorded',
      alreadyThere: true,
      folded: { revision: 0 },
    });
  });

  test('is refused only after a read of the stream', async () => {
    await count(newLoop(), 'a');
    reads.length = 0;
    const decide = jest.fn(() => ({ refusal: 'no' }));
    expect(await sharedLoop().submit({ ...startCommand('a'), decide })).toMatchObject({ kind: 'refused' });
    expect(decide).toHaveBeenLastCalledWith(expect.objectContaining({ revision: 0 }), NOON);
    expect(reads).toEqual(['counter-a']);
  });

  test('is recorded after a read if only this process appends', async () => {
    await newLoop().submit(startCommand('a'));
    expect(reads).toEqual(['counter-a']);
  });
});

describe('memory for streams with a command in progress', () => {
  test('limits the concurrent commands on streams of unknown size to eight; others wait', async () => {
    const large = Array.from({ length: 12 }, (_, index) => `large-${String(index)}`);
    for (const id of large) await count(newLoop(), id, 'x'.repeat(20_000));
    const append = store.append.bind(store);
    const appends: (() => void)[] = []; // functions that resume the blocked appends
    jest.spyOn(store, 'append').mockImplementation(async (...args) => {
      await new Promise<void>((resume) => appends.push(resume));
      return append(...args);
    });
    const loop = newLoop({ memoryBytes: 100_000 });
    const outcomes = large.map((id) => count(loop, id));
    // of the twelve commands, eight run at first, then the other four
    for (const concurrent of [8, 4]) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(appends).toHaveLength(concurrent);
      for (const resume of appends.splice(0)) resume();
    }
    for (const outcome of await Promise.all(outcomes)) expect(outcome.kind).toBe('recorded');
  });
});

describe('a stream that has no room for the decided events', () => {
  test('does not change, and the command is refused with the reason', async () => {
    const loop = newLoop();
    await count(loop, 'a', 'x'.repeat(1000));
    const { bytes } = await loop.load('a');
    const calls: number[][] = [];
    const refuse = (held: number, added: number): string => {
      calls.push([held, added]);
      return 'full';
    };
    expect(await count(loop, 'a', 'x'.repeat(2000), refuse)).toMatchObject({ kind: 'refused', refusal: 'full' });
    expect(calls).toEqual([[bytes, expect.any(Number)]]);
    expect(calls[0]?.[1]).toBeGreaterThan(2000);
    expect(await loop.load('a')).toMatchObject({ revision: 0, bytes });
  });
});
