import type { Json, JsonObject } from '../../src/platform/json.js';
import type {
  Checkpoint,
  Document,
  Find,
  GuardedBatch,
  IndexSpec,
  ReadModels,
  WriteResult,
} from '../../src/readmodels/read-models.js';
import { digest, digestCollection } from '../../src/readmodels/digest.js';
import { describeRandomQueries } from './read-models.random-queries.js';

/** What a server that stands in for an engine in the tests answers otherwise than that engine, each with the reason. */
export interface Unlike {
  /** Text beyond U+FFFF is not ordered by its UTF-8 bytes. */
  readonly textBeyondBmp?: string;
  /** A group whose id is an array is not a group of its own. */
  readonly arrayGroups?: string;
}

/**
 * What every adapter of the ReadModels port does. `open` answers an empty store of its own each time; the suite closes
 * it. Nothing here depends on an engine: an adapter that needs another answer has a fault. `unlike` is for servers that
 * stand in for an engine: what they cannot do is skipped by name.
 */
export function describeReadModels(name: string, open: () => Promise<ReadModels>, unlike: Unlike = {}): void {
  const unless = (reason: string | undefined) => (what: string, body: () => Promise<void>) => {
    if (reason === undefined) test(what, body);
    else test.skip(`${what} (${reason})`, body);
  };

  describe(`read models: ${name}`, () => {
    let models: ReadModels;

    beforeEach(async () => {
      models = await open();
    });

    afterEach(async () => {
      await models.close();
    });

    const COLLECTION = 'work_queue@1.3';
    const INDEXES: readonly IndexSpec[] = [
      { fields: { open: 1, handler: 1, dueAt: 1 } },
      { fields: { rank: 1 } },
      { fields: { 'points.product': 1 } },
      { fields: { tags: 1, dueAt: -1 } },
    ];

    /** Writes documents at position 1 into a collection that declares `INDEXES`. */
    async function given(...documents: readonly (JsonObject & { readonly _id: string })[]): Promise<void> {
      await models.createCollection(COLLECTION, INDEXES);
      expect(await models.write(first(documents.map((document) => ({ ...document, _position: '1' }))))).toEqual({
        ok: true,
      });
    }

    const first = (documents: readonly Document[]): GuardedBatch => ({
      collection: COLLECTION,
      writes: documents.map((document) => ({ id: document._id, loaded: null, document })),
      checkpoint: { id: COLLECTION, from: null, to: at('1') },
    });

    const ids = async (query: Find): Promise<string[]> =>
      (await models.find(COLLECTION, query)).map((document) => document._id);

    const matching = (filter: JsonObject): Promise<string[]> => ids({ filter, sort: { _id: 1 } });

    describe('writing', () => {
      test('a document is read back as it was written', async () => {
        const document = {
          _id: '投诉/1',
          open: true,
          rank: -1.5,
          big: Number.MAX_SAFE_INTEGER,
          note: null,
          text: 'größer 😀 "quoted" \n',
          points: [{ product: 'p', measures: [[1], []] }],
          nothing: {},
        };
        await given(document);
        expect(await models.getMany(COLLECTION, ['投诉/1'])).toEqual([{ ...document, _position: '1' }]);
        expect(await models.find(COLLECTION, {})).toEqual([{ ...document, _position: '1' }]);
      });

      test('numbers come back as they were, and equal ones are equal however they are written', async () => {
        const numbers = {
          one: 1.0,
          zero: -0,
          tenth: 0.1,
          int: 2 ** 31 - 1,
          long: 2 ** 31,
          least: -(2 ** 53 - 1),
          tiny: 5e-324,
        };
        await given({ _id: 'a', ...numbers, rank: 2 ** 31 }, { _id: 'b', rank: 2 ** 31 - 1 }, { _id: 'c', rank: 0.5 });
        expect(await models.getMany(COLLECTION, ['a'])).toEqual([
          { _id: 'a', _position: '1', ...numbers, zero: 0, rank: 2 ** 31 },
        ]);
        expect(await matching({ one: 1, zero: 0, long: 2147483648 })).toEqual(['a']);
        expect(await matching({ zero: { $gte: -0, $lt: 1e-300 } })).toEqual(['a']);
        const sum = { _id: null, sum: { $sum: '$rank' }, most: { $max: '$rank' } };
        expect(await models.aggregate(COLLECTION, [{ $group: sum }])).toEqual([
          { _id: null, sum: 4294967295.5, most: 2 ** 31 },
        ]);
      });

      test('a field may have any name', async () => {
        const names = [
          '$gt',
          '$set',
          '$',
          'a.b',
          '',
          '%24',
          '%',
          '_bsontype',
          'toBSON',
          '$ref',
          '$id',
          'a\0b',
          '投诉',
          '7',
        ];
        const fields = Object.fromEntries(names.map((name, at) => [name, at]));
        await given({ _id: 'a', ...fields, inner: { ...fields, list: [fields, { $ref: 'x', $id: 'y' }] } });
        const [found] = await models.getMany(COLLECTION, ['a']);
        expect(found).toEqual({
          _id: 'a',
          _position: '1',
          ...fields,
          inner: { ...fields, list: [fields, { $ref: 'x', $id: 'y' }] },
        });
        expect(await matching({ 'inner.%24': 5 })).toEqual(['a']);
        expect(await matching({ 'inner.list.%': { $gt: 5 } })).toEqual(['a']);
        expect(await models.distinct(COLLECTION, 'inner._bsontype', {})).toEqual([7]);
        expect(await models.find(COLLECTION, { fields: ['%24'], sort: { '%': 1 } })).toEqual([{ _id: 'a', '%24': 5 }]);
        expect(
          await models.aggregate(COLLECTION, [{ $group: { _id: { '%x': '$%' }, '%': { $sum: '$%24' } } }]),
        ).toEqual([{ _id: { '%x': 6 }, '%': 5 }]);
      });

      test('a document is replaced while its position is the one that was loaded', async () => {
        await given({ _id: 'a', rank: 1, handler: 'x' });
        expect(await write([{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2', rank: 2 } }])).toEqual({
          ok: true,
        });
        expect(await models.getMany(COLLECTION, ['a'])).toEqual([{ _id: 'a', _position: '2', rank: 2 }]);
        expect(await matching({ handler: 'x' })).toEqual([]);
        expect(await matching({ rank: 1 })).toEqual([]);
        expect(await matching({ rank: 2 })).toEqual(['a']);
      });

      test('a document that moved since it was loaded is refused and stays', async () => {
        await given({ _id: 'a', rank: 1 }, { _id: 'b', rank: 1 });
        await write([{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2', rank: 2 } }]);
        const late = { id: 'a', loaded: '1', document: { _id: 'a', _position: '3', rank: 99 } };
        expect(await write([late], at('2'), at('3'))).toEqual({ ok: false, refused: ['a'] });
        expect(await models.getMany(COLLECTION, ['a'])).toEqual([{ _id: 'a', _position: '2', rank: 2 }]);
      });

      test('a new document is refused where there is one, a changed one where there is none', async () => {
        await given({ _id: 'a' });
        const result = await write([
          { id: 'a', loaded: null, document: { _id: 'a', _position: '2' } },
          { id: 'b', loaded: '1', document: { _id: 'b', _position: '2' } },
        ]);
        expect({ ...result, refused: 'refused' in result ? [...result.refused].sort() : [] }).toEqual({
          ok: false,
          refused: ['a', 'b'],
        });
        expect(await models.getMany(COLLECTION, ['a', 'b'])).toEqual([{ _id: 'a', _position: '1' }]);
      });

      test('after a refusal the batch goes through when it is folded again from what is there', async () => {
        await given({ _id: 'a' }, { _id: 'b' });
        await write([{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2' } }]);
        const fold = async (): Promise<WriteResult> => {
          const loaded = await models.getMany(COLLECTION, ['a', 'b', 'c']);
          return write(
            ['a', 'b', 'c'].map((id) => ({
              id,
              loaded: loaded.find((document) => document._id === id)?._position ?? null,
              document: { _id: id, _position: '3', rank: 3 },
            })),
            at('2'),
            at('3'),
          );
        };
        const stale = ['a', 'b', 'c'].map((id) => ({
          id,
          loaded: id === 'c' ? null : '1',
          document: { _id: id, _position: '3', rank: 3 },
        }));
        expect(await write(stale, at('2'), at('3'))).toMatchObject({ ok: false, refused: ['a'] });
        expect(await fold()).toEqual({ ok: true });
        expect(await matching({ rank: 3 })).toEqual(['a', 'b', 'c']);
      });

      test('a document is written once in a batch', async () => {
        await given();
        const twice = { id: 'a', loaded: null, document: { _id: 'a', _position: '2' } };
        await expect(write([twice, twice])).rejects.toThrow('twice');
      });

      test('of many ids those are answered that are there', async () => {
        const many = Array.from({ length: 2500 }, (_, at) => ({ _id: `d${String(at)}` }));
        await given(...many);
        const found = await models.getMany(COLLECTION, [...many.map(({ _id }) => _id), 'none', 'd1']);
        expect(found.length).toBe(2500);
        expect(await models.getMany(COLLECTION, [])).toEqual([]);
      });
    });

    describe('tombstones', () => {
      test('a tombstone is seen by getMany alone', async () => {
        await given({ _id: 'a', rank: 1, tags: ['x'] }, { _id: 'b', rank: 2, tags: ['x'] });
        await write([{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2', _deleted: true } }]);
        expect(await models.getMany(COLLECTION, ['a'])).toEqual([{ _id: 'a', _position: '2', _deleted: true }]);
        expect(await matching({})).toEqual(['b']);
        expect(await matching({ _id: 'a' })).toEqual([]);
        expect(await matching({ rank: null })).toEqual([]);
        expect(await matching({ undeclared: null })).toEqual(['b']);
        expect(await matching({ tags: 'x' })).toEqual(['b']);
        expect(await models.count(COLLECTION, {})).toBe(1);
        expect(await models.distinct(COLLECTION, 'rank', {})).toEqual([2]);
        expect(await models.aggregate(COLLECTION, [{ $group: { _id: null, n: { $sum: 1 } } }])).toEqual([
          { _id: null, n: 1 },
        ]);
      });

      test('a tombstone guards its position and can come back to life', async () => {
        await given({ _id: 'a', rank: 1 });
        await write([{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2', _deleted: true } }]);
        const again = { _id: 'a', _position: '3', rank: 3 };
        expect(await write([{ id: 'a', loaded: null, document: again }], at('2'), at('3'))).toMatchObject({
          ok: false,
        });
        expect(await write([{ id: 'a', loaded: '2', document: again }], at('2'), at('3'))).toEqual({ ok: true });
        expect(await matching({ rank: 3 })).toEqual(['a']);
      });
    });

    describe('checkpoints', () => {
      test('there is none before the first batch; then it is what was written', async () => {
        await models.createCollection(COLLECTION, INDEXES);
        expect(await models.loadCheckpoint(COLLECTION)).toBeNull();
        expect(await write([], null, at('7', 3))).toEqual({ ok: true });
        expect(await models.loadCheckpoint(COLLECTION)).toEqual(at('7', 3));
      });

      test('a refused document keeps the checkpoint where it was', async () => {
        await given({ _id: 'a' });
        await write([{ id: 'a', loaded: null, document: { _id: 'a', _position: '2' } }]);
        expect(await models.loadCheckpoint(COLLECTION)).toEqual(at('1'));
      });

      test.each([
        ['none was loaded but there is one', null, at('9')],
        ['another position was loaded', at('0'), at('9')],
        ['another epoch was loaded', at('1', 2), at('9', 2)],
        ['a smaller epoch writes', at('1', 5), at('9', 4)],
        ['another store was loaded', { ...at('1', 5), storeId: 'other' }, at('9', 5)],
      ])('the checkpoint is lost when %s', async (_, from, to) => {
        await models.createCollection(COLLECTION, INDEXES);
        await write([], null, at('1', 5));
        expect(await write([], from, to)).toEqual({ ok: false, checkpointLost: true });
        expect(await models.loadCheckpoint(COLLECTION)).toEqual(at('1', 5));
      });

      test('the checkpoint is lost when one was loaded but there is none', async () => {
        await models.createCollection(COLLECTION, INDEXES);
        expect(await write([], at('1'), at('2'))).toEqual({ ok: false, checkpointLost: true });
        expect(await models.loadCheckpoint(COLLECTION)).toBeNull();
      });

      test('a newer epoch takes the checkpoint over and the older one loses it', async () => {
        await models.createCollection(COLLECTION, INDEXES);
        await write([], null, at('1', 1));
        expect(await write([], at('1', 1), at('1', 2))).toEqual({ ok: true });
        expect(await write([], at('1', 1), at('2', 1))).toEqual({ ok: false, checkpointLost: true });
        expect(await write([], at('1', 2), at('2', 2))).toEqual({ ok: true });
      });

      test('documents of one collection are written under the checkpoint of another', async () => {
        const beside = `${COLLECTION}~parked`;
        await models.createCollection(COLLECTION, INDEXES);
        await models.createCollection(beside, []);
        const under = (collection: string, from: Checkpoint | null, to: Checkpoint, id: string) => ({
          collection,
          writes: [{ id, loaded: null, document: { _id: id, _position: '1' } }],
          checkpoint: { id: beside, from, to },
        });
        expect(await models.write(under(beside, null, at('1'), 'a'))).toEqual({ ok: true });
        expect(await models.write(under(COLLECTION, at('1'), at('2'), 'b'))).toEqual({ ok: true });
        expect(await models.loadCheckpoint(beside)).toEqual(at('2'));
        expect(await models.loadCheckpoint(COLLECTION)).toBeNull();
        expect(await models.write(under(beside, at('2'), at('3'), 'c'))).toEqual({ ok: true });
      });
    });

    describe('collections and aliases', () => {
      test('collections are listed until they are dropped, and start empty again', async () => {
        await given({ _id: 'a' });
        await models.createCollection('timeline@2.1', []);
        expect([...(await models.listCollections())].sort()).toEqual(['timeline@2.1', COLLECTION]);
        await models.dropCollection(COLLECTION);
        expect(await models.listCollections()).toEqual(['timeline@2.1']);
        await models.createCollection(COLLECTION, INDEXES);
        expect(await matching({})).toEqual([]);
      });

      test('the checkpoint of the same name goes with its collection', async () => {
        await given({ _id: 'a' });
        await models.dropCollection(COLLECTION);
        expect(await models.loadCheckpoint(COLLECTION)).toBeNull();
      });

      test('a collection that nobody created, or that was dropped, is an error', async () => {
        const unknown = (name: string): unknown =>
          expect.objectContaining({ name: 'UnknownCollection', collection: name });
        for (const name of ['none@1.1', COLLECTION]) {
          if (name === COLLECTION) {
            await given({ _id: 'a' });
            expect(await matching({})).toEqual(['a']);
            await models.dropCollection(COLLECTION);
          }
          const checkpoint = { id: name, from: null, to: at('9') };
          await expect(models.find(name, {})).rejects.toEqual(unknown(name));
          await expect(models.count(name, {})).rejects.toEqual(unknown(name));
          await expect(models.getMany(name, ['a'])).rejects.toEqual(unknown(name));
          await expect(models.distinct(name, 'a', {})).rejects.toEqual(unknown(name));
          await expect(models.write({ collection: name, writes: [], checkpoint })).rejects.toEqual(unknown(name));
          await expect(models.buildIndexes(name)).rejects.toEqual(unknown(name));
        }
      });

      test('dropping what is not there does nothing', async () => {
        await models.dropCollection('none@1.1');
        expect(await models.listCollections()).toEqual([]);
      });

      test('creating again keeps the documents, and new declarations reach them', async () => {
        await given({ _id: 'a', colour: 'red', sizes: [1, 5] }, { _id: 'b', colour: 'blue', sizes: 3 });
        await models.createCollection(COLLECTION, [...INDEXES, { fields: { colour: -1 } }, { fields: { sizes: 1 } }]);
        expect(await matching({ colour: 'red' })).toEqual(['a']);
        expect(await matching({ sizes: 5 })).toEqual(['a']);
        expect(await ids({ sort: { colour: 1 } })).toEqual(['b', 'a']);
      });

      test('a collection answers the same before and after its indexes are built', async () => {
        await models.createCollection(COLLECTION, INDEXES, 'later');
        await models.write(
          first([
            { _id: 'a', _position: '1', tags: ['x', 'y'], rank: 2 },
            { _id: 'b', _position: '1', rank: 1 },
          ]),
        );
        const asked = async (): Promise<unknown> => [await matching({ tags: 'y' }), await ids({ sort: { rank: 1 } })];
        expect(await asked()).toEqual([['a'], ['b', 'a']]);
        await models.buildIndexes(COLLECTION);
        await models.buildIndexes(COLLECTION);
        expect(await asked()).toEqual([['a'], ['b', 'a']]);
      });

      test('an alias is swapped by whoever knows where it points', async () => {
        expect(await models.resolveAlias('work_queue')).toBeNull();
        expect(await models.swapAlias('work_queue', 'work_queue@1.1', 'work_queue@1.2')).toBe(false);
        expect(await models.swapAlias('work_queue', null, 'work_queue@1.1')).toBe(true);
        expect(await models.swapAlias('work_queue', null, 'work_queue@1.2')).toBe(false);
        expect(await models.swapAlias('work_queue', 'work_queue@1.1', 'work_queue@1.2')).toBe(true);
        expect(await models.resolveAlias('work_queue')).toBe('work_queue@1.2');
      });

      test('a swap that was done, but whose answer was lost, may be asked for again', async () => {
        for (let time = 1; time <= 2; time++)
          expect(await models.swapAlias('work_queue', null, 'work_queue@1.1')).toBe(true);
        for (let time = 1; time <= 2; time++)
          expect(await models.swapAlias('work_queue', 'work_queue@1.1', 'work_queue@1.2')).toBe(true);
        expect(await models.swapAlias('work_queue', null, 'work_queue@1.1')).toBe(false);
        expect(await models.resolveAlias('work_queue')).toBe('work_queue@1.2');
      });
    });

    // Each filter is asked of a declared field (rank) and of one that is not (loose), which hold the same.
    describe.each(['rank', 'loose'])('filters on %s', (field) => {
      const VALUES: Readonly<Record<string, Json>> = {
        zero: 0,
        one: 1,
        big: Number.MAX_SAFE_INTEGER,
        half: 0.5,
        minus: -3,
        text: 'abc',
        textNumber: '1',
        empty: '',
        han: '投诉',
        nothing: null,
        yes: true,
        no: false,
        object: { a: 1 },
        list: [1, 'abc'],
        listOfNull: [null],
        none: [],
      };

      beforeEach(async () => {
        await given(...Object.entries(VALUES).map(([_id, value]) => ({ _id, [field]: value })), { _id: 'missing' });
      });

      const all = [...Object.keys(VALUES), 'missing'].sort();
      const except = (...left: readonly string[]): string[] => all.filter((id) => !left.includes(id));

      test.each<[JsonObject | Json, string[]]>([
        [1, ['list', 'one']],
        [{ $eq: 1 }, ['list', 'one']],
        [{ $ne: 1 }, except('list', 'one')],
        ['1', ['textNumber']],
        ['', ['empty']],
        ['abc', ['list', 'text']],
        ['投诉', ['han']],
        [true, ['yes']],
        [false, ['no']],
        [Number.MAX_SAFE_INTEGER, ['big']],
        [Number.MAX_SAFE_INTEGER - 1, []],
        [null, ['listOfNull', 'missing', 'nothing']],
        [{ $ne: null }, except('listOfNull', 'missing', 'nothing')],
        [{ $exists: true }, except('missing')],
        [{ $exists: false }, ['missing']],
        [{ $in: [] }, []],
        [{ $nin: [] }, all],
        [{ $in: [1, 'abc', true, 7] }, ['list', 'one', 'text', 'yes']],
        [{ $in: [0, null] }, ['listOfNull', 'missing', 'nothing', 'zero']],
        [{ $nin: [0, null] }, except('listOfNull', 'missing', 'nothing', 'zero')],
        [{ $nin: [0, 1, 'abc'] }, except('zero', 'one', 'list', 'text')],
        [{ $gt: 0 }, ['big', 'half', 'list', 'one']],
        [{ $gte: 0, $lt: 1 }, ['half', 'zero']],
        [{ $lt: 0 }, ['minus']],
        [{ $lte: 0 }, ['minus', 'zero']],
        [{ $gt: '' }, ['han', 'list', 'text', 'textNumber']],
        [{ $gte: '' }, ['empty', 'han', 'list', 'text', 'textNumber']],
        [{ $lt: 'b' }, ['empty', 'list', 'text', 'textNumber']],
        [{ $gt: false }, ['yes']],
        [{ $lte: true }, ['no', 'yes']],
        [{ $gte: 0, $ne: 1 }, ['big', 'half', 'zero']],
      ])('%j matches what MongoDB matches', async (comparison, expected) => {
        expect(await matching({ [field]: comparison })).toEqual(expected);
        expect(await models.count(COLLECTION, { [field]: comparison })).toBe(expected.length);
      });

      test('$and, $or and several fields combine', async () => {
        expect(await matching({ $or: [{ [field]: 0 }, { [field]: 'abc' }] })).toEqual(['list', 'text', 'zero']);
        expect(await matching({ $and: [{ [field]: { $gte: 0 } }, { _id: { $lt: 'm' } }] })).toEqual([
          'big',
          'half',
          'list',
        ]);
        expect(await matching({ [field]: 1, _id: 'one' })).toEqual(['one']);
        expect(await matching({ $or: [{ $and: [{ [field]: 1 }, { _id: 'list' }] }, { other: 1 }] })).toEqual(['list']);
      });
    });

    describe.each(['points', 'parts'])('dotted paths through %s', (field) => {
      const product = `${field}.product`;

      beforeEach(async () => {
        await given(
          { _id: 'emptyObject', [field]: {} },
          { _id: 'null', [field]: null },
          { _id: 'number', [field]: 4 },
          { _id: 'object', [field]: { product: 'loan' } },
          { _id: 'objectNull', [field]: { product: null } },
          { _id: 'none', other: 1 },
          { _id: 'emptyArray', [field]: [] },
          { _id: 'array', [field]: [{ product: 'loan' }, { product: 'card' }] },
          { _id: 'arrayNull', [field]: [{ product: null }, { product: 'card' }] },
          { _id: 'arrayMissing', [field]: [{ product: 3 }, {}] },
          { _id: 'arrayOfArrays', [field]: [{ product: [1, 9] }] },
        );
      });

      const absent = ['arrayMissing', 'arrayNull', 'emptyObject', 'none', 'null', 'number', 'objectNull'];

      test.each<[Json, string[]]>([
        ['loan', ['array', 'object']],
        [{ $in: ['card', 9] }, ['array', 'arrayNull', 'arrayOfArrays']],
        [
          { $ne: 'loan' },
          [
            'arrayMissing',
            'arrayNull',
            'arrayOfArrays',
            'emptyArray',
            'emptyObject',
            'none',
            'null',
            'number',
            'objectNull',
          ],
        ],
        [{ $gt: 2, $lt: 8 }, ['arrayMissing', 'arrayOfArrays']],
        [null, absent],
        [{ $ne: null }, ['array', 'arrayOfArrays', 'emptyArray', 'object']],
        [{ $exists: true }, ['array', 'arrayMissing', 'arrayNull', 'arrayOfArrays', 'object', 'objectNull']],
        [{ $exists: false }, ['emptyArray', 'emptyObject', 'none', 'null', 'number']],
      ])('%j matches any element', async (comparison, expected) => {
        expect(await matching({ [product]: comparison })).toEqual(expected);
      });

      test('an array that shrinks no longer matches by what it lost', async () => {
        await write([
          { id: 'array', loaded: '1', document: { _id: 'array', _position: '2', [field]: [{ product: 'card' }] } },
        ]);
        expect(await matching({ [product]: 'loan' })).toEqual(['object']);
        expect(await matching({ [product]: 'card' })).toEqual(['array', 'arrayNull']);
      });

      test('an array sorts by its least element, descending by its greatest', async () => {
        const filter = { [product]: { $in: ['card', 'loan'] }, _id: { $ne: 'arrayNull' } };
        await write([
          { id: 'between', loaded: null, document: { _id: 'between', _position: '2', [field]: { product: 'i' } } },
        ]);
        const among = { $or: [filter, { _id: 'between' }] };
        expect(await ids({ filter: among, sort: { [product]: 1, _id: 1 } })).toEqual(['array', 'between', 'object']);
        expect(await ids({ filter: among, sort: { [product]: -1, _id: 1 } })).toEqual(['array', 'object', 'between']);
      });

      test('distinct answers the elements of arrays', async () => {
        const values = await models.distinct(COLLECTION, product, {
          _id: { $in: ['array', 'object', 'arrayOfArrays'] },
        });
        expect(new Set(values)).toEqual(new Set(['loan', 'card', 1, 9]));
        expect(values.length).toBe(4);
      });
    });

    describe.each(['rank', 'loose'])('sorting by %s', (field) => {
      const ORDERED: readonly Json[] = [
        null,
        -3,
        0,
        0.5,
        Number.MAX_SAFE_INTEGER,
        '',
        'Z',
        'a',
        'a ',
        'é',
        '\uffee',
        { a: 1 },
        { a: 2 },
        { a: 2, b: 0 },
        { b: 0 },
        false,
        true,
      ];

      beforeEach(async () => {
        // ids run against the order, so that they cannot bring it about
        await given(...ORDERED.map((value, at) => ({ _id: String(99 - at), [field]: value })), {
          _id: '99a',
          note: 'missing',
        });
      });

      test('values sort across types as in MongoDB, a missing one as null', async () => {
        const found = await models.find(COLLECTION, { sort: { [field]: 1, _id: 1 } });
        expect(found.map((document) => document[field])).toEqual([null, undefined, ...ORDERED.slice(1)]);
        const reversed = await models.find(COLLECTION, { sort: { [field]: -1, _id: -1 } });
        expect(reversed.map(({ _id }) => _id)).toEqual(found.map(({ _id }) => _id).reverse());
      });

      unless(unlike.textBeyondBmp)('text sorts by its UTF-8 bytes', async () => {
        await write([{ id: '100', loaded: null, document: { _id: '100', _position: '2', [field]: '😀' } }]);
        const found = await models.find(COLLECTION, { filter: { [field]: { $gt: 'é' } }, sort: { [field]: 1 } });
        expect(found.map((document) => document[field])).toEqual(['\uffee', '😀']);
        expect(await ids({ filter: { [field]: { $gt: '\uffee' } } })).toEqual(['100']);
      });

      test('pages go on after a value of any type', async () => {
        const sort = { [field]: 1, _id: 1 } as const;
        const whole = (await models.find(COLLECTION, { sort })).filter(
          (document) => typeof document[field] !== 'object',
        );
        for (const [index, last] of whole.entries()) {
          const after = [last[field] ?? null, last._id];
          const next = (await models.find(COLLECTION, { sort, after })).filter((one) => typeof one[field] !== 'object');
          expect(next).toEqual(whole.slice(index + 1));
          const before = await models.find(COLLECTION, { sort: { [field]: -1, _id: -1 }, after, fields: [] });
          expect(before.filter(({ _id }) => whole.some((one) => one._id === _id)).map(({ _id }) => _id)).toEqual(
            whole
              .slice(0, index)
              .map(({ _id }) => _id)
              .reverse(),
          );
        }
      });

      test('paging by a field that holds arrays is refused', async () => {
        await write([{ id: 'list', loaded: null, document: { _id: 'list', _position: '2', [field]: [3, 4] } }]);
        const query = { sort: { [field]: 1 }, after: [0.5, 'x'] } as const;
        await expect(models.find(COLLECTION, query)).rejects.toMatchObject({ name: 'QueryRefused', part: 'after' });
      });

      test.each([1, -1] as const)('pages in direction %d join without gap or repetition', async (direction) => {
        const filter = {
          $or: [
            { [field]: { $lt: '~~~' } },
            { [field]: { $gte: -9 } },
            { [field]: { $gte: '' } },
            { [field]: { $gte: false } },
            { [field]: null },
          ],
        };
        const sort = { [field]: direction, _id: 1 } as const;
        const whole = await ids({ filter, sort });
        expect(whole.length).toBe(14);
        const paged: string[] = [];
        let after: readonly Json[] | undefined;
        for (;;) {
          const page = await models.find(COLLECTION, {
            filter,
            sort,
            limit: 2,
            ...(after === undefined ? {} : { after }),
          });
          paged.push(...page.map(({ _id }) => _id));
          const last = page.at(-1);
          if (last === undefined) break;
          after = [last[field] ?? null, last._id];
        }
        expect(paged).toEqual(whole);
      });
    });

    describe('paging', () => {
      const QUEUE = Array.from({ length: 60 }, (_, at) => ({
        _id: `c${String(at).padStart(2, '0')}`,
        open: at % 3 !== 0,
        handler: at % 2 === 0 ? 'x' : 'y',
        dueAt: at % 7 === 0 ? null : `2026-11-${String(10 + (at % 5))}`,
        loose: at % 4,
      }));

      const pages = async (query: Find, key: (document: Document) => readonly Json[]): Promise<string[]> => {
        const found: string[] = [];
        let after: readonly Json[] | undefined;
        for (;;) {
          const page = await models.find(COLLECTION, { ...query, limit: 4, ...(after === undefined ? {} : { after }) });
          expect(page.length).toBeLessThanOrEqual(4);
          found.push(...page.map(({ _id }) => _id));
          const last = page.at(-1);
          if (last === undefined) return found;
          after = key(last);
        }
      };

      test.each<[string, Find, readonly string[]]>([
        ['by id', {}, []],
        ['by id, downwards', { sort: { _id: -1 } }, []],
        ['of the work queue', { filter: { open: true, handler: 'x' }, sort: { dueAt: 1, _id: 1 } }, ['dueAt']],
        [
          'of the work queue, downwards',
          { filter: { open: true, handler: 'x' }, sort: { dueAt: -1, _id: -1 } },
          ['dueAt'],
        ],
        ['where the id is not named in the sort', { sort: { dueAt: -1 } }, ['dueAt']],
        ['with mixed directions', { sort: { handler: -1, dueAt: 1, open: -1, _id: 1 } }, ['handler', 'dueAt', 'open']],
        ['filtered by an undeclared field', { filter: { loose: { $lt: 2 } }, sort: { dueAt: 1, _id: -1 } }, ['dueAt']],
        [
          'sorted by an undeclared field',
          { filter: { handler: 'y' }, sort: { loose: -1, dueAt: 1 } },
          ['loose', 'dueAt'],
        ],
      ])('pages %s join to the whole', async (_, query, sorted) => {
        await given(...QUEUE);
        const whole = await ids(query);
        const key = (document: Document): readonly Json[] => [
          ...sorted.map((path) => document[path] ?? null),
          document._id,
        ];
        expect(await pages(query, key)).toEqual(whole);
        expect(whole.length).toBeGreaterThan(10);
      });

      test('equal sort values are told apart by id, in the direction of the last sort field', async () => {
        await given({ _id: 'b', rank: 1 }, { _id: 'a', rank: 1 }, { _id: 'c', rank: 0 });
        expect(await ids({ sort: { rank: 1 } })).toEqual(['c', 'a', 'b']);
        expect(await ids({ sort: { rank: -1 } })).toEqual(['b', 'a', 'c']);
        expect(await ids({})).toEqual(['a', 'b', 'c']);
      });

      unless(unlike.textBeyondBmp)('ids sort by their UTF-8 bytes', async () => {
        await given({ _id: '😀' }, { _id: '\uffee' }, { _id: 'z' }, { _id: 'Z' });
        expect(await ids({})).toEqual(['Z', 'z', '\uffee', '😀']);
        expect(await ids({ after: ['z'] })).toEqual(['\uffee', '😀']);
        expect(await matching({ _id: { $gt: '\uffee' } })).toEqual(['😀']);
      });

      test('only the chosen top-level fields come, and the id', async () => {
        await given({ _id: 'a', rank: 1, points: [{ product: 'p' }], note: 'n' });
        expect(await models.find(COLLECTION, { fields: ['points', 'none'] })).toEqual([
          { _id: 'a', points: [{ product: 'p' }] },
        ]);
      });
    });

    describe('aggregation', () => {
      const FACTS = [
        { _id: '1', open: true, handler: 'x', rank: 5, loose: 'p' },
        { _id: '2', open: true, handler: 'y', rank: 7, loose: 'p' },
        { _id: '3', open: false, handler: 'x', rank: 'text', loose: 'q' },
        { _id: '4', open: false, handler: null, rank: null, loose: 'q' },
        { _id: '5', open: false, rank: -1, loose: 'q' },
        { _id: '6', open: true, handler: 'x', loose: null },
      ];

      beforeEach(() => given(...FACTS));

      const sums = {
        n: { $sum: 1 },
        twice: { $sum: 2 },
        ranks: { $sum: '$rank' },
        least: { $min: '$rank' },
        most: { $max: '$rank' },
      };

      test('one group over everything', async () => {
        expect(await models.aggregate(COLLECTION, [{ $group: { _id: null, ...sums } }])).toEqual([
          { _id: null, n: 6, twice: 12, ranks: 11, least: -1, most: 'text' },
        ]);
      });

      test('no documents make no group', async () => {
        const none = [{ $match: { handler: 'nobody' } }, { $group: { _id: null, n: { $sum: 1 } } }];
        expect(await models.aggregate(COLLECTION, none)).toEqual([]);
      });

      test.each(['$handler', '$loose'])('groups by one field (%s), null and missing together', async (_id) => {
        const groups = await models.aggregate(COLLECTION, [{ $group: { _id, ...sums } }, { $sort: { _id: 1 } }]);
        expect(groups).toEqual(
          _id === '$handler'
            ? [
                { _id: null, n: 2, twice: 4, ranks: -1, least: -1, most: -1 },
                { _id: 'x', n: 3, twice: 6, ranks: 5, least: 5, most: 'text' },
                { _id: 'y', n: 1, twice: 2, ranks: 7, least: 7, most: 7 },
              ]
            : [
                { _id: null, n: 1, twice: 2, ranks: 0, least: null, most: null },
                { _id: 'p', n: 2, twice: 4, ranks: 12, least: 5, most: 7 },
                { _id: 'q', n: 3, twice: 6, ranks: -1, least: -1, most: 'text' },
              ],
        );
      });

      test('groups by several fields, a missing one left out of the id', async () => {
        const pipeline = [
          { $match: { _id: { $ne: '6' } } },
          { $group: { _id: { who: '$handler', open: '$open' }, n: { $sum: 1 } } },
          { $sort: { '_id.who': -1, '_id.open': 1, n: 1 } },
        ];
        const groups = await models.aggregate(COLLECTION, pipeline);
        expect(groups.slice(0, 3)).toEqual([
          { _id: { who: 'y', open: true }, n: 1 },
          { _id: { who: 'x', open: false }, n: 1 },
          { _id: { who: 'x', open: true }, n: 1 },
        ]);
        expect(groups.slice(3)).toHaveLength(2);
        expect(groups.slice(3)).toEqual(
          expect.arrayContaining([
            { _id: { who: null, open: false }, n: 1 },
            { _id: { open: false }, n: 1 },
          ]),
        );
      });

      test('null stands for a missing field of several where it is asked for', async () => {
        const orNull = (field: string) => ({ $ifNull: [field, null] });
        const who = { who: orNull('$handler'), open: '$open' };
        const missing = await models.aggregate(COLLECTION, [
          { $match: { open: false } },
          { $group: { _id: who, n: { $sum: 1 } } },
          { $sort: { '_id.who': 1 } },
        ]);
        expect(missing).toEqual([
          { _id: { who: null, open: false }, n: 2 },
          { _id: { who: 'x', open: false }, n: 1 },
        ]);
        expect(await models.aggregate(COLLECTION, [{ $group: { _id: { none: orNull('$none') } } }])).toEqual([
          { _id: { none: null } },
        ]);
      });

      /** By `f` and `h`; what is below stays, what is above becomes `end`. */
      const ladder = (field: string): Json => ({
        $cond: [
          { $lt: [field, 'h'] },
          { $cond: [{ $lt: [field, 'f'] }, field, 'from f'] },
          { $cond: [{ $lt: [field, 'é'] }, 'from h', 'end'] },
        ],
      });
      const RUNGS: readonly Json[] = ['a', 'ez', 'f', 'gz', 'h', 'hz', 'é', 'éa', null, -1, 7, true, false, { a: 1 }];

      test.each(['handler', 'loose'])('a ladder over %s groups text by its steps', async (field) => {
        const rungs = RUNGS.map((value, at) => ({ _id: `r${String(at)}`, _position: '2', rung: true, [field]: value }));
        const all = [...rungs, { _id: 'missing', _position: '2', rung: true }];
        await write(all.map((document) => ({ id: document._id, loaded: null, document })));
        const group = { _id: { rung: '$rung', step: ladder(`$${field}`) }, n: { $sum: 1 } };
        const pipeline = [{ $match: { rung: true } }, { $group: group }];
        const groups = await models.aggregate(COLLECTION, pipeline);
        const expected = [
          ...['a', 'ez', null, -1, 7].map((step) => ({ _id: { rung: true, step }, n: 1 })),
          { _id: { rung: true }, n: 1 },
          ...['from f', 'from h'].map((step) => ({ _id: { rung: true, step }, n: 2 })),
          { _id: { rung: true, step: 'end' }, n: 5 },
        ];
        expect(groups).toHaveLength(expected.length);
        expect(groups).toEqual(expect.arrayContaining(expected));

        const orNull = { _id: { rung: '$rung', step: { $ifNull: [ladder(`$${field}`), null] } }, n: { $sum: 1 } };
        const found = await models.aggregate(COLLECTION, [{ $match: { rung: true } }, { $group: orNull }]);
        expect(found).toHaveLength(expected.length - 1);
        expect(found).toContainEqual({ _id: { rung: true, step: null }, n: 2 });
      });

      test('an array stands on the last step of a ladder', async () => {
        const document = { _id: 'r', _position: '2', rank: 99, handler: ['a'] };
        await write([{ id: 'r', loaded: null, document }]);
        const group = { _id: { step: ladder('$handler') }, n: { $sum: 1 } };
        expect(await models.aggregate(COLLECTION, [{ $match: { rank: 99 } }, { $group: group }])).toEqual([
          { _id: { step: 'end' }, n: 1 },
        ]);
      });

      test('a ladder takes four thousand boundaries', async () => {
        const name = (at: number): string => `x${String(at).padStart(4, '0')}`;
        const between = (first: number, last: number): Json => {
          if (first === last) return first === 0 ? '$handler' : name(first);
          const middle = Math.ceil((first + last) / 2);
          const condition = { $lt: ['$handler', name(middle)] };
          return { $cond: [condition, between(first, middle - 1), between(middle, last)] };
        };
        const grouped = (boundaries: number) =>
          models.aggregate(COLLECTION, [{ $group: { _id: { who: between(0, boundaries) }, n: { $sum: 1 } } }]);
        const late = ['x0001', 'x2500z', 'x39999', 'x9'].map((handler) => ({ _id: handler, _position: '2', handler }));
        await write(late.map((document) => ({ id: document._id, loaded: null, document })));
        const groups = await grouped(4_000);
        for (const who of ['x', 'x0001', 'x2500', 'x3999'])
          expect(groups.map(({ _id }) => _id)).toContainEqual({ who });
        expect(groups).toContainEqual({ _id: { who: 'x4000' }, n: 2 });
        await expect(grouped(4_001)).rejects.toMatchObject({ name: 'QueryRefused', part: '$cond' });
      });

      test('groups are sorted and cut', async () => {
        const pipeline = [
          { $match: { open: { $in: [true, false] } } },
          { $group: { _id: '$handler', n: { $sum: 1 } } },
          { $sort: { n: -1, _id: 1 } },
          { $limit: 2 },
        ];
        expect(await models.aggregate(COLLECTION, pipeline)).toEqual([
          { _id: 'x', n: 3 },
          { _id: null, n: 2 },
        ]);
      });

      test('only numbers are summed', async () => {
        const more = ['12', true, { a: 1 }].map((rank, at) => ({
          _id: `n${String(at)}`,
          _position: '2',
          rank,
          handler: 'z',
        }));
        await write(more.map((document) => ({ id: document._id, loaded: null, document })));
        const pipeline = [{ $match: { handler: 'z' } }, { $group: { _id: '$handler', sum: { $sum: '$rank' } } }];
        expect(await models.aggregate(COLLECTION, pipeline)).toEqual([{ _id: 'z', sum: 0 }]);
      });

      test('a match on an undeclared field counts what it matches', async () => {
        const pipeline = [{ $match: { loose: 'p', open: true } }, { $group: { _id: '$open', n: { $sum: 1 } } }];
        expect(await models.aggregate(COLLECTION, pipeline)).toEqual([{ _id: true, n: 2 }]);
      });

      unless(unlike.arrayGroups)('an array is a group of its own', async () => {
        await write([{ id: '7', loaded: null, document: { _id: '7', _position: '2', rank: 1, handler: ['x', 'y'] } }]);
        const pipeline = [
          { $match: { rank: { $gte: 1 } } },
          { $group: { _id: '$handler', n: { $sum: 1 } } },
          { $sort: { _id: 1 } },
        ];
        const groups = await models.aggregate(COLLECTION, pipeline);
        expect(groups).toHaveLength(3);
        expect(groups).toEqual(
          expect.arrayContaining([
            { _id: 'x', n: 1 },
            { _id: 'y', n: 1 },
            { _id: ['x', 'y'], n: 1 },
          ]),
        );
      });

      test('distinct answers each value once, null where it was written, nothing where it is missing', async () => {
        for (const field of ['handler', 'rank', 'loose', 'open']) {
          const values = await models.distinct(COLLECTION, field, {});
          const expected = new Set(FACTS.filter((fact) => field in fact).map((fact) => (fact as JsonObject)[field]));
          expect(values.length).toBe(expected.size);
          expect(new Set(values)).toEqual(expected);
        }
        expect(await models.distinct(COLLECTION, 'handler', { open: true })).toEqual(['x', 'y']);
        expect(await models.distinct(COLLECTION, 'none', {})).toEqual([]);
      });
    });

    describe('what is outside of the language is refused by name', () => {
      beforeEach(() => given({ _id: 'a' }));

      test.each<[string, JsonObject]>([
        ['$where', { $where: 'true' }],
        ['$nor', { $nor: [{ rank: 1 }] }],
        ['$regex', { rank: { $regex: '^a' } }],
        ['$not', { rank: { $not: { $gt: 1 } } }],
        ['$elemMatch', { points: { $elemMatch: { product: 'x' } } }],
        ['$size', { tags: { $size: 1 } }],
        ['$in', { rank: { $in: 'x' } }],
        ['$eq', { rank: { $eq: { a: 1 } } }],
        ['$gt', { rank: { $gt: null } }],
        ['$exists', { rank: { $exists: 1 } }],
        ['$or', { $or: [] }],
        ['a.0', { 'a.0': 1 }],
        ['a..b', { 'a..b': 1 }],
        ['$eq', { rank: 'a\0' }],
      ])('%s in a filter', async (part, filter) => {
        const refusal = expect.objectContaining({ name: 'QueryRefused', part }) as unknown;
        await expect(models.find(COLLECTION, { filter })).rejects.toEqual(refusal);
        await expect(models.count(COLLECTION, filter)).rejects.toEqual(refusal);
        await expect(models.distinct(COLLECTION, 'rank', filter)).rejects.toEqual(refusal);
        await expect(
          models.aggregate(COLLECTION, [{ $match: filter }, { $group: { _id: null, n: { $sum: 1 } } }]),
        ).rejects.toEqual(refusal);
      });

      test.each<[string, readonly JsonObject[]]>([
        ['$group', []],
        ['$group', [{ $match: {} }]],
        ['$lookup', [{ $lookup: {} }]],
        ['$match', [{ $group: { _id: null } }, { $match: {} }]],
        ['$avg', [{ $group: { _id: null, a: { $avg: '$rank' } } }]],
        ['$group', [{ $group: { _id: { $toLower: 'x' } } }]],
        ['$min', [{ $group: { _id: null, a: { $min: 1 } } }]],
        ['$limit', [{ $group: { _id: null } }, { $limit: 0 }]],
      ])('%s in a pipeline %#', async (part, pipeline) => {
        await expect(models.aggregate(COLLECTION, pipeline)).rejects.toMatchObject({ name: 'QueryRefused' });
        await expect(models.aggregate(COLLECTION, pipeline)).rejects.toThrow(part === '$group' ? /\$/ : part);
      });

      const deep = (levels: number): Json =>
        levels === 0 ? 'z' : { $cond: [{ $lt: ['$a', `b${String(99 - levels)}`] }, '$a', deep(levels - 1)] };

      test.each<[string, Json]>([
        ['$toLower', { $toLower: '$a' }],
        ['$group', { $ifNull: ['$a', null], $cond: [] }],
        ['$ifNull', { $ifNull: ['$a', 'x'] }],
        ['$ifNull', { $ifNull: ['$a', '$b', null] }],
        ['$ifNull', { $ifNull: [{ $ifNull: ['$a', null] }, null] }],
        ['$cond', { $cond: { if: { $lt: ['$a', 'b'] }, then: '$a', else: 'b' } }],
        ['$gt', { $cond: [{ $gt: ['$a', 'b'] }, '$a', 'b'] }],
        ['$lt', { $cond: [{ $lt: ['b', '$a'] }, '$a', 'b'] }],
        ['$lt', { $cond: [{ $lt: ['$a', 5] }, '$a', 'b'] }],
        ['$lt', { $cond: [{ $lt: ['$a', '$b'] }, '$a', 'b'] }],
        ['$lt', { $cond: [{ $lt: ['$a', 'b\0'] }, '$a', 'b'] }],
        ['$cond', { $cond: [{ $lt: ['$a', 'b'] }, '$a', '$b'] }],
        ['$cond', { $cond: [{ $lt: ['$a', 'b'] }, '$a', 5] }],
        ['$cond', { $cond: [{ $lt: ['$a', 'b'] }, 'a', 'b'] }],
        ['$toLower', { $cond: [{ $lt: ['$a', 'b'] }, '$a', { $toLower: 'b' }] }],
        ['$lt', { $cond: [{ $lt: ['$a', 'b'] }, '$a', { $cond: [{ $lt: ['$a', 'a'] }, 'b', 'c'] }] }],
        ['$lt', { $cond: [{ $lt: ['$a', 'b'] }, '$a', { $cond: [{ $lt: ['$c', 'd'] }, 'b', 'c'] }] }],
        ['$cond', deep(40)],
      ])('%s in the id of a group %#', async (part, a) => {
        const pipeline = [{ $group: { _id: { a }, n: { $sum: 1 } } }];
        await expect(models.aggregate(COLLECTION, pipeline)).rejects.toMatchObject({ name: 'QueryRefused', part });
      });

      test.each<[string, Find]>([
        ['limit', { limit: 0 }],
        ['after', { sort: { rank: 1 }, after: [1] }],
        ['after', { sort: { rank: 1 }, after: [{ a: 1 }, 'x'] }],
        ['rank', { sort: { rank: 2 as 1 } }],
        ['a.b', { fields: ['a.b'] }],
      ])('%s in a find %#', async (part, query) => {
        await expect(models.find(COLLECTION, query)).rejects.toMatchObject({ name: 'QueryRefused', part });
      });
    });

    test('a collection has the digest of its documents', async () => {
      const documents = Array.from({ length: 1203 }, (_, at) => ({
        _id: `d${String(at).padStart(4, '0')}`,
        at,
        when: at,
      }));
      await given(...documents);
      await write([{ id: 'd0007', loaded: '1', document: { _id: 'd0007', _position: '2', _deleted: true } }]);
      const left = documents.filter(({ _id }) => _id !== 'd0007').map((document) => ({ ...document, _position: '8' }));
      expect(await digestCollection(models, COLLECTION)).toBe(digest(left));
      expect(await digestCollection(models, COLLECTION, ['when'])).toBe(digest(left, ['when']));
      expect(digest(left)).not.toBe(digest(left, ['when']));
    });

    describeRandomQueries(() => models, unlike.arrayGroups === undefined);

    function write(
      writes: GuardedBatch['writes'],
      from: Checkpoint | null = at('1'),
      to: Checkpoint = at('2'),
    ): Promise<WriteResult> {
      return models.write({ collection: COLLECTION, writes, checkpoint: { id: COLLECTION, from, to } });
    }
  });
}

const at = (position: string, epoch = 1): Checkpoint => ({
  storeId: 'store',
  position,
  eventId: `event-${position}`,
  epoch,
});
