import type { SqlValue } from '../../platform/sqlite.js';
import type { Json } from '../../platform/json.js';
import { componentsOf, valuesAtPath } from '../matching.js';
import { QueryRefused, type OrderKey, type ParsedFind, type Scalar } from '../query-language.js';
import type { Document } from '../read-models.js';
import { orderKey } from '../value-order.js';
import { accessPaths, withIndex, type AccessPath, type SortColumn } from './access-path.js';
import type { Collection, Field } from './collection.js';
import { joinConditions, sql, type Sql, type Statements } from './statements.js';

interface SortField {
  readonly field: Field;
  readonly direction: 1 | -1;
}

export interface BodyRow {
  /** The document as JSON text. */
  readonly body: string;
}

export const parseBody = (row: BodyRow): Document => JSON.parse(row.body) as Document;

/** Minimum number of rows per read when a part of the filter is tested after the read. */
const MIN_ROWS_PER_READ = 256;

/** Runs a query inside a read transaction. */
export const findDocuments = (statements: Statements, collection: Collection, query: ParsedFind): Document[] =>
  withIndex(query.index, (index) => find(statements, collection, { ...query, index }));

function find(statements: Statements, collection: Collection, query: ParsedFind): Document[] {
  const { fields, skip, limit = Infinity } = query;
  const [firstPath, ...otherPaths] = pathsWithDocuments(statements, collection, query);
  if (firstPath === undefined) return [];
  const documents =
    otherPaths.length === 0
      ? readPath(statements, collection, firstPath, query)
      : [firstPath, ...otherPaths]
          .flatMap((path) => readPath(statements, collection, path, { ...query, skip: 0, limit: skip + limit }))
          .sort(compareDocuments(query.order))
          .slice(skip, skip + limit);
  return fields === undefined ? documents : documents.map((document) => selectFields(document, fields));
}

/** The access paths of a query; if it has several, only those that lead to at least one document. */
function pathsWithDocuments(statements: Statements, collection: Collection, query: ParsedFind): AccessPath[] {
  const paths = accessPaths(collection, query.condition, query.index);
  if (paths.length === 1) return paths;
  return paths.filter(({ fromIds, where }) => {
    const text = `SELECT 1 FROM ${fromIds} WHERE ${where.text} LIMIT 1`;
    return statements.prepared(text).get(...where.values) !== undefined;
  });
}

/**
 * When all sort fields are declared and have no arrays, SQL sorts, by an index if possible. Otherwise reads all
 * candidates and sorts them in memory.
 */
function readPath(statements: Statements, collection: Collection, path: AccessPath, query: ParsedFind): Document[] {
  const fields = sortFields(collection, query.order);
  if (fields === undefined) return sortInMemory(statements, path, query);
  if (query.skip > 0 && path.rest === undefined) return readSkipping(statements, collection, path, query, fields);
  return readInOrder(statements, path, query, fields);
}

/** The fields of a sort; undefined when SQL cannot sort by one of them. */
export function sortFields(collection: Collection, order: readonly OrderKey[]): SortField[] | undefined {
  const fields: SortField[] = [];
  for (const { path, direction } of order) {
    const field = collection.field(path);
    if (field === undefined || field.hasArrays) return undefined;
    fields.push({ field, direction });
  }
  return fields;
}

/**
 * The statements that together read the documents after `after`, in order. The first returns the documents that are
 * equal to `after` in all keys but the last, the second those that are equal in all but the last two, and so on. Each
 * statement reads one range of an index over these columns; one statement with OR would not. The last placeholder of
 * each statement is its limit, which `values` does not contain.
 */
export function pageSql(path: AccessPath, fields: readonly SortField[], after: readonly Scalar[] | undefined): Sql[] {
  return rangesAfter(path, fields, after).map(({ text, values }) => {
    return { text: `SELECT body FROM ${path.from} WHERE ${text} ORDER BY ${orderBy(path, fields)} LIMIT ?`, values };
  });
}

const orderBy = ({ sortColumn }: AccessPath, fields: readonly SortField[]): string =>
  fields.map(({ field, direction }) => `${sortColumn(field).text}${direction === 1 ? '' : ' DESC'}`).join(', ');

function readInOrder(
  statements: Statements,
  path: AccessPath,
  { skip, limit = Infinity, after: firstAfter }: ParsedFind,
  fields: readonly SortField[],
): Document[] {
  const { rest } = path;
  const readPage = (after: readonly Scalar[] | undefined, maxRows: number): Document[] => {
    const documents: Document[] = [];
    for (const { text, values } of pageSql(path, fields, after)) {
      const remaining = maxRows === Infinity ? -1 : maxRows - documents.length; // for SQLite, -1 means no limit
      if (remaining === 0) break;
      for (const row of statements.prepared<BodyRow>(text).all(...values, remaining)) documents.push(parseBody(row));
    }
    return documents;
  };
  if (rest === undefined) return readPage(firstAfter, limit);

  const wanted = skip + limit;
  const rowsPerRead = Math.max(MIN_ROWS_PER_READ, wanted === Infinity ? 0 : wanted);
  const matching: Document[] = [];
  for (let after = firstAfter; ;) {
    const documents = readPage(after, rowsPerRead);
    for (const document of documents) if (matching.length < wanted && rest(document)) matching.push(document);
    const last = documents.at(-1);
    if (matching.length === wanted || documents.length < rowsPerRead || last === undefined) return matching.slice(skip);
    after = fields.map(({ field }) => valuesAtPath(last, componentsOf(field.path)).values[0] ?? null) as Scalar[];
  }
}

/** Skips documents by their ids only, so that the bodies of the skipped ones are not read. */
function readSkipping(
  statements: Statements,
  { table }: Collection,
  path: AccessPath,
  { skip, limit = Infinity, after }: ParsedFind,
  fields: readonly SortField[],
): Document[] {
  const { id, fromIds } = path;
  const ids: string[] = [];
  let remaining = skip; // number of documents that are still to be skipped
  for (const { text, values } of rangesAfter(path, fields, after)) {
    const counted = statements.prepared<{ count: number }>(
      `SELECT count(*) count FROM (SELECT 1 FROM ${fromIds} WHERE ${text} LIMIT ?)`,
    );
    const inRange = remaining === 0 ? 0 : (counted.get(...values, remaining)?.count ?? 0);
    const select = `SELECT ${id} AS id FROM ${fromIds} WHERE ${text} ORDER BY ${orderBy(path, fields)} LIMIT ? OFFSET ?`;
    if (inRange === remaining) {
      const maxRows = limit === Infinity ? -1 : limit - ids.length; // for SQLite, -1 means no limit
      for (const row of statements.prepared<{ id: string }>(select).all(...values, maxRows, remaining))
        ids.push(row.id);
    }
    remaining -= inRange;
  }
  const body = statements.prepared<BodyRow>(`SELECT body FROM ${table} WHERE id = ?`);
  return ids.flatMap((found) => body.all(found)).map(parseBody);
}

/** Reads every candidate. Keeps no more than about twice the limit in memory. */
function sortInMemory(
  statements: Statements,
  { from, where, rest }: AccessPath,
  { order, skip, limit, after }: ParsedFind,
): Document[] {
  const wanted = skip + (limit ?? Infinity);
  const afterKeys = after?.map((value) => orderKey(value));
  let kept: { readonly keys: readonly Buffer[]; readonly document: Document }[] = [];
  const trim = (): void => {
    kept.sort((a, b) => compareKeys(a.keys, b.keys, order));
    if (kept.length > wanted) kept = kept.slice(0, wanted);
  };
  const candidates = statements.prepared<BodyRow>(`SELECT body FROM ${from} WHERE ${where.text}`);
  for (const row of candidates.iterate(...where.values)) {
    const document = parseBody(row);
    if (rest?.(document) === false) continue;
    const keys = order.map((key) => sortKey(document, key, afterKeys !== undefined));
    if (afterKeys !== undefined && compareKeys(keys, afterKeys, order) <= 0) continue;
    kept.push({ keys, document });
    if (kept.length > 2 * wanted + MIN_ROWS_PER_READ) trim();
  }
  trim();
  return kept.slice(skip).map((entry) => entry.document);
}

const compareDocuments =
  (order: readonly OrderKey[]) =>
  (a: Document, b: Document): number => {
    const keysOf = (document: Document): Buffer[] => order.map((key) => sortKey(document, key, false));
    return compareKeys(keysOf(a), keysOf(b), order);
  };

function compareKeys(a: readonly Buffer[], b: readonly Buffer[], order: readonly OrderKey[]): number {
  for (const [at, { direction }] of order.entries()) {
    const difference = Buffer.compare(a[at] ?? NULL_KEY, b[at] ?? NULL_KEY);
    if (difference !== 0) return difference * direction;
  }
  return 0;
}

const NULL_KEY = orderKey(null);

/**
 * An array sorts by its lowest element when the direction is ascending, and by its highest when it is descending; an
 * empty array sorts as null.
 */
function sortKey(document: Document, { path, direction }: OrderKey, isPaging: boolean): Buffer {
  const found = valuesAtPath(document, componentsOf(path));
  if (found.throughArray && isPaging) throw noPaging(path);
  const values: readonly Json[] = found.absent ? [null, ...found.values] : found.values;
  const [firstKey = NULL_KEY, ...otherKeys] = values.map((value) => orderKey(value));
  return otherKeys.reduce((first, key) => (Buffer.compare(key, first) * direction < 0 ? key : first), firstKey);
}

/** The ranges of documents after `after`, each as a condition; see {@link pageSql}. */
function rangesAfter(path: AccessPath, fields: readonly SortField[], after: readonly Scalar[] | undefined): Sql[] {
  if (after === undefined) return [path.where];
  const [firstField] = fields;
  const [firstValue = null] = after;
  // a range of the filter and the one after the value together have one bound on each side
  const within =
    firstField === undefined || firstValue === null
      ? undefined
      : path.whereWithin({
          kind: 'range',
          path: firstField.field.path,
          operator: firstField.direction === 1 ? '$gt' : '$lt',
          bound: firstValue,
        });
  const keys = fields.map(({ field, direction }, at) => {
    const column = path.sortColumn(field);
    return { column, direction, value: column.toValue(after[at] ?? null) };
  });
  const ranges: Sql[] = [];
  for (let keyIndex = keys.length - 1; keyIndex >= (within === undefined ? 0 : 1); keyIndex -= 1) {
    const equal = keys.slice(0, keyIndex).map(({ column, value }) => equalTo(column.text, value));
    const key = keys[keyIndex];
    if (key === undefined) continue;
    for (const condition of afterValue(key.column, key.direction, key.value))
      ranges.push(joinConditions([path.where, ...equal, condition], 'AND'));
  }
  return within === undefined ? ranges : [...ranges, within];
}

const equalTo = (column: string, value: SqlValue): Sql =>
  value === null ? sql(`${column} IS NULL`) : sql(`${column} = ?`, value);

/**
 * The conditions for the values that sort after a value, one for each range of the index. NULL sorts first when the
 * direction is ascending, and last when it is descending.
 */
function afterValue({ text, mayBeNull }: SortColumn, direction: 1 | -1, value: SqlValue): Sql[] {
  if (direction === 1) return [value === null ? sql(`${text} IS NOT NULL`) : sql(`${text} > ?`, value)];
  if (value === null) return [];
  return mayBeNull ? [sql(`${text} < ?`, value), sql(`${text} IS NULL`)] : [sql(`${text} < ?`, value)];
}

function selectFields(document: Document, fields: readonly string[]): Document {
  const entries = Object.entries(document).filter(([name]) => name === '_id' || fields.includes(name));
  return Object.fromEntries(entries) as Document;
}

const noPaging = (path: string): QueryRefused =>
  new QueryRefused('after', `${path} contains arrays, which have no order for paging`);
