import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaryEvent, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { hashOf } from '../../src/eventstore/chain.js';
import { AppendRefused, StoreUnavailable, type EventStore } from '../../src/eventstore/event-store.js';
import { openEventStoreDb } from '../../src/eventstore/eventstoredb/eventstoredb-event-store.js';
import { startEsdbDouble, type EsdbDouble } from '../support/esdb/esdb-double.js';
import { someEvent, someEvents } from '../support/esdb/given-events.js';
import { spawnEsdbDouble } from '../support/esdb/spawn-double.js';
import { describeEventStore } from './event-store.contract.js';

describeEventStore('EventStoreDB, the double in this process', async () => {
  const double = await startEsdbDouble();
  const store = await openEventStoreDb(double.connectionString);
  return {
    store,
    dispose: async () => {
      await store.close();
      await double.close();
    },
  };
});

describeEventStore('EventStoreDB, the double as a process with its log on disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'redress-esdb-'));
  const double = await spawnEsdbDouble({ file: join(folder, 'log') });
  const store = await openEventStoreDb(double.connectionString);
  return {
    store,
    dispose: async () => {
      await store.close();
      await double.kill();
      await rm(folder, { recursive: true });
    },
  };
});

/** Address of a real server; the suite uses its own streams and leaves them there. */
const REAL = process.env.REDRESS_TEST_EVENTSTOREDB;
if (REAL !== undefined && REAL !== '')
  describeEventStore('EventStoreDB, the server in REDRESS_TEST_EVENTSTOREDB', async () => {
    const store = await openEventStoreDb(REAL);
    return { store, dispose: () => store.close() };
  });

describe('the event store on EventStoreDB', () => {
  let double: EsdbDouble;
  let store: EventStore;
  /** Another program on the same server. */
  let others: EventStoreDBClient;

  beforeEach(async () => {
    double = await startEsdbDouble();
    store = await openEventStoreDb(double.connectionString, { clock: { now: () => '2026-11-10T12:00:00.000Z' } });
    others = EventStoreDBClient.connectionString(double.connectionString);
  });
  afterEach(async () => {
    await store.close();
    await others.dispose();
    await double.close();
  });

  const newStream = (): string => `complaint-${randomUUID()}`;

  test('stores events as JSON, so that the server and its projections can read them', async () => {
    const stream = newStream();
    await store.append(stream, 'none', [{ ...someEvent(), data: '{"a":[1]}', metadata: '{"$correlationId":"c"}' }]);
    for await (const { event } of others.readStream(stream))
      expect(event).toMatchObject({ isJson: true, data: { a: [1] }, metadata: { $correlationId: 'c' } });
    expect.assertions(1);
  });

  test('keeps exactly the hashed bytes, also for integer-like names', async () => {
    const stream = newStream();
    const data = '{"":0,"10":{"2":"😀","a":null},"9":1e-7,"__proto__":[]}';
    const metadata = '{"10":1,"9":2}';
    await store.append(stream, 'none', [{ ...someEvent(), data, metadata }]);
    const [stored] = await store.read(stream, { limit: 1 });
    const hash = (text: { data: string; metadata: string }) => hashOf({ stream, revision: 0, type: 'Noted', ...text });
    expect(stored).toMatchObject({ data, metadata });
    expect(stored && hash(stored)).toBe(hash({ data, metadata }));
  });

  test('reads events of other programs unchanged, JSON or not', async () => {
    const stream = newStream();
    await others.appendToStream(stream, [
      jsonEvent({ type: 'Theirs', data: { b: 1, a: 2 } }),
      binaryEvent({ type: 'Bytes', data: Buffer.from('{"torn":') }),
    ]);
    const read = await store.read(stream, { limit: 5 });
    expect(read.map(({ data, metadata }) => [data, metadata])).toEqual([
      ['{"b":1,"a":2}', ''],
      ['{"torn":', ''],
    ]);
  });

  test('writes its header once, however many processes open it, and recognises it later', async () => {
    const opened = await Promise.all([1, 2, 3].map(() => openEventStoreDb(double.connectionString)));
    expect(new Set(opened.map(({ storeId }) => storeId))).toEqual(new Set([store.storeId]));
    expect(await store.read('store', { limit: 5 })).toHaveLength(1);
    await Promise.all(opened.map((one) => one.close()));
  });

  test('hides system events: system streams, metadata, links and tombstones', async () => {
    const stream = newStream();
    const before = await store.head();
    const { position } = await store.append(stream, 'none', someEvents(2));
    await others.setStreamMetadata(stream, { maxAge: 1_000_000 });
    await others.appendToStream('$theirs', jsonEvent({ type: 'Noted', data: {} }));
    await others.tombstoneStream('complaint-gone');
    const everything = await store.readAll({ after: before, limit: 100 });
    expect(everything.map((event) => event.stream)).toEqual([stream, stream]);
    expect(await store.readAll({ limit: 2, direction: 'backwards' })).toEqual(everything.toReversed());
    expect(await store.head()).toBe(position);
    const stop = new AbortController();
    for await (const batch of store.subscribe({ after: before, signal: stop.signal })) {
      expect(batch.events).toEqual(everything);
      if (batch.caughtUp) stop.abort();
    }
  });

  test('finds its head behind any number of system events, and reads each of them once', async () => {
    const { position } = await store.append(newStream(), 'none', someEvents(1));
    for (let n = 0; n < 700; n++)
      await others.appendToStream('$stats', jsonEvent({ type: '$statsCollected', data: {} }));
    expect(await store.head()).toBe(position);
    expect(await store.head()).toBe(position);
    const next = await store.append(newStream(), 'none', someEvents(3));
    expect(await store.head()).toBe(next.position);
    expect(await store.head()).toBe(next.position);
    await others.appendToStream('$stats', jsonEvent({ type: '$statsCollected', data: {} }));
    expect(await store.head()).toBe(next.position);
  });

  test('rejects a position of another kind of store, and one without an event', async () => {
    await expect(store.readAll({ after: '00000000000000000007', limit: 1 })).rejects.toThrow(RangeError);
    const nowhere = `${'2'.padStart(20, '0')}/${'2'.padStart(20, '0')}`;
    await expect(store.readAll({ after: nowhere, limit: 1 })).rejects.toThrow(RangeError);
  });

  test('reads a long log in pages when few of its events match', async () => {
    const wanted: string[] = [];
    for (let n = 0; n < 60; n++) {
      await store.append(`other-${String(n)}`, 'none', someEvents(100));
      if (n % 20 === 0) wanted.push((await store.append(newStream(), 'none', someEvents(1))).position);
    }
    const positions = async (direction: 'forwards' | 'backwards', limit: number) =>
      (await store.readAll({ prefixes: ['complaint-'], direction, limit })).map((event) => event.position);
    expect(await positions('forwards', 3)).toEqual(wanted);
    expect(await positions('forwards', 2)).toEqual(wanted.slice(0, 2));
    expect(await positions('backwards', 9)).toEqual([...wanted].reverse());
  });

  test('counts the events that its filter excludes towards the characters of a page', async () => {
    const before = await store.head();
    const prefixes = [`own${newStream()}`];
    const append = (stream: string) => store.append(stream, 'none', [someEvent('x'.repeat(100_000))]);
    const own = [await append(`${String(prefixes[0])}-1`)];
    for (let n = 0; n < 40; n++) await append(`other-${newStream()}`);
    own.push(await append(`${String(prefixes[0])}-2`));
    const read = async (after: string | null) =>
      (await store.readAll({ after, prefixes, limit: 1000, maxCharacters: 1_000_000 })).map(({ position }) => position);
    expect(await read(before)).toEqual([own[0]?.position]);
    expect(await read(own[0]?.position ?? null)).toEqual([own[1]?.position]);
  });

  test('reports that a subscription caught up only with the last event stored before', async () => {
    for (let n = 0; n < 5; n++) await store.append(newStream(), 'none', someEvents(100));
    const stop = new AbortController();
    let count = 0;
    const caughtUpAt: number[] = [];
    const options = { after: null, prefixes: ['complaint-'], signal: stop.signal, batchSize: 7 };
    for await (const { events, caughtUp } of store.subscribe(options)) {
      count += events.length;
      if (caughtUp) caughtUpAt.push(count);
      await new Promise((resolve) => setTimeout(resolve, 1)); // the caught-up message of the server runs ahead of a slow consumer
      if (count === 500) {
        await store.append(newStream(), 'none', someEvents(60));
        // the events have arrived by then: these responses follow them on the same connection
        for (let read = 0; read < 5; read++) await store.readAll({ direction: 'backwards', limit: 1 });
      }
      if (count === 560) stop.abort();
    }
    expect(caughtUpAt).toEqual([500, 560]);
  });

  test('distinguishes a stream that was deleted on the server from one that never existed', async () => {
    const [deleted, buried] = [newStream(), newStream()];
    const batch = someEvents(2);
    for (const stream of [deleted, buried]) await store.append(stream, 'none', batch);
    await others.deleteStream(deleted);
    await others.tombstoneStream(buried);

    expect(await store.read(deleted, { limit: 5 })).toEqual([]);
    await expect(store.append(deleted, 'none', batch)).rejects.toThrow('was deleted on the server');
    await expect(store.append(deleted, 'none', someEvents(1))).rejects.toThrow('was deleted on the server');
    await expect(store.append(buried, 1, someEvents(1))).rejects.toBeInstanceOf(AppendRefused);
    await expect(store.read(buried, { limit: 5 })).rejects.toMatchObject({ type: 'stream-deleted' });
  });

  test('closes although a page ended at its limit of characters before all of the answer was read', async () => {
    await store.append(newStream(), 'none', someEvents(3));
    expect(await store.readAll({ limit: 3, maxCharacters: 1 })).toHaveLength(1);
    // after these answers on the same connection, the rest of that page has arrived
    for (let read = 0; read < 5; read++) await store.head();
    await store.close();
  });

  test('once closed rejects every call, and ends calls in flight as unavailable', async () => {
    const stream = newStream();
    await store.append(stream, 'none', someEvents(1));
    double.faults.freeze();
    const reading = store.read(stream, { limit: 5 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([store.close(), expect(reading).rejects.toBeInstanceOf(StoreUnavailable)]);
    double.faults.lift();
    await expect(store.read(stream, { limit: 5 })).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.append(stream, 0, someEvents(1))).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.head()).rejects.toBeInstanceOf(StoreUnavailable);
    await store.close();
  });
});
