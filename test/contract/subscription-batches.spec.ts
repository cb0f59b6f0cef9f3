import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { StoredEvent } from '../../src/eventstore/event-store.js';
import { GENESIS_HASH } from '../../src/eventstore/chain.js';
import { encodeBatch, type MetadataDraft } from '../../src/eventstore/codec.js';
import { MAX_BATCH_CHARACTERS } from '../../src/eventstore/sqlite/log-reader.js';
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

describe('the batches of a subscription to the SQLite event store', () => {
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

  /** Records notes with this text in new streams. */
  async function recordNotes(streams: number, notesPerStream: number, text: string): Promise<void> {
    for (let stream = 0; stream < streams; stream++) {
      const name = `complaint-${String(stream)}-${String(text.length)}`;
      const events = Array.from({ length: notesPerStream }, () => ({ type: 'NoteAdded', data: { text }, version: 1 }));
      await store.append(name, 'none', encodeBatch(name, 0, GENESIS_HASH, events, metadata));
    }
  }

  /** The events of each batch of a subscription, until it has caught up. */
  async function readBatches(batchSize: number): Promise<StoredEvent[][]> {
    const batches: StoredEvent[][] = [];
    const stop = new AbortController();
    const options = { after: null, prefixes: ['complaint-'], batchSize, signal: stop.signal };
    for await (const { events, caughtUp } of store.subscribe(options)) {
      batches.push([...events]);
      if (caughtUp) stop.abort();
    }
    return batches;
  }

  /** In characters. */
  const sizeOf = (events: readonly StoredEvent[]): number =>
    events.reduce((size, { data, metadata: envelope }) => size + data.length + envelope.length, 0);

  test('have a limited number of characters, even if more events are requested', async () => {
    const largeText = 'x'.repeat(800 * 1024);
    await recordNotes(100, 1, largeText);
    const batches = await readBatches(10_000);
    expect(batches.flat().map(({ stream }) => stream)).toEqual(
      Array.from({ length: 100 }, (_, n) => `complaint-${String(n)}-${String(largeText.length)}`),
    );
    expect(batches.length).toBeGreaterThan(1);
    // a batch may exceed the limit by about one event: it ends with the event that reaches the limit
    for (const events of batches) expect(sizeOf(events)).toBeLessThan(MAX_BATCH_CHARACTERS + 2 * largeText.length);
  });

  // The first query for a batch returns at most 16 events, each later query at most 128.
  test.each([1, 15, 16, 17, 128, 143, 144, 145, 1000])(
    'have the requested number of events (%i) if the events are small',
    async (batchSize) => {
      await recordNotes(3, 150, 'x');
      const batches = await readBatches(batchSize);
      const positions = batches.flat().map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].sort());
      expect(positions).toHaveLength(450);
      for (const events of batches.slice(0, -1)) expect(events).toHaveLength(batchSize);
    },
  );
});
