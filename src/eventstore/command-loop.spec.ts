import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HANDLER, NOON } from '../../test/support/given.js';
import { instant } from '../platform/moment.js';
import { EventDecoder } from './codec.js';
import { CommandLoop, type LoopOptions } from './command-loop.js';
import type { LoopCommand } from './loop-command.js';
import { StoreUnavailable, WrongExpectedRevision } from './event-store.js';
import type { Aggregate } from './fold.js';
import { openSqliteEventStore, type SqliteEventStore } from './sqlite/sqlite-event-store.js';

interface Counted {
  readonly type: 'Counted';
  readonly data: { readonly text?: string };
}

const counters: Aggregate<number, Counted> = {
  prefix: 'counter-',
  decoder: new EventDecoder<Counted>([{ type: 'Counted', version: 1 }]),
  initial: () => 0,
  evolve: (count) => count + 1,
};

let folder: string;
let store: SqliteEventStore;
let reads: string[];
let commands = 0;
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

const loopOf = (options: Partial<LoopOptions> = {}, now = NOON) =>
  new CommandLoop(store, counters, { now: () => now }, { onlyWriter: true, timeLimit: 0, ...options });

const count = (loop: CommandLoop<number, Counted>, id: string, text?: string, checkRoom?: RoomCheck) =>
  loop.submit<string>({ ...counting(id, text), ...(checkRoom && { checkRoom }) });

const counting = (id: string, text?: string): LoopCommand<number, Counted, string> => {
  const commandId = `command-${String(commands++)}`;
  return {
    id,
    commandId,
    commandDigest: 'd'.repeat(64),
    actor: HANDLER,
    correlationId: commandId,
    causationId: commandId,
    decide: () => ({
      events: [{ type: 'Counted', data: text === undefined ? {} : { text } }],
      occurredAt: instant(NOON),
    }),
  };
};
type RoomCheck = (held: number, added: number) => string | undefined;

describe('the cache of folded streams', () => {
  const kept = () => loopOf({ memoryBytes: 64 * 1024 });

  test('avoids a second read', async () => {
    const loop = kept();
    for (const id of ['a', 'b', 'c', 'a', 'b', 'c']) await count(loop, id);
    expect(reads).toEqual(['counter-a', 'counter-b', 'counter-c']);
  });

  test('is bounded by size: a large stream takes the room of several small ones', async () => {
    const loop = kept();
    for (const id of ['a', 'b', 'c']) await count(loop, id);
    await count(loop, 'large', 'x'.repeat(30_000));
    reads.length = 0;
    for (const id of ['large', 'a', 'b', 'c']) await count(loop, id);
    expect(reads).toEqual(['counter-a', 'counter-b', 'counter-c']);
  });

  test('does not keep a stream that is larger than the whole cache', async () => {
    const loop = kept();
    await count(loop, 'large', 'x'.repeat(40_000));
    reads.length = 0;
    expect(await count(loop, 'large')).toMatchObject({ kind: 'recorded', folded: { state: 2 } });
    expect(reads).toEqual(['counter-large']);
  });

  test('counts the stored bytes of events', async () => {
    const loop = kept();
    for (const text of ['a', '一二三', '😀']) await count(loop, 'a', text);
    const stored = await store.read('counter-a', { limit: 10 });
    const bytes = stored.map(({ data, metadata }) => Buffer.byteLength(data + metadata));
    expect((await loop.load('a')).bytes).toBe(bytes.reduce((sum, size) => sum + size));
    expect((await loopOf().load('a')).bytes).toBe(bytes.reduce((sum, size) => sum + size));
  });
});

describe('a folded state that a caller holds', () => {
  test('does not change when commands are recorded after it', async () => {
    const loop = loopOf();
    await count(loop, 'a');
    const held = await loop.load('a');
    const known = [...held.commands.ids()];
    await count(loop, 'a');
    await count(loop, 'a');
    expect(held).toMatchObject({ state: 1, revision: 0 });
    expect([...held.commands.ids()]).toEqual(known);
    expect([...(await loop.load('a')).commands.ids()]).toHaveLength(3);
  });

  test.each([
    ['fails', new StoreUnavailable('away'), 'unavailable'],
    ['gets a conflict', new WrongExpectedRevision('counter-a', 0, 1), 'busy'],
  ])('does not change when an append %s, and its command is not known', async (_, error, kind) => {
    const loop = loopOf();
    await count(loop, 'a');
    const held = await loop.load('a');
    const known = [...held.commands.ids()];
    jest.spyOn(store, 'append').mockRejectedValueOnce(error);
    expect(await count(loop, 'a')).toMatchObject({ kind });
    expect([...held.commands.ids()]).toEqual(known);
    expect([...(await loop.load('a')).commands.ids()]).toEqual(known);
    expect(await count(loop, 'a')).toMatchObject({ kind: 'recorded', folded: { revision: 1, state: 2 } });
  });
});

describe('a command that starts its stream, with several processes that append', () => {
  const starting = (id: string) => ({ ...counting(id), startsStream: true });
  const shared = () => loopOf({ onlyWriter: false, timeLimit: 5000 });

  test('is recorded without a read', async () => {
    expect(await shared().submit(starting('a'))).toMatchObject({ kind: 'recorded', folded: { revision: 0 } });
    expect(reads).toEqual([]);
  });

  test('is decided again after a read when another process has started the stream', async () => {
    await count(loopOf(), 'a');
    reads.length = 0;
    expect(await shared().submit(starting('a'))).toMatchObject({ kind: 'recorded', folded: { revision: 1, state: 2 } });
    expect(reads).toEqual(['counter-a']);
  });

  test('gets its first outcome when it is repeated to another process', async () => {
    const command = starting('a');
    await shared().submit(command);
    expect(await loopOf({ onlyWriter: false, timeLimit: 5000 }, LATER).submit(command)).toMatchObject({
      kind: 'recorded',
      alreadyThere: true,
      folded: { revision: 0 },
    });
  });

  test('is refused only after a read', async () => {
    await count(loopOf(), 'a');
    reads.length = 0;
    const decide = jest.fn(() => ({ refusal: 'no' }));
    expect(await shared().submit({ ...starting('a'), decide })).toMatchObject({ kind: 'refused' });
    expect(decide).toHaveBeenLastCalledWith(expect.objectContaining({ revision: 0 }), NOON);
    expect(reads).toEqual(['counter-a']);
  });

  test('is read first by the only process that appends', async () => {
    await loopOf().submit(starting('a'));
    expect(reads).toEqual(['counter-a']);
  });
});

describe('streams with a command in progress', () => {
  test('wait while earlier ones use all reserved memory; eight are read at once', async () => {
    const large = Array.from({ length: 12 }, (_, at) => `large-${String(at)}`);
    for (const id of large) await count(loopOf(), id, 'x'.repeat(20_000));
    const append = store.append.bind(store);
    const appends: (() => void)[] = [];
    jest.spyOn(store, 'append').mockImplementation(async (...given) => {
      await new Promise<void>((resume) => appends.push(resume));
      return append(...given);
    });
    const loop = loopOf({ memoryBytes: 100_000 });
    const outcomes = large.map((id) => count(loop, id));
    for (const atOnce of [8, 4]) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(appends).toHaveLength(atOnce);
      for (const resume of appends.splice(0)) resume();
    }
    for (const outcome of await Promise.all(outcomes)) expect(outcome.kind).toBe('recorded');
  });
});

describe('a stream that has no room for the decided events', () => {
  test('does not change, and the command is rejected with the reason', async () => {
    const loop = loopOf();
    await count(loop, 'a', 'x'.repeat(1000));
    const { bytes } = await loop.load('a');
    const asked: number[][] = [];
    const refuse = (held: number, added: number): string => {
      asked.push([held, added]);
      return 'full';
    };
    expect(await count(loop, 'a', 'x'.repeat(2000), refuse)).toMatchObject({ kind: 'refused', refusal: 'full' });
    expect(asked).toEqual([[bytes, expect.any(Number)]]);
    expect(asked[0]?.[1]).toBeGreaterThan(2000);
    expect(await loop.load('a')).toMatchObject({ revision: 0, bytes });
  });
});
