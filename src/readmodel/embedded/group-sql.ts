import type { Json, JsonObject } from '../../platform/json.js';
import type { SqlValue } from '../../platform/sqlite.js';
import { componentsOf, reach, valueAt } from '../matching.js';
import type { Accumulator, Condition, ParsedPipeline } from '../query-language.js';
import type { Document } from '../read-models.js';
import { orderKey } from '../value-order.js';
import { bit, hasBit, type Collection, type Field } from './collection.js';
import { fromColumn } from './column.js';
import { compileFilter } from './filter-sql.js';
import { parsed, type BodyRow } from './find-sql.js';
import { groupFold, orderedGroups } from './group-fold.js';
import type { Statements } from './statements.js';

/** Answers a pipeline inside a read transaction: by SQL over declared fields, else by folding the candidates. */
export function aggregate(statements: Statements, collection: Collection, pipeline: ParsedPipeline): JsonObject[] {
  const groups = groupedBySql(statements, collection, pipeline) ?? groupedHere(statements, collection, pipeline);
  return orderedGroups(groups, pipeline);
}

/** The values of a field, each once, in order; those inside of arrays, not the arrays. */
export function distinctValues(
  statements: Statements,
  collection: Collection,
  path: string,
  filter: Condition,
): Json[] {
  const { where, rest } = compileFilter(collection, filter);
  const field = plainField(collection, path);
  if (rest === undefined && field !== undefined) {
    const exists = field.ordinal < 0 ? '1' : `(present & ${String(bit(field.ordinal))}) <> 0`;
    const text = `SELECT DISTINCT ${field.column} FROM ${collection.table} WHERE ${where.text} AND ${exists} ORDER BY 1`;
    const rows = statements.preparedRaw<readonly [SqlValue]>(text).all(...where.values);
    const values = rows.map(([column]) => fromColumn(column));
    if (values.every((value) => value !== undefined)) return values;
  }
  const found = new Map<string, { readonly key: Buffer; readonly value: Json }>();
  for (const document of candidates(statements, collection, filter))
    for (const value of reach(document, componentsOf(path)).values) {
      const key = orderKey(value);
      found.set(key.toString('latin1'), { key, value });
    }
  return [...found.values()].sort((a, b) => Buffer.compare(a.key, b.key)).map(({ value }) => value);
}

/** How many visible documents match. */
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

/** Every visible document that matches, in no order, one at a time. */
function* candidates(statements: Statements, collection: Collection, filter: Condition): Generator<Document, void> {
  const { where, rest } = compileFilter(collection, filter);
  const text = `SELECT body FROM ${collection.table} WHERE ${where.text}`;
  for (const row of statements.prepared<BodyRow>(text).iterate(...where.values)) {
    const document = parsed(row);
    if (rest === undefined || rest(document)) yield document;
  }
}

function groupedHere(statements: Statements, collection: Collection, pipeline: ParsedPipeline): JsonObject[] {
  const fold = groupFold(pipeline);
  for (const document of candidates(statements, collection, pipeline.match))
    fold.add((path) => valueAt(document, componentsOf(path)));
  return fold.groups();
}

/** undefined when a field is not declared, has held arrays, or groups hold objects, of which columns keep the order only. */
function groupedBySql(
  statements: Statements,
  collection: Collection,
  pipeline: ParsedPipeline,
): JsonObject[] | undefined {
  const compiled = groupSql(collection, pipeline);
  if (compiled === undefined) return undefined;
  const { text, values, keys } = compiled;
  const groups: JsonObject[] = [];
  for (const [present, ...columns] of statements.preparedRaw<readonly SqlValue[]>(text).all(...values)) {
    const value = (at: number): Json | undefined => fromColumn(columns[at] ?? null);
    const group: Record<string, Json> = {};
    const id: Record<string, Json> = {};
    for (const [at, { name, field }] of keys.entries()) {
      const key = value(at);
      if (key === undefined) return undefined;
      if (name === undefined) group._id = key;
      else if (field.ordinal < 0 || hasBit(Number(present), field.ordinal)) id[name] = key;
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

/** The GROUP BY of a pipeline, answering the bits of what is present, the keys, the results; undefined when SQL cannot carry all of it. */
export function groupSql(
  collection: Collection,
  { match, id, accumulators }: ParsedPipeline,
): { text: string; values: readonly SqlValue[]; keys: { name: string | undefined; field: Field }[] } | undefined {
  const { where, rest } = compileFilter(collection, match);
  if (rest !== undefined) return undefined;
  const parts = id.kind === 'all' ? [] : id.kind === 'field' ? [{ name: undefined, path: id.path }] : id.parts;
  const keys: { name: string | undefined; field: Field }[] = [];
  for (const { name, path } of parts) {
    const field = plainField(collection, path);
    if (field === undefined) return undefined;
    keys.push({ name, field });
  }
  // a compound id tells a missing field from a null one, a single field does not
  const bits =
    id.kind === 'fields'
      ? keys.reduce((sum, { field }) => (field.ordinal < 0 ? sum : addBit(sum, field.ordinal)), 0)
      : 0;
  const present = bits === 0 ? '0' : `(present & ${String(bits)})`;
  const chosen = [present, ...keys.map(({ field }) => field.column)];
  for (const accumulator of accumulators) {
    const term = accumulatorSql(collection, accumulator);
    if (term === undefined) return undefined;
    chosen.push(term);
  }
  const by = keys.length === 0 ? 'NULL' : keys.map(({ field }) => field.column).join(', ');
  const text = `SELECT ${chosen.join(', ')} FROM ${collection.table} WHERE ${where.text} GROUP BY ${by}${bits === 0 ? '' : `, ${present}`}`;
  return { text, values: where.values, keys };
}

function accumulatorSql(collection: Collection, accumulator: Accumulator): string | undefined {
  if (accumulator.kind === 'count') return 'count(*)';
  const column = plainField(collection, accumulator.path)?.column;
  if (column === undefined) return undefined;
  return accumulator.kind === 'sum' ? `sum(iif(${column} < '', ${column}, 0))` : `${accumulator.kind}(${column})`;
}

const addBit = (mask: number, ordinal: number): number => (hasBit(mask, ordinal) ? mask : mask + bit(ordinal));

function plainField(collection: Collection, path: string): Field | undefined {
  const field = collection.field(path);
  return field === undefined || field.array ? undefined : field;
}
