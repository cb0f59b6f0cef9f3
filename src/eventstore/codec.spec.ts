import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { eventIdOf, GENESIS_HASH } from './chain.js';
import { DecodeError, encodeBatch, EventDecoder, type Draft, type MetadataDraft } from './codec.js';
import type { StoredEvent } from './event-store.js';
import { canonicalJson, NotLossless } from '../platform/canonical-json.js';
import { instant } from '../platform/moment.js';
import type { JsonObject } from '../platform/json.js';
import { examples } from '../../test/support/examples.js';

const metadata: MetadataDraft = {
  occurredAt: instant('2026-03-02T01:30:00.000Z'),
  recordedAt: '2026-03-02T01:31:00.000Z',
  actor: { type: 'person', id: 'handler-1', role: 'handler' },
  commandId: 'command-1',
  commandDigest: 'd'.repeat(64),
  $correlationId: 'correlation-1',
  $causationId: 'command-1',
};

const noted = (data: object, fields: Partial<Draft> = {}): Draft => ({ type: 'Noted', version: 1, data, ...fields });

const stored = (
  stream: string,
  revision: number,
  event: Pick<StoredEvent, 'eventId' | 'type' | 'data' | 'metadata'>,
) => ({
  eventId: event.eventId,
  type: event.type,
  data: event.data,
  metadata: event.metadata,
  stream,
  revision,
  position: '00000000000000000001',
});

const jsonObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }));

describe('the event codec', () => {
  test('decodes an encoded event to the same data and metadata', () => {
    const decoder = new EventDecoder([{ type: 'Noted', version: 1 }]);
    fc.assert(
      fc.property(jsonObject, fc.string({ unit: 'binary', minLength: 1 }), fc.nat(), (data, stream, revision) => {
        const plain = JSON.parse(JSON.stringify(data)) as JsonObject; // fast-check creates objects without prototype
        const [event] = encodeBatch(stream, revision, GENESIS_HASH, [noted(plain)], metadata);
        if (event === undefined) throw new Error('expected one encoded event');
        const decoded = decoder.decode(stored(stream, revision, event));
        expect(decoded.data).toStrictEqual(plain);
        expect(decoded.stream).toBe(stream);
        expect(decoded.metadata).toEqual({ ...metadata, schemaVersion: 1, prevHash: GENESIS_HASH, hash: event.hash });
      }),
      examples(500),
    );
  });

  test('encodes an event to the same bytes whatever the order of its members', () => {
    const first = encodeBatch('s', 0, GENESIS_HASH, [noted({ a: 1, b: { c: 2, d: 3 } })], metadata);
    const second = encodeBatch('s', 0, GENESIS_HASH, [noted({ b: { d: 3, c: 2 }, a: 1 })], { ...metadata });
    expect(second).toEqual(first);
    expect(first[0]?.data).toBe('{"a":1,"b":{"c":2,"d":3}}');
  });

  test('writes the same JSON as the reference implementation of RFC 8785', () => {
    fc.assert(
      fc.property(jsonObject, (data) => {
        const plain = JSON.parse(JSON.stringify(data)) as JsonObject;
        expect(canonicalJson(plain, 'data')).toBe(canonicalize(plain));
      }),
      examples(500),
    );
  });

  test('chains the events of a batch: prevHash of each is the hash of the previous one', () => {
    const batch = encodeBatch('s', 4, 'e'.repeat(64), [noted({ n: 1 }), noted({ n: 2 }), noted({ n: 3 })], metadata);
    const prevHashes = batch.map((event) => (JSON.parse(event.metadata) as { prevHash: string }).prevHash);
    expect(prevHashes).toEqual(['e'.repeat(64), batch[0]?.hash, batch[1]?.hash]);
    expect(batch.map((event) => event.eventId)).toEqual(batch.map((event) => eventIdOf(event.hash)));
  });

  test.each([
    ['stream', { stream: 't' }],
    ['revision', { revision: 1 }],
    ['previous hash', { previous: '1'.repeat(64) }],
    ['type', { event: noted({ n: 1 }, { type: 'Other' }) }],
    ['schema version', { event: noted({ n: 1 }, { version: 2 }) }],
    ['data', { event: noted({ n: 2 }) }],
    ['metadata', { event: noted({ n: 1 }, { metadata: { reasonText: 'because' } }) }],
  ])('gives another hash and id if the %s differs', (_, change) => {
    const encodedWith = ({ stream = 's', revision = 0, previous = GENESIS_HASH, event = noted({ n: 1 }) }: Changed) =>
      encodeBatch(stream, revision, previous, [event], metadata)[0];
    expect(encodedWith(change)?.hash).not.toBe(encodedWith({})?.hash);
    expect(encodedWith(change)?.eventId).not.toBe(encodedWith({})?.eventId);
  });

  test('uses the metadata of an event instead of those of the batch', () => {
    const [first, second] = encodeBatch(
      's',
      0,
      GENESIS_HASH,
      [
        noted({}),
        noted({}, { metadata: { occurredAt: { precision: 'day', day: '2026-03-01', zone: 'Asia/Shanghai' } } }),
      ],
      metadata,
    );
    expect(JSON.parse(first?.metadata ?? '')).toMatchObject({ occurredAt: metadata.occurredAt });
    expect(JSON.parse(second?.metadata ?? '')).toMatchObject({
      occurredAt: { day: '2026-03-01' },
      commandId: 'command-1',
    });
  });

  test.each([
    ['undefined in an array', { list: [1, undefined] }, 'events[0].data.list[1]'],
    ['NaN', { a: { b: NaN } }, 'events[0].data.a.b'],
    ['an infinity', { a: Infinity }, 'events[0].data.a'],
    ['-0', { a: -0 }, 'events[0].data.a'],
    ['a bigint', { a: 1n }, 'events[0].data.a'],
    ['a Date', { at: new Date(0) }, 'events[0].data.at'],
    ['a Map', { map: new Map() }, 'events[0].data.map'],
    ['a function', { f: () => 1 }, 'events[0].data.f'],
    ['an object with toJSON', { o: { toJSON: () => 1 } }, 'events[0].data.o'],
    ['a lone surrogate', { text: 'a\ud800b' }, 'events[0].data.text'],
    ['a name with a lone surrogate', { '\udc00': 1 }, 'events[0].data.\udc00'],
  ])('rejects %s, with its path in the error', (_, data, path) => {
    const encode = () => encodeBatch('s', 0, GENESIS_HASH, [noted(data)], metadata);
    expect(encode).toThrow(NotLossless);
    expect(thrownBy(encode)).toMatchObject({ path });
  });

  test('rejects a cycle instead of recursing forever', () => {
    const cyclic: { self?: object } = {};
    cyclic.self = cyclic;
    expect(() => encodeBatch('s', 0, GENESIS_HASH, [noted(cyclic)], metadata)).toThrow(NotLossless);
  });

  test('omits a property that is undefined', () => {
    expect(encodeBatch('s', 0, GENESIS_HASH, [noted({ a: undefined, b: 1 })], metadata)[0]?.data).toBe('{"b":1}');
  });
});

/** Arguments of the encoder that differ from the defaults. */
interface Changed {
  readonly stream?: string;
  readonly revision?: number;
  readonly previous?: string;
  readonly event?: Draft;
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('the event decoder', () => {
  const encoded = (data: object, version = 1) => {
    const [event] = encodeBatch('case-1', 0, GENESIS_HASH, [noted(data, { version })], metadata);
    if (event === undefined) throw new Error('expected one encoded event');
    return stored('case-1', 0, event);
  };
  const upcasters = [
    { type: 'Noted', from: 1, up: (data: JsonObject) => ({ ...data, addedInVersion2: true }) },
    { type: 'Noted', from: 2, up: ({ text, ...rest }: JsonObject) => ({ ...rest, note: text ?? null }) },
  ];

  test('converts old data to the newest schema version, step by step', () => {
    const decoder = new EventDecoder([{ type: 'Noted', version: 3 }], upcasters);
    expect(decoder.decode(encoded({ text: 'x' })).data).toEqual({ addedInVersion2: true, note: 'x' });
    expect(decoder.decode(encoded({ text: 'x' }, 2)).data).toEqual({ note: 'x' });
    expect(decoder.decode(encoded({ note: 'x' }, 3)).data).toEqual({ note: 'x' });
    expect(decoder.versionOf('Noted')).toBe(3);
  });

  test('rejects an event of an unknown type, with stream, revision and type in the error', () => {
    const decoder = new EventDecoder([{ type: 'Other', version: 1 }]);
    const decode = () => decoder.decode(encoded({}));
    expect(decode).toThrow(DecodeError);
    expect(thrownBy(decode)).toMatchObject({ stream: 'case-1', revision: 0, type: 'Noted' });
  });

  test('rejects a schema version newer than the declared one', () => {
    const decoder = new EventDecoder([{ type: 'Noted', version: 1 }]);
    expect(() => decoder.decode(encoded({}, 2))).toThrow(/schema version 2/);
  });

  test.each(['[]', 'null', '"text"', '{', ''])('rejects %j as data', (data) => {
    const decoder = new EventDecoder([{ type: 'Noted', version: 1 }]);
    expect(() => decoder.decode({ ...encoded({}), data })).toThrow(DecodeError);
  });

  test('throws at construction if an upcaster is missing or a type is declared twice', () => {
    expect(() => new EventDecoder([{ type: 'Noted', version: 3 }], upcasters.slice(1))).toThrow(/version 1/);
    expect(
      () =>
        new EventDecoder([
          { type: 'Noted', version: 1 },
          { type: 'Noted', version: 1 },
        ]),
    ).toThrow(/twice/);
  });
});
