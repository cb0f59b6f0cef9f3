import fc from 'fast-check';
import { Aggregator, Query } from 'mingo';
import type { Json, JsonObject } from '../../src/platform/json.js';
import type { CountOptions, Document, Find, IndexSpec } from '../../src/readmodels/read-models.js';
import { added, at, type ReadModelsFixture } from '../support/read-models/fixture.js';
import { examples } from '../support/examples.js';

const INDEXES: readonly IndexSpec[] = [
  { fields: { a: 1, b: -1 } },
  { fields: { 'c.d': 1, a: 1 } },
  { fields: { t: 1, b: 1 } },
];
/** No index, or one of the declared ones, which must not change the result. */
const INDEX_OPTIONS: readonly CountOptions[] = [{}, ...INDEXES.map(({ fields }) => ({ index: fields }))];

/*
 * mingo is the independent reference. The documents contain nothing for which mingo differs from MongoDB: no text beyond
 * U+FFFF (mingo orders it by UTF-16 units), no arrays in arrays, no objects without the field `d` in arrays (in mingo null
 * does not match them), and no arrays that mix objects with other values.
 */
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, -1, 1, 2, 1.5, 'a', 'b', '', 'é', '1'),
  fc.integer({ min: -3, max: 3 }),
);
const shortArray = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 3 });
const SCALAR_FIELDS = { a: scalar, b: scalar, x: scalar };
const ALL_FIELDS = {
  ...SCALAR_FIELDS,
  t: fc.oneof(scalar, shortArray(scalar)),
  u: fc.oneof(scalar, shortArray(scalar)),
  c: fc.oneof(scalar, fc.record({ d: scalar }, { requiredKeys: [] }), shortArray(fc.record({ d: scalar }))),
};
const PATHS = ['a', 'b', 'x', 't', 'u', 'c.d'];

const comparison = fc.oneof(
  scalar,
  fc.record({ $eq: scalar }),
  fc.record({ $ne: scalar }),
  fc.record({ $in: shortArray(scalar) }),
  fc.record({ $nin: shortArray(scalar) }),
  fc.record({ $exists: fc.boolean() }),
  fc
    .tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte'), scalar)
    .filter(([, bound]) => bound !== null)
    .map(([operator, bound]) => ({ [operator]: bound })),
);
/** A comparison of one path. */
const condition = (paths: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc.tuple(fc.constantFrom(...paths), comparison).map(([path, value]) => ({ [path]: value }));
/** A comparison, or conditions joined with $and and $or. */
const filterOn = (paths: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc.letrec<{ filter: JsonObject }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 2 },
      condition(paths),
      fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map(($and) => ({ $and })),
      fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map(($or) => ({ $or })),
    ),
  })).filter;

/** Up to 12 documents, each with some of these fields. */
const documentsWith = (shape: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Document[]> =>
  fc
    .array(fc.record(shape, { requiredKeys: [] }), { maxLength: 12 })
    .map((list) =>
      list.map((fields, index) => ({ _id: `d${String(index).padStart(2, '0')}`, _position: '1', ...fields })),
    );

const direction = fc.constantFrom<1 | -1>(1, -1);
const sortOrder = fc.dictionary(fc.constantFrom('a', 'b', 'x'), direction, { maxKeys: 3, noNullPrototype: true });

/**
 * Random queries of the supported language on random documents give the same results as mingo on an array.
 * @param arrayGroups whether groups by a field with arrays are tested too
 */
export function describeRandomQueries(world: ReadModelsFixture, arrayGroups: boolean): void {
  let collections = 0;

  /** Writes the documents into a new collection; returns its name. */
  async function store(list: readonly Document[]): Promise<string> {
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

    test('a filter matches the same documents as in mingo', async () => {
      await fc.assert(
        fc.asyncProperty(
          documentsWith(ALL_FIELDS),
          fc.array(fc.tuple(filterOn(PATHS), fc.constantFrom(...INDEX_OPTIONS)), { minLength: 1, maxLength: 8 }),
          async (list, filters) => {
            const collection = await store(list);
            for (const [filter, index] of filters) {
              const expected = new Query(filter).find<Document>([...list]).all();
              expect(await world.models.find(collection, { filter, ...index })).toEqual(expected);
              expect(await world.models.count(collection, filter, index)).toBe(expected.length);
            }
            await world.session.dropCollection(collection);
          },
        ),
        examples(60),
      );
    });

    test('the pages of a sorted query contain the documents in the order of mingo', async () => {
      await fc.assert(
        fc.asyncProperty(
          documentsWith(SCALAR_FIELDS),
          filterOn(['a', 'b', 'x']),
          sortOrder,
          fc.integer({ min: 1, max: 5 }),
          fc.constantFrom(...INDEX_OPTIONS),
          async (list, filter, fields, limit, index) => {
            const collection = await store(list);
            const sort = { ...fields, _id: 1 } as const;
            const expected = new Query(filter)
              .find<Document>([...list])
              .sort(sort)
              .all();
            const paged: Document[] = [];
            let after: Json[] | undefined;
            do {
              const query: Find = { filter, sort, limit, ...index, ...(after === undefined ? {} : { after }) };
              const page = await world.models.find(collection, query);
              paged.push(...page);
              const last = page.at(-1);
              after = last && Object.keys(sort).map((path) => last[path] ?? null);
            } while (after !== undefined);
            expect(paged).toEqual(expected);
            await world.session.dropCollection(collection);
          },
        ),
        examples(60),
      );
    });

    test('buckets give the same groups as in mingo', async () => {
      const texts = ['', '1', 'a', 'b', 'é'];
      // names[i] is the name of the bucket after i boundaries; null or missing: the bucket has the value itself as its name
      const buckets = fc
        .tuple(
          fc.uniqueArray(fc.constantFrom(...texts), { minLength: 1 }),
          fc.array(fc.constantFrom('low', 'high', null)),
        )
        .map(([boundaries, names]) => ({ boundaries: boundaries.sort(), names: [null, ...names] }));
      await fc.assert(
        fc.asyncProperty(
          documentsWith(SCALAR_FIELDS),
          filterOn(['a', 'b', 'x']),
          buckets,
          fc.constantFrom('a', 'x'),
          async (list, $match, { boundaries, names }, field) => {
            const collection = await store(list);
            /** Compares the field with one boundary after the other, beginning at this index. */
            const bucketFrom = (index: number): Json =>
              index === boundaries.length
                ? (names[index] ?? `$${field}`)
                : {
                    $cond: [
                      { $lt: [`$${field}`, boundaries[index] ?? ''] },
                      names[index] ?? `$${field}`,
                      bucketFrom(index + 1),
                    ],
                  };
            // $lt of mingo does not compare values of different types, so the documents for mingo hold their bucket.
            // In MongoDB null and numbers are less than text, and booleans are greater.
            const withBuckets = list.map((document) => {
              const value = document[field];
              if (value === undefined) return document;
              const passed = boundaries.filter((boundary) =>
                typeof value === 'string' ? boundary <= value : typeof value === 'boolean',
              );
              return { ...document, bucket: names[passed.length] ?? value };
            });
            const group = { n: { $sum: 1 }, sum: { $sum: '$b' } };
            const pipeline = [{ $match }, { $group: { _id: { bucket: bucketFrom(0), b: '$b' }, ...group } }];
            const forMingo = [{ $match }, { $group: { _id: { bucket: '$bucket', b: '$b' }, ...group } }];
            const expected = new Aggregator(forMingo).run<JsonObject>(withBuckets);
            const found = await world.models.aggregate(collection, pipeline);
            expect(found.length).toBe(expected.length);
            expect(found).toEqual(expect.arrayContaining(expected));
            await world.session.dropCollection(collection);
          },
        ),
        examples(60),
      );
    });

    test('a pipeline gives the same groups as in mingo', async () => {
      const id = fc.oneof(
        fc.constant(null),
        fc.constantFrom('$a', '$b', '$x', ...(arrayGroups ? ['$t'] : [])),
        fc.constantFrom({ a: '$a' }, { a: '$a', b: '$b' }, { x: '$x', b: '$b' }),
      );
      await fc.assert(
        fc.asyncProperty(
          documentsWith(ALL_FIELDS),
          filterOn(PATHS),
          id,
          fc.constantFrom('$a', '$b', '$x'),
          async (list, $match, _id, field) => {
            const collection = await store(list);
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
