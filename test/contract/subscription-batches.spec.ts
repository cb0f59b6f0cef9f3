import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { StoredEvent } from '../../src/eventstore/event-store.js';
import { GENESIS_HASH } from '../../src/eventstore/chain.js';
import { encodeBatch, type MetadataDraft } from '../../src/eventstore/codec.js';
import { LARGEST_BATCH } from '../../src/eventstore/sqlite/log-reader.js';
import { openSqliteEventStore, type SqliteEventStore } from '../../src/eventstore/sqlite/sqlite-event-store.js';
import { instant } from '../../src/platform/moment.js';

const metadata: MetadataDraft = {
  occurredAt: instant('2026-01-05T09:00:00.000Z'),
  recordedAt: '2026-01-05T09:00:00.000Z',
  actor: { type: 'person', id: 'amy', role: 'handler' },
  commandId: 'c',
  commandDigest: '0',
  $correlationId: 'c',
  $causationId: 'c',
};

describe('the batches of a subscription to the embedded store', () => {
  let folder: string;
  let store: SqliteEventStore;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redress-batches-'));
    store = await openSqliteEventStore(join(folder, 'events.db'));
  });

  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  async function recorded(streams: number, eventsEach: number, text: string): Promise<void> {
    for (let stream = 0; stream < streams; stream++) {
      const name = `complaint-${String(stream)}-${String(text.length)}`;
      const events = Array.from({ length: eventsEach }, () => ({ type: 'NoteAdded', data: { text }, version: 1 }));
      await store.append(name, 'none', encodeBatch(name, 0, GENESIS_HASH, events, metadata));
    }
  }

  async function batches(batchSize: number): Promise<StoredEvent[][]> {
    const all: StoredEvent[][] = [];
    const stop = new AbortController();
    const source = { after: null, prefixes: ['complaint-'], batchSize, signal: stop.signal };
    for await (const { events, caughtUp } of store.subscribe(source)) {
      all.push([...events]);
      if (caughtUp) stop.abort();
    }
    return all;
  }

  const sizeOf = (events: readonly StoredEvent[]): number =>
    events.reduce((size, { data, metadata: envelope }) => size + data.length + envelope.length, 0);

  test('are limited by the size of their text, even if more events are requested', async () => {
    const largest = 'x'.repeat(800 * 1024);
    await recorded(100, 1, largest);
    const all = await batches(10_000);
    expect(all.flat().map(({ stream }) => stream)).toEqual(
      Array.from({ length: 100 }, (_, n) => `complaint-${String(n)}-${String(largest.length)}`),
    );
    expect(all.length).toBeGreaterThan(1);
    for (const events of all) expect(sizeOf(events)).toBeLessThan(LARGEST_BATCH + 2 * largest.length);
  });

  test.each([1, 15, 16, 17, 128, 143, 144, 145, 1000])(
    'hold the requested number of small events: %i',
    async (size) => {
      await recorded(3, 150, 'x');
      const all = await batches(size);
      expect(all.flat().map(({ position }) => position)).toEqual(
        [...new Set(all.flat().map((e) => e.position))].sort(),
      );
      expect(all.flat()).toHaveLength(450);
      for (const events of all.slice(0, -1)) expect(events).toHaveLength(size);
    },
  );
});
