import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HANDLER, NOON } from '../../test/support/given.js';
import { instant } from '../platform/moment.js';
import { EventDecoder } from './codec.js';
import { CommandLoop } from './command-loop.js';
import type { Aggregate } from './fold.js';
import { openSqliteEventStore, type SqliteEventStore } from './sqlite/sqlite-event-store.js';

const counters: Aggregate<number, { readonly type: 'Counted'; readonly data: object }> = {
  prefix: 'counter-',
  decoder: new EventDecoder([{ type: 'Counted', version: 1 }]),
  initial: () => 0,
  evolve: (count) => count + 1,
};

describe('the folded streams that are kept', () => {
  let folder: string;
  let store: SqliteEventStore;
  let reads: string[];
  let loop: CommandLoop<number, { readonly type: 'Counted'; readonly data: object }>;
  let commands = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redress-'));
    store = await openSqliteEventStore(join(folder, 'events.db'));
    reads = [];
    const read = store.read.bind(store);
    jest.spyOn(store, 'read').mockImplementation((stream, options) => {
      reads.push(stream);
      return read(stream, options);
    });
    loop = new CommandLoop(store, counters, { now: () => NOON }, { onlyWriter: true, cached: 40 });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const count = async (id: string): Promise<void> => {
    const commandId = `command-${String(commands++)}`;
    const outcome = await loop.submit({
      id,
      commandId,
      commandDigest: 'd'.repeat(64),
      actor: HANDLER,
      correlationId: commandId,
      causationId: commandId,
      decide: () => ({ events: [{ type: 'Counted', data: {} }], occurredAt: instant(NOON) }),
    });
    expect(outcome.kind).toBe('recorded');
  };

  test('are not read again', async () => {
    for (const id of ['a', 'b', 'c', 'a', 'b', 'c']) await count(id);
    expect(reads).toEqual(['counter-a', 'counter-b', 'counter-c']);
  });

  test('are bounded by what they hold: a long history takes the room of several short ones', async () => {
    for (const id of ['a', 'b', 'c']) await count(id);
    for (let event = 0; event < 25; event++) await count('long');
    reads.length = 0;
    for (const id of ['long', 'a', 'b', 'c']) await count(id);
    expect(reads).toEqual(['counter-a', 'counter-b', 'counter-c']);
  });
});
