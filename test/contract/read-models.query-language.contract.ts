import type { Json, JsonObject } from '../../src/platform/json.js';
import type { Find } from '../../src/readmodels/read-models.js';
import { COLLECTION, type ReadModelsFixture } from '../support/read-models/fixture.js';

/** Queries with parts that the query language does not support are rejected with the name of the part. */
export function describeQueryLanguage(world: ReadModelsFixture): void {
  const { given } = world;

  describe('a query is rejected because of', () => {
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
      const rejection = expect.objectContaining({ name: 'QueryRefused', part }) as unknown;
      await expect(world.models.find(COLLECTION, { filter })).rejects.toEqual(rejection);
      await expect(world.models.count(COLLECTION, filter)).rejects.toEqual(rejection);
      await expect(
        world.models.aggregate(COLLECTION, [{ $match: filter }, { $group: { _id: null, n: { $sum: 1 } } }]),
      ).rejects.toEqual(rejection);
    });

    test.each<[string, readonly JsonObject[]]>([
      ['$group', []],
      ['$group', [{ $match: {} }]],
      ['$lookup', [{ $lookup: {} }]],
      ['$match', [{ $group: { _id: null } }, { $match: {} }]],
      ['$avg', [{ $group: { _id: null, a: { $avg: '$rank' } } }]],
      ['$toLower', [{ $group: { _id: { $toLower: 'x' } } }]],
      ['$min', [{ $group: { _id: null, a: { $min: 1 } } }]],
      ['$limit', [{ $group: { _id: null } }, { $limit: 0 }]],
    ])('%s in a pipeline %#', async (part, pipeline) => {
      await expect(world.models.aggregate(COLLECTION, pipeline)).rejects.toMatchObject({ name: 'QueryRefused', part });
    });

    /** An expression with this number of nested `$cond`. */
    const nestedCond = (levels: number): Json =>
      levels === 0 ? 'z' : { $cond: [{ $lt: ['$a', `b${String(99 - levels)}`] }, '$a', nestedCond(levels - 1)] };

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
      ['$cond', nestedCond(40)],
    ])('%s in the id of a group %#', async (part, expression) => {
      const pipeline = [{ $group: { _id: { a: expression }, n: { $sum: 1 } } }];
      await expect(world.models.aggregate(COLLECTION, pipeline)).rejects.toMatchObject({ name: 'QueryRefused', part });
    });

    test.each<[string, Find]>([
      ['limit', { limit: 0 }],
      ['after', { sort: { rank: 1 }, after: [1] }],
      ['after', { sort: { rank: 1 }, after: [{ a: 1 }, 'x'] }],
      ['rank', { sort: { rank: 2 as 1 } }],
      ['a.b', { fields: ['a.b'] }],
    ])('%s in a find %#', async (part, query) => {
      await expect(world.models.find(COLLECTION, query)).rejects.toMatchObject({ name: 'QueryRefused', part });
    });
  });
}
