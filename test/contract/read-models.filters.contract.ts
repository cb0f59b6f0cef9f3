import type { Json, JsonObject } from '../../src/platform/json.js';
import { COLLECTION, type ReadModelsFixture } from '../support/read-models/fixture.js';

/** Filters match the same documents as in MongoDB. The expected ids are those that MongoDB returns. */
export function describeFilters(world: ReadModelsFixture): void {
  const { given, write, matching, ids } = world;

  // Each filter runs on a field with an index (rank) and on a field without one (loose), with the same values.
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
    const except = (...excluded: readonly string[]): string[] => all.filter((id) => !excluded.includes(id));

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
    ])('%j matches the same documents as in MongoDB', async (comparison, expected) => {
      expect(await matching({ [field]: comparison })).toEqual(expected);
      expect(await world.models.count(COLLECTION, { [field]: comparison })).toBe(expected.length);
    });

    test('$and, $or and several fields can be combined', async () => {
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

  // points.product has an index, parts.product does not.
  describe.each(['points', 'parts'])('filters on dotted paths through %s', (field) => {
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

    const nullOrMissing = ['arrayMissing', 'arrayNull', 'emptyObject', 'none', 'null', 'number', 'objectNull'];

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
      // one element may match $gt and another one $lt: 9 and 1 in arrayOfArrays
      [{ $gt: 2, $lt: 8 }, ['arrayMissing', 'arrayOfArrays']],
      [null, nullOrMissing],
      [{ $ne: null }, ['array', 'arrayOfArrays', 'emptyArray', 'object']],
      [{ $exists: true }, ['array', 'arrayMissing', 'arrayNull', 'arrayOfArrays', 'object', 'objectNull']],
      [{ $exists: false }, ['emptyArray', 'emptyObject', 'none', 'null', 'number']],
    ])('%j looks at the elements of arrays as in MongoDB', async (comparison, expected) => {
      expect(await matching({ [product]: comparison })).toEqual(expected);
    });

    test('a document no longer matches a value that was removed from its array', async () => {
      await write([
        { id: 'array', loaded: '1', document: { _id: 'array', _position: '2', [field]: [{ product: 'card' }] } },
      ]);
      expect(await matching({ [product]: 'loan' })).toEqual(['object']);
      expect(await matching({ [product]: 'card' })).toEqual(['array', 'arrayNull']);
    });

    test('an array is sorted by its smallest element, in descending order by its largest', async () => {
      const filter = { [product]: { $in: ['card', 'loan'] }, _id: { $ne: 'arrayNull' } };
      await write([
        { id: 'between', loaded: null, document: { _id: 'between', _position: '2', [field]: { product: 'i' } } },
      ]);
      const withBetween = { $or: [filter, { _id: 'between' }] };
      expect(await ids({ filter: withBetween, sort: { [product]: 1, _id: 1 } })).toEqual([
        'array',
        'between',
        'object',
      ]);
      expect(await ids({ filter: withBetween, sort: { [product]: -1, _id: 1 } })).toEqual([
        'array',
        'object',
        'between',
      ]);
    });
  });
}
