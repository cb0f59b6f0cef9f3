import { ComplaintReceived } from '../../src/complaint/events.js';
import { instant } from '../../src/platform/moment.js';
import { openModel, type Queryable } from '../../src/readmodels/active-model.js';
import type { CountOptions, Document, Filter, Find } from '../../src/readmodels/read-models.js';
import { ComplaintListFile, listed } from '../../test/support/projections/complaint-list.js';
import { COMPLAINT, given, ofComplaint } from '../../test/support/projections/given.js';
import { countPlans, findPlans } from '../../test/support/read-models/query-plans.js';
import { criteriaOf, type Criteria } from './criteria.js';
import {
  DATE_BASES,
  FILTER_NAMES,
  FILTERS,
  FIND_INDEXES,
  type DateBasis,
  type FilterName,
  type FilterSpec,
} from './filters.js';
import { complaints, type ComplaintEntry } from './projection.js';
import { QueryTooBroad, Search } from './search.js';

const list = new ComplaintListFile();
const received = ComplaintReceived({
  reference: 'ABCDEFGHJKMNPQR',
  receivedAt: instant('2026-01-01T00:00:00.000Z'),
  channel: 'phone',
  sources: [{ system: 'crm', ref: 'T-1' }],
  parties: [],
  points: [{ id: 'p1', issue: 'cold', subject: { product: 'dinner' } }],
});
const hour = (number: number) => new Date(Date.UTC(2026, 0, 1, number)).toISOString();

/** 100 complaints, c00 to c99, received one per hour. Every second has the handler amy, every tenth the channel fax. */
beforeAll(async () => {
  const base = (await given(complaints, ofComplaint(received))).get(COMPLAINT) as unknown as ComplaintEntry;
  const entries = Array.from({ length: 100 }, (_, number): Document =>
    listed(`c${String(number).padStart(2, '0')}`, base, {
      handler: number % 2 === 0 ? 'amy' : 'bob',
      channel: number % 10 === 0 ? 'fax' : 'phone',
      received: hour(number),
      responded: number < 50 ? hour(1000 - number) : null,
      standing: `${number % 6}_or_resolved`,
      words: ['cold', ...(number % 2 === 0 ? ['soup'] : []), ...(number === 42 ? ['unique'] : [])],
    }),
  );
  await list.write(entries);
});
afterAll(() => list.remove());

interface Options {
  readonly sort?: DateBasis;
  readonly direction?: 1 | -1;
  readonly maxExamined?: number;
  readonly readModels?: Queryable;
}

async function search(criteria: Criteria, options: Options = {}): Promise<Search> {
  const { sort = 'received', direction = -1, maxExamined = 20, readModels = list.readModels } = options;
  const entries = await openModel<ComplaintEntry>(readModels, complaints.name);
  return new Search(entries, criteriaOf(criteria, 4), sort, direction, maxExamined);
}

const idsOf = async (criteria: Criteria, limit: number, options: Options = {}): Promise<string[]> =>
  (await (await search(criteria, options)).page(limit, undefined)).map(({ _id }) => _id);

describe('the work for a page is bounded', () => {
  test('one filter fills a page, however many complaints match', async () => {
    expect(await idsOf({ filter: { handler: 'amy' } }, 3)).toEqual(['c98', 'c96', 'c94']);
    expect(await idsOf({ filter: { words: 'cold' } }, 2)).toEqual(['c99', 'c98']);
    expect(await idsOf({}, 40)).toHaveLength(40);
  });

  test('of two filters, the one with fewer complaints leads to the page', async () => {
    expect(await idsOf({ filter: { handler: 'amy', channel: 'fax' } }, 10)).toHaveLength(10);
    expect(await idsOf({ filter: { words: 'cold unique' } }, 10)).toEqual(['c42']);
    expect(await idsOf({ filter: { handler: 'bob', words: 'unique' } }, 10)).toEqual([]);
  });

  test('a page that is full before the bound is returned', async () => {
    // of the 20 complaints of bob that may be examined, c99 to c61 by twos, every one has the word cold
    const criteria = { filter: { handler: 'bob', words: 'cold' } };
    expect(await idsOf(criteria, 20)).toEqual(Array.from({ length: 20 }, (_, at) => `c${String(99 - 2 * at)}`));
    await expect(idsOf(criteria, 21)).rejects.toThrow(QueryTooBroad);
  });

  test('a page that is not full at the bound is refused; a span of dates makes the query possible', async () => {
    const criteria = { filter: { handler: 'bob', words: 'soup' } };
    await expect(idsOf(criteria, 1)).rejects.toThrow(
      'too few of the first 20 complaints with this words also have this handler; ' +
        'narrow the query with dates, such as receivedFrom and receivedTo, or with a filter that fewer complaints match',
    );
    const day = (text: string) => ({ precision: 'day', day: text, zone: 'UTC' }) as const;
    const onJanuary2 = { from: day('2026-01-02'), to: day('2026-01-02') };
    expect(await idsOf({ ...criteria, dates: { received: onJanuary2 } }, 1)).toEqual([]);
    const even = { filter: { handler: 'amy', words: 'soup cold' }, dates: { received: onJanuary2 } };
    expect(await idsOf(even, 20)).toEqual(Array.from({ length: 12 }, (_, at) => `c${String(46 - 2 * at)}`));
  });

  test('the next page is examined from its cursor on', async () => {
    const criteria = { filter: { handler: 'bob', words: 'cold' } };
    const pages: string[] = [];
    const all = await search(criteria);
    for (let page = await all.page(20, undefined); page.length > 0;) {
      pages.push(...page.map(({ _id }) => _id));
      const last = page.at(-1);
      page =
        last === undefined || pages.length === 50
          ? []
          : await all.page(Math.min(20, 50 - pages.length), all.keyOf(last));
    }
    expect(pages).toEqual(Array.from({ length: 50 }, (_, at) => `c${String(99 - 2 * at).padStart(2, '0')}`));
  });

  test('a sort by a date that the filter is not ordered by examines the complaints in the order of this date', async () => {
    const byResponse = { sort: 'responded' } as const;
    expect(await idsOf({ filter: { channel: 'fax' } }, 10, byResponse)).toEqual(['c00', 'c10', 'c20', 'c30', 'c40']);
    expect(await idsOf({ filter: { handler: 'amy' } }, 10, byResponse)).toEqual(
      Array.from({ length: 10 }, (_, at) => `c${String(2 * at).padStart(2, '0')}`),
    );
    await expect(idsOf({ filter: { handler: 'amy' } }, 11, byResponse)).rejects.toThrow(
      'too few of the first 20 complaints also have this handler;',
    );
  });

  test('a filter with several values has their complaints in one order', async () => {
    expect(await idsOf({ filter: { status: 'resolved' } }, 4)).toEqual(['c95', 'c94', 'c89', 'c88']);
    expect(await idsOf({ filter: { status: 'resolved' } }, 4, { direction: 1 })).toEqual(['c04', 'c05', 'c10', 'c11']);
    expect(await idsOf({ filter: { status: 'unresolved', handler: 'amy' } }, 4)).toEqual(['c98', 'c96', 'c92', 'c90']);
  });

  test('a count says whether there may be more', async () => {
    const count = async (criteria: Criteria, options?: Options) => (await search(criteria, options)).count();
    expect(await count({})).toEqual({ value: 100, atLeast: false });
    expect(await count({ filter: { handler: 'amy' } })).toEqual({ value: 50, atLeast: false });
    expect(await count({ filter: { handler: 'amy', channel: 'fax' } })).toEqual({ value: 10, atLeast: false });
    expect(await count({ filter: { handler: 'bob', words: 'cold' } })).toEqual({ value: 20, atLeast: true });
    expect(await count({ filter: { status: 'resolved' } })).toEqual({ value: 32, atLeast: false });
    expect(await count({}, { sort: 'responded' })).toEqual({ value: 50, atLeast: false });
  });
});

describe('every filter and every sort reads an index', () => {
  /** A value of each filter. */
  const valueOf = (name: FilterName): string | boolean => {
    const { codes }: FilterSpec = FILTERS[name];
    return name === 'open' ? true : (codes?.[0] ?? 'cold');
  };
  const criteriaWith = (...names: readonly FilterName[]): Criteria => ({
    filter: Object.fromEntries(names.map((name) => [name, valueOf(name)])),
  });
  const span = { from: { precision: 'day', day: '2026-01-02', zone: 'America/New_York' } } as const;
  const cases: readonly (readonly [string, Criteria])[] = [
    ['no filter', {}],
    ...FILTER_NAMES.map((name) => [name, criteriaWith(name)] as const),
    ...FILTER_NAMES.map((name) => [`${name} and handler`, criteriaWith(name, 'handler')] as const),
    ...FILTER_NAMES.map((name) => [`${name}, received`, { ...criteriaWith(name), dates: { received: span } }] as const),
    ...DATE_BASES.map((basis) => [`${basis} from`, { dates: { [basis]: span } }] as const),
    ['two words', { filter: { words: 'cold soup' } }],
    ['unresolved', { filter: { status: 'unresolved' } }],
  ];

  /** The read models, which record the queries that they get. */
  const recording = (): {
    readonly readModels: Queryable;
    readonly finds: Find[];
    readonly counts: [Filter, CountOptions][];
  } => {
    const finds: Find[] = [];
    const counts: [Filter, CountOptions][] = [];
    const { readModels } = list;
    return {
      finds,
      counts,
      readModels: {
        loadModel: (name) => readModels.loadModel(name),
        getMany: (collection, ids) => readModels.getMany(collection, ids),
        aggregate: (collection, pipeline) => readModels.aggregate(collection, pipeline),
        find: (collection, query) => {
          finds.push(query);
          return readModels.find(collection, query);
        },
        count: (collection, filter, options = {}) => {
          counts.push([filter, options]);
          return readModels.count(collection, filter, options);
        },
      },
    };
  };

  describe.each(DATE_BASES.flatMap((sort) => [1, -1].map((direction) => [sort, direction as 1 | -1] as const)))(
    'sorted by %s, direction %d:',
    (sort, direction) => {
      // with a bound of 1 the index of the sort is read, with a high one the index of a filter
      test.each(cases.flatMap(([name, criteria]) => [1, 1000].map((bound) => [name, bound, criteria] as const)))(
        '%s, examining up to %d',
        async (_, maxExamined, criteria) => {
          const { readModels, finds, counts } = recording();
          const found = await search(criteria, { sort, direction, maxExamined, readModels });
          await found.page(5, undefined).catch(ignoreTooBroad);
          await found.page(5, [hour(50), 'c50']).catch(ignoreTooBroad);
          await found.count();
          const collection = (await list.readModels.loadModel(complaints.name))?.live ?? '';
          const queries = [
            ...finds.map((query) => ({ index: query.index, plans: findPlans(list.path, collection, query) })),
            ...counts.map(([filter, options]) => ({
              index: options.index,
              plans: countPlans(list.path, collection, filter, options),
            })),
          ];
          expect(queries.length).toBeGreaterThanOrEqual(3);
          for (const { index, plans } of queries) {
            expect(FIND_INDEXES).toContainEqual({ fields: index });
            const ordinal = complaints.indexes.findIndex(
              ({ fields }) => JSON.stringify(fields) === JSON.stringify(index),
            );
            const reads = `^(SEARCH|SCAN) c\\d+ USING (COVERING )?INDEX c\\d+_i${String(ordinal)}\\b`;
            for (const plan of plans) {
              expect(plan).toMatch(
                new RegExp(`${reads}|^SEARCH c\\d+_elements USING PRIMARY KEY \\(field=\\? AND value=\\?`),
              );
              // only the index of a sort without a condition is read from its beginning
              if (plan.startsWith('SCAN')) expect(index).toEqual({ [sort]: 1 });
            }
          }
        },
      );
    },
  );

  const ignoreTooBroad = (error: unknown): void => {
    if (!(error instanceof QueryTooBroad)) throw error;
  };
});
