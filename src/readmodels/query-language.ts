import type { Json, JsonObject } from '../platform/json.js';
import type { Buckets, BucketLabel } from './buckets.js';
import type { CountOptions, Filter, Find, IndexSpec } from './read-models.js';
import { compareText, isStorableText } from './value-order.js';

/*
 * Parses queries in the language that every adapter supports (read-models.ts). Rejects every other query before it
 * reaches an engine, so that no query works on one engine and fails on another.
 */

/** The query is not in the supported language. `part` names the rejected operator, stage or path. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
  constructor(
    readonly part: string,
    reason: string,
  ) {
    super(`${part}: ${reason}`);
  }
}

/** A value to compare with. Objects and arrays are not allowed, because engines compare them differently. */
export type Scalar = string | number | boolean | null;
export type RangeOperator = '$gt' | '$gte' | '$lt' | '$lte';

export type Condition =
  | { readonly kind: 'and'; readonly parts: readonly Condition[] }
  | { readonly kind: 'or'; readonly parts: readonly Condition[] }
  /** $eq and $in, or $ne and $nin if `negated`. The value null also matches a missing field. */
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Scalar[]; readonly negated: boolean }
  /** Matches only values of the same type as the bound. */
  | { readonly kind: 'range'; readonly path: string; readonly operator: RangeOperator; readonly bound: Bound }
  | { readonly kind: 'exists'; readonly path: string; readonly expected: boolean };

export type Bound = Exclude<Scalar, null>;

export interface OrderKey {
  readonly path: string;
  readonly direction: 1 | -1;
}

export interface ParsedFind {
  readonly condition: Condition;
  /**
   * The sort keys. The last one is always `_id`; if the query does not name it, it has the direction of the key before.
   */
  readonly order: readonly OrderKey[];
  readonly limit: number | undefined;
  readonly skip: number;
  readonly index: IndexSpec['fields'] | undefined;
  /** Return only documents after these sort values, one for each key of `order`. */
  readonly after: readonly Scalar[] | undefined;
  /** Return only these top-level fields and `_id`. */
  readonly fields: readonly string[] | undefined;
}

export type ParsedCount = Pick<ParsedFind, 'condition' | 'limit' | 'index'>;

/** The `_id` of a `$group` stage, which defines the groups. */
export type GroupId =
  /** One group for all documents (`_id: null`). */
  | { readonly kind: 'all' }
  /** One group for each value of a field. */
  | { readonly kind: 'field'; readonly path: string }
  /** A compound id: one group for each combination of values. */
  | { readonly kind: 'fields'; readonly parts: readonly GroupPart[] };

/** One field of a compound id: `'$field'`, the buckets of a field, or `{ $ifNull: [<one of these>, null] }`. */
export interface GroupPart {
  readonly name: string;
  readonly path: string;
  readonly buckets?: Buckets;
  /** The id has null for a missing field (`$ifNull`). If not set, the id omits the field. */
  readonly missingIsNull?: true;
}

export type Accumulator =
  /** `{ $sum: <number> }`: adds `step` for each document. */
  | { readonly name: string; readonly kind: 'count'; readonly step: number }
  | { readonly name: string; readonly kind: 'sum' | 'min' | 'max'; readonly path: string };

export interface ParsedPipeline {
  readonly match: Condition;
  readonly id: GroupId;
  readonly accumulators: readonly Accumulator[];
  /** The sort keys of the groups; the last one is always `_id`. */
  readonly order: readonly OrderKey[];
  readonly limit: number | undefined;
}

/** Maximum number of values in `$in` and `$nin`. */
const MAX_VALUES = 10_000;
/** Maximum number of bucket boundaries in all fields of a group id together. */
const MAX_BOUNDARIES = 4_000;
/** Maximum nesting depth of filters and of buckets. */
const MAX_DEPTH = 32;
const MATCH_ALL: Condition = { kind: 'and', parts: [] };

/** Parses a filter. Throws {@link QueryRefused}. */
export function parseFilter(filter: Filter, depth = 0): Condition {
  if (depth > MAX_DEPTH) throw new QueryRefused('filter', `nested deeper than ${String(MAX_DEPTH)}`);
  const parts = Object.entries(expectObject('filter', filter)).flatMap(([key, value]) => {
    if (key === '$and' || key === '$or') return [parseJunction(key, value, depth)];
    if (key.startsWith('$')) throw new QueryRefused(key, 'is not a supported operator');
    return parseField(checkPath(key), value);
  });
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
}

/** Parses a query for documents. Throws {@link QueryRefused}. */
export function parseFind(query: Find): ParsedFind {
  const order = parseOrder(query.sort ?? {});
  const after = query.after?.map((value) => expectScalar('after', value));
  if (after !== undefined && after.length !== order.length) {
    const paths = order.map((key) => key.path).join(', ');
    throw new QueryRefused(
      'after',
      `expected ${String(order.length)} values (${paths}), found ${String(after.length)}`,
    );
  }
  for (const field of query.fields ?? [])
    if (checkPath(field).includes('.')) throw new QueryRefused(field, 'only top-level fields can be selected');
  return {
    condition: query.filter === undefined ? MATCH_ALL : parseFilter(query.filter),
    order,
    limit: query.limit === undefined ? undefined : parseLimit('limit', query.limit),
    skip: query.skip === undefined ? 0 : parseWhole('skip', query.skip, 0),
    index: query.index,
    after,
    fields: query.fields,
  };
}

/** Parses a count. Throws {@link QueryRefused}. */
export function parseCount(filter: Filter, { limit, index }: CountOptions = {}): ParsedCount {
  return {
    condition: parseFilter(filter),
    limit: limit === undefined ? undefined : parseLimit('limit', limit),
    index,
  };
}

/** Parses `[{$match}?, {$group}, {$sort}?, {$limit}?]`. Throws {@link QueryRefused}. */
export function parsePipeline(pipeline: readonly JsonObject[]): ParsedPipeline {
  const stages = new Map<string, Json>();
  let lastPlace = -1;
  for (const stage of pipeline) {
    for (const [name, value] of Object.entries(expectObject('pipeline', stage))) {
      const place = STAGES.indexOf(name);
      if (place < 0) throw new QueryRefused(name, 'is not a supported stage');
      if (place <= lastPlace)
        throw new QueryRefused(name, `each stage may occur once, in the order ${STAGES.join(', ')}`);
      lastPlace = place;
      stages.set(name, value);
    }
  }
  const { _id, ...accumulators } = expectObject('$group', stages.get('$group'));
  const [match, sort, limit] = [stages.get('$match'), stages.get('$sort'), stages.get('$limit')];
  return {
    match: match === undefined ? MATCH_ALL : parseFilter(expectObject('$match', match)),
    id: parseGroupId(_id),
    accumulators: Object.entries(accumulators).map(([name, value]) => parseAccumulator(name, value)),
    order: parseOrder(sort === undefined ? {} : expectObject('$sort', sort)),
    limit: limit === undefined ? undefined : parseLimit('$limit', limit),
  };
}

/**
 * Returns the dotted path if it is valid. A component must not be empty or numeric or begin with `$`, because engines
 * interpret such components differently. Throws {@link QueryRefused}.
 */
export function checkPath(path: string): string {
  for (const component of path.split('.'))
    if (component === '' || component.startsWith('$') || /^\d+$/.test(component))
      throw new QueryRefused(path, 'a component of a path must not be empty or numeric or begin with $');
  return path;
}

const STAGES = ['$match', '$group', '$sort', '$limit'];
const RANGES: readonly string[] = ['$gt', '$gte', '$lt', '$lte'] satisfies RangeOperator[];
const isRange = (operator: string): operator is RangeOperator => RANGES.includes(operator);

function parseJunction(operator: '$and' | '$or', value: Json, depth: number): Condition {
  if (!Array.isArray(value) || value.length === 0)
    throw new QueryRefused(operator, 'expected a list of filters that is not empty');
  const parts = (value as readonly Json[]).map((part) => parseFilter(expectObject(operator, part), depth + 1));
  return { kind: operator === '$and' ? 'and' : 'or', parts };
}

/** Parses the value of a field in a filter: a value to compare with, or an object of operators. */
function parseField(path: string, value: Json | undefined): Condition[] {
  if (typeof value !== 'object' || value === null) return [parseComparison(path, '$eq', value)];
  const operators = Object.entries(expectObject(path, value));
  if (operators.length === 0) throw new QueryRefused(path, 'expected an operator, found an empty object');
  return operators.map(([operator, operand]) => parseComparison(path, operator, operand));
}

function parseComparison(path: string, operator: string, operand: Json | undefined): Condition {
  if (operator === '$eq' || operator === '$ne')
    return { kind: 'in', path, values: [expectScalar(operator, operand)], negated: operator === '$ne' };
  if (operator === '$in' || operator === '$nin') {
    if (!Array.isArray(operand)) throw new QueryRefused(operator, 'expected a list');
    if (operand.length > MAX_VALUES) throw new QueryRefused(operator, `expected at most ${String(MAX_VALUES)} values`);
    const values = (operand as readonly Json[]).map((value) => expectScalar(operator, value));
    return { kind: 'in', path, values, negated: operator === '$nin' };
  }
  if (operator === '$exists') {
    if (typeof operand !== 'boolean') throw new QueryRefused('$exists', 'expected true or false');
    return { kind: 'exists', path, expected: operand };
  }
  if (!isRange(operator)) throw new QueryRefused(operator, 'is not a supported operator');
  const bound = expectScalar(operator, operand);
  if (bound === null) throw new QueryRefused(operator, 'cannot compare with null; use $eq or $ne');
  return { kind: 'range', path, operator, bound };
}

function parseGroupId(id: Json | undefined): GroupId {
  if (id === null) return { kind: 'all' };
  if (typeof id === 'string') return { kind: 'field', path: parseFieldReference('$group', id) };
  const parts = Object.entries(expectObject('$group', id)).map(([name, value]) => ({
    name: checkFieldName(name),
    ...parseGroupPart(value),
  }));
  if (parts.length === 0)
    throw new QueryRefused('$group', '`_id` must be null, a field, or an object with at least one field');
  const boundaries = parts.reduce((sum, { buckets }) => sum + (buckets?.boundaries.length ?? 0), 0);
  if (boundaries > MAX_BOUNDARIES)
    throw new QueryRefused('$cond', `expected at most ${String(MAX_BOUNDARIES)} bucket boundaries`);
  return { kind: 'fields', parts };
}

function parseGroupPart(value: Json): Omit<GroupPart, 'name'> {
  const [operator, operand] = parseOperation('$group', value);
  if (operator === undefined) return { path: parseFieldReference('$group', value) };
  if (operator === '$cond') return parseBuckets(value);
  if (operator !== '$ifNull') throw new QueryRefused(operator, 'is not a supported expression');
  const [part, replacement] = expectList('$ifNull', operand, 2);
  if (replacement !== null || parseOperation('$ifNull', part)[0] === '$ifNull')
    throw new QueryRefused('$ifNull', 'expected a field or buckets, followed by null');
  return { ...parseGroupPart(part ?? null), missingIsNull: true };
}

/**
 * Parses `{ $cond: [{ $lt: ['$field', boundary] }, below, atOrAbove] }`. Each of the two branches is a text, the field
 * or another $cond.
 */
function parseBuckets(expression: Json): Omit<GroupPart, 'name'> {
  const boundaries: string[] = [];
  const labels: BucketLabel[] = [];
  let field: string | undefined;
  /** Adds the boundaries and labels of a branch in ascending order. */
  const parseBranch = (node: Json | undefined, depth: number): void => {
    if (depth > MAX_DEPTH) throw new QueryRefused('$cond', `nested deeper than ${String(MAX_DEPTH)}`);
    const [operator, operand] = parseOperation('$cond', node);
    if (operator === undefined) {
      if (typeof node !== 'string' || (node.startsWith('$') && node !== field))
        throw new QueryRefused('$cond', 'expected text, the compared field or another $cond as a branch');
      labels.push(node === field ? undefined : String(expectScalar('$cond', node)));
      return;
    }
    if (operator !== '$cond') throw new QueryRefused(operator, 'is not a supported expression');
    const [condition, below, atOrAbove] = expectList('$cond', operand, 3);
    const [comparison, operands] = parseOperation('$cond', condition);
    if (comparison !== '$lt') throw new QueryRefused(comparison ?? '$cond', 'buckets must compare with $lt');
    const [comparedField, boundary] = expectList('$lt', operands, 2);
    field ??= `$${parseFieldReference('$lt', comparedField)}`;
    if (comparedField !== field) throw new QueryRefused('$lt', 'all comparisons of buckets must use the same field');
    if (typeof boundary !== 'string' || boundary.startsWith('$'))
      throw new QueryRefused('$lt', 'bucket boundaries must be text');
    parseBranch(below, depth + 1);
    const previous = boundaries.at(-1);
    if (previous !== undefined && compareText(previous, boundary) >= 0)
      throw new QueryRefused('$lt', 'bucket boundaries must ascend');
    boundaries.push(String(expectScalar('$lt', boundary)));
    parseBranch(atOrAbove, depth + 1);
  };
  parseBranch(expression, 0);
  if (labels[0] !== undefined) throw new QueryRefused('$cond', 'the lowest bucket must be the field itself');
  return { path: parseFieldReference('$cond', field), buckets: { boundaries, labels } };
}

function parseAccumulator(name: string, value: Json): Accumulator {
  const [operator, ...otherOperators] = Object.keys(expectObject('$group', value));
  if (operator === undefined || otherOperators.length > 0)
    throw new QueryRefused('$group', `${name} must have exactly one accumulator`);
  const operand = expectObject('$group', value)[operator];
  if (operator !== '$sum' && operator !== '$min' && operator !== '$max')
    throw new QueryRefused(operator, 'is not a supported accumulator');
  if (operator === '$sum' && typeof operand === 'number')
    return { name: checkFieldName(name), kind: 'count', step: Number(expectScalar('$sum', operand)) };
  const kind = operator === '$sum' ? 'sum' : operator === '$min' ? 'min' : 'max';
  return { name: checkFieldName(name), kind, path: parseFieldReference(operator, operand) };
}

function parseOrder(sort: Readonly<Record<string, Json>>): OrderKey[] {
  const keys = Object.entries(sort).map(([key, direction]): OrderKey => {
    if (direction !== 1 && direction !== -1) throw new QueryRefused(key, 'the sort direction must be 1 or -1');
    return { path: checkPath(key), direction };
  });
  const idAt = keys.findIndex((key) => key.path === '_id');
  if (idAt >= 0) return keys.slice(0, idAt + 1); // an id is unique: later keys have no effect
  return [...keys, { path: '_id', direction: keys.at(-1)?.direction ?? 1 }];
}

const parseLimit = (part: string, limit: Json): number => parseWhole(part, limit, 1);

function parseWhole(part: string, value: Json, min: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min)
    throw new QueryRefused(part, `expected a whole number of at least ${String(min)}`);
  return value;
}

/** The path in a field reference: `a.b` for `'$a.b'`. */
function parseFieldReference(part: string, value: Json | undefined): string {
  if (typeof value !== 'string' || !value.startsWith('$'))
    throw new QueryRefused(part, "expected a field reference such as '$field'");
  return checkPath(value.slice(1));
}

function checkFieldName(name: string): string {
  if (checkPath(name).includes('.')) throw new QueryRefused(name, 'the name of a group field must not contain a dot');
  return name;
}

/** The operator of an expression and its operand; an empty list when the value is not an object. */
function parseOperation(part: string, value: Json | undefined): [operator?: string, operand?: Json] {
  if (typeof value !== 'object' || value === null) return [];
  const [first, ...others] = Object.entries(expectObject(part, value));
  if (first === undefined || others.length > 0) throw new QueryRefused(part, 'expected exactly one operator');
  return first;
}

function expectList(part: string, value: Json | undefined, length: number): readonly Json[] {
  if (!Array.isArray(value) || value.length !== length)
    throw new QueryRefused(part, `expected a list of ${String(length)} elements`);
  return value as readonly Json[];
}

function expectScalar(part: string, value: Json | undefined): Scalar {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'string') throw new QueryRefused(part, 'expected text, a finite number, true, false or null');
  if (!isStorableText(value))
    throw new QueryRefused(part, 'text with U+0000 or a lone surrogate cannot be stored or compared');
  return value;
}

function expectObject(part: string, value: Json | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new QueryRefused(part, 'expected an object');
  return value as JsonObject;
}
