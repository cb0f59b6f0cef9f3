import { GENESIS_HASH } from '../eventstore/chain.js';
import { encodeBatch } from '../eventstore/codec.js';
import { StoreUnavailable, type EncodedEvent, type StoredEvent } from '../eventstore/event-store.js';
import { instant } from '../platform/moment.js';
import { verifyStore, type LogSource, type Verification, type VerifyProgress } from './verify.js';

/** A log that Redress and other programs write. */
class SharedLog {
  private readonly events: StoredEvent[] = [];
  /** Number of characters in each page that was read. */
  readonly pages: number[] = [];
  private readonly hashes = new Map<string, { revision: number; hash: string }>();

  /** Appends events of Redress. */
  redress(stream: string, count = 1): this {
    for (let index = 0; index < count; index++) {
      const { revision, hash } = this.hashes.get(stream) ?? { revision: -1, hash: GENESIS_HASH };
      const [event] = encodeBatch(stream, revision + 1, hash, [NOTED], METADATA);
      if (event === undefined) throw new Error('expected one encoded event');
      this.push(stream, revision + 1, event);
      this.hashes.set(stream, { revision: revision + 1, hash: event.hash });
    }
    return this;
  }

  /** Appends an event of another program. */
  other(stream: string, event: Partial<EncodedEvent> = {}, revision = 0): this {
    return this.push(stream, revision, {
      eventId: '7f3a2c0e-5f0b-4a53-8a35-0f1d7f6a0b11',
      type: 'OrderPlaced',
      data: '{ "sum": 12.50 }',
      metadata: '',
      ...event,
    });
  }

  async verify(pageSize?: number): Promise<Verification> {
    const items = await this.verifyItems(pageSize);
    return items.at(-1) as Verification;
  }

  /** The progress reports, then the result. */
  async verifyItems(pageSize = 3): Promise<(VerifyProgress | Verification)[]> {
    const source: LogSource = {
      shared: true,
      readAll: async ({ after = null, limit, maxCharacters = Infinity }) => {
        const page: StoredEvent[] = [];
        let characters = 0;
        for (const event of this.events.filter(({ position }) => after === null || position > after).slice(0, limit)) {
          page.push(event);
          characters += event.data.length;
          if (characters >= maxCharacters) break;
        }
        this.pages.push(characters);
        return page;
      },
    };
    const items = [];
    for await (const item of verifyStore(source, { pageSize })) items.push(item);
    return items;
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

describe('verification of a log that other programs write too', () => {
  test('verifies the streams of Redress, and counts events and categories of other programs', async () => {
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
    expect(await log.verify()).toEqual({
      kind: 'result',
      ok: true,
      events: 5,
      streams: 3,
      head: position(10),
      root: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      others: { events: 5, categories: ['order', 'ledger', 'store'] },
    });
  });

  test('has the same root as a log without the events of other programs', async () => {
    const alone = await new SharedLog().redress('store').redress('complaint-1', 2).verify();
    const shared = await new SharedLog()
      .other('order-1')
      .redress('store')
      .other('ledger')
      .redress('complaint-1', 2)
      .verify();
    expect(shared).toMatchObject({ events: 3, root: alone.root });
    expect(alone.root).not.toBe((await new SharedLog().redress('store').redress('complaint-1').verify()).root);
  });

  test('leaves out the field `others` if no other program wrote an event', async () => {
    const result = await new SharedLog().redress('store').redress('complaint-1').verify();
    const root = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    expect(result).toEqual({ kind: 'result', ok: true, events: 2, streams: 2, head: position(2), root });
  });

  test('continues after pages with only events of other programs', async () => {
    const log = new SharedLog().redress('store');
    for (let n = 0; n < 7; n++) log.other(`order-${String(n)}`);
    log.redress('complaint-1');
    const items = await log.verifyItems();
    expect(items.map(({ kind, events }) => `${kind} ${String(events)}`)).toEqual([
      'progress 1',
      'progress 1',
      'progress 2',
      'result 2',
    ]);
    expect(items.at(-1)).toMatchObject({ ok: true, head: position(9), others: { events: 7, categories: ['order'] } });
  });

  test('lists 20 of 25 categories and counts the events of all', async () => {
    const log = new SharedLog().redress('store');
    for (let n = 0; n < 25; n++) log.other(`program${String(n)}-1`);
    const { others } = await log.verify();
    expect(others?.events).toBe(25);
    expect(others?.categories).toHaveLength(20);
    expect(others?.moreCategories).toBe(true);
  });

  test.each([
    ['no metadata', ''],
    ['metadata that is not JSON', 'x'],
    ['metadata without hashes', '{"correlation":"1"}'],
    ['metadata that is not an object', '[1]'],
  ])('reports an event of another program in a stream of Redress as the first error: %s', async (_, metadata) => {
    const log = new SharedLog().redress('store').redress('complaint-1', 2).other('complaint-1', { metadata }, 2);
    expect(await log.redress('complaint-2').verify()).toMatchObject({
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

  test.each(['complaint-9', 'batch-9', 'store'])(
    'reports an event of another program that begins the stream %s',
    async (stream) => {
      expect(await new SharedLog().other(stream).verify()).toMatchObject({
        ok: false,
        events: 0,
        firstError: {
          stream,
          revision: 0,
          position: position(1),
          what: expect.stringMatching(/^Redress did not write/) as string,
        },
      });
    },
  );

  test('reads few large events of other programs at once', async () => {
    const log = new SharedLog().redress('store');
    const data = JSON.stringify({ text: 'x'.repeat(800_000) });
    for (let revision = 0; revision < 30; revision++) log.other('order-1', { data }, revision);
    expect(await log.redress('complaint-1').verify(1000)).toMatchObject({
      ok: true,
      events: 2,
      others: { events: 30 },
    });
    expect(Math.max(...log.pages)).toBeLessThan(8_000_000);
  });

  test('reports an event with wrong hashes as changed', async () => {
    const log = new SharedLog().redress('store').other('order-1');
    log.other('complaint-1', { metadata: '{"hash":"0","prevHash":"0"}', data: '{}' });
    expect((await log.verify()).firstError).toMatchObject({
      stream: 'complaint-1',
      what: expect.stringMatching(/^its hash is 0/) as string,
    });
  });
});

test('verification throws the error of an unavailable server instead of a result', async () => {
  const unavailable = new StoreUnavailable('no connection');
  const items = verifyStore({ shared: true, readAll: () => Promise.reject(unavailable) });
  await expect(items.next()).rejects.toBe(unavailable);
});
