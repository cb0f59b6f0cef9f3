import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AppendAmbiguous,
  StoreUnavailable,
  SubscriptionDropped,
  type AppendResult,
  type EncodedEvent,
  type EventStore,
  type ExpectedRevision,
  type StoredEvent,
} from '../../src/eventstore/event-store.js';
import { openEventStoreDb } from '../../src/eventstore/eventstoredb/eventstoredb-event-store.js';
import { eventually } from '../support/eventually.js';
import { someEvents } from '../support/esdb/given-events.js';
import { EventStoreServer } from '../support/servers/event-store-server.js';
import { Chance } from '../support/service/chance.js';
import { shortOrFull, seed } from '../support/service/extent.js';

const KILLS = shortOrFull(3, 20);
const WRITERS = 16;

describe(`an EventStoreDB double that is killed ${String(KILLS)} times under load`, () => {
  const chance = new Chance(seed);
  const prefix = `kills ${randomUUID()}-`;
  let folder: string;
  let server: EventStoreServer;
  let store: EventStore;
  let done = false;
  let retries = 0;
  /** Where each acknowledged event is stored, by event id. */
  const acknowledged = new Map<
    string,
    { readonly position: string; readonly stream: string; readonly revision: number }
  >();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redress-esdb-'));
    server = await EventStoreServer.start(folder);
    store = await openEventStoreDb(server.url, { appendTimeout: 1_000, readTimeout: 2_000 });
  });
  afterAll(async () => {
    await store.close();
    await server.dispose();
    await rm(folder, { recursive: true });
  });

  test('has every acknowledged event exactly once, and a subscription delivers each once and in order', async () => {
    const stop = new AbortController();
    const subscriber = subscribe(stop.signal);
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    for (let kill = 0; kill < KILLS; kill++) {
      // before each kill, more appends are acknowledged and the subscription delivers more events
      const [acknowledgedBefore, deliveredBefore] = [acknowledged.size, subscriber.delivered.length];
      await eventually(
        () => acknowledged.size > acknowledgedBefore + 20 && subscriber.delivered.length > deliveredBefore,
      );
      await sleep(chance.between(0, 300));
      await server.kill();
      await sleep(chance.between(0, 300));
      await server.restart();
    }
    await sleep(200);
    done = true;
    await writing;

    const stored: StoredEvent[] = [];
    for (let after = server.since; ; after = stored.at(-1)?.position ?? after) {
      const page = await store.readAll({ after, prefixes: [prefix], limit: 500 });
      if (page.length === 0) break;
      stored.push(...page);
    }
    const places = new Map(
      stored.map(({ eventId, stream, revision, position }) => [eventId, { position, stream, revision }]),
    );
    expect(places.size).toBe(stored.length);
    expect(places).toEqual(new Map([...acknowledged].sort(([, a], [, b]) => (a.position < b.position ? -1 : 1))));
    expect(acknowledged.size).toBeGreaterThan(KILLS * 20);
    expect(retries).toBeGreaterThan(0);

    await eventually(() => subscriber.delivered.length >= stored.length);
    stop.abort();
    await subscriber.ended;
    expect(subscriber.delivered).toEqual(stored.map(({ eventId }) => eventId));
    expect(subscriber.drops()).toBeGreaterThanOrEqual(KILLS);
  });

  /** Appends batches to the stream of this writer, one after the other, until `done`. */
  async function write(writer: number): Promise<void> {
    const stream = `${prefix}${String(writer)}`;
    for (let revision = -1; !done;) {
      const batch = someEvents(chance.between(1, 4));
      const answer = await appendWithRetry(stream, revision < 0 ? 'none' : revision, batch);
      expect(answer.revision).toBe(revision + batch.length);
      const stored = await readWithRetry(stream, revision + 1, batch.length);
      stored.forEach(({ eventId, position }, index) => {
        acknowledged.set(eventId, { position, stream, revision: revision + 1 + index });
      });
      expect(stored.map(({ eventId }) => eventId)).toEqual(batch.map(({ eventId }) => eventId));
      expect(stored.at(-1)?.position).toBe(answer.position);
      revision = answer.revision;
    }
  }

  /** Appends a batch, and repeats it unchanged while its outcome is unknown or the store is unavailable. */
  async function appendWithRetry(
    stream: string,
    expected: ExpectedRevision,
    batch: readonly EncodedEvent[],
  ): Promise<AppendResult> {
    for (;;)
      try {
        return await store.append(stream, expected, batch);
      } catch (error) {
        if (!(error instanceof AppendAmbiguous || error instanceof StoreUnavailable)) throw error;
        retries += 1;
        await sleep(20);
      }
  }

  /** Reads events, and repeats while the store is unavailable. */
  async function readWithRetry(stream: string, from: number, limit: number): Promise<StoredEvent[]> {
    for (;;)
      try {
        return await store.read(stream, { from, limit });
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        await sleep(20);
      }
  }

  /** Like the projection runner, subscribes again after each drop, from the last delivered event on. */
  function subscribe(signal: AbortSignal) {
    const delivered: string[] = [];
    let drops = 0;
    const ended = (async () => {
      let after = server.since;
      while (!signal.aborted)
        try {
          for await (const batch of store.subscribe({ after, prefixes: [prefix], signal })) {
            delivered.push(...batch.events.map(({ eventId }) => eventId));
            after = batch.events.at(-1)?.position ?? after;
          }
        } catch (error) {
          if (!(error instanceof SubscriptionDropped)) throw error;
          drops += 1;
          await sleep(20);
        }
    })();
    return { delivered, ended, drops: () => drops };
  }
});
