import type { SqlValue } from '../../platform/sqlite.js';
import type { Json } from '../../platform/json.js';
import { componentsOf, valuesAtPath } from '../matching.js';
import { QueryRefused, type OrderKey, type ParsedFind } from '../query-language.js';
import type { Document } from '../read-models.js';
import { orderKey } from '../value-order.js';
import type { Collection, Field } from './collection.js';
import { ARRAY_SQL, toColumn } from './column.js';
import { compileFilter, type Selection } from './filter-sql.js';
import { joinConditions, sql, type Sql, type Statements } from './statements.js';

export interface SortColumn {
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

/**
 * Runs a query inside a read transaction. When all sort fields are declared, SQL sorts, by an index if possible.
 * Otherwise reads all candidates and sorts them in memory.
 */
export function findDocuments(statements: Statements, collection: Collection, query: ParsedFind): Document[] {
  const columns = sortColumns(collection, query.order);
  const selection = compileFilter(collection, query.condition);
  const documents =
    columns === undefined
      ? sortInMemory(statements, collection, query, selection)
      : sortBySql(statements, collection, query, selection, columns);
  const { fields } = query;
  return fields === undefined ? documents : documents.map((document) => selectFields(document, fields));
}

/** The columns of a sort; undefined when one of its fields is not declared. */
export function sortColumns(collection: Collection, order: readonly OrderKey[]): SortColumn[] | undefined {
  const columns: SortColumn[] = [];
  for (const { path, direction } of order) {
    const field = collection.field(path);
    if (field === undefined) return undefined;
    columns.push({ field, direction });
  }
  return columns;
}

/**
 * The statements that together read the documents after `after`, in order. The first returns the documents that are
 * equal to `after` in all keys but the last, the second those that are equal in all but the last two, and so on. Each
 * statement reads one range of an index over these columns; one statement with OR would not. The last placeholder of
 * each statement is its limit, which `values` does not contain.
 */
export function pageSql(
  collection: Collection,
  where: Sql,
  columns: readonly SortColumn[],
  after: readonly SqlValue[] | undefined,
): Sql[] {
  const order = columns.map((column) => orderTerm(collection, column)).join(', ');
  return rangesAfter(columns, after).map((range) => {
    const { text, values } = joinConditions([where, ...range], 'AND');
    return { text: `SELECT body FROM ${collection.table} WHERE ${text} ORDER BY ${order} LIMIT ?`, values };
  });
}

function sortBySql(
  statements: Statements,
  collection: Collection,
  query: ParsedFind,
  { where, rest }: Selection,
  columns: readonly SortColumn[],
): Document[] {
  const columnWithArrays = columns.find(({ field }) => field.hasArrays);
  if (query.after !== undefined && columnWithArrays !== undefined) throw noPaging(columnWithArrays.field.path);
  const limit = query.limit ?? Infinity;
  const readPage = (after: readonly SqlValue[] | undefined, maxRows: number): Document[] => {
    const documents: Document[] = [];
    for (const { text, values } of pageSql(collection, where, columns, after)) {
      const remaining = maxRows === Infinity ? -1 : maxRows - documents.length; // for SQLite, -1 means no limit
      if (remaining === 0) break;
      for (const row of statements.prepared<BodyRow>(text).all(...values, remaining)) documents.push(parseBody(row));
    }
    return documents;
  };
  let after = query.after?.map(toColumn);
  if (rest === undefined) return readPage(after, limit);

  // in a sort by a field with arrays, a read cannot continue after the last document of the previous read
  const rowsPerRead = columnWithArrays === undefined ? Math.max(MIN_ROWS_PER_READ, query.limit ?? 0) : Infinity;
  const matching: Document[] = [];
  for (;;) {
    const documents = readPage(after, rowsPerRead);
    for (const document of documents) if (matching.length < limit && rest(document)) matching.push(document);
    const last = documents.at(-1);
    if (matching.length === limit || documents.length < rowsPerRead || last === undefined) return matching;
    after = columns.map(({ field }) => toColumn(valuesAtPath(last, componentsOf(field.path)).values[0]));
  }
}

/** Reads every candidate. Keeps no more than about twice the limit in memory. */
function sortInMemory(
  statements: Statements,
  collection: Collection,
  query: ParsedFind,
  { where, rest }: Selection,
): Document[] {
  const limit = query.limit ?? Infinity;
  const after = query.after?.map((value) => orderKey(value));
  const compare = (a: readonly Buffer[], b: readonly Buffer[]): number => {
    for (const [at, { direction }] of query.order.entries()) {
      const order = Buffer.compare(a[at] ?? NULL_KEY, b[at] ?? NULL_KEY);
      if (order !== 0) return order * direction;
    }
    return 0;
  };
  let kept: { readonly keys: readonly Buffer[]; readonly document: Document }[] = [];
  const trim = (): void => {
    kept.sort((a, b) => compare(a.keys, b.keys));
    if (kept.length > limit) kept = kept.slice(0, limit);
  };
  const candidates = statements.prepared<BodyRow>(`SELECT body FROM ${collection.table} WHERE ${where.text}`);
  for (const row of candidates.iterate(...where.values)) {
    const document = parseBody(row);
    if (rest?.(document) === false) continue;
    const keys = query.order.map((key) => sortKey(document, key, after !== undefined));
    if (after !== undefined && compare(keys, after) <= 0) continue;
    kept.push({ keys, document });
    if (kept.length > 2 * limit + MIN_ROWS_PER_READ) trim();
  }
  trim();
  return kept.map((entry) => entry.document);
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

/** The ranges of documents after `after`, each as a list of conditions; see {@link pageSql}. */
function rangesAfter(columns: readonly SortColumn[], after: readonly SqlValue[] | undefined): Sql[][] {
  if (after === undefined) return [[]];
  const ranges: Sql[][] = [];
  for (let keyIndex = columns.length - 1; keyIndex >= 0; keyIndex -= 1) {
    const equal = columns.slice(0, keyIndex).map(({ field }, at) => equalTo(field.column, after[at] ?? null));
    const column = columns[keyIndex];
    if (column === undefined) continue;
    for (const condition of afterValue(column, after[keyIndex] ?? null)) ranges.push([...equal, condition]);
  }
  return ranges;
}

const equalTo = (column: string, value: SqlValue): Sql =>
  value === null ? sql(`${column} IS NULL`) : sql(`${column} = ?`, value);

/**
 * The conditions for the values that sort after a value, one for each range of the index. NULL sorts first when the
 * direction is ascending, and last when it is descending.
 */
function afterValue({ field: { column, ordinal }, direction }: SortColumn, value: SqlValue): Sql[] {
  if (direction === 1) return [value === null ? sql(`${column} IS NOT NULL`) : sql(`${column} > ?`, value)];
  if (value === null) return [];
  const isNeverNull = ordinal < 0; // `_id` or `_position`
  return isNeverNull ? [sql(`${column} < ?`, value)] : [sql(`${column} < ?`, value), sql(`${column} IS NULL`)];
}

/** The term of a sort column in ORDER BY. */
function orderTerm({ table, elements }: Collection, { field, direction }: SortColumn): string {
  const suffix = direction === 1 ? '' : ' DESC';
  if (!field.hasArrays) return `${field.column}${suffix}`;
  const ofDocument = `field = ${String(field.ordinal)} AND doc = ${table}.id`;
  const firstElement = `SELECT value FROM ${elements} WHERE ${ofDocument} ORDER BY value${suffix} LIMIT 1`;
  return `iif(${field.column} = ${ARRAY_SQL}, (${firstElement}), ${field.column})${suffix}`;
}

function selectFields(document: Document, fields: readonly string[]): Document {
  const entries = Object.entries(document).filter(([name]) => name === '_id' || fields.includes(name));
  return Object.fromEntries(entries) as Document;
}

const noPaging = (path: string): QueryRefused =>
  new QueryRefused('after', `${path} contains arrays, which have no order for paging`);
