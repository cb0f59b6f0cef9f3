import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../../platform/json.js';
import { openDatabase } from '../../platform/sqlite.js';
import { bucketExpression } from '../buckets.js';
import { parseFilter, parsePipeline } from '../query-language.js';
import type { Checkpoint, Document, Find, IndexSpec, WriteSession } from '../read-models.js';
import { findPlans, inspectPlans } from '../../../test/support/read-models/query-plans.js';
import type { Collection } from './collection.js';
import { EmbeddedReadModels } from './embedded-read-models.js';
import { compileFilter } from './filter-sql.js';
import { groupSql } from './group-sql.js';

const QUEUE = 'work_queue@1.1';
const INDEXES: readonly IndexSpec[] = [
  { fields: { open: 1, handler: 1, dueAt: 1 } },
  { fields: { 'points.product': 1 } },
  { fields: { company: 1, product: 1 } },
  { fields: { tags: 1, dueAt: 1 } },
];

const folder = mkdtempSync(join(tmpdir(), 'redress-embedded-'));
let file: string;
let files = 0;
let models: EmbeddedReadModels;
let session: WriteSession;

beforeEach(async () => {
  files += 1;
  file = join(folder, `views ${String(files)}.db`);
  models = EmbeddedReadModels.open(file);
  session = await models.openSession();
});

afterEach(() => models.close());
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const checkpointAt = (position: string): Checkpoint => ({ storeId: 's', position, eventId: 'e' });

/** Adds new documents to a collection, which it creates if it does not exist. */
async function writeNew(documents: readonly Document[], collection = QUEUE): Promise<void> {
  await session.createCollection(collection, INDEXES);
  const writes = documents.map((document) => ({ id: document._id, loaded: null, document }));
  const from = await models.loadCheckpoint(collection);
  const to = checkpointAt(String(Number(from?.position ?? 0) + 1));
  const checkpoint = { collection, from, to };
  expect(await session.write({ changes: [{ collection, writes }], checkpoint })).toEqual({ outcome: 'written' });
}

/** Documents with the ids c000000, c000001, …, or from `firstId` on. */
const complaints = (count: number, { firstId = 0 } = {}): Document[] =>
  Array.from({ length: count }, (_, n) => ({
    _id: `c${String(firstId + n).padStart(6, '0')}`,
    _position: '1',
    open: n % 3 !== 0,
    handler: `h${String(n % 5)}`,
    dueAt: n % 11 === 0 ? null : `2026-11-${String(10 + (n % 20))}`,
    company: `company ${String(n % 7)}`,
    product: n % 2 === 0 ? 'loan' : 'card',
    points: [{ product: n % 2 === 0 ? 'loan' : 'card' }],
  }));

/** Calls `inspect` with the collection QUEUE and a function that returns SQLite's query plan for an SQL text. */
const withQueryPlans = <T>(inspect: (collection: Collection, planOf: (text: string) => string) => T): T =>
  inspectPlans(file, QUEUE, inspect);

/** The query plan of each statement that a query for documents runs. */
const plansOf = (find: Find): string[] => findPlans(file, QUEUE, find);

describe('the query plan', () => {
  beforeEach(() => writeNew(complaints(200)));

  test.each<[string, Find['after']]>([
    ['first page', undefined],
    ['page after a date', ['2026-11-12', 'c000100']],
    ['page after a missing date', [null, 'c000100']],
  ])('of the %s of the work queue reads one range of its index per statement, without sorting', (_, after) => {
    const query = { filter: { open: true, handler: 'h1' }, sort: { dueAt: 1, _id: 1 }, limit: 50 } as const;
    const plans = plansOf(after === undefined ? query : { ...query, after });
    expect(plans).toHaveLength(after === undefined ? 1 : 2); // after a document: the same date, then the later dates
    for (const plan of plans) {
      expect(plan).toMatch(/^SEARCH c1 USING INDEX c1_i0 \(f0=\? AND f1=\?/);
      expect(plan).not.toContain('TEMP B-TREE');
    }
    if (after !== undefined) {
      expect(plans[0]).toContain('f2=? AND id>?');
      expect(plans[1]).toContain('f2>?');
    }
  });

  test('of a descending sort reads an ascending index backwards', () => {
    const plans = plansOf({
      filter: { open: true, handler: 'h1' },
      sort: { dueAt: -1, _id: -1 },
      after: ['2026-11-12', 'c000100'],
    });
    expect(plans).toHaveLength(3); // the same date, then the earlier dates, then the missing dates
    for (const plan of plans) expect(plan).toMatch(/^SEARCH c1 USING INDEX c1_i0[^;]*$/);
  });

  test('of a filter on a field with arrays uses the primary key of the elements', () => {
    const [plan] = plansOf({ filter: { 'points.product': 'loan' }, sort: { _id: 1 } });
    expect(plan).toContain('SEARCH c1_elements USING PRIMARY KEY (field=? AND value=?)');
    expect(plan).not.toContain('SCAN');
  });

  test('of a query that names an index reads this index', () => {
    const filter = { company: 'company 1', open: true, handler: 'h1' };
    expect(plansOf({ filter })[0]).toContain('c1_i0');
    expect(plansOf({ filter, index: { company: 1, product: 1 } })[0]).toMatch(/^SEARCH c1 USING INDEX c1_i2 \(f4=\?\)/);
    const unfiltered: Find = { index: { open: 1, handler: 1, dueAt: 1 }, sort: { open: 1, handler: 1, dueAt: 1 } };
    expect(plansOf(unfiltered)).toEqual(['SCAN c1 USING INDEX c1_i0']);
  });

  test('of a query that names the index of a field with arrays reads the elements in the order of the sort', async () => {
    await writeNew([{ _id: 'tagged', _position: '1', tags: ['x', 'y'], dueAt: '2026-11-01' }]);
    const query: Find = { filter: { $and: [{ tags: 'x' }, { tags: 'y' }], open: true }, index: { tags: 1, dueAt: 1 } };
    const [plan] = plansOf({ ...query, sort: { dueAt: -1 }, after: ['2026-11-12', 'c000100'] });
    expect(plan).toContain('SEARCH c1_elements USING PRIMARY KEY (field=? AND value=? AND sort=? AND doc<?)');
    expect(plan).toContain('SEARCH c1 USING INDEX sqlite_autoindex_c1_1 (id=?)');
    expect(plan).toContain('SEARCH c1_elements USING PRIMARY KEY (field=? AND value=? AND sort=? AND doc=?)');
    expect(plan).not.toContain('TEMP B-TREE');
  });

  test('of a count and of a group reads only an index, not the documents', () => {
    withQueryPlans((collection, planOf) => {
      const { where } = compileFilter(collection, parseFilter({ open: true, handler: 'h1' }));
      expect(planOf(`SELECT count(*) FROM ${collection.table} WHERE ${where.text}`)).toContain('COVERING INDEX c1_i0');
      const groupPlan = (_id: Json): string =>
        planOf(groupSql(collection, parsePipeline([{ $group: { _id, n: { $sum: 1 } } }]))?.cells.text ?? '');
      expect(groupPlan('$company')).toBe('SCAN c1 USING COVERING INDEX c1_i2');
      const company = { $ifNull: ['$company', null] };
      const product = { $ifNull: ['$product', null] };
      expect(groupPlan({ company, product })).toBe('SCAN c1 USING COVERING INDEX c1_i2');
      const buckets = bucketExpression('$product', { boundaries: ['f'], labels: [undefined, 'later'] });
      expect(groupPlan({ product: { $ifNull: [buckets, null] } })).toBe('SCAN c1 USING COVERING INDEX c1_i2');
    });
  });

  test('does not include conditions on undeclared fields, which are tested on the documents', () => {
    withQueryPlans((collection) => {
      const selection = compileFilter(
        collection,
        parseFilter({ open: true, note: 'n', $or: [{ handler: 'x' }, { dueAt: null }] }),
      );
      expect(selection.where.text).toBe('(deleted = 0) AND ((f0 = ?)) AND (((f1 = ?)) OR ((f2 IS NULL)))');
      expect(selection.rest?.({ _id: 'a', _position: '1', note: 'n' })).toBe(true);
      expect(selection.rest?.({ _id: 'a', _position: '1', note: 'm' })).toBe(false);
    });
  });
});

describe('a query', () => {
  test('that counts or groups by declared fields reads no documents', async () => {
    await writeNew(complaints(30));
    const database = openDatabase(file);
    database.exec("UPDATE c1 SET body = 'not JSON'"); // reading a document now throws an error
    database.close();
    expect(await models.count(QUEUE, { open: false, handler: { $ne: 'h1' } })).toBe(8);
    const accumulators = { n: { $sum: 1 }, first: { $min: '$dueAt' }, any: { $max: '$open' } };
    const pipeline = [{ $match: { handler: 'h1' } }, { $group: { _id: { open: '$open' }, ...accumulators } }];
    expect(await models.aggregate(QUEUE, pipeline)).toEqual([
      { _id: { open: false }, n: 2, first: '2026-11-11', any: false },
      { _id: { open: true }, n: 4, first: '2026-11-11', any: true },
    ]);
    await expect(models.find(QUEUE, {})).rejects.toThrow('JSON');
  });

  test('that counts or skips documents with an element of an array reads no other documents', async () => {
    const given = complaints(30).map((document, n): Document => ({
      ...document,
      tags: n % 2 === 0 ? ['even'] : ['odd'],
    }));
    await writeNew(given);
    const database = openDatabase(file);
    database.exec("UPDATE c1 SET body = 'not JSON' WHERE id <> 'c000010'"); // reading a document now throws an error
    database.close();
    const index = { tags: 1, dueAt: 1 } as const;
    expect(await models.count(QUEUE, { tags: 'even' }, { index, limit: 12 })).toBe(12);
    const before = given.filter(
      ({ dueAt }, n) => n % 2 === 0 && (typeof dueAt === 'string' ? dueAt : '') < '2026-11-20',
    );
    const query: Find = { filter: { tags: 'even' }, index, sort: { dueAt: 1 }, limit: 1 };
    expect(await models.find(QUEUE, { ...query, skip: before.length })).toEqual([given[10]]);
    const notSelected = { ...query, filter: { handler: 'h0' }, skip: 3 };
    await expect(models.find(QUEUE, notSelected)).rejects.toThrow('JSON');
  });

  test('with a filter on an undeclared field returns a full page, although few documents match', async () => {
    await writeNew(complaints(1000).map((document, n) => ({ ...document, note: n % 100 === 99 ? 'rare' : 'common' })));
    const query = { filter: { note: 'rare', open: true }, sort: { dueAt: 1 } } as const;
    const all = await models.find(QUEUE, query);
    expect(all.map(({ note }) => note)).toEqual(Array.from({ length: 6 }, () => 'rare'));
    expect(await models.find(QUEUE, { ...query, limit: 5 })).toEqual(all.slice(0, 5));
    const descending = { ...query, sort: { dueAt: -1 }, limit: 5 } as const;
    expect(await models.find(QUEUE, descending)).toEqual([...all].reverse().slice(0, 5));
  });
});

describe('a read-only connection', () => {
  test('sees what another connection has committed: documents, arrays, created and dropped collections', async () => {
    await writeNew(complaints(3));
    const reader = EmbeddedReadModels.openReadOnly(file);
    expect(await reader.count(QUEUE, { 'points.product': 'loan' })).toBe(2);
    await writeNew([{ _id: 'x', _position: '2', handler: ['h9', 'h8'] }]);
    expect(await reader.count(QUEUE, { handler: 'h8' })).toBe(1);
    await session.createCollection('late@1.1', []);
    expect(await reader.listCollections()).toEqual(['late@1.1', QUEUE]);
    await session.dropCollection(QUEUE);
    await expect(reader.count(QUEUE, {})).rejects.toMatchObject({ name: 'UnknownCollection' });
    await writeNew(complaints(5));
    expect(await reader.count(QUEUE, {})).toBe(5);
    await reader.close();
  });

  test('throws ReadOnly when a session is opened, and still answers queries', async () => {
    await writeNew(complaints(1));
    const reader = EmbeddedReadModels.openReadOnly(file);
    await expect(reader.openSession()).rejects.toMatchObject({ name: 'ReadOnly' });
    expect(await reader.count(QUEUE, {})).toBe(1);
    await reader.close();
  });

  test('keeps no snapshot open after a query, so that the write-ahead log can be emptied', async () => {
    await writeNew(complaints(500));
    const reader = EmbeddedReadModels.openReadOnly(file);
    await reader.find(QUEUE, { filter: { note: null }, limit: 1 });
    await reader.find(QUEUE, { sort: { note: 1 }, limit: 1 });
    await reader.getMany(QUEUE, ['c000001']);
    await reader.aggregate(QUEUE, [{ $match: { note: null } }, { $group: { _id: null, n: { $sum: 1 } } }]);
    await writeNew(complaints(500, { firstId: 500 }));
    const writer = openDatabase(file);
    expect(writer.pragma('wal_checkpoint(TRUNCATE)')).toBe(0); // 1 would mean busy: a reader holds an older snapshot
    writer.close();
    await reader.close();
  });
});

describe('the file', () => {
  test('has all documents, records, checkpoints and the epoch after it is opened again', async () => {
    await writeNew(complaints(10));
    const record = await session.changeModel(await session.takeOverModel('work_queue'), { live: QUEUE });
    await models.close();
    models = EmbeddedReadModels.open(file);
    expect(await models.count(QUEUE, { open: true })).toBe(6);
    expect(await models.listModels()).toEqual([record]);
    expect((await models.openSession()).epoch).toBe(session.epoch + 1);
    expect(await models.loadCheckpoint(QUEUE)).toEqual(checkpointAt('1'));
  });
});

describe('a write', () => {
  test('with a conflict or a rejected document changes nothing', async () => {
    await writeNew(complaints(1));
    const checkpoint = { collection: QUEUE, from: checkpointAt('1'), to: checkpointAt('2') };
    const write = (documents: readonly Document[]) => {
      const writes = documents.map((document) => ({ id: document._id, loaded: null, document }));
      return session.write({ changes: [{ collection: QUEUE, writes }], checkpoint });
    };
    const conflict = complaints(2).map((document) => ({ ...document, _position: '2' }));
    expect(await write(conflict)).toEqual({ outcome: 'conflict', ids: ['c000000'] });
    expect(await write([...complaints(1, { firstId: 1 }), { _id: 'x', _position: '2', handler: 'a\0' }])).toMatchObject(
      {
        outcome: 'rejected',
      },
    );
    expect(await models.count(QUEUE, {})).toBe(1);
    expect(await models.loadCheckpoint(QUEUE)).toEqual(checkpointAt('1'));
  });
});

describe('an index', () => {
  test('that is missing is built when the collection is declared again', async () => {
    await writeNew(complaints(1));
    const database = openDatabase(file);
    database.exec('DROP INDEX c1_i0');
    database.close();
    await session.createCollection(QUEUE, INDEXES);
    expect(plansOf({ filter: { open: true }, sort: { handler: 1 } })[0]).toContain('c1_i0');
  });

  test('that is declared with `later` does not exist before buildIndexes', async () => {
    await session.createCollection(QUEUE, INDEXES, 'later');
    expect(plansOf({ filter: { open: true }, sort: { handler: 1 } })[0]).not.toContain('c1_i0');
    await session.createCollection(QUEUE, INDEXES, 'later');
    await session.buildIndexes(QUEUE);
    expect(plansOf({ filter: { open: true }, sort: { handler: 1 } })[0]).toContain('c1_i0');
  });

  test('that is unique treats null and missing as equal, rejects arrays, and ignores tombstones', async () => {
    const collection = 'keys@1.1';
    await session.createCollection(collection, [{ fields: { key: 1 }, unique: true }]);
    const write = async (document: Document, loaded: string | null): Promise<unknown> => {
      const from = await models.loadCheckpoint(collection);
      return session.write({
        changes: [{ collection, writes: [{ id: document._id, loaded, document }] }],
        checkpoint: { collection, from, to: checkpointAt(document._position) },
      });
    };
    const rejected = { outcome: 'rejected', documents: [{ id: 'b', reason: 'unique' }] };
    await write({ _id: 'a', _position: '1', key: null }, null);
    expect(await write({ _id: 'b', _position: '2' }, null)).toMatchObject(rejected);
    expect(await write({ _id: 'b', _position: '2', key: ['x'] }, null)).toMatchObject(rejected);
    await write({ _id: 'a', _position: '2', _deleted: true }, '1');
    expect(await write({ _id: 'b', _position: '3' }, null)).toEqual({ outcome: 'written' });
  });
});

describe('a group', () => {
  test('by a field with objects returns the objects as they were written', async () => {
    await writeNew([
      { _id: 'a', _position: '1', handler: { team: 1 } },
      { _id: 'b', _position: '1', handler: { team: 1 } },
    ]);
    expect(
      await models.aggregate(QUEUE, [{ $group: { _id: '$handler', n: { $sum: 1 }, max: { $max: '$handler' } } }]),
    ).toEqual([{ _id: { team: 1 }, n: 2, max: { team: 1 } }]);
  });
});
