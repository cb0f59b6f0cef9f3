import type { SqlValue } from '../../platform/sqlite.js';
import type { Json } from '../../platform/json.js';
import { componentsOf, reach } from '../matching.js';
import { QueryRefused, type OrderKey, type ParsedFind } from '../query-language.js';
import type { Document } from '../read-models.js';
import { orderKey } from '../value-order.js';
import type { Collection, Field } from './collection.js';
import { ARRAY_SQL, toColumn } from './column.js';
import { compileFilter, type Selection } from './filter-sql.js';
import { joined, sql, type Sql, type Statements } from './statements.js';

export interface SortColumn {
  readonly field: Field;
  readonly direction: 1 | -1;
}

export interface BodyRow {
  readonly body: string;
}

export const parsed = (row: BodyRow): Document => JSON.parse(row.body) as Document;

/** Rows per read when the rest of the filter may reject some of them. */
const ROWS_PER_READ = 256;

/** Runs a find inside a read transaction: by an index when the fields of filter and sort are declared. */
export function findDocuments(statements: Statements, collection: Collection, query: ParsedFind): Document[] {
  const columns = sortColumns(collection, query.order);
  const selection = compileFilter(collection, query.condition);
  const found =
    columns === undefined
      ? sortedInMemory(statements, collection, query, selection)
      : sortedBySql(statements, collection, query, selection, columns);
  const { fields } = query;
  return fields === undefined ? found : found.map((document) => chosen(document, fields));
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
 * The statements of a page, each with its limit still to bind. In sequence they return, in order, what follows `after`:
 * documents equal to it in all keys but the last, then in all but the last two, and so on. Each is one index range over
 * these columns, which a single disjunction would not be.
 */
export function pageSql(
  collection: Collection,
  where: Sql,
  columns: readonly SortColumn[],
  after: readonly SqlValue[] | undefined,
): Sql[] {
  const order = columns.map((column) => orderTerm(collection, column)).join(', ');
  return branches(columns, after).map((branch) => {
    const all = joined([where, ...branch], 'AND');
    return {
      text: `SELECT body FROM ${collection.table} WHERE ${all.text} ORDER BY ${order} LIMIT ?`,
      values: all.values,
    };
  });
}

function sortedBySql(
  statements: Statements,
  collection: Collection,
  query: ParsedFind,
  { where, rest }: Selection,
  columns: readonly SortColumn[],
): Document[] {
  const arrays = columns.find(({ field }) => field.array);
  if (query.after !== undefined && arrays !== undefined) throw noPaging(arrays.field.path);
  const limit = query.limit ?? Infinity;
  const page = (after: readonly SqlValue[] | undefined, most: number): Document[] => {
    const documents: Document[] = [];
    for (const { text, values } of pageSql(collection, where, columns, after)) {
      const left = most === Infinity ? -1 : most - documents.length;
      if (left === 0) break;
      for (const row of statements.prepared<BodyRow>(text).all(...values, left)) documents.push(parsed(row));
    }
    return documents;
  };
  let after = query.after?.map(toColumn);
  if (rest === undefined) return page(after, limit);

  const stride = arrays === undefined ? Math.max(ROWS_PER_READ, query.limit ?? 0) : Infinity;
  const kept: Document[] = [];
  for (;;) {
    const documents = page(after, stride);
    for (const document of documents) if (kept.length < limit && rest(document)) kept.push(document);
    const last = documents.at(-1);
    if (kept.length === limit || documents.length < stride || last === undefined) return kept;
    after = columns.map(({ field }) => toColumn(reach(last, componentsOf(field.path)).values[0]));
  }
}

/** For an undeclared sort field: tests every candidate; holds at most twice the limit. */
function sortedInMemory(
  statements: Statements,
  collection: Collection,
  query: ParsedFind,
  { where, rest }: Selection,
): Document[] {
  const limit = query.limit ?? Infinity;
  const after = query.after?.map((value) => orderKey(value));
  const compare = (a: readonly Buffer[], b: readonly Buffer[]): number => {
    for (const [at, { direction }] of query.order.entries()) {
      const order = Buffer.compare(a[at] ?? NOTHING, b[at] ?? NOTHING);
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
    const document = parsed(row);
    if (rest?.(document) === false) continue;
    const keys = query.order.map((key) => sortKey(document, key, after !== undefined));
    if (after !== undefined && compare(keys, after) <= 0) continue;
    kept.push({ keys, document });
    if (kept.length > 2 * limit + ROWS_PER_READ) trim();
  }
  trim();
  return kept.map((entry) => entry.document);
}

const NOTHING = orderKey(null);

/** An array sorts by its least element, descending by its greatest; an empty one as null. */
function sortKey(document: Document, { path, direction }: OrderKey, paging: boolean): Buffer {
  const found = reach(document, componentsOf(path));
  if (found.throughArray && paging) throw noPaging(path);
  const values: readonly Json[] = found.absent ? [null, ...found.values] : found.values;
  return values
    .map((value) => orderKey(value))
    .reduce(
      (best, key) => (Buffer.compare(key, best) * direction < 0 ? key : best),
      values.length > 0 ? orderKey(values[0]) : NOTHING,
    );
}

function branches(columns: readonly SortColumn[], after: readonly SqlValue[] | undefined): Sql[][] {
  if (after === undefined) return [[]];
  const all: Sql[][] = [];
  for (let last = columns.length - 1; last >= 0; last -= 1) {
    const equal = columns.slice(0, last).map(({ field }, at) => equalTo(field.column, after[at] ?? null));
    const column = columns[last];
    if (column === undefined) continue;
    for (const beyond of beyondValue(column, after[last] ?? null)) all.push([...equal, beyond]);
  }
  return all;
}

const equalTo = (column: string, value: SqlValue): Sql =>
  value === null ? sql(`${column} IS NULL`) : sql(`${column} = ?`, value);

/** The range after a value: NULL is first ascending, last descending. */
function beyondValue({ field: { column, ordinal }, direction }: SortColumn, value: SqlValue): Sql[] {
  if (direction === 1) return [value === null ? sql(`${column} IS NOT NULL`) : sql(`${column} > ?`, value)];
  if (value === null) return [];
  return ordinal < 0 ? [sql(`${column} < ?`, value)] : [sql(`${column} < ?`, value), sql(`${column} IS NULL`)];
}

function orderTerm({ table, elements }: Collection, { field, direction }: SortColumn): string {
  const way = direction === 1 ? '' : ' DESC';
  if (!field.array) return `${field.column}${way}`;
  const best = `SELECT value FROM ${elements} WHERE field = ${String(field.ordinal)} AND doc = ${table}.id ORDER BY value${way} LIMIT 1`;
  return `iif(${field.column} = ${ARRAY_SQL}, (${best}), ${field.column})${way}`;
}

function chosen(document: Document, fields: readonly string[]): Document {
  const entries = Object.entries(document).filter(([name]) => name === '_id' || fields.includes(name));
  return Object.fromEntries(entries) as Document;
}

const noPaging = (path: string): QueryRefused =>
  new QueryRefused('after', `${path} holds arrays, and paging by an array has no order`);
