import type { Json } from '../../src/platform/json.js';
import { COLLECTION, type ReadModelsFixture } from '../support/read-models/fixture.js';
import { testUnless, type EngineDifferences } from '../support/read-models/engine-differences.js';

/** Groups of documents. */
export function describeAggregation(world: ReadModelsFixture, differences: EngineDifferences): void {
  const { given, write } = world;

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
      expect(await world.models.aggregate(COLLECTION, [{ $group: { _id: null, ...sums } }])).toEqual([
        { _id: null, n: 6, twice: 12, ranks: 11, least: -1, most: 'text' },
      ]);
    });

    test('no documents make no group', async () => {
      const none = [{ $match: { handler: 'nobody' } }, { $group: { _id: null, n: { $sum: 1 } } }];
      expect(await world.models.aggregate(COLLECTION, none)).toEqual([]);
    });

    test.each(['$handler', '$loose'])('groups by one field (%s), null and missing together', async (_id) => {
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
    });

    test('groups by several fields, a missing one left out of the id', async () => {
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

    test('$ifNull maps a missing field of a compound id to null', async () => {
      const orNull = (field: string) => ({ $ifNull: [field, null] });
      const who = { who: orNull('$handler'), open: '$open' };
      const missing = await world.models.aggregate(COLLECTION, [
        { $match: { open: false } },
        { $group: { _id: who, n: { $sum: 1 } } },
        { $sort: { '_id.who': 1 } },
      ]);
      expect(missing).toEqual([
        { _id: { who: null, open: false }, n: 2 },
        { _id: { who: 'x', open: false }, n: 1 },
      ]);
      expect(await world.models.aggregate(COLLECTION, [{ $group: { _id: { none: orNull('$none') } } }])).toEqual([
        { _id: { none: null } },
      ]);
    });

    /** By `f` and `h`; text below the boundary stays, text above becomes `end`. */
    const buckets = (field: string): Json => ({
      $cond: [
        { $lt: [field, 'h'] },
        { $cond: [{ $lt: [field, 'f'] }, field, 'from f'] },
        { $cond: [{ $lt: [field, 'é'] }, 'from h', 'end'] },
      ],
    });
    const RUNGS: readonly Json[] = ['a', 'ez', 'f', 'gz', 'h', 'hz', 'é', 'éa', null, -1, 7, true, false, { a: 1 }];

    test.each(['handler', 'loose'])('buckets of %s group text', async (field) => {
      const rungs = RUNGS.map((value, at) => ({ _id: `r${String(at)}`, _position: '2', bucket: true, [field]: value }));
      const all = [...rungs, { _id: 'missing', _position: '2', bucket: true }];
      await write(all.map((document) => ({ id: document._id, loaded: null, document })));
      const group = { _id: { bucket: '$bucket', step: buckets(`$${field}`) }, n: { $sum: 1 } };
      const pipeline = [{ $match: { bucket: true } }, { $group: group }];
      const groups = await world.models.aggregate(COLLECTION, pipeline);
      const expected = [
        ...['a', 'ez', null, -1, 7].map((step) => ({ _id: { bucket: true, step }, n: 1 })),
        { _id: { bucket: true }, n: 1 },
        ...['from f', 'from h'].map((step) => ({ _id: { bucket: true, step }, n: 2 })),
        { _id: { bucket: true, step: 'end' }, n: 5 },
      ];
      expect(groups).toHaveLength(expected.length);
      expect(groups).toEqual(expect.arrayContaining(expected));

      const orNull = { _id: { bucket: '$bucket', step: { $ifNull: [buckets(`$${field}`), null] } }, n: { $sum: 1 } };
      const found = await world.models.aggregate(COLLECTION, [{ $match: { bucket: true } }, { $group: orNull }]);
      expect(found).toHaveLength(expected.length - 1);
      expect(found).toContainEqual({ _id: { bucket: true, step: null }, n: 2 });
    });

    test('an array is in the last bucket', async () => {
      const document = { _id: 'r', _position: '2', rank: 99, handler: ['a'] };
      await write([{ id: 'r', loaded: null, document }]);
      const group = { _id: { step: buckets('$handler') }, n: { $sum: 1 } };
      expect(await world.models.aggregate(COLLECTION, [{ $match: { rank: 99 } }, { $group: group }])).toEqual([
        { _id: { step: 'end' }, n: 1 },
      ]);
    });

    test('buckets take four thousand boundaries', async () => {
      const name = (at: number): string => `x${String(at).padStart(4, '0')}`;
      const between = (first: number, last: number): Json => {
        if (first === last) return first === 0 ? '$handler' : name(first);
        const middle = Math.ceil((first + last) / 2);
        const condition = { $lt: ['$handler', name(middle)] };
        return { $cond: [condition, between(first, middle - 1), between(middle, last)] };
      };
      const grouped = (boundaries: number) =>
        world.models.aggregate(COLLECTION, [{ $group: { _id: { who: between(0, boundaries) }, n: { $sum: 1 } } }]);
      const late = ['x0001', 'x2500z', 'x39999', 'x9'].map((handler) => ({ _id: handler, _position: '2', handler }));
      await write(late.map((document) => ({ id: document._id, loaded: null, document })));
      const groups = await grouped(4_000);
      for (const who of ['x', 'x0001', 'x2500', 'x3999']) expect(groups.map(({ _id }) => _id)).toContainEqual({ who });
      expect(groups).toContainEqual({ _id: { who: 'x4000' }, n: 2 });
      await expect(grouped(4_001)).rejects.toMatchObject({ name: 'QueryRefused', part: '$cond' });
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

    test('only numbers are summed', async () => {
      const more = ['12', true, { a: 1 }].map((rank, at) => ({
        _id: `n${String(at)}`,
        _position: '2',
        rank,
        handler: 'z',
      }));
      await write(more.map((document) => ({ id: document._id, loaded: null, document })));
      const pipeline = [{ $match: { handler: 'z' } }, { $group: { _id: '$handler', sum: { $sum: '$rank' } } }];
      expect(await world.models.aggregate(COLLECTION, pipeline)).toEqual([{ _id: 'z', sum: 0 }]);
    });

    test('a match on an undeclared field counts its matches', async () => {
      const pipeline = [{ $match: { loose: 'p', open: true } }, { $group: { _id: '$open', n: { $sum: 1 } } }];
      expect(await world.models.aggregate(COLLECTION, pipeline)).toEqual([{ _id: true, n: 2 }]);
    });

    testUnless(differences.arrayGroups)('an array is a separate group', async () => {
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
