import type { Json, JsonObject } from '../../platform/json.js';
import type { SqlValue } from '../../platform/sqlite.js';
import { bucketTree, type Buckets } from '../buckets.js';
import { componentsOf, valueAt } from '../matching.js';
import type { Condition, ParsedPipeline } from '../query-language.js';
import type { Document } from '../read-models.js';
import { bit, hasBit, type Collection, type Field } from './collection.js';
import { fromColumn } from './column.js';
import { compileFilter } from './filter-sql.js';
import { parsed, type BodyRow } from './find-sql.js';
import { groupFold, orderedGroups } from './group-fold.js';
import { sql, type Sql, type Statements } from './statements.js';

/** Runs a pipeline inside a read transaction: in SQL over declared fields, otherwise by folding the candidates. */
export function aggregate(statements: Statements, collection: Collection, pipeline: ParsedPipeline): JsonObject[] {
  const groups = groupedBySql(statements, collection, pipeline) ?? groupedInMemory(statements, collection, pipeline);
  return orderedGroups(groups, pipeline);
}

/** Number of matching documents, without tombstones. */
export function countDocuments(statements: Statements, collection: Collection, filter: Condition): number {
  const { where, rest } = compileFilter(collection, filter);
  if (rest === undefined) {
    const text = `SELECT count(*) count FROM ${collection.table} WHERE ${where.text}`;
    return statements.prepared<{ count: number }>(text).get(...where.values)?.count ?? 0;
  }
  let count = 0;
  for (const _document of candidates(statements, collection, filter)) count += 1;
  return count;
}

/** Streams every matching document except tombstones, in no order. */
function* candidates(statements: Statements, collection: Collection, filter: Condition): Generator<Document, void> {
  const { where, rest } = compileFilter(collection, filter);
  const text = `SELECT body FROM ${collection.table} WHERE ${where.text}`;
  for (const row of statements.prepared<BodyRow>(text).iterate(...where.values)) {
    const document = parsed(row);
    if (rest === undefined || rest(document)) yield document;
  }
}

function groupedInMemory(statements: Statements, collection: Collection, pipeline: ParsedPipeline): JsonObject[] {
  const fold = groupFold(pipeline);
  for (const document of candidates(statements, collection, pipeline.match))
    fold.add((path) => valueAt(document, componentsOf(path)));
  return fold.groups();
}

/**
 * undefined when a field is not declared or has held arrays, or when groups hold objects, of which columns keep only
 * the order.
 */
function groupedBySql(
  statements: Statements,
  collection: Collection,
  pipeline: ParsedPipeline,
): JsonObject[] | undefined {
  const compiled = groupSql(collection, pipeline);
  if (compiled === undefined) return undefined;
  const { keys } = compiled;
  const groups: JsonObject[] = [];
  for (const [present, ...columns] of collected(statements, compiled)) {
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
  /** undefined: the key is the whole id. */
  readonly name: string | undefined;
  readonly field: Field;
  readonly missingIsNull?: true;
}

interface GroupSql {
  /** The cells of each document: presence bits, keys (x'' for NULL), accumulated values. */
  readonly cells: Sql;
  readonly keys: readonly Key[];
  /** How `result` combines with the next value, `excluded.result`. */
  readonly folds: readonly ((result: string) => string)[];
}

/** The groups of a pipeline in SQL; undefined when SQL cannot evaluate all of it. */
export function groupSql(collection: Collection, { match, id, accumulators }: ParsedPipeline): GroupSql | undefined {
  const { where, rest } = compileFilter(collection, match);
  if (rest !== undefined) return undefined;
  const parts = id.kind === 'all' ? [] : id.kind === 'field' ? [{ name: undefined, path: id.path }] : id.parts;
  const keys: Key[] = [];
  const chosen: Sql[] = [];
  let bits = 0;
  for (const part of parts) {
    const field = plainField(collection, part.path);
    if (field === undefined) return undefined;
    keys.push({ ...part, field });
    const key = 'buckets' in part ? bucketSql(field.column, part.buckets) : sql(field.column);
    chosen.push({ text: `ifnull(${key.text}, x'')`, values: key.values });
    // a compound id distinguishes missing from null unless it uses $ifNull; a single field does not
    if (part.name !== undefined && !('missingIsNull' in part) && field.ordinal >= 0) bits = addBit(bits, field.ordinal);
  }
  const folds: ((result: string) => string)[] = [];
  for (const accumulator of accumulators) {
    const column = accumulator.kind === 'count' ? '1' : plainField(collection, accumulator.path)?.column;
    if (column === undefined) return undefined;
    chosen.push(sql(accumulator.kind === 'sum' ? `iif(${column} < '', ${column}, 0)` : column));
    folds.push(FOLDS[accumulator.kind]);
  }
  const all = [sql(bits === 0 ? '0' : `(present & ${String(bits)})`), ...chosen, where];
  const text = `SELECT ${all
    .slice(0, -1)
    .map((piece) => piece.text)
    .join(', ')} FROM ${collection.table} WHERE ${where.text}`;
  return { cells: { text, values: all.flatMap((piece) => piece.values) }, keys, folds };
}

const sum = (result: string): string => `${result} + excluded.${result}`;
/** Skips NULL, which the two-argument min and max of SQLite do not. */
const extreme = (kind: 'min' | 'max') => (result: string) =>
  `ifnull(${kind}(${result}, excluded.${result}), ifnull(${result}, excluded.${result}))`;
const FOLDS = { count: sum, sum, min: extreme('min'), max: extreme('max') } as const;

/**
 * Folds the cells into a temporary table. Memory grows with the groups: GROUP BY would sort all documents first, and
 * the SQLite build of the driver sorts in memory.
 */
function collected(statements: Statements, { cells, keys, folds }: GroupSql): (readonly SqlValue[])[] {
  const keyNames = ['present', ...keys.map((_, at) => `k${String(at)}`)];
  const results = folds.map((_, at) => `r${String(at)}`);
  const table = `temp.groups_${String(keys.length)}_${String(folds.length)}`; // kept, so that prepared statements stay valid
  const key = keyNames.join(', ');
  statements
    .prepared(
      `CREATE TABLE IF NOT EXISTS ${table} (${[...keyNames, ...results].join(', ')}, PRIMARY KEY (${key})) WITHOUT ROWID`,
    )
    .run();
  const fold = folds.map((fold, at) => `r${String(at)} = ${fold(`r${String(at)}`)}`).join(', ');
  try {
    statements
      .prepared(`INSERT INTO ${table} ${cells.text} ON CONFLICT DO ${fold === '' ? 'NOTHING' : `UPDATE SET ${fold}`}`)
      .run(...cells.values);
    const read = keyNames.map((name) => (name === 'present' ? name : `nullif(${name}, x'')`));
    return statements
      .preparedRaw<readonly SqlValue[]>(`SELECT ${[...read, ...results].join(', ')} FROM ${table}`)
      .all();
  } finally {
    statements.prepared(`DELETE FROM ${table}`).run();
  }
}

/** NULL and numbers are not at or above a boundary, which is text; blobs are. */
const bucketSql = (column: string, buckets: Buckets): Sql =>
  bucketTree(
    buckets,
    (step) => (step === undefined ? sql(column) : sql('?', step)),
    (boundary, below, from) => ({
      text: `CASE WHEN ${column} >= ? THEN ${from.text} ELSE ${below.text} END`,
      values: [boundary, ...from.values, ...below.values],
    }),
  );

const addBit = (mask: number, ordinal: number): number => (hasBit(mask, ordinal) ? mask : mask + bit(ordinal));

function plainField(collection: Collection, path: string): Field | undefined {
  const field = collection.field(path);
  return field === undefined || field.array ? undefined : field;
}
