import type { Json, JsonObject } from '../../platform/json.js';
import type { SqlValue } from '../../platform/sqlite.js';
import { bucketTree, type Buckets } from '../buckets.js';
import { componentsOf, valueAt } from '../matching.js';
import type { ParsedCount, ParsedPipeline } from '../query-language.js';
import type { Document } from '../read-models.js';
import { accessPaths, withIndex, type AccessPath } from './access-path.js';
import { bit, combineMasks, hasBit, type Collection, type Field } from './collection.js';
import { fromColumn } from './column.js';
import { compileFilter } from './filter-sql.js';
import { parseBody, type BodyRow } from './find-sql.js';
import { groupFold, sortGroups } from './group-fold.js';
import { sql, type Sql, type Statements } from './statements.js';

/** Runs a pipeline inside a read transaction: in SQL if possible, otherwise by reading every candidate document. */
export function aggregate(statements: Statements, collection: Collection, pipeline: ParsedPipeline): JsonObject[] {
  const groups = groupBySql(statements, collection, pipeline) ?? groupInMemory(statements, collection, pipeline);
  return sortGroups(groups, pipeline);
}

/** The number of matching documents, without tombstones; at most the limit. */
export const countDocuments = (statements: Statements, collection: Collection, query: ParsedCount): number =>
  withIndex(query.index, (index) => count(statements, collection, { ...query, index }));

function count(statements: Statements, collection: Collection, query: ParsedCount): number {
  const { condition, index, limit = Infinity } = query;
  let counted = 0;
  for (const path of accessPaths(collection, condition, index)) {
    const remaining = limit - counted;
    if (remaining === 0) break;
    if (path.rest === undefined) {
      const text = `SELECT count(*) count FROM (SELECT 1 FROM ${path.fromIds} WHERE ${path.where.text} LIMIT ?)`;
      const maxRows = remaining === Infinity ? -1 : remaining; // for SQLite, -1 means no limit
      counted += statements.prepared<{ count: number }>(text).get(...path.where.values, maxRows)?.count ?? 0;
    } else {
      let matching = 0;
      for (const _document of matchingDocuments(statements, path)) matching += 1;
      counted += Math.min(matching, remaining);
    }
  }
  return counted;
}

/** Reads the matching documents one at a time, without tombstones, in no particular order. */
function* matchingDocuments(statements: Statements, { from, where, rest }: AccessPath): Generator<Document, void> {
  const text = `SELECT body FROM ${from} WHERE ${where.text}`;
  for (const row of statements.prepared<BodyRow>(text).iterate(...where.values)) {
    const document = parseBody(row);
    if (rest === undefined || rest(document)) yield document;
  }
}

function groupInMemory(statements: Statements, collection: Collection, pipeline: ParsedPipeline): JsonObject[] {
  const fold = groupFold(pipeline);
  for (const accessPath of accessPaths(collection, pipeline.match, undefined))
    for (const document of matchingDocuments(statements, accessPath))
      fold.add((path) => valueAt(document, componentsOf(path)));
  return fold.groups();
}

/**
 * undefined when SQL cannot compute the groups: a field is not declared or has ever held an array, or a group contains
 * an object, which cannot be read back from a column.
 */
function groupBySql(
  statements: Statements,
  collection: Collection,
  pipeline: ParsedPipeline,
): JsonObject[] | undefined {
  const compiled = groupSql(collection, pipeline);
  if (compiled === undefined) return undefined;
  const { keys } = compiled;
  const groups: JsonObject[] = [];
  for (const [present, ...columns] of foldCells(statements, compiled)) {
    const value = (at: number): Json | undefined => fromColumn(columns[at] ?? null);
    const group: Record<string, Json> = {};
    const id: Record<string, Json> = {};
    for (const [at, { name, field, missingIsNull }] of keys.entries()) {
      const key = value(at);
      if (key === undefined) return undefined;
      if (name === undefined) group._id = key;
      else if (missingIsNull || field.ordinal < 0 || hasBit(Number(present), field.ordinal)) id[name] = key;
    }
    if (pipeline.id.kind === 'all') group._id = null;
    if (pipeline.id.kind === 'fields') group._id = id;
    for (const [at, accumulator] of pipeline.accumulators.entries()) {
      const result = value(keys.length + at);
      if (result === undefined) return undefined;
      group[accumulator.name] = accumulator.kind === 'count' ? Number(result) * accumulator.step : result;
    }
    groups.push(group);
  }
  return groups;
}

interface Key {
  /** Name of the field in a compound id; undefined when the id is a single field. */
  readonly name: string | undefined;
  readonly field: Field;
  readonly missingIsNull?: true;
}

interface GroupSql {
  /** Selects for each document its presence bits, its keys (x'' for NULL), and the values to accumulate. */
  readonly cells: Sql;
  readonly keys: readonly Key[];
  /** For each accumulator, the SQL expression that combines the column `result` with the next value. */
  readonly folds: readonly ((result: string) => string)[];
}

/** The groups of a pipeline in SQL; undefined when SQL cannot evaluate all of it. */
export function groupSql(collection: Collection, { match, id, accumulators }: ParsedPipeline): GroupSql | undefined {
  const { where, rest } = compileFilter(collection, match);
  if (rest !== undefined) return undefined;
  const parts = id.kind === 'all' ? [] : id.kind === 'field' ? [{ name: undefined, path: id.path }] : id.parts;
  const keys: Key[] = [];
  const selected: Sql[] = [];
  let presenceMask = 0;
  for (const part of parts) {
    const field = fieldWithoutArrays(collection, part.path);
    if (field === undefined) return undefined;
    keys.push({ ...part, field });
    const key = 'buckets' in part ? bucketSql(field.column, part.buckets) : sql(field.column);
    selected.push({ text: `ifnull(${key.text}, x'')`, values: key.values });
    // a compound id omits a missing field, unless it uses $ifNull; a single field has null for missing
    if (part.name !== undefined && !('missingIsNull' in part) && field.ordinal >= 0)
      presenceMask = combineMasks(presenceMask, bit(field.ordinal));
  }
  const folds: ((result: string) => string)[] = [];
  for (const accumulator of accumulators) {
    const column = accumulator.kind === 'count' ? '1' : fieldWithoutArrays(collection, accumulator.path)?.column;
    if (column === undefined) return undefined;
    selected.push(sql(accumulator.kind === 'sum' ? `iif(${column} < '', ${column}, 0)` : column));
    folds.push(FOLDS[accumulator.kind]);
  }
  const presence = sql(presenceMask === 0 ? '0' : `(present & ${String(presenceMask)})`);
  const columns = [presence, ...selected];
  const columnTexts = columns.map((column) => column.text).join(', ');
  const cells: Sql = {
    text: `SELECT ${columnTexts} FROM ${collection.table} WHERE ${where.text}`,
    values: [...columns, where].flatMap(({ values }) => values),
  };
  return { cells, keys, folds };
}

// `excluded` is SQLite's name for the row that an upsert could not insert: its value is the next one to accumulate
const sum = (result: string): string => `${result} + excluded.${result}`;
/** Ignores NULL. SQLite's min and max with two arguments return NULL if one argument is NULL. */
const minOrMax = (kind: 'min' | 'max') => (result: string) =>
  `ifnull(${kind}(${result}, excluded.${result}), ifnull(${result}, excluded.${result}))`;
const FOLDS = { count: sum, sum, min: minOrMax('min'), max: minOrMax('max') } as const;

/**
 * Folds the cells of all documents into a temporary table with one row for each group, and returns its rows. Memory
 * grows with the number of groups. GROUP BY would first sort all documents, and the SQLite build of the driver sorts in
 * memory.
 */
function foldCells(statements: Statements, { cells, keys, folds }: GroupSql): (readonly SqlValue[])[] {
  const keyColumns = ['present', ...keys.map((_, at) => `k${String(at)}`)];
  const resultColumns = folds.map((_, at) => `r${String(at)}`);
  // the table is never dropped, so that prepared statements stay valid
  const table = `temp.groups_${String(keys.length)}_${String(folds.length)}`;
  const columns = [...keyColumns, ...resultColumns].join(', ');
  const primaryKey = keyColumns.join(', ');
  statements
    .prepared(`CREATE TABLE IF NOT EXISTS ${table} (${columns}, PRIMARY KEY (${primaryKey})) WITHOUT ROWID`)
    .run();
  const assignments = folds.map((fold, at) => `r${String(at)} = ${fold(`r${String(at)}`)}`).join(', ');
  const onConflict = assignments === '' ? 'NOTHING' : `UPDATE SET ${assignments}`;
  try {
    statements.prepared(`INSERT INTO ${table} ${cells.text} ON CONFLICT DO ${onConflict}`).run(...cells.values);
    const keyValues = keyColumns.map((name) => (name === 'present' ? name : `nullif(${name}, x'')`));
    return statements
      .preparedRaw<readonly SqlValue[]>(`SELECT ${[...keyValues, ...resultColumns].join(', ')} FROM ${table}`)
      .all();
  } finally {
    statements.prepared(`DELETE FROM ${table}`).run();
  }
}

/**
 * The label of the bucket of a column. A boundary is text: in SQLite's order, NULL and numbers are below every
 * boundary, and blobs are above.
 */
const bucketSql = (column: string, buckets: Buckets): Sql =>
  bucketTree(
    buckets,
    (label) => (label === undefined ? sql(column) : sql('?', label)),
    (boundary, below, atOrAbove) => ({
      text: `CASE WHEN ${column} >= ? THEN ${atOrAbove.text} ELSE ${below.text} END`,
      values: [boundary, ...atOrAbove.values, ...below.values],
    }),
  );

/** The declared field at a path; undefined if it is not declared or has ever held an array. */
function fieldWithoutArrays(collection: Collection, path: string): Field | undefined {
  const field = collection.field(path);
  return field === undefined || field.hasArrays ? undefined : field;
}
