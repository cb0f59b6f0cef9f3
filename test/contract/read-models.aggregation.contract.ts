import type { Json } from '../../src/platform/json.js';
import { COLLECTION, type ReadModelsFixture } from '../support/read-models/fixture.js';
import type { EngineDifferences } from '../support/read-models/engine-differences.js';
import { testUnless } from '../support/skip.js';

/** `aggregate` groups documents. The expected groups are those of MongoDB. */
export function describeAggregation(world: ReadModelsFixture, differences: EngineDifferences): void {
  const { given, write } = world;

  describe('aggregation', () => {
    // The fields open, handler and rank have an index, loose has none.
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

    test('the id null makes one group of all documents', async () => {
      expect(await world.models.aggregate(COLLECTION, [{ $group: { _id: null, ...sums } }])).toEqual([
        { _id: null, n: 6, twice: 12, ranks: 11, least: -1, most: 'text' },
      ]);
    });

    test('there is no group if no document matches', async () => {
      const pipeline = [{ $match: { handler: 'unknown' } }, { $group: { _id: null, n: { $sum: 1 } } }];
      expect(await world.models.aggregate(COLLECTION, pipeline)).toEqual([]);
    });

    test.each(['$handler', '$loose'])(
      'null and a missing field are in one group of a single field (%s)',
      async (_id) => {
        const groups = await world.models.aggregate(COLLECTION, [{ $group: { _id, ...sums } }, { $sort: { _id: 1 } }]);
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
      },
    );

    test('a missing field is left out of a group id of several fields', async () => {
      const pipeline = [
        { $match: { _id: { $ne: '6' } } },
        { $group: { _id: { who: '$handler', open: '$open' }, n: { $sum: 1 } } },
        { $sort: { '_id.who': -1, '_id.open': 1, n: 1 } },
      ];
      const groups = await world.models.aggregate(COLLECTION, pipeline);
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

    test('$ifNull maps a missing field to null in a group id of several fields', async () => {
      const orNull = (field: string) => ({ $ifNull: [field, null] });
      const groupId = { who: orNull('$handler'), open: '$open' };
      const groups = await world.models.aggregate(COLLECTION, [
        { $match: { open: false } },
        { $group: { _id: groupId, n: { $sum: 1 } } },
        { $sort: { '_id.who': 1 } },
      ]);
      expect(groups).toEqual([
        { _id: { who: null, open: false }, n: 2 },
        { _id: { who: 'x', open: false }, n: 1 },
      ]);
      expect(await world.models.aggregate(COLLECTION, [{ $group: { _id: { none: orNull('$none') } } }])).toEqual([
        { _id: { none: null } },
      ]);
    });

    /**
     * Maps text to buckets with the boundaries `f`, `h` and `é`: text below `f` stays as it is, then `from f`, `from h`,
     * `end`. Values before text in MongoDB's order of types stay as they are, values after text become `end`.
     */
    const toBucket = (field: string): Json => ({
      $cond: [
        { $lt: [field, 'h'] },
        { $cond: [{ $lt: [field, 'f'] }, field, 'from f'] },
        { $cond: [{ $lt: [field, 'é'] }, 'from h', 'end'] },
      ],
    });
    const VALUES: readonly Json[] = ['a', 'ez', 'f', 'gz', 'h', 'hz', 'é', 'éa', null, -1, 7, true, false, { a: 1 }];

    test.each(['handler', 'loose'])('documents are grouped by the bucket of %s', async (field) => {
      const withField = VALUES.map((value, index) => ({
        _id: `v${String(index)}`,
        _position: '2',
        hasBucket: true,
        [field]: value,
      }));
      const all = [...withField, { _id: 'missing', _position: '2', hasBucket: true }];
      await write(all.map((document) => ({ id: document._id, loaded: null, document })));
      const group = { _id: { hasBucket: '$hasBucket', bucket: toBucket(`$${field}`) }, n: { $sum: 1 } };
      const pipeline = [{ $match: { hasBucket: true } }, { $group: group }];
      const groups = await world.models.aggregate(COLLECTION, pipeline);
      const expected = [
        ...['a', 'ez', null, -1, 7].map((bucket) => ({ _id: { hasBucket: true, bucket }, n: 1 })),
        { _id: { hasBucket: true }, n: 1 },
        ...['from f', 'from h'].map((bucket) => ({ _id: { hasBucket: true, bucket }, n: 2 })),
        { _id: { hasBucket: true, bucket: 'end' }, n: 5 },
      ];
      expect(groups).toHaveLength(expected.length);
      expect(groups).toEqual(expect.arrayContaining(expected));

      const groupOrNull = {
        _id: { hasBucket: '$hasBucket', bucket: { $ifNull: [toBucket(`$${field}`), null] } },
        n: { $sum: 1 },
      };
      const pipelineOrNull = [{ $match: { hasBucket: true } }, { $group: groupOrNull }];
      const groupsOrNull = await world.models.aggregate(COLLECTION, pipelineOrNull);
      expect(groupsOrNull).toHaveLength(expected.length - 1);
      expect(groupsOrNull).toContainEqual({ _id: { hasBucket: true, bucket: null }, n: 2 });
    });

    test('an array is in the last bucket', async () => {
      const document = { _id: 'r', _position: '2', rank: 99, handler: ['a'] };
      await write([{ id: 'r', loaded: null, document }]);
      const group = { _id: { bucket: toBucket('$handler') }, n: { $sum: 1 } };
      expect(await world.models.aggregate(COLLECTION, [{ $match: { rank: 99 } }, { $group: group }])).toEqual([
        { _id: { bucket: 'end' }, n: 1 },
      ]);
    });

    test('buckets may have 4,000 boundaries, but not more', async () => {
      const boundary = (number: number): string => `x${String(number).padStart(4, '0')}`;
      /** Binary search for the bucket of the handler among the boundaries `first` to `last`. Bucket 0 is the text itself. */
      const bucketBetween = (first: number, last: number): Json => {
        if (first === last) return first === 0 ? '$handler' : boundary(first);
        const middle = Math.ceil((first + last) / 2);
        const condition = { $lt: ['$handler', boundary(middle)] };
        return { $cond: [condition, bucketBetween(first, middle - 1), bucketBetween(middle, last)] };
      };
      const groupInBuckets = (boundaries: number) => {
        const group = { _id: { bucket: bucketBetween(0, boundaries) }, n: { $sum: 1 } };
        return world.models.aggregate(COLLECTION, [{ $group: group }]);
      };
      const more = ['x0001', 'x2500z', 'x39999', 'x9'].map((handler) => ({ _id: handler, _position: '2', handler }));
      await write(more.map((document) => ({ id: document._id, loaded: null, document })));
      const groups = await groupInBuckets(4_000);
      for (const bucket of ['x', 'x0001', 'x2500', 'x3999'])
        expect(groups.map(({ _id }) => _id)).toContainEqual({ bucket });
      expect(groups).toContainEqual({ _id: { bucket: 'x4000' }, n: 2 });
      await expect(groupInBuckets(4_001)).rejects.toMatchObject({ name: 'QueryRefused', part: '$cond' });
    });

    test('groups are sorted and limited', async () => {
      const pipeline = [
        { $match: { open: { $in: [true, false] } } },
        { $group: { _id: '$handler', n: { $sum: 1 } } },
        { $sort: { n: -1, _id: 1 } },
        { $limit: 2 },
      ];
      expect(await world.models.aggregate(COLLECTION, pipeline)).toEqual([
        { _id: 'x', n: 3 },
        { _id: null, n: 2 },
      ]);
    });

    test('a sum ignores values that are not numbers', async () => {
      const more = ['12', true, { a: 1 }].map((rank, index) => ({
        _id: `n${String(index)}`,
        _position: '2',
        rank,
        handler: 'z',
      }));
      await write(more.map((document) => ({ id: document._id, loaded: null, document })));
      const pipeline = [{ $match: { handler: 'z' } }, { $group: { _id: '$handler', sum: { $sum: '$rank' } } }];
      expect(await world.models.aggregate(COLLECTION, pipeline)).toEqual([{ _id: 'z', sum: 0 }]);
    });

    test('only documents that match a filter on a field without an index are grouped', async () => {
      const pipeline = [{ $match: { loose: 'p', open: true } }, { $group: { _id: '$open', n: { $sum: 1 } } }];
      expect(await world.models.aggregate(COLLECTION, pipeline)).toEqual([{ _id: true, n: 2 }]);
    });

    testUnless(differences.arrayGroups)('documents with an array are in a separate group', async () => {
      await write([{ id: '7', loaded: null, document: { _id: '7', _position: '2', rank: 1, handler: ['x', 'y'] } }]);
      const pipeline = [
        { $match: { rank: { $gte: 1 } } },
        { $group: { _id: '$handler', n: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ];
      const groups = await world.models.aggregate(COLLECTION, pipeline);
      expect(groups).toHaveLength(3);
      expect(groups).toEqual(
        expect.arrayContaining([
          { _id: 'x', n: 1 },
          { _id: 'y', n: 1 },
          { _id: ['x', 'y'], n: 1 },
        ]),
      );
    });
  });
}
