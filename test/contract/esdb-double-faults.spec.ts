import { setTimeout as sleep } from 'node:timers/promises';
import {
  EventStoreDBClient,
  jsonEvent,
  NotLeaderError,
  streamNameFilter,
  type AllStreamSubscription,
  type AppendExpectedRevision,
  type AppendResult,
  type EventData,
} from '@eventstore/db-client';
import { eventually } from '../support/eventually.js';
import { startEsdbDouble, type EsdbDouble } from '../support/esdb/esdb-double.js';

const event = (n: number): EventData => jsonEvent({ type: 'Noted', data: { n } });
const events = (count: number): EventData[] => Array.from({ length: count }, (_, n) => event(n));

const UNANSWERED = 'unanswered' as const;
const inTime = <T>(promise: Promise<T>): Promise<T | typeof UNANSWERED> =>
  Promise.race<T | typeof UNANSWERED>([promise, sleep(300, UNANSWERED)]);

describe('the EventStoreDB double fails on demand', () => {
  let double: EsdbDouble;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    double = await startEsdbDouble();
    client = EventStoreDBClient.connectionString(double.connectionString);
  });

  afterEach(async () => {
    double.faults.lift();
    await client.dispose();
    await double.close();
  });

  const append = (
    stream: string,
    batch: EventData[],
    expectedRevision: AppendExpectedRevision = 'no_stream',
  ): Promise<AppendResult> => client.appendToStream(stream, batch, { expectedRevision });

  const stored = async (stream: string): Promise<number> => {
    let count = 0;
    try {
      for await (const { event } of client.readStream(stream)) if (event) count += 1;
    } catch (failure) {
      if (!(failure instanceof Error && 'type' in failure && failure.type === 'stream-not-found')) throw failure;
    }
    return count;
  };

  /** Subscribes to the streams named complaint-… from the end; resolves once the subscription is live. */
  const subscribe = async (): Promise<AllStreamSubscription> => {
    const filter = streamNameFilter({ prefixes: ['complaint-'] });
    const subscription = client.subscribeToAll({ fromPosition: 'end', filter });
    await new Promise((live) => subscription.once('caughtUp', live));
    return subscription;
  };

  /**
   * Reads to the end; returns the number of events and how it ended: the error, or undefined for an end without error.
   */
  const readOut = async (
    subscription: AllStreamSubscription,
    heard: (count: number) => void = () => undefined,
  ): Promise<{ count: number; failure: unknown }> => {
    let count = 0;
    try {
      for await (const { event } of subscription) if (event) heard((count += 1));
      return { count, failure: undefined };
    } catch (failure) {
      return { count, failure };
    }
  };

  test('a hanging append is accepted, not stored, and never answered', async () => {
    double.faults.hangAppends();
    const lost = append('complaint-1', [event(1)]);

    await eventually(() => double.faults.hung() === 1);
    expect(await inTime(lost)).toBe(UNANSWERED);
    double.faults.lift();
    expect(await inTime(lost)).toBe(UNANSWERED);
    expect(await stored('complaint-1')).toBe(0);
    expect(await append('complaint-1', [event(1)])).toMatchObject({ nextExpectedRevision: 0n });
  });

  test('an append stored without acknowledgement is there, and its retry succeeds without a duplicate', async () => {
    double.faults.hangAppends({ store: true, next: 1 });
    const batch = events(3);

    const lost = append('complaint-1', batch);
    await eventually(async () => (await stored('complaint-1')) === 3);
    expect(await inTime(lost)).toBe(UNANSWERED);
    expect(await append('complaint-1', batch)).toMatchObject({ success: true, nextExpectedRevision: 2n });
    expect(await stored('complaint-1')).toBe(3);
  });

  test('the unary path hangs as the batch path does', async () => {
    double.faults.hangAppends({ store: true, next: 1 });
    const credentials = { username: 'admin', password: 'changeit' };
    const unanswered = client.appendToStream('complaint-1', event(1), { credentials, deadline: 2_000 });

    await expect(unanswered).rejects.toMatchObject({ code: 4 });
    expect(await stored('complaint-1')).toBe(1);
  });

  test('an append that the server times out is stored or not, and its answer does not say which', async () => {
    const credentials = { username: 'admin', password: 'changeit' };
    double.faults.timeOutAppends({ store: true, next: 2 });
    await expect(append('complaint-1', [event(1)])).rejects.toMatchObject({ type: 'deadline-exceeded' });
    const unary = client.appendToStream('complaint-2', event(1), { credentials });
    await expect(unary).rejects.toMatchObject({ type: 'timeout', code: 10 });
    double.faults.timeOutAppends({ next: 1 });
    await expect(append('complaint-3', [event(1)])).rejects.toMatchObject({ type: 'deadline-exceeded' });

    expect(await Promise.all(['complaint-1', 'complaint-2', 'complaint-3'].map(stored))).toEqual([1, 1, 0]);
  });

  test('a frozen server answers and delivers nothing, and everything once it resumes', async () => {
    const subscription = await subscribe();
    const delivered = new Promise((first) => subscription.once('data', first));
    double.faults.freeze();
    const waiting = append('complaint-1', [event(1)]);
    const reading = stored('complaint-2');

    expect(await inTime(Promise.race([waiting, reading, delivered]))).toBe(UNANSWERED);
    double.faults.lift();
    expect(await waiting).toMatchObject({ success: true });
    expect(await reading).toBe(0);
    expect(await delivered).toMatchObject({ event: { streamId: 'complaint-1' } });
    await subscription.unsubscribe();
  });

  test('a drop without error ends the subscription without an error', async () => {
    let heard = 0;
    const over = readOut(await subscribe(), (count) => (heard = count));
    await append('complaint-1', [event(1)]);
    await eventually(() => heard === 1);

    expect(double.faults.endSubscriptions()).toBe(1);
    expect(await over).toEqual({ count: 1, failure: undefined });
  });

  test('a reset breaks the subscription, and the same client works again soon after', async () => {
    const over = readOut(await subscribe());

    expect(double.faults.reset()).toBe(1);
    expect((await over).failure).toMatchObject({ name: 'Error', code: expect.anything() as number });
    const batch = [event(1)];
    expect(await eventually(() => append('complaint-1', batch))).toMatchObject({ success: true });
  });

  test('a live subscription that lags is dropped with code 10, after the events already in flight', async () => {
    const subscription = await subscribe();
    const large = jsonEvent({ type: 'Noted', data: { text: 'x'.repeat(10_000) } });
    for (let n = 0; n < 130; n += 1) await append(`complaint-${String(n)}`, [large]);
    await eventually(() => double.subscriptions() === 0);

    const { count, failure } = await readOut(subscription);
    expect(failure).toMatchObject({ type: 'timeout', code: 10 });
    expect(failure).toHaveProperty('message', expect.stringContaining('resubscription required'));
    expect(count).toBeLessThan(130);
  });

  test('one append too large for the live buffer drops even a subscription that reads', async () => {
    const over = readOut(await subscribe());
    await append('complaint-1', events(500));

    expect(await over).toMatchObject({ failure: { type: 'timeout', code: 10 } });
  });

  test('a live subscription that reads is not dropped by appends of ordinary size', async () => {
    let heard = 0;
    const over = readOut(await subscribe(), (count) => (heard = count));
    for (let n = 0; n < 100; n += 1) await append(`complaint-${String(n)}`, events(20));
    await eventually(() => heard === 2_000);

    expect(double.faults.endSubscriptions()).toBe(1);
    expect(await over).toEqual({ count: 2_000, failure: undefined });
  });

  test('a subscription can be dropped as too slow on demand', async () => {
    const over = readOut(await subscribe());

    expect(double.faults.dropAsTooSlow()).toBe(1);
    expect((await over).failure).toMatchObject({ type: 'timeout', code: 10 });
  });

  test('an unavailable server fails everything with code 14 until it recovers', async () => {
    const over = readOut(await subscribe());
    await append('complaint-1', [event(1)]);
    double.faults.unavailable();

    expect((await over).failure).toMatchObject({ type: 'unavailable', code: 14 });
    await expect(append('complaint-2', [event(1)])).rejects.toMatchObject({ code: 14 });
    await expect(stored('complaint-1')).rejects.toMatchObject({ code: 14 });
    double.faults.lift();
    const batch = [event(1)];
    expect(await eventually(() => append('complaint-2', batch))).toMatchObject({ success: true });
  });

  test('a node that is not the leader names the leader, and the client goes there', async () => {
    const leader = await startEsdbDouble();
    double.faults.moveLeader({ host: '127.0.0.1', port: leader.port });

    const refusal: unknown = await append('complaint-1', [event(1)]).catch((failure: unknown) => failure);
    expect(refusal).toBeInstanceOf(NotLeaderError);
    expect(refusal).toMatchObject({ type: 'not-leader', leader: { address: '127.0.0.1', port: leader.port } });
    expect(await append('complaint-1', [event(1)])).toMatchObject({ success: true });
    await leader.close();
  });

  test('reached at two addresses it is two nodes, of which the follower refuses only what needs the leader', async () => {
    const { port } = double;
    await append('complaint-1', [event(1)]);
    double.faults.moveLeader({ host: '127.0.0.1', port });
    const follower = EventStoreDBClient.connectionString(`esdb://localhost:${String(port)}?tls=false`);
    const read = async (requiresLeader: boolean): Promise<number> => {
      let count = 0;
      for await (const { event: found } of follower.readStream('complaint-1', { requiresLeader }))
        if (found) count += 1;
      return count;
    };

    expect(await read(false)).toBe(1);
    await expect(read(true)).rejects.toMatchObject({ leader: { address: '127.0.0.1', port } });
    await sleep(0); // the client goes to the leader now
    expect(await read(true)).toBe(1);
    await follower.dispose();
  });

  test('reached at two addresses it names the leader to a client that discovers the nodes', async () => {
    const { port } = double;
    double.faults.moveLeader({ host: '127.0.0.1', port });
    const discovering = EventStoreDBClient.connectionString(`esdb+discover://localhost:${String(port)}?tls=false`);

    expect(await discovering.appendToStream('complaint-1', [event(1)])).toMatchObject({ success: true });
    await discovering.dispose();
  });

  test('a graceful stop acknowledges appends while subscriptions receive nothing, then fails both with code 13', async () => {
    const subscription = await subscribe();
    const over = readOut(subscription);
    const stopping = double.faults.stopGracefully({ graceMs: 3_000 });

    expect(await append('complaint-1', [event(1)])).toMatchObject({ success: true });
    expect(await over).toMatchObject({ count: 0, failure: { type: 'unknown', code: 13 } });
    await stopping;
    await eventually(() => expect(append('complaint-2', [event(1)])).rejects.toMatchObject({ code: 14 }));
  });
});
