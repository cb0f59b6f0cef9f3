import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../../platform/json.js';
import { openDatabase } from '../../platform/sqlite.js';
import { bucketExpression } from '../buckets.js';
import { parseFilter, parseFind, parsePipeline } from '../query-language.js';
import type { Checkpoint, Document, Find, IndexSpec, WriteSession } from '../read-models.js';
import { Catalogue } from './catalogue.js';
import type { Collection } from './collection.js';
import { toColumn } from './column.js';
import { EmbeddedReadModels } from './embedded-read-models.js';
import { compileFilter } from './filter-sql.js';
import { pageSql, sortColumns } from './find-sql.js';
import { groupSql } from './group-sql.js';
import { Statements } from './statements.js';

const QUEUE = 'work_queue@1.1';
const INDEXES: readonly IndexSpec[] = [
  { fields: { open: 1, handler: 1, dueAt: 1 } },
  { fields: { 'points.product': 1 } },
  { fields: { company: 1, product: 1 } },
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

const at = (position: string): Checkpoint => ({ storeId: 's', position, eventId: 'e' });

async function given(documents: readonly Document[], collection = QUEUE): Promise<void> {
  await session.createCollection(collection, INDEXES);
  const writes = documents.map((document) => ({ id: document._id, loaded: null, document }));
  const from = await models.loadCheckpoint(collection);
  const to = at(String(Number(from?.position ?? 0) + 1));
  const checkpoint = { collection, from, to };
  expect(await session.write({ changes: [{ collection, writes }], checkpoint })).toEqual({ outcome: 'written' });
}

const complaints = (count: number, from = 0): Document[] =>
  Array.from({ length: count }, (_, n) => ({
    _id: `c${String(from + n).padStart(6, '0')}`,
    _position: '1',
    open: n % 3 !== 0,
    handler: `h${String(n % 5)}`,
    dueAt: n % 11 === 0 ? null : `2026-11-${String(10 + (n % 20))}`,
    company: `company ${String(n % 7)}`,
    product: n % 2 === 0 ? 'loan' : 'card',
    points: [{ product: n % 2 === 0 ? 'loan' : 'card' }],
  }));

/** The query plans of a find, and its collection. */
function inspected<T>(ask: (collection: Collection, plan: (text: string) => string) => T): T {
  const database = openDatabase(file, { readonly: true });
  try {
    const collection = new Catalogue(database, new Statements(database)).get(QUEUE);
    return ask(collection, (text) =>
      database
        .prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
        .all(...Array.from(text.matchAll(/\?/g), () => null))
        .map((row) => row.detail)
        .join('; '),
    );
  } finally {
    database.close();
  }
}

const plansOf = (find: Find): string[] =>
  inspected((collection, plan) => {
    const query = parseFind(find);
    const { where, rest } = compileFilter(collection, query.condition);
    expect(rest).toBeUndefined();
    const columns = sortColumns(collection, query.order) ?? [];
    expect(columns.length).toBe(query.order.length);
    return pageSql(collection, where, columns, query.after?.map(toColumn)).map(({ text }) => plan(text));
  });

describe('query plans', () => {
  beforeEach(() => given(complaints(200)));

  test.each<[string, Find['after']]>([
    ['first page', undefined],
    ['page after a date', ['2026-11-12', 'c000100']],
    ['page after no date', [null, 'c000100']],
  ])('the %s of the work queue is a range of its index, in order', (_, after) => {
    const query = { filter: { open: true, handler: 'h1' }, sort: { dueAt: 1, _id: 1 }, limit: 50 } as const;
    const plans = plansOf(after === undefined ? query : { ...query, after });
    expect(plans).toHaveLength(after === undefined ? 1 : 2);
    for (const plan of plans) {
      expect(plan).toMatch(/^SEARCH c1 USING INDEX c1_i0 \(f0=\? AND f1=\?/);
      expect(plan).not.toContain('TEMP B-TREE');
    }
    if (after !== undefined) expect(plans[0]).toContain('f2=? AND id>?');
    if (after !== undefined) expect(plans[1]).toContain('f2>?');
  });

  test('the index is read backwards for the opposite order', () => {
    const plans = plansOf({
      filter: { open: true, handler: 'h1' },
      sort: { dueAt: -1, _id: -1 },
      after: ['2026-11-12', 'c000100'],
    });
    expect(plans).toHaveLength(3);
    for (const plan of plans) expect(plan).toMatch(/^SEARCH c1 USING INDEX c1_i0[^;]*$/);
  });

  test('elements of arrays are found by their own index', () => {
    const [plan] = plansOf({ filter: { 'points.product': 'loan' }, sort: { _id: 1 } });
    expect(plan).toContain('c1_elements_i (field=? AND value=?)');
    expect(plan).not.toContain('SCAN');
  });

  test('a count and a group read the index alone', () => {
    inspected((collection, plan) => {
      const { where } = compileFilter(collection, parseFilter({ open: true, handler: 'h1' }));
      expect(plan(`SELECT count(*) FROM ${collection.table} WHERE ${where.text}`)).toContain('COVERING INDEX c1_i0');
      const groupPlan = (_id: Json): string =>
        plan(groupSql(collection, parsePipeline([{ $group: { _id, n: { $sum: 1 } } }]))?.cells.text ?? '');
      expect(groupPlan('$company')).toBe('SCAN c1 USING COVERING INDEX c1_i2');
      const orNull = { $ifNull: ['$product', null] };
      expect(groupPlan({ company: { $ifNull: ['$company', null] }, product: orNull })).toBe(
        'SCAN c1 USING COVERING INDEX c1_i2',
      );
      const buckets = bucketExpression('$product', { boundaries: ['f'], labels: [undefined, 'later'] });
      expect(groupPlan({ product: { $ifNull: [buckets, null] } })).toBe('SCAN c1 USING COVERING INDEX c1_i2');
    });
  });

  test('only undeclared fields are tested on documents', () => {
    inspected((collection) => {
      const selection = compileFilter(
        collection,
        parseFilter({ open: true, note: 'n', $or: [{ handler: 'x' }, { dueAt: null }] }),
      );
      expect(selection.where.text).toBe(
        '(deleted = 0) AND (f0 = ?) AND ((f1 = ?) OR (f2 IS NULL))'
          .replace('(f0 = ?)', '((f0 = ?))')
          .replace('((f1 = ?) OR (f2 IS NULL))', '(((f1 = ?)) OR ((f2 IS NULL)))'),
      );
      expect(selection.rest?.({ _id: 'a', _position: '1', note: 'n' })).toBe(true);
      expect(selection.rest?.({ _id: 'a', _position: '1', note: 'm' })).toBe(false);
    });
  });
});

describe('what SQL evaluates', () => {
  test('counts and groups over declared fields read no documents', async () => {
    await given(complaints(30));
    const other = openDatabase(file);
    other.exec("UPDATE c1 SET body = 'no document'");
    other.close();
    expect(await models.count(QUEUE, { open: false, handler: { $ne: 'h1' } })).toBe(8);
    const sums = { n: { $sum: 1 }, first: { $min: '$dueAt' }, any: { $max: '$open' } };
    const pipeline = [{ $match: { handler: 'h1' } }, { $group: { _id: { open: '$open' }, ...sums } }];
    expect(await models.aggregate(QUEUE, pipeline)).toEqual([
      { _id: { open: false }, n: 2, first: '2026-11-11', any: false },
      { _id: { open: true }, n: 4, first: '2026-11-11', any: true },
    ]);
    await expect(models.find(QUEUE, {})).rejects.toThrow('JSON');
  });

  test('a page filtered by an undeclared field reads until it is full', async () => {
    await given(complaints(1000).map((document, n) => ({ ...document, note: n % 100 === 99 ? 'rare' : 'common' })));
    const query = { filter: { note: 'rare', open: true }, sort: { dueAt: 1 } } as const;
    const whole = await models.find(QUEUE, query);
    expect(whole.map(({ note }) => note)).toEqual(whole.map(() => 'rare'));
    expect(await models.find(QUEUE, { ...query, limit: 5 })).toEqual(whole.slice(0, 5));
    expect(await models.find(QUEUE, { ...query, sort: { dueAt: -1 }, limit: 5 })).toEqual(
      [...whole].reverse().slice(0, 5),
    );
    expect(whole).toHaveLength(6);
  });
});

describe('several connections', () => {
  test('a reader sees what another connection has committed, new collections and arrays included', async () => {
    await given(complaints(3));
    const reader = EmbeddedReadModels.openReadOnly(file);
    expect(await reader.count(QUEUE, { 'points.product': 'loan' })).toBe(2);
    await given([{ _id: 'x', _position: '2', handler: ['h9', 'h8'] }]);
    expect(await reader.count(QUEUE, { handler: 'h8' })).toBe(1);
    await session.createCollection('late@1.1', []);
    expect(await reader.listCollections()).toEqual(['late@1.1', QUEUE]);
    await session.dropCollection(QUEUE);
    await expect(reader.count(QUEUE, {})).rejects.toMatchObject({ name: 'UnknownCollection' });
    await given(complaints(5));
    expect(await reader.count(QUEUE, {})).toBe(5);
    await reader.close();
  });

  test('a read-only connection opens no session', async () => {
    await given(complaints(1));
    const reader = EmbeddedReadModels.openReadOnly(file);
    await expect(reader.openSession()).rejects.toMatchObject({ name: 'ReadOnly' });
    expect(await reader.count(QUEUE, {})).toBe(1);
    await reader.close();
  });

  test('a reader keeps no snapshot open between its answers', async () => {
    await given(complaints(500));
    const reader = EmbeddedReadModels.openReadOnly(file);
    await reader.find(QUEUE, { filter: { note: null }, limit: 1 });
    await reader.find(QUEUE, { sort: { note: 1 }, limit: 1 });
    await reader.getMany(QUEUE, ['c000001']);
    await reader.aggregate(QUEUE, [{ $match: { note: null } }, { $group: { _id: null, n: { $sum: 1 } } }]);
    await given(complaints(500, 500));
    const writer = openDatabase(file);
    expect(writer.pragma('wal_checkpoint(TRUNCATE)')).toBe(0); // 1 would mean busy: a reader holds an older snapshot
    writer.close();
    await reader.close();
  });

  test('all data is present after a restart', async () => {
    await given(complaints(10));
    const record = await session.changeModel(await session.takeModel('work_queue'), { live: QUEUE });
    await models.close();
    models = EmbeddedReadModels.open(file);
    expect(await models.count(QUEUE, { open: true })).toBe(6);
    expect(await models.listModels()).toEqual([record]);
    expect((await models.openSession()).epoch).toBe(session.epoch + 1);
    expect(await models.loadCheckpoint(QUEUE)).toEqual(at('1'));
  });
});

describe('the tables', () => {
  test('a batch that is not written leaves no trace', async () => {
    await given(complaints(1));
    const checkpoint = { collection: QUEUE, from: at('1'), to: at('2') };
    const write = (documents: readonly Document[]) => {
      const writes = documents.map((document) => ({ id: document._id, loaded: null, document }));
      return session.write({ changes: [{ collection: QUEUE, writes }], checkpoint });
    };
    const conflict = complaints(2).map((document) => ({ ...document, _position: '2' }));
    expect(await write(conflict)).toEqual({ outcome: 'conflict', ids: ['c000000'] });
    expect(await write([...complaints(1, 1), { _id: 'x', _position: '2', handler: 'a\0' }])).toMatchObject({
      outcome: 'rejected',
    });
    expect(await models.count(QUEUE, {})).toBe(1);
    expect(await models.loadCheckpoint(QUEUE)).toEqual(at('1'));
  });

  test('a missing index is built when the collection is declared again', async () => {
    await given(complaints(1));
    const other = openDatabase(file);
    other.exec('DROP INDEX c1_i0');
    other.close();
    await session.createCollection(QUEUE, INDEXES);
    expect(plansOf({ filter: { open: true }, sort: { handler: 1 } })[0]).toContain('c1_i0');
  });

  test('deferred indexes do not exist before they are built', async () => {
    await session.createCollection(QUEUE, INDEXES, 'later');
    expect(plansOf({ filter: { open: true }, sort: { handler: 1 } })[0]).not.toContain('c1_i0');
    await session.createCollection(QUEUE, INDEXES, 'later');
    await session.buildIndexes(QUEUE);
    expect(plansOf({ filter: { open: true }, sort: { handler: 1 } })[0]).toContain('c1_i0');
  });

  test('a unique index treats null and missing as equal, and ignores tombstones', async () => {
    const collection = 'keys@1.1';
    await session.createCollection(collection, [{ fields: { key: 1 }, unique: true }]);
    const write = async (document: Document, loaded: string | null): Promise<unknown> => {
      const from = await models.loadCheckpoint(collection);
      return session.write({
        changes: [{ collection, writes: [{ id: document._id, loaded, document }] }],
        checkpoint: { collection, from, to: at(document._position) },
      });
    };
    const rejected = { outcome: 'rejected', documents: [{ id: 'b', reason: 'unique' }] };
    await write({ _id: 'a', _position: '1', key: null }, null);
    expect(await write({ _id: 'b', _position: '2' }, null)).toMatchObject(rejected);
    expect(await write({ _id: 'b', _position: '2', key: ['x'] }, null)).toMatchObject(rejected);
    await write({ _id: 'a', _position: '2', _deleted: true }, '1');
    expect(await write({ _id: 'b', _position: '3' }, null)).toEqual({ outcome: 'written' });
  });

  test('groups that are objects are returned as they were written', async () => {
    await given([
      { _id: 'a', _position: '1', handler: { team: 1 } },
      { _id: 'b', _position: '1', handler: { team: 1 } },
    ]);
    expect(
      await models.aggregate(QUEUE, [{ $group: { _id: '$handler', n: { $sum: 1 }, most: { $max: '$handler' } } }]),
    ).toEqual([{ _id: { team: 1 }, n: 2, most: { team: 1 } }]);
  });
});
