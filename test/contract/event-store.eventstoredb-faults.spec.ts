import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import {
  AppendAmbiguous,
  StoreUnavailable,
  SubscriptionDropped,
  type AppendResult,
  type EncodedEvent,
  type EventStore,
  type ExpectedRevision,
  type StoredEvent,
  type SubscriptionBatch,
} from '../../src/eventstore/event-store.js';
import { openEventStoreDb } from '../../src/eventstore/eventstoredb/eventstoredb-event-store.js';
import { startEsdbDouble, type EsdbDouble } from '../support/esdb/esdb-double.js';
import { eventually } from '../support/eventually.js';
import { someEvent, someEvents } from '../support/esdb/given-events.js';
import { expectNoUnhandledRejections } from '../support/unhandled-rejections.js';
import { startGossip } from '../support/esdb/gossip.js';
import { spawnEsdbDouble, type SpawnedEsdbDouble } from '../support/esdb/spawn-double.js';

/** Long enough that only a silent server exceeds them, even on a busy machine. */
const PATIENT = { appendTimeout: 60_000, readTimeout: 60_000 };
/** For calls that never get a response. */
const HASTY = { appendTimeout: 600, readTimeout: 600 };

describe('the event store on EventStoreDB when the server fails', () => {
  let double: EsdbDouble;
  let store: EventStore;
  let hasty: EventStore;

  beforeEach(async () => {
    double = await startEsdbDouble();
    store = await openEventStoreDb(double.connectionString, PATIENT);
    hasty = await eventually(() => openEventStoreDb(double.connectionString, HASTY));
  });
  afterEach(async () => {
    double.faults.lift();
    await hasty.close();
    await store.close();
    await double.close();
  });
  expectNoUnhandledRejections();

  const newStream = (): string => `complaint-${randomUUID()}`;
  const stored = async (stream: string): Promise<number> => (await store.read(stream, { limit: 100 })).length;

  /** Retries as the command loop does: the same batch at the same revision until the outcome is known. */
  const appended = (
    stream: string,
    expected: ExpectedRevision,
    batch: readonly EncodedEvent[],
  ): Promise<AppendResult> => appendedTo(store, stream, expected, batch);

  /** Subscribes to the complaints from a position; returns the delivered events and how it ended. */
  const following = (after: string | null, signal = new AbortController().signal, from = store) => {
    const seen: StoredEvent[] = [];
    const batches: SubscriptionBatch[] = [];
    const live = new Map<string, () => void>();
    const ended = (async (): Promise<unknown> => {
      try {
        for await (const batch of from.subscribe({ after, prefixes: ['complaint-'], signal })) {
          seen.push(...batch.events);
          batches.push(batch);
          if (batch.caughtUp) for (const notify of live.values()) notify();
        }
        return 'ended';
      } catch (error) {
        return error;
      }
    })();
    const caughtUp = new Promise<void>((notify) => live.set('caughtUp', notify));
    return { seen, batches, ended, caughtUp };
  };
  const dropped = { name: 'SubscriptionDropped' };

  test('a subscription gives signs of life while its filter matches nothing', async () => {
    for (let page = 0; page < 4; page += 1) await store.append(`other-${randomUUID()}`, 'none', someEvents(1000));
    const { batches, caughtUp } = following(null);
    await caughtUp;
    expect(batches.length).toBeGreaterThan(1);
    expect(batches[0]).toEqual({ events: [], caughtUp: false });
    expect(batches.at(-1)).toEqual({ events: [], caughtUp: true });
  });

  test('an append without a response is ambiguous after its timeout, and its retry stores it once', async () => {
    double.faults.hangAppends({ store: true, next: 1 });
    const [stream, batch] = [newStream(), someEvents(3)];
    await expect(hasty.append(stream, 'none', batch)).rejects.toBeInstanceOf(AppendAmbiguous);
    expect((await store.append(stream, 'none', batch)).revision).toBe(2);
    expect(await stored(stream)).toBe(3);
  });

  test('an append that was not stored is stored by its retry', async () => {
    double.faults.hangAppends({ next: 1 });
    const [stream, batch] = [newStream(), someEvents(2)];
    await expect(hasty.append(stream, 'none', batch)).rejects.toBeInstanceOf(AppendAmbiguous);
    expect(await stored(stream)).toBe(0);
    expect((await appended(stream, 'none', batch)).revision).toBe(1);
    expect(await stored(stream)).toBe(2);
  });

  test('one append without a response does not affect concurrent ones', async () => {
    double.faults.hangAppends({ next: 1 });
    const one = await openEventStoreDb(double.connectionString, { ...PATIENT, appendTimeout: 5_000 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () => one.append(newStream(), 'none', someEvents(1))),
    );
    await one.close();
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(lost[0]?.reason).toBeInstanceOf(AppendAmbiguous);
  });

  test('while the server is silent appends are ambiguous, reads and subscriptions fail, each at its timeout', async () => {
    const [stream, batch] = [newStream(), someEvents(1)];
    await store.append(stream, 'none', someEvents(1));
    double.faults.freeze();
    const subscription = following(null, undefined, hasty);
    await Promise.all([
      expect(hasty.append(stream, 0, batch)).rejects.toBeInstanceOf(AppendAmbiguous),
      expect(hasty.read(stream, { limit: 1 })).rejects.toBeInstanceOf(StoreUnavailable),
      expect(hasty.readAll({ limit: 1 })).rejects.toBeInstanceOf(StoreUnavailable),
      expect(hasty.head()).rejects.toBeInstanceOf(StoreUnavailable),
      expect(openEventStoreDb(double.connectionString, HASTY)).rejects.toBeInstanceOf(StoreUnavailable),
      expect(subscription.ended).resolves.toMatchObject(dropped),
    ]);
    double.faults.lift();
    expect((await appended(stream, 0, batch)).revision).toBe(1);
    expect(await stored(stream)).toBe(2);
  });

  test('a caller may give an append and a read less time than their timeouts', async () => {
    const stream = newStream();
    await store.append(stream, 'none', someEvents(1));
    const { connection } = store;
    double.faults.freeze();
    await Promise.all([
      expect(store.append(stream, 0, someEvents(1), { timeoutMs: 300 })).rejects.toBeInstanceOf(AppendAmbiguous),
      expect(store.read(stream, { limit: 1, timeoutMs: 300 })).rejects.toBeInstanceOf(StoreUnavailable),
    ]);
    double.faults.lift();
    await eventually(async () => (await stored(stream)) === 2);
    await store.append(newStream(), 'none', someEvents(1));
    expect(store.connection).toBe(connection); // so little time does not show that the connection hangs
  });

  test('an append is not sent over another connection than the one that the caller names', async () => {
    const stream = newStream();
    const replaced = { name: 'ConnectionReplaced' };
    const newStore = await openEventStoreDb(double.connectionString, PATIENT);
    const { connection } = newStore; // an opened store has no connection for appends
    await expect(newStore.append(stream, 0, someEvents(1), { connection })).rejects.toMatchObject(replaced);
    await newStore.close();

    await store.append(stream, 'none', someEvents(1));
    const breaks = [() => double.faults.reset(), () => double.faults.unavailable()];
    for (const breakConnection of breaks) {
      const before = store.connection;
      breakConnection();
      await sleep(20);
      double.faults.lift();
      await eventually(() =>
        expect(store.append(stream, 0, someEvents(1), { connection: before })).rejects.toMatchObject(replaced),
      );
      expect(await stored(stream)).toBe(1);
      expect(store.connection).toBeGreaterThan(before);
    }
    await store.append(stream, 0, someEvents(1), { connection: store.connection });
    expect(await stored(stream)).toBe(2);
  });

  test('a page may take longer than the timeout of reads while its events arrive, wanted or not', async () => {
    await store.append(`order-${randomUUID()}`, 'none', someEvents(30));
    await store.append(newStream(), 'none', someEvents(1));
    double.faults.slowReads(60);
    expect(await hasty.readAll({ prefixes: ['complaint-'], limit: 1000 })).toHaveLength(1);
  });

  test('an end of the subscription without error is a drop; a new one continues after the last delivered event', async () => {
    const first = following(null);
    await first.caughtUp;
    await store.append(newStream(), 'none', someEvents(3));
    await eventually(() => first.seen.length === 3);
    expect(double.faults.endSubscriptions()).toBe(1);
    expect(await first.ended).toBeInstanceOf(SubscriptionDropped);
    await store.append(newStream(), 'none', someEvents(2));
    const stop = new AbortController();
    const second = following(first.seen.at(-1)?.position ?? null, stop.signal);
    await second.caughtUp;
    expect(second.seen).toHaveLength(2);
    stop.abort();
    expect(await second.ended).toBe('ended');
  });

  test('a subscription dropped as too slow resumes by itself, without loss or duplicates', async () => {
    const stop = new AbortController();
    const subscription = following(null, stop.signal);
    await subscription.caughtUp;
    for (let n = 0; n < 5; n++) {
      await appended(newStream(), 'none', someEvents(500));
      double.faults.dropAsTooSlow();
    }
    const last = await appended(newStream(), 'none', someEvents(1));
    await eventually(() => subscription.seen.at(-1)?.position === last.position);
    const positions = subscription.seen.map(({ position }) => position);
    expect(positions).toHaveLength(2501);
    expect([...new Set(positions)].sort()).toEqual(positions);
    stop.abort();
    expect(await subscription.ended).toBe('ended');
  });

  test('a subscription dropped as too slow before its first delivery is an ordinary drop', async () => {
    const subscription = following(null);
    await subscription.caughtUp;
    double.faults.dropAsTooSlow();
    expect(await subscription.ended).toMatchObject({ ...dropped, cause: { code: 10 } });
  });

  test('broken connections fail the calls in flight and nothing later', async () => {
    const subscription = following(null);
    await subscription.caughtUp;
    const streams = Array.from({ length: 30 }, newStream);
    const batches = streams.map(() => someEvents(2));
    const appending = streams.map((stream, index) => appended(stream, 'none', batches[index] ?? []));
    await sleep(2);
    double.faults.reset();
    expect(await subscription.ended).toBeInstanceOf(SubscriptionDropped);
    expect((await Promise.all(appending)).map(({ revision }) => revision)).toEqual(streams.map(() => 1));
    for (const stream of streams) expect(await stored(stream)).toBe(2);
  });

  test('a server that is not ready is unavailable until it is ready', async () => {
    const [stream, batch] = [newStream(), someEvents(1)];
    const subscription = following(null);
    await subscription.caughtUp;
    double.faults.unavailable();
    expect(await subscription.ended).toBeInstanceOf(SubscriptionDropped);
    await expect(store.append(stream, 'none', batch)).rejects.toBeInstanceOf(AppendAmbiguous);
    await expect(store.read(stream, { limit: 1 })).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.head()).rejects.toBeInstanceOf(StoreUnavailable);
    double.faults.lift();
    expect((await appended(stream, 'none', batch)).revision).toBe(0);
    expect(await stored(stream)).toBe(1);
  });

  test('an append that an overloaded server rejects is ambiguous, not too large, and its retry is stored', async () => {
    const [stream, batch] = [newStream(), someEvents(2)];
    double.faults.overload();
    await expect(store.append(stream, 'none', batch)).rejects.toBeInstanceOf(AppendAmbiguous);
    expect(await stored(stream)).toBe(0);
    double.faults.lift();
    expect((await appended(stream, 'none', batch)).revision).toBe(1);
    expect(await stored(stream)).toBe(2);
  });

  test('a node that is not the leader names the leader, and the append goes there at once', async () => {
    const leader = await startEsdbDouble();
    const stream = newStream();
    double.faults.moveLeader({ host: '127.0.0.1', port: leader.port });
    expect((await store.append(stream, 'none', someEvents(1))).revision).toBe(0);
    double.faults.lift();
    expect(await stored(stream)).toBe(1); // read from the leader too
    await leader.close();
  });

  test('a graceful stop acknowledges appends, then drops subscriptions', async () => {
    const subscription = following(null);
    await subscription.caughtUp;
    const stopping = double.faults.stopGracefully({ graceMs: 3_000 });
    expect((await store.append(newStream(), 'none', someEvents(1))).revision).toBe(0);
    expect(await subscription.ended).toMatchObject({ ...dropped, cause: { code: 13 } });
    await stopping;
    await eventually(() =>
      expect(store.append(newStream(), 'none', someEvents(1))).rejects.toBeInstanceOf(StoreUnavailable),
    );
  });

  test('a connection that breaks while discovery of the next leader fails ends nothing but its calls', async () => {
    // Without our handler the client rejects a promise here that no code awaits.
    const gossip = await startGossip(double);
    const cluster = await openEventStoreDb(gossip.connectionString, PATIENT);
    const stop = new AbortController();
    const subscription = cluster.subscribe({ after: null, signal: stop.signal })[Symbol.asyncIterator]();
    await subscription.next();
    gossip.close();
    double.faults.freeze();
    const held = cluster.read('complaint-1', { limit: 1 });
    await sleep(50);
    double.faults.unavailable();
    await expect(subscription.next()).rejects.toBeInstanceOf(SubscriptionDropped);
    const searching = cluster.read('complaint-1', { limit: 1 });
    await sleep(20);
    double.faults.reset();
    await expect(held).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(searching).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: expect.stringContaining('Failed to discover') as string,
    });
    await cluster.close();
  });

  test('a consumer that stops, a signal that aborts and a store that closes end a subscription for good', async () => {
    await store.append(newStream(), 'none', someEvents(5));
    for await (const batch of store.subscribe({ after: null, signal: new AbortController().signal })) {
      expect(batch.events.length).toBeGreaterThan(0);
      break;
    }
    const stop = new AbortController();
    const [aborted, closed] = [following(null, stop.signal), following(null)];
    await Promise.all([aborted.caughtUp, closed.caughtUp]);
    stop.abort();
    expect(await aborted.ended).toBe('ended');
    await store.close();
    expect(await closed.ended).toMatchObject({ ...dropped, message: 'the store was closed' });
    await eventually(() => double.subscriptions() === 0);
  });

  test('opening fails while the server is unreachable', async () => {
    const { connectionString } = double;
    await double.close();
    const [stream, batch] = [newStream(), [someEvent()]];
    await Promise.all([
      expect(openEventStoreDb(connectionString, HASTY)).rejects.toBeInstanceOf(StoreUnavailable),
      expect(openEventStoreDb(connectionString.replace('esdb:', 'esdb+discover:'), HASTY)).rejects.toBeInstanceOf(
        StoreUnavailable,
      ),
    ]);
    await expect(store.append(stream, 'none', batch)).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.read(stream, { limit: 1 })).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await following(null).ended).toBeInstanceOf(SubscriptionDropped);
  });
});

describe('the event store on EventStoreDB when the server’s process', () => {
  let double: SpawnedEsdbDouble;
  let store: EventStore;

  beforeEach(async () => {
    double = await spawnEsdbDouble();
    store = await openEventStoreDb(double.connectionString, PATIENT);
  });
  afterEach(async () => {
    await store.close();
    await double.kill();
  });
  expectNoUnhandledRejections();

  test('freezes and is killed under 300 appends: each is ambiguous or unsent, and nothing else breaks', async () => {
    // The client's own stream of appends ends the process here: docs/adr/0021-appends-over-a-stream-of-our-own.md.
    await store.append('complaint-1', 'none', [someEvent()]);
    double.suspend();
    const appends = Array.from({ length: 300 }, (_, n) =>
      store.append(`complaint-x${String(n)}`, 'none', [someEvent('x'.repeat(20_000))]),
    );
    const settled = Promise.allSettled(appends);
    await sleep(200);
    await double.kill();
    for (const outcome of await settled)
      expect(['AppendAmbiguous', 'StoreUnavailable']).toContain(
        outcome.status === 'rejected' ? (outcome.reason as Error).name : outcome.status,
      );
    await expect(store.append('complaint-y', 'none', [someEvent()])).rejects.toBeInstanceOf(StoreUnavailable);
    double = await spawnEsdbDouble({ port: double.port });
    expect((await appendedTo(store, 'complaint-z', 'none', [someEvent()])).revision).toBe(0);
  });

  test('starts with an older copy of its log: the head is the last event of that copy', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'redress-esdb-'));
    const [file, copy] = [join(folder, 'log'), join(folder, 'copy')];
    await double.kill();
    double = await spawnEsdbDouble({ port: double.port, file });
    const appended = await appendedTo(store, 'complaint-1', 'none', [someEvent()]);
    const others = EventStoreDBClient.connectionString(double.connectionString);
    const appendSystemEvent = () => others.appendToStream('$stats', jsonEvent({ type: '$statsCollected', data: {} }));
    await appendSystemEvent();
    copyFileSync(file, copy);
    const lost = await store.append('complaint-1', 0, [someEvent()]);
    await appendSystemEvent();
    expect(await store.head()).toBe(lost.position);
    await others.dispose();
    await double.kill();
    copyFileSync(copy, file);
    double = await spawnEsdbDouble({ port: double.port, file });
    expect(await eventually(() => store.head())).toBe(appended.position);
    rmSync(folder, { recursive: true });
  });

  test('is suspended and continues: a retry determines every ambiguous outcome', async () => {
    const batch = someEvents(2);
    const hasty = await eventually(() => openEventStoreDb(double.connectionString, HASTY));
    double.suspend();
    await expect(hasty.append('complaint-2', 'none', batch)).rejects.toBeInstanceOf(AppendAmbiguous);
    double.continue();
    await hasty.close();
    expect((await appendedTo(store, 'complaint-2', 'none', batch)).revision).toBe(1);
    expect(await store.read('complaint-2', { limit: 9 })).toHaveLength(2);
  });
});

async function appendedTo(
  store: EventStore,
  stream: string,
  expected: ExpectedRevision,
  batch: readonly EncodedEvent[],
): Promise<AppendResult> {
  const outcome = await eventually(async () => {
    try {
      return { result: await store.append(stream, expected, batch) };
    } catch (error) {
      if (error instanceof AppendAmbiguous || error instanceof StoreUnavailable) throw error;
      return { error };
    }
  });
  if (outcome.result === undefined) throw outcome.error;
  return outcome.result;
}
