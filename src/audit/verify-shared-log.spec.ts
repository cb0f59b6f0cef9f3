import { GENESIS_HASH } from '../eventstore/chain.js';
import { encodeBatch } from '../eventstore/codec.js';
import { StoreUnavailable, type EncodedEvent, type StoredEvent } from '../eventstore/event-store.js';
import { instant } from '../platform/moment.js';
import { verifyStore, type LogSource, type Verification, type VerifyProgress } from './verify.js';

/** Events of a server that other programs use as well, in log order. */
class SharedLog {
  private readonly events: StoredEvent[] = [];
  private readonly hashes = new Map<string, { revision: number; hash: string }>();

  /** Records events as Redress does. */
  redress(stream: string, count = 1): this {
    for (let left = count; left > 0; left--) {
      const { revision, hash } = this.hashes.get(stream) ?? { revision: -1, hash: GENESIS_HASH };
      const [event] = encodeBatch(stream, revision + 1, hash, [NOTED], METADATA);
      if (event === undefined) throw new Error('a batch of one event has one event');
      this.push(stream, revision + 1, event);
      this.hashes.set(stream, { revision: revision + 1, hash: event.hash });
    }
    return this;
  }

  /** Records an event as another program does. */
  other(stream: string, event: Partial<EncodedEvent> = {}, revision = 0): this {
    return this.push(stream, revision, {
      eventId: '7f3a2c0e-5f0b-4a53-8a35-0f1d7f6a0b11',
      type: 'OrderPlaced',
      data: '{ "sum": 12.50 }',
      metadata: '',
      ...event,
    });
  }

  async verified(): Promise<Verification> {
    const steps = await this.steps();
    return steps.at(-1) as Verification;
  }

  async steps(): Promise<(VerifyProgress | Verification)[]> {
    const source: LogSource = {
      shared: true,
      readAll: async ({ after = null, limit }) =>
        this.events.filter(({ position }) => after === null || position > after).slice(0, limit),
    };
    const steps = [];
    for await (const step of verifyStore(source, { pageSize: 3 })) steps.push(step);
    return steps;
  }

  private push(stream: string, revision: number, event: EncodedEvent): this {
    this.events.push({ ...event, stream, revision, position: position(this.events.length + 1) });
    return this;
  }
}

const position = (number: number): string => String(number * 100).padStart(20, '0');

const NOTED = { type: 'Noted', version: 1, data: { note: 'n' } };
const METADATA = {
  occurredAt: instant('2026-03-02T01:30:00.000Z'),
  recordedAt: '2026-03-02T01:30:00.000Z',
  actor: { type: 'person', id: 'handler-1', role: 'handler' },
  commandId: 'command-1',
  commandDigest: 'd'.repeat(64),
  $correlationId: 'correlation-1',
  $causationId: 'command-1',
} as const;

describe('verification of a log that other programs use', () => {
  test('covers the streams of Redress and counts the events of other programs by category', async () => {
    const log = new SharedLog()
      .other('order-1')
      .redress('store')
      .redress('complaint-1', 2)
      .other('order-2')
      .other('ledger')
      .redress('batch-1')
      .other('order-1', {}, 1)
      .other('store-1')
      .redress('complaint-1');
    expect(await log.verified()).toEqual({
      kind: 'result',
      ok: true,
      events: 5,
      streams: 3,
      head: position(10),
      others: { events: 5, categories: ['order', 'ledger', 'store'] },
    });
  });

  test('reports no other programs where there are none', async () => {
    const result = await new SharedLog().redress('store').redress('complaint-1').verified();
    expect(result).toEqual({ kind: 'result', ok: true, events: 2, streams: 2, head: position(2) });
  });

  test('continues through pages that hold only events of other programs', async () => {
    const log = new SharedLog().redress('store');
    for (let n = 0; n < 7; n++) log.other(`order-${String(n)}`);
    log.redress('complaint-1');
    const steps = await log.steps();
    expect(steps.map(({ kind, events }) => `${kind} ${String(events)}`)).toEqual([
      'progress 1',
      'progress 1',
      'progress 2',
      'result 2',
    ]);
    expect(steps.at(-1)).toMatchObject({ ok: true, head: position(9), others: { events: 7, categories: ['order'] } });
  });

  test('names at most 20 categories and counts the events of all', async () => {
    const log = new SharedLog().redress('store');
    for (let n = 0; n < 25; n++) log.other(`program${String(n)}-1`);
    const { others } = await log.verified();
    expect(others?.events).toBe(25);
    expect(others?.categories).toHaveLength(20);
    expect(others?.moreCategories).toBe(true);
  });

  test.each([
    ['no metadata', ''],
    ['metadata that are not JSON', 'x'],
    ['metadata of another kind', '{"correlation":"1"}'],
    ['metadata that are not an object', '[1]'],
  ])('names an event of another program in a stream of Redress: %s', async (_, metadata) => {
    const log = new SharedLog().redress('store').redress('complaint-1', 2).other('complaint-1', { metadata }, 2);
    expect(await log.redress('complaint-2').verified()).toMatchObject({
      ok: false,
      events: 3,
      head: position(3),
      firstError: {
        stream: 'complaint-1',
        revision: 2,
        position: position(4),
        what: 'Redress did not write this OrderPlaced: its metadata have neither hash nor prevHash',
      },
    });
  });

  test.each(['complaint-9', 'batch-9', 'store'])('names one that begins a stream %s', async (stream) => {
    expect(await new SharedLog().other(stream).verified()).toMatchObject({
      ok: false,
      events: 0,
      firstError: {
        stream,
        revision: 0,
        position: position(1),
        what: expect.stringMatching(/^Redress did not write/) as string,
      },
    });
  });

  test('still names a changed event of Redress as changed', async () => {
    const log = new SharedLog().redress('store').other('order-1');
    log.other('complaint-1', { metadata: '{"hash":"0","prevHash":"0"}', data: '{}' });
    expect((await log.verified()).firstError).toMatchObject({
      stream: 'complaint-1',
      what: expect.stringMatching(/^its hash is 0/) as string,
    });
  });
});

test('a server that stops answering is no evidence: verification fails without a result', async () => {
  const away = new StoreUnavailable('away');
  const steps = verifyStore({ shared: true, readAll: () => Promise.reject(away) });
  await expect(steps.next()).rejects.toBe(away);
});
