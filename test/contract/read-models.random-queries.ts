import fc from 'fast-check';
import { Aggregator, Query } from 'mingo';
import type { Json, JsonObject } from '../../src/platform/json.js';
import type { Document, Find, IndexSpec } from '../../src/readmodels/read-models.js';
import { added, at, type ReadModelsFixture } from '../support/read-models/fixture.js';
import { examples } from '../support/examples.js';

const INDEXES: readonly IndexSpec[] = [
  { fields: { a: 1, b: -1 } },
  { fields: { 'c.d': 1, a: 1 } },
  { fields: { t: 1 } },
];

/*
 * mingo is the independent reference. Excluded, because there it differs from MongoDB: text beyond the BMP (compared by
 * UTF-16 units), arrays in arrays, objects that lack a field inside of arrays (null does not match them), and arrays
 * that mix objects with other values.
 */
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, -1, 1, 2, 1.5, 'a', 'b', '', 'é', '1'),
  fc.integer({ min: -3, max: 3 }),
);
const many = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 3 });
const plain = { a: scalar, b: scalar, x: scalar };
const withArrays = {
  ...plain,
  t: fc.oneof(scalar, many(scalar)),
  u: fc.oneof(scalar, many(scalar)),
  c: fc.oneof(scalar, fc.record({ d: scalar }, { requiredKeys: [] }), many(fc.record({ d: scalar }))),
};
const PATHS = ['a', 'b', 'x', 't', 'u', 'c.d'];

const comparison = fc.oneof(
  scalar,
  fc.record({ $eq: scalar }),
  fc.record({ $ne: scalar }),
  fc.record({ $in: many(scalar) }),
  fc.record({ $nin: many(scalar) }),
  fc.record({ $exists: fc.boolean() }),
  fc
    .tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte'), scalar)
    .filter(([, bound]) => bound !== null)
    .map(([operator, bound]) => ({ [operator]: bound })),
);
const leaf = (paths: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc.tuple(fc.constantFrom(...paths), comparison).map(([path, value]) => ({ [path]: value }));
const filterOver = (paths: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc.letrec<{ filter: JsonObject }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 2 },
      leaf(paths),
      fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map(($and) => ({ $and })),
      fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map(($or) => ({ $or })),
    ),
  })).filter;

const documents = (shape: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Document[]> =>
  fc
    .array(fc.record(shape, { requiredKeys: [] }), { maxLength: 12 })
    .map((list) => list.map((fields, at) => ({ _id: `d${String(at).padStart(2, '0')}`, _position: '1', ...fields })));

const direction = fc.constantFrom<1 | -1>(1, -1);
const sort = fc.dictionary(fc.constantFrom('a', 'b', 'x'), direction, { maxKeys: 3, noNullPrototype: true });

/** Random documents and queries of the supported language give the results of mingo over a plain array. */
export function describeRandomQueries(world: ReadModelsFixture, arrayGroups: boolean): void {
  let collections = 0;

  async function stored(list: readonly Document[]): Promise<string> {
    collections += 1;
    const collection = `random@1.${String(collections)}`;
    await world.session.createCollection(collection, INDEXES);
    const checkpoint = { collection, from: null, to: at('1') };
    await world.session.write({ changes: [{ collection, writes: added(list) }], checkpoint });
    return collection;
  }

  describe('random queries', () => {
    beforeEach(() => {
      collections = 0;
    });

    test('a filter matches what mingo matches', async () => {
      await fc.assert(
        fc.asyncProperty(
          documents(withArrays),
          fc.array(filterOver(PATHS), { minLength: 1, maxLength: 8 }),
          async (list, filters) => {
            const collection = await stored(list);
            for (const filter of filters) {
              const expected = new Query(filter).find<Document>([...list]).all();
              expect(await world.models.find(collection, { filter })).toEqual(expected);
              expect(await world.models.count(collection, filter)).toBe(expected.length);
            }
            await world.session.dropCollection(collection);
          },
        ),
        examples(60),
      );
    });

    test('a sorted page holds what mingo sorts there, and the next one continues after it', async () => {
      await fc.assert(
        fc.asyncProperty(
          documents(plain),
          filterOver(['a', 'b', 'x']),
          sort,
          fc.integer({ min: 1, max: 5 }),
          async (list, filter, by, limit) => {
            const collection = await stored(list);
            const order = { ...by, _id: 1 } as const;
            const expected = new Query(filter)
              .find<Document>([...list])
              .sort(order)
              .all();
            const paged: Document[] = [];
            let after: Json[] | undefined;
            do {
              const query: Find = { filter, sort: order, limit, ...(after === undefined ? {} : { after }) };
              const page = await world.models.find(collection, query);
              paged.push(...page);
              const last = page.at(-1);
              after = last && Object.keys(order).map((path) => last[path] ?? null);
            } while (after !== undefined);
            expect(paged).toEqual(expected);
            await world.session.dropCollection(collection);
          },
        ),
        examples(60),
      );
    });

    test('buckets group as mingo groups', async () => {
      const texts = ['', '1', 'a', 'b', 'é'];
      const buckets = fc
        .tuple(
          fc.uniqueArray(fc.constantFrom(...texts), { minLength: 1 }),
          fc.array(fc.constantFrom('low', 'high', null)),
        )
        .map(([boundaries, steps]) => ({ boundaries: boundaries.sort(), steps: [null, ...steps] }));
      await fc.assert(
        fc.asyncProperty(
          documents(plain),
          filterOver(['a', 'b', 'x']),
          buckets,
          fc.constantFrom('a', 'x'),
          async (list, $match, { boundaries, steps }, field) => {
            const collection = await stored(list);
            /** One step at a time: mingo compares within one type, so the steps are put into the documents. */
            const $cond = (from: number): Json =>
              from === boundaries.length
                ? (steps[from] ?? `$${field}`)
                : {
                    $cond: [
                      { $lt: [`$${field}`, boundaries[from] ?? ''] },
                      steps[from] ?? `$${field}`,
                      $cond(from + 1),
                    ],
                  };
            const stepped = list.map((document) => {
              const value = document[field];
              if (value === undefined) return document;
              const text = typeof value === 'string';
              const at = boundaries.filter((boundary) =>
                text ? boundary <= value : value === true || value === false,
              );
              return { ...document, step: steps[at.length] ?? value };
            });
            const group = { n: { $sum: 1 }, sum: { $sum: '$b' } };
            const asked = [{ $match }, { $group: { _id: { step: $cond(0), b: '$b' }, ...group } }];
            const witness = [{ $match }, { $group: { _id: { step: '$step', b: '$b' }, ...group } }];
            const expected = new Aggregator(witness).run<JsonObject>(stepped);
            const found = await world.models.aggregate(collection, asked);
            expect(found.length).toBe(expected.length);
            expect(found).toEqual(expect.arrayContaining(expected));
            await world.session.dropCollection(collection);
          },
        ),
        examples(60),
      );
    });

    test('a pipeline groups as mingo groups', async () => {
      const id = fc.oneof(
        fc.constant(null),
        fc.constantFrom('$a', '$b', '$x', ...(arrayGroups ? ['$t'] : [])),
        fc.constantFrom({ a: '$a' }, { a: '$a', b: '$b' }, { x: '$x', b: '$b' }),
      );
      await fc.assert(
        fc.asyncProperty(
          documents(withArrays),
          filterOver(PATHS),
          id,
          fc.constantFrom('$a', '$b', '$x'),
          async (list, $match, _id, field) => {
            const collection = await stored(list);
            const group = { _id, n: { $sum: 1 }, sum: { $sum: field }, least: { $min: field }, most: { $max: field } };
            const pipeline = [{ $match }, { $group: group }];
            const expected = new Aggregator(pipeline).run<JsonObject>([...list]);
            const found = await world.models.aggregate(collection, pipeline);
            expect(found.length).toBe(expected.length);
            expect(found).toEqual(expect.arrayContaining(expected));
            await world.session.dropCollection(collection);
          },
        ),
        examples(60),
      );
    });
  });
}
