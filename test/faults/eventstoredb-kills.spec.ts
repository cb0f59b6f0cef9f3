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
import { spawnEsdbDouble, type SpawnedEsdbDouble } from '../support/esdb/spawn-double.js';
import { Chance } from '../support/service/chance.js';
import { runs, seed } from '../support/service/extent.js';

const KILLS = runs(3, 20);
const WRITERS = 16;

describe(`an EventStoreDB that is killed ${String(KILLS)} times under load`, () => {
  const chance = new Chance(seed);
  let folder: string;
  let double: SpawnedEsdbDouble;
  let store: EventStore;
  let done = false;
  let retried = 0;
  const acknowledged = new Map<
    string,
    { readonly position: string; readonly stream: string; readonly revision: number }
  >();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redress-esdb-'));
    double = await spawnEsdbDouble({ file: join(folder, 'log') });
    store = await openEventStoreDb(double.connectionString, { appendTimeout: 1_000, readTimeout: 2_000 });
  });
  afterAll(async () => {
    await store.close();
    await double.kill();
    await rm(folder, { recursive: true });
  });

  test('keeps every acknowledged append exactly once, and a subscription sees each once and in order', async () => {
    const stop = new AbortController();
    const following = follow(stop.signal);
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    for (let kill = 0; kill < KILLS; kill++) {
      // each kill meets appends that were acknowledged, and a subscription that has seen some of them
      const [before, seen] = [acknowledged.size, following.seen.length];
      await eventually(() => acknowledged.size > before + 20 && following.seen.length > seen);
      await sleep(chance.between(0, 300));
      await double.kill();
      await sleep(chance.between(0, 300));
      double = await spawnEsdbDouble({ file: join(folder, 'log'), port: double.port });
    }
    await sleep(200);
    done = true;
    await writing;

    const kept: StoredEvent[] = [];
    for (let after: string | null = null; ; after = kept.at(-1)?.position ?? null) {
      const page = await store.readAll({ after, prefixes: ['complaint-'], limit: 500 });
      if (page.length === 0) break;
      kept.push(...page);
    }
    const places = new Map(
      kept.map(({ eventId, stream, revision, position }) => [eventId, { position, stream, revision }]),
    );
    expect(places.size).toBe(kept.length);
    expect(places).toEqual(
      new Map([...acknowledged].sort(([, one], [, other]) => (one.position < other.position ? -1 : 1))),
    );
    expect(acknowledged.size).toBeGreaterThan(KILLS * 20);
    expect(retried).toBeGreaterThan(0);

    await eventually(() => following.seen.length >= kept.length);
    stop.abort();
    await following.ended;
    expect(following.seen).toEqual(kept.map(({ eventId }) => eventId));
    expect(following.drops()).toBeGreaterThanOrEqual(KILLS);
  });

  /** Appends batch after batch to a stream of its own; a batch of unknown outcome is sent again as it was. */
  async function write(writer: number): Promise<void> {
    const stream = `complaint-${String(writer)}`;
    for (let revision = -1; !done;) {
      const batch = someEvents(chance.between(1, 4));
      const answer = await appended(stream, revision < 0 ? 'none' : revision, batch);
      expect(answer.revision).toBe(revision + batch.length);
      const stored = await untilRead(stream, revision + 1, batch.length);
      stored.forEach(({ eventId, position }, index) => {
        acknowledged.set(eventId, { position, stream, revision: revision + 1 + index });
      });
      expect(stored.map(({ eventId }) => eventId)).toEqual(batch.map(({ eventId }) => eventId));
      expect(stored.at(-1)?.position).toBe(answer.position);
      revision = answer.revision;
    }
  }

  async function appended(
    stream: string,
    expected: ExpectedRevision,
    batch: readonly EncodedEvent[],
  ): Promise<AppendResult> {
    for (;;)
      try {
        return await store.append(stream, expected, batch);
      } catch (error) {
        if (!(error instanceof AppendAmbiguous || error instanceof StoreUnavailable)) throw error;
        retried += 1;
        await sleep(20);
      }
  }

  async function untilRead(stream: string, from: number, limit: number): Promise<StoredEvent[]> {
    for (;;)
      try {
        return await store.read(stream, { from, limit });
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        await sleep(20);
      }
  }

  /** As the projection runner does: a drop is followed by a new subscription after the last event handled. */
  function follow(signal: AbortSignal) {
    const seen: string[] = [];
    let drops = 0;
    const ended = (async () => {
      let after: string | null = null;
      while (!signal.aborted)
        try {
          for await (const batch of store.subscribe({ after, prefixes: ['complaint-'], signal })) {
            seen.push(...batch.events.map(({ eventId }) => eventId));
            after = batch.events.at(-1)?.position ?? after;
          }
        } catch (error) {
          if (!(error instanceof SubscriptionDropped)) throw error;
          drops += 1;
          await sleep(20);
        }
    })();
    return { seen, ended, drops: () => drops };
  }
});
