import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStoreDBClient } from '@eventstore/db-client';
import {
  AppendAmbiguous,
  StoreUnavailable,
  WrongExpectedRevision,
  type EncodedEvent,
  type EventStore,
} from '../../src/eventstore/event-store.js';
import { AppendQueue } from '../../src/eventstore/eventstoredb/append-queue.js';
import { clientOf } from '../../src/eventstore/eventstoredb/connection.js';
import { openEventStoreDb } from '../../src/eventstore/eventstoredb/eventstoredb-event-store.js';
import { eventually } from '../support/eventually.js';
import { startEsdbDouble, type EsdbDouble } from '../support/esdb/esdb-double.js';
import { someEvent, someEvents } from '../support/esdb/given-events.js';
import { expectNoUnhandledRejections } from '../support/unhandled-rejections.js';

/** Long enough that only a silent server exceeds it, even on a busy machine. */
const PATIENT_MS = 60_000;
/** For appends that never get an answer. */
const HASTY_MS = 600;
/** An append of one of `someEvents`, roughly. */
const ORDINARY_BYTES = 200;

describe('appends over a stream of our own', () => {
  let double: EsdbDouble;
  let client: EventStoreDBClient;
  let queue: AppendQueue;
  /** Reads, and appends as the service does. */
  let store: EventStore;

  beforeEach(async () => {
    double = await startEsdbDouble();
    client = clientOf(double.connectionString);
    queue = new AppendQueue(client);
    store = await openEventStoreDb(double.connectionString, { appendTimeout: PATIENT_MS, readTimeout: PATIENT_MS });
  });
  afterEach(async () => {
    double.faults.lift();
    queue.close();
    await client.dispose();
    await store.close();
    await double.close();
  });
  expectNoUnhandledRejections();

  const newStream = (): string => `complaint-${randomUUID()}`;
  const send = (stream: string, events: readonly EncodedEvent[], ms = PATIENT_MS, over = queue) =>
    over.append({ stream, expected: 'none', events }, ms);
  const stored = async (stream: string): Promise<number> => (await store.read(stream, { limit: 100 })).length;

  test.each<[string, () => EncodedEvent, string]>([
    ['of 2 MB', () => someEvent('x'.repeat(2 * 1024 * 1024)), 'AppendTooLarge'],
    ['with an id that is none', () => ({ ...someEvent(), eventId: 'the first' }), 'AppendRefused'],
    ['without a type', () => ({ ...someEvent(), type: '' }), 'AppendRefused'],
    ['that cannot be encoded', () => ({ ...someEvent(), data: Symbol('no text') as never }), 'TypeError'],
  ])('one append %s among forty fails alone', async (_, bad, error) => {
    const streams = Array.from({ length: 40 }, newStream);
    const outcomes = await Promise.allSettled(
      streams.map((stream, n) => send(stream, [n === 20 ? bad() : someEvent()])),
    );
    const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
    expect(failed.map(({ name }) => name)).toEqual([error]);
    const counts = await Promise.all(streams.map(stored));
    expect(counts).toEqual(streams.map((__, n) => (n === 20 ? 0 : 1)));
  });

  test('one conflict among forty fails alone, with the actual revision', async () => {
    const taken = newStream();
    await send(taken, someEvents(3));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => send(n === 20 ? taken : newStream(), [someEvent()])),
    );
    const [failed, ...others] = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(others).toEqual([]);
    expect(failed?.reason).toBeInstanceOf(WrongExpectedRevision);
    expect(failed?.reason).toMatchObject({ stream: taken, expected: 'none', actual: 2 });
  });

  test('an append of 900 KB and 64 small ones beside it are all stored', async () => {
    const streams = Array.from({ length: 65 }, newStream);
    const large = someEvent('x'.repeat(900 * 1024));
    const answers = await Promise.all(streams.map((stream, n) => send(stream, [n === 10 ? large : someEvent()])));
    expect(answers.map(({ revision }) => revision)).toEqual(streams.map(() => 0));
    expect((await store.read(streams[10] ?? '', { limit: 1 }))[0]?.data).toBe(large.data);
  });

  test('20,000 appends at once are all stored, and never more bytes are unanswered than the bound', async () => {
    const bound = 32 * 1024;
    const bounded = new AppendQueue(client, bound);
    const seen: number[] = [];
    const revisions = await Promise.all(
      Array.from({ length: 20_000 }, async (_, n) => {
        const { revision } = await send(`complaint-${String(n)}`, [someEvent()], 4 * PATIENT_MS, bounded);
        seen.push(bounded.bytesInFlight);
        return revision;
      }),
    );
    bounded.close();
    expect(revisions.every((revision) => revision === 0)).toBe(true);
    expect(Math.max(...seen)).toBeLessThanOrEqual(bound);
    expect(Math.max(...seen)).toBeGreaterThan(ORDINARY_BYTES); // several were in flight at once
    expect(bounded.bytesInFlight).toBe(0);
    expect((await store.readAll({ prefixes: ['complaint-'], limit: 20_001 })).length).toBe(20_000);
  }, 300_000);

  test('while nothing is answered appends are written up to the bound, and no further', async () => {
    const bound = 2 * 1024 * 1024;
    const bounded = new AppendQueue(client, bound);
    await send(newStream(), [someEvent()], PATIENT_MS, bounded);
    double.faults.freeze();
    const large = someEvent('x'.repeat(20_000));
    const sent = Array.from({ length: 300 }, () => send(newStream(), [large], PATIENT_MS, bounded));
    await eventually(() => bounded.bytesInFlight > bound - 21_000);
    await sleep(50);
    expect(bounded.bytesInFlight).toBeLessThanOrEqual(bound);
    double.faults.lift();
    expect((await Promise.all(sent)).every(({ revision }) => revision === 0)).toBe(true);
    bounded.close();
  });

  test('a stream that breaks in the middle leaves nothing undecided: a retry stores each append once', async () => {
    const appends = Array.from({ length: 2_000 }, (_, n) => ({
      stream: newStream(),
      events: [someEvent(n % 100 === 50 ? 'x'.repeat(800 * 1024) : undefined)],
    }));
    let answered = 0;
    const outcomes = Promise.allSettled(
      appends.map(async ({ stream, events }) => {
        await send(stream, events);
        answered += 1;
        if (answered === 100) double.faults.reset();
      }),
    );
    const failed = (await outcomes).flatMap((outcome, n) =>
      outcome.status === 'rejected' ? [{ n, error: outcome.reason as Error }] : [],
    );
    expect(failed.length).toBeGreaterThan(0);
    expect(new Set(failed.map(({ error }) => error.name))).toEqual(new Set(['AppendAmbiguous']));
    for (const { n } of failed) {
      const { stream, events } = appends[n] ?? { stream: '', events: [] };
      await eventually(() => send(stream, events));
    }
    expect(await store.readAll({ prefixes: ['complaint-'], limit: 3_000 })).toHaveLength(2_000);
  }, 120_000);

  test('after its time an append is ambiguous when it was written, and unsent when it still waited', async () => {
    const narrow = new AppendQueue(client, 1);
    await send(newStream(), [someEvent()], PATIENT_MS, narrow);
    double.faults.freeze();
    const [written, waiting] = [newStream(), newStream()];
    await Promise.all([
      expect(send(written, [someEvent()], HASTY_MS, narrow)).rejects.toBeInstanceOf(AppendAmbiguous),
      expect(send(waiting, [someEvent()], HASTY_MS / 2, narrow)).rejects.toBeInstanceOf(StoreUnavailable),
    ]);
    expect(narrow.bytesInFlight).toBe(0);
    double.faults.lift(); // answers what came too late
    expect((await send(newStream(), [someEvent()], PATIENT_MS, narrow)).revision).toBe(0);
    expect(await stored(waiting)).toBe(0);
    narrow.close();
  });

  test('a call that answers nothing any more is left for a new one, and keeps what it has until its time', async () => {
    await send(newStream(), [someEvent()]);
    expect(double.faults.muteAppendStreams()).toBe(2); // this one and the store's
    const hasty = send(newStream(), [someEvent()], HASTY_MS);
    const patient = send(newStream(), [someEvent()], 3 * HASTY_MS);
    const late = expect(patient).rejects.toBeInstanceOf(AppendAmbiguous);
    await expect(hasty).rejects.toBeInstanceOf(AppendAmbiguous);
    expect((await send(newStream(), [someEvent()])).revision).toBe(0);
    await late;
  });

  test('a stream that fails while nothing is pending is replaced by the next append', async () => {
    for (const fail of [() => double.faults.unavailable(), () => double.faults.reset()]) {
      await eventually(() => send(newStream(), [someEvent()]));
      fail();
      await sleep(20);
      double.faults.lift();
    }
    expect((await eventually(() => send(newStream(), [someEvent()]))).revision).toBe(0);
  });

  test('while the server is away each append fails as unsent, and when it is back appends work again', async () => {
    await send(newStream(), [someEvent()]);
    await double.close();
    await eventually(() => expect(send(newStream(), [someEvent()])).rejects.toBeInstanceOf(StoreUnavailable));
    const outcomes = await Promise.allSettled(Array.from({ length: 300 }, () => send(newStream(), [someEvent()])));
    expect(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as Error).name : 'stored')),
    ).toEqual(outcomes.map(() => 'StoreUnavailable'));
    double = await startEsdbDouble({ port: double.port });
    expect((await eventually(() => send(newStream(), [someEvent()]))).revision).toBe(0);
  });

  test('when two streams in a row end without an answer, what still waits fails as unsent', async () => {
    const narrow = new AppendQueue(client, 1); // one append a stream
    double.faults.overload();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () => send(newStream(), [someEvent()], PATIENT_MS, narrow)),
    );
    const names = outcomes.map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as Error).name : 'stored',
    );
    const unsent = Array.from({ length: 38 }, () => 'StoreUnavailable');
    expect(names).toEqual(['AppendAmbiguous', 'AppendAmbiguous', ...unsent]);
    double.faults.lift();
    expect((await send(newStream(), [someEvent()], PATIENT_MS, narrow)).revision).toBe(0);
    narrow.close();
  });

  describe('sent by the store', () => {
    test('to a node that is not the leader go to the leader, each once', async () => {
      const leader = await startEsdbDouble();
      const streams = Array.from({ length: 100 }, newStream);
      await store.append(newStream(), 'none', [someEvent()]);
      double.faults.moveLeader({ host: '127.0.0.1', port: leader.port });
      const answers = await Promise.all(streams.map((stream) => store.append(stream, 'none', someEvents(2))));
      expect(answers.map(({ revision }) => revision)).toEqual(streams.map(() => 1));
      expect(await store.readAll({ prefixes: ['complaint-'], limit: 300 })).toHaveLength(200); // read from the leader too
      await leader.close();
    });

    test('to a leader that cannot be reached are ambiguous: the node before may have stored them', async () => {
      const leader = await startEsdbDouble();
      await leader.close();
      double.faults.moveLeader({ host: '127.0.0.1', port: leader.port });
      await expect(store.append(newStream(), 'none', [someEvent()])).rejects.toBeInstanceOf(AppendAmbiguous);
    });

    test('and timed out by the server have their result when they are stored', async () => {
      const stream = newStream();
      await store.append(stream, 'none', someEvents(2));
      double.faults.timeOutAppends({ store: true, next: 1 });
      const batch = someEvents(3).map((event) => ({ ...event, eventId: event.eventId.toUpperCase() }));
      const answer = await store.append(stream, 1, batch);
      const [last] = await store.read(stream, { direction: 'backwards', limit: 1 });
      expect(answer).toEqual({ revision: 4, position: last?.position });
      expect(await store.append(stream, 1, batch)).toEqual(answer);
    });

    test('and timed out by the server are ambiguous when they are not stored, or other events are there', async () => {
      const [empty, taken] = [newStream(), newStream()];
      await store.append(taken, 'none', someEvents(3));
      double.faults.timeOutAppends({ next: 2 });
      for (const stream of [empty, taken])
        await expect(store.append(stream, 'none', someEvents(2))).rejects.toBeInstanceOf(AppendAmbiguous);
      expect(await stored(empty)).toBe(0);
    });

    test('and in flight are finished before the store is closed', async () => {
      await store.append(newStream(), 'none', [someEvent()]);
      double.faults.freeze();
      const stream = newStream();
      const appending = store.append(stream, 'none', [someEvent()]);
      let isClosed = false;
      const closing = store.close().then(() => (isClosed = true));
      await expect(store.append(newStream(), 'none', [someEvent()])).rejects.toBeInstanceOf(StoreUnavailable);
      await sleep(100);
      expect(isClosed).toBe(false);
      double.faults.lift();
      expect((await appending).revision).toBe(0);
      await closing;
    });
  });
});
