import { randomUUID } from 'node:crypto';
import {
  AppendRefused,
  AppendTooLarge,
  MAX_APPEND_BYTES,
  WrongExpectedRevision,
  type EncodedEvent,
  type EventStore,
  type ExpectedRevision,
  type ReadAllOptions,
  type StoredEvent,
} from '../../src/eventstore/event-store.js';

/** An open store. It may contain other events and receive more of them during a test. */
export interface OpenedStore {
  readonly store: EventStore;
  /** Closes the store and removes its data. */
  dispose(): Promise<void>;
}

/** The contract of the EventStore port, which every adapter has to pass. */
export function describeEventStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`the event store on ${name}`, () => {
    let opened: OpenedStore;
    let store: EventStore;

    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.dispose());

    describe('appending', () => {
      test('stores an event unchanged, and returns its position', async () => {
        const stream = newStream();
        const unusual = event('Noted', { text: 'naïve 投诉 🍜 \u0000 \u001f " \\ \u2028', nested: [{ '': null }] });
        const result = await store.append(stream, 'none', [unusual]);
        expect(await store.read(stream, { limit: 10 })).toEqual([
          { ...unusual, stream, revision: 0, position: result.position },
        ]);
        expect(result.revision).toBe(0);
      });

      test('numbers the events of a stream from 0 without gaps', async () => {
        const stream = newStream();
        await store.append(stream, 'none', events(3));
        expect((await store.append(stream, 2, events(2))).revision).toBe(4);
        expect((await eventsOf(stream)).map((stored) => stored.revision)).toEqual([0, 1, 2, 3, 4]);
      });

      test('gives later events greater positions, compared as text', async () => {
        const positions: string[] = [];
        for (let count = 1; count <= 12; count++)
          positions.push((await store.append(newStream(), 'none', events(count))).position);
        expect([...positions].sort()).toEqual(positions);
        expect(new Set(positions).size).toBe(positions.length);
      });

      test.each<[string, ExpectedRevision, ExpectedRevision, boolean]>([
        ['none for a stream that exists', 'none', 1, true],
        ['below the head', 0, 1, true],
        ['above the head', 2, 1, true],
        ['0 for a stream that does not exist', 0, 'none', false],
      ])('rejects an expected revision %s and stores nothing', async (_, expected, actual, exists) => {
        const stream = newStream();
        if (exists) await store.append(stream, 'none', events(2));
        const before = await eventsOf(stream);
        await expect(store.append(stream, expected, events(2))).rejects.toMatchObject({
          name: 'WrongExpectedRevision',
          stream,
          expected,
          actual,
        });
        expect(await eventsOf(stream)).toEqual(before);
      });

      test('succeeds over the connection that the caller names while there is no other', async () => {
        const stream = newStream();
        await store.append(stream, 'none', events(1));
        const { connection } = store;
        expect(await store.append(stream, 0, events(1), { connection, timeoutMs: 60_000 })).toMatchObject({
          revision: 1,
        });
        expect(store.connection).toBe(connection);
      });

      test('lets exactly one of several appends with the same expected revision succeed', async () => {
        const stream = newStream();
        await store.append(stream, 'none', events(1));
        const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => store.append(stream, 0, events(2))));
        const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
        expect(rejected).toHaveLength(39);
        for (const { reason } of rejected) expect(reason).toBeInstanceOf(WrongExpectedRevision);
        expect(await eventsOf(stream)).toHaveLength(3);
      });

      test('rejects one of several concurrent appends without an effect on the others', async () => {
        const existing = newStream();
        await store.append(existing, 'none', events(1));
        const newStreams = Array.from({ length: 20 }, newStream);
        const outcomes = await Promise.allSettled([
          ...newStreams.slice(0, 10).map((stream) => store.append(stream, 'none', events(2))),
          store.append(existing, 'none', events(2)),
          ...newStreams.slice(10).map((stream) => store.append(stream, 'none', events(2))),
        ]);
        expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(1);
        for (const stream of newStreams) expect(await eventsOf(stream)).toHaveLength(2);
        expect(await eventsOf(existing)).toHaveLength(1);
      });

      test.each<[string, string, ExpectedRevision, () => EncodedEvent[]]>([
        ['an empty batch', 'case-x', 'none', () => []],
        ['a repeated event id', 'case-x', 'none', () => twice(event())],
        ['a repeated event id in upper case', 'case-x', 'none', () => twice(event(), (id) => id.toUpperCase())],
        ['an event id that is not a UUID', 'case-x', 'none', () => [{ ...event(), eventId: 'one' }]],
        ['a negative revision', 'case-x', -1, () => events(1)],
        ['a fractional revision', 'case-x', 0.5, () => events(1)],
        ['a reserved stream name', '$case', 'none', () => events(1)],
        ['an empty stream name', '', 'none', () => events(1)],
        ['a stream name with a control character', 'case\u0000x', 'none', () => events(1)],
        ['a stream name with a lone surrogate', 'case-\ud800', 'none', () => events(1)],
        ['a reserved event type', 'case-x', 'none', () => [event('$Noted')]],
        ['an event type with a line break', 'case-x', 'none', () => [event('No\nted')]],
      ])('rejects %s', async (_, stream, expected, batch) => {
        await expect(store.append(stream, expected, batch())).rejects.toBeInstanceOf(AppendRefused);
      });

      test('rejects an append over the size limit with AppendTooLarge, and accepts one just below the limit', async () => {
        const filled = (bytes: number) => event('Noted', { text: 'x'.repeat(bytes) });
        await expect(store.append(newStream(), 'none', [filled(MAX_APPEND_BYTES)])).rejects.toBeInstanceOf(
          AppendTooLarge,
        );
        const halves = [filled(MAX_APPEND_BYTES / 2), filled(MAX_APPEND_BYTES / 2)];
        await expect(store.append(newStream(), 'none', halves)).rejects.toBeInstanceOf(AppendTooLarge);
        const stream = newStream();
        const large = filled(MAX_APPEND_BYTES - 300); // the other fields of the event have less than 300 bytes
        await store.append(stream, 'none', [large]);
        expect((await eventsOf(stream))[0]?.data).toBe(large.data);
      });
    });

    describe('a retry', () => {
      // The stream holds a, b, c (one append with the expected revision none) and d (appended with the expected revision 2).
      // It does not hold x.
      const [a, b, c, d, x] = events(5) as [EncodedEvent, EncodedEvent, EncodedEvent, EncodedEvent, EncodedEvent];
      const partsOfStream = { a: [a], ab: [a, b], abc: [a, b, c], abcd: [a, b, c, d], bc: [b, c], cd: [c, d], d: [d] };
      const others = { abcx: [a, b, c, x], dx: [d, x], xa: [x, a], xd: [x, d], ba: [b, a], acb: [a, c, b], dc: [d, c] };
      const batches = { ...partsOfStream, ...others };
      type Batch = keyof typeof batches;

      const prepareStream = async () => {
        const stream = newStream();
        const first = await store.append(stream, 'none', [a, b, c]);
        const second = await store.append(stream, 2, [d]);
        return { stream, first, second };
      };

      test('of the first append returns the result of the first append', async () => {
        const { stream, first } = await prepareStream();
        expect(await store.append(stream, 'none', [a, b, c])).toEqual(first);
        expect(await eventsOf(stream)).toHaveLength(4);
      });

      test('of the second append returns the result of the second append', async () => {
        const { stream, second } = await prepareStream();
        expect(await store.append(stream, 2, [d])).toEqual(second);
        expect(await eventsOf(stream)).toHaveLength(4);
      });

      test.each<[Batch, ExpectedRevision, number]>([
        ['abc', 'none', 2],
        ['a', 'none', 0],
        ['ab', 'none', 1],
        ['abcd', 'none', 3],
        ['bc', 0, 2],
        ['cd', 1, 3],
        ['d', 2, 3],
      ])(
        'of %s with expected revision %s returns revision %i and stores nothing',
        async (batch, expected, revision) => {
          const { stream } = await prepareStream();
          expect((await store.append(stream, expected, batches[batch])).revision).toBe(revision);
          expect(await eventsOf(stream)).toHaveLength(4);
        },
      );

      test.each<[Batch, ExpectedRevision]>([
        ['d', 'none'],
        ['bc', 'none'],
        ['cd', 'none'],
        ['abcx', 'none'],
        ['dx', 'none'],
        ['xa', 'none'],
        ['xd', 'none'],
        ['ba', 'none'],
        ['acb', 'none'],
        ['abc', 0],
        ['abc', 2],
        ['a', 0],
        ['d', 0],
        ['d', 1],
        ['bc', 1],
        ['cd', 0],
        ['dx', 2],
        ['xd', 2],
        ['dc', 1],
        ['abc', 4],
        ['d', 4],
        ['bc', 7],
        ['xa', 4],
      ])('of %s with expected revision %s is a conflict and stores nothing', async (batch, expected) => {
        const { stream } = await prepareStream();
        await expect(store.append(stream, expected, batches[batch])).rejects.toMatchObject({
          name: 'WrongExpectedRevision',
          actual: 3,
        });
        expect(await eventsOf(stream)).toHaveLength(4);
      });

      test.each<[Batch]>([['abc'], ['d'], ['bc'], ['abcx'], ['dx'], ['xa'], ['xd']])(
        'of %s with the head as expected revision appends the events again: only events after that revision are compared',
        async (batch) => {
          const { stream } = await prepareStream();
          const size = batches[batch].length;
          expect((await store.append(stream, 3, batches[batch])).revision).toBe(3 + size);
          expect(await eventsOf(stream)).toHaveLength(4 + size);
        },
      );

      test('is recognised by the event ids in upper or lower case, whatever the data is', async () => {
        const { stream, first } = await prepareStream();
        const sameIds = [a, b, c].map(({ eventId, ...rest }) => ({
          ...rest,
          eventId: eventId.toUpperCase(),
          data: '{"other":true}',
        }));
        expect(await store.append(stream, 'none', sameIds)).toEqual(first);
        expect((await eventsOf(stream)).map((stored) => stored.data)).toEqual([a, b, c, d].map(({ data }) => data));
      });

      test('in another stream is a new append', async () => {
        await prepareStream();
        const { stream } = await prepareStream();
        expect(await eventsOf(stream)).toHaveLength(4);
      });

      test('that is sent concurrently with the first append stores nothing and returns the same result', async () => {
        const stream = newStream();
        const batch = events(3);
        const results = await Promise.all(Array.from({ length: 8 }, () => store.append(stream, 'none', batch)));
        expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
        expect(await eventsOf(stream)).toHaveLength(3);
      });
    });

    describe('reading a stream', () => {
      const stream = newStream();
      beforeAll(() => store.append(stream, 'none', events(10)));
      const revisions = async (options: Parameters<EventStore['read']>[1]) =>
        (await store.read(stream, options)).map((stored) => stored.revision);

      test('returns pages forwards from a revision', async () => {
        expect(await revisions({ limit: 4 })).toEqual([0, 1, 2, 3]);
        expect(await revisions({ from: 4, limit: 4 })).toEqual([4, 5, 6, 7]);
        expect(await revisions({ from: 8, limit: 4 })).toEqual([8, 9]);
        expect(await revisions({ from: 10, limit: 4 })).toEqual([]);
      });

      test('returns events backwards from the end or from a revision', async () => {
        expect(await revisions({ direction: 'backwards', limit: 2 })).toEqual([9, 8]);
        expect(await revisions({ direction: 'backwards', from: 1, limit: 5 })).toEqual([1, 0]);
      });

      test('returns nothing for a stream that does not exist', async () => {
        expect(await store.read(newStream(), { limit: 5 })).toEqual([]);
        expect(await store.read(newStream(), { direction: 'backwards', limit: 5 })).toEqual([]);
      });

      test('treats the stream name as text with case, not as a pattern', async () => {
        expect(await store.read(stream.replace('case', '%'), { limit: 5 })).toEqual([]);
        expect(await store.read(stream.toUpperCase(), { limit: 5 })).toEqual([]);
      });
    });

    describe('reading the log', () => {
      const suffix = randomUUID().slice(0, 8);
      // In an SQL pattern, `_` matches any character: streams that begin with `redX` would match the pattern of `red`.
      const red = `red_${suffix}-`;
      const blue = `blue${suffix}-`;
      let start: string | null;
      let written: string[];

      beforeAll(async () => {
        start = await store.head();
        written = [];
        for (let number = 0; number < 6; number++)
          for (const prefix of [red, blue, `redX${suffix}-`]) {
            await store.append(`${prefix}${String(number)}`, 'none', events(2));
            written.push(`${prefix}${String(number)}/0`, `${prefix}${String(number)}/1`);
          }
      });

      test('returns the events of all streams in commit order', async () => {
        const all = await readInPages({ after: start, limit: 7 });
        expect(all.map(locationOf).filter((location) => location.includes(suffix))).toEqual(written);
        const positions = all.map((stored) => stored.position);
        expect([...positions].sort()).toEqual(positions);
      });

      test('excludes the event at the start position', async () => {
        const [first] = await store.readAll({ after: start, prefixes: [red], limit: 1 });
        const [second] = await store.readAll({ after: first?.position ?? null, prefixes: [red], limit: 1 });
        expect([first, second].map((stored) => stored && locationOf(stored))).toEqual([`${red}0/0`, `${red}0/1`]);
      });

      test('applies the limit after the filter, and treats a prefix as text, not as a pattern', async () => {
        const page = await store.readAll({ after: start, prefixes: [red], limit: 5 });
        expect(page.map(locationOf)).toEqual(written.filter((location) => location.startsWith(red)).slice(0, 5));
        const both = await readInPages({ after: start, prefixes: [red, blue], limit: 3 });
        expect(both.map(locationOf)).toEqual(
          written.filter((location) => location.startsWith(red) || location.startsWith(blue)),
        );
        expect(await store.readAll({ after: start, prefixes: [], limit: 5 })).toEqual([]);
      });

      test('returns events backwards from the end or from a position', async () => {
        const backwards = await store.readAll({ direction: 'backwards', prefixes: [blue], limit: 3 });
        expect(backwards.map(locationOf)).toEqual([`${blue}5/1`, `${blue}5/0`, `${blue}4/1`]);
        const before = backwards[1]?.position ?? null;
        const [next] = await store.readAll({ direction: 'backwards', after: before, prefixes: [blue], limit: 1 });
        expect(next && locationOf(next)).toBe(`${blue}4/1`);
      });

      test('returns nothing after the head, which is the position of the last event', async () => {
        const result = await store.append(newStream(), 'none', events(3));
        expect(await store.head()).toBe(result.position);
        expect(await store.readAll({ after: result.position, limit: 5 })).toEqual([]);
      });

      test('ends a page at its limit of characters, but not before its first event', async () => {
        const before = await store.head();
        const own = `own${randomUUID().slice(0, 8)}-`;
        const large = event('Noted', { text: 'x'.repeat(100_000) });
        for (const stream of [newStream(), `${own}0`, newStream(), `${own}1`, `${own}2`])
          for (let revision = 0; revision < 20; revision++)
            await store.append(stream, revision === 0 ? 'none' : revision - 1, [{ ...large, eventId: randomUUID() }]);
        const page = await store.readAll({ after: before, prefixes: [own], limit: 1000, maxCharacters: 1_000_000 });
        expect(page.length).toBeGreaterThan(0);
        expect(page.length).toBeLessThan(40);
        const all = await readInPages({ after: before, prefixes: [own], limit: 1000, maxCharacters: 1_000_000 });
        expect(all.map(({ stream }) => stream)).toEqual(
          [0, 1, 2].flatMap((number) => Array.from({ length: 20 }, () => `${own}${String(number)}`)),
        );
      });

      const readInPages = async (options: ReadAllOptions & { after: string | null }) => {
        const found: StoredEvent[] = [];
        for (let after = options.after; ;) {
          const page = await store.readAll({ ...options, after });
          const last = page.at(-1);
          if (last === undefined) return found;
          found.push(...page);
          after = last.position;
        }
      };
    });

    describe('a subscription', () => {
      /** Appends to new streams of one prefix, and subscribes to that prefix until `stop` is aborted. */
      const newSubscriber = () => {
        const prefix = `sub${randomUUID().slice(0, 8)}-`;
        const stop = new AbortController();
        let stream = 0;
        return {
          prefix,
          stop,
          append: (count: number) => store.append(`${prefix}${String(stream++)}`, 'none', events(count)),
          subscribe: (after: string | null, batchSize?: number) =>
            store.subscribe({
              after,
              prefixes: [prefix],
              signal: stop.signal,
              ...(batchSize === undefined ? {} : { batchSize }),
            }),
        };
      };

      test('delivers stored events and then new ones, each once and in order', async () => {
        const { append, subscribe, stop } = newSubscriber();
        await append(5);
        const seen: StoredEvent[] = [];
        const appending = setInterval(() => void append(3), 5);
        for await (const batch of subscribe(null)) {
          seen.push(...batch.events);
          if (seen.length >= 40) stop.abort();
        }
        clearInterval(appending);
        const positions = seen.map((stored) => stored.position);
        expect([...new Set(positions)].sort()).toEqual(positions);
        expect(seen.filter((stored) => stored.revision === 0).length).toBeGreaterThan(10);
      });

      test('reports when it has caught up, even with nothing to deliver', async () => {
        const { subscribe, append, stop } = newSubscriber();
        const deliveries: [number, boolean][] = [];
        let count = 0;
        for await (const batch of subscribe(await store.head())) {
          count += batch.events.length;
          deliveries.push([count, batch.caughtUp]);
          if (deliveries.length === 1) await append(2);
          if (count === 2 && batch.caughtUp) stop.abort(); // a server may deliver the two events one by one
        }
        expect(deliveries[0]).toEqual([0, true]);
        expect(deliveries.at(-1)).toEqual([2, true]);
      });

      test('continues after the given position', async () => {
        const { append, subscribe, stop, prefix } = newSubscriber();
        const { position } = await append(4);
        await append(1);
        const seen: string[] = [];
        for await (const batch of subscribe(position)) {
          seen.push(...batch.events.map(locationOf));
          if (batch.caughtUp) stop.abort();
        }
        expect(seen).toEqual([`${prefix}1/0`]);
      });

      test('respects the batch size, and loses no event while the consumer is slow', async () => {
        const { append, subscribe, stop, prefix } = newSubscriber();
        await append(30);
        const sizes: number[] = [];
        const seen: string[] = [];
        for await (const batch of subscribe(null, 8)) {
          sizes.push(batch.events.length);
          seen.push(...batch.events.map((stored) => stored.position));
          await append(1).catch(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, 5));
          if (seen.length >= 40) stop.abort();
        }
        expect(Math.max(...sizes)).toBe(8);
        const stored = await store.readAll({ prefixes: [prefix], limit: seen.length });
        expect(seen).toEqual(stored.map((event) => event.position));
      });

      test('ends without an error if its signal is aborted, during a wait or before the start', async () => {
        const { subscribe, stop } = newSubscriber();
        const batches: number[] = [];
        for await (const batch of subscribe(await store.head())) {
          batches.push(batch.events.length);
          setTimeout(() => stop.abort(), 30);
        }
        expect(batches).toEqual([0]);
        for await (const batch of subscribe(null)) batches.push(batch.events.length);
        expect(batches).toEqual([0]);
      });

      test('delivers an event only when it is readable', async () => {
        const { append, subscribe, stop, prefix } = newSubscriber();
        setTimeout(() => void append(2), 5);
        let count = 0;
        for await (const batch of subscribe(await store.head())) {
          for (const stored of batch.events) {
            expect((await store.read(stored.stream, { from: stored.revision, limit: 1 }))[0]).toEqual(stored);
            expect(stored.stream.startsWith(prefix)).toBe(true);
          }
          count += batch.events.length;
          if (count === 2) stop.abort();
        }
        expect.assertions(4);
      });
    });

    test('has the store id that the first event of the stream `store` holds', async () => {
      const [first] = await store.read('store', { limit: 1 });
      expect(first).toMatchObject({ type: 'StoreCreated', revision: 0 });
      expect(JSON.parse(first?.data ?? '')).toMatchObject({ storeId: store.storeId, format: 1, encryption: 'none' });
    });

    const eventsOf = (stream: string) => store.read(stream, { limit: 100 });
  });
}

const newStream = (): string => `case-${randomUUID()}`;

function event(type = 'Noted', data: object = { note: randomUUID() }): EncodedEvent {
  return { eventId: randomUUID(), type, data: JSON.stringify(data), metadata: '{"by":"contract"}' };
}

const events = (count: number): EncodedEvent[] => Array.from({ length: count }, () => event());

/** The event and a copy of it, whose id may be changed. */
const twice = (original: EncodedEvent, changeId = (id: string) => id): EncodedEvent[] => [
  original,
  { ...original, eventId: changeId(original.eventId) },
];

/** `stream/revision` of an event. */
const locationOf = (stored: StoredEvent): string => `${stored.stream}/${String(stored.revision)}`;
