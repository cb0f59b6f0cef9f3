import type { Json, JsonObject } from '../platform/json.js';
import type { Buckets, BucketLabel } from './buckets.js';
import type { Filter, Find } from './read-models.js';
import { compareText, storable } from './value-order.js';

/*
 * The query language that every adapter supports, parsed into a small tree. Anything else is rejected here, before an
 * engine sees it, so that no query works on one engine and not on another.
 */

/** A query outside of the language. `part` is the rejected operator, stage or path; the message gives the reason. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
  constructor(
    readonly part: string,
    why: string,
  ) {
    super(`${part}: ${why}`);
  }
}

/** A value in a comparison. Objects and arrays are excluded: engines disagree on the order of their keys. */
export type Scalar = string | number | boolean | null;
export type RangeOperator = '$gt' | '$gte' | '$lt' | '$lte';

export type Condition =
  | { readonly kind: 'and'; readonly parts: readonly Condition[] }
  | { readonly kind: 'or'; readonly parts: readonly Condition[] }
  /** $eq and $in; negated: $ne and $nin. `null` matches a missing field too. */
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Scalar[]; readonly negated: boolean }
  /** Only values of the type of the bound are in the range. */
  | { readonly kind: 'range'; readonly path: string; readonly operator: RangeOperator; readonly bound: Bound }
  | { readonly kind: 'exists'; readonly path: string; readonly expected: boolean };

export type Bound = Exclude<Scalar, null>;

export interface OrderKey {
  readonly path: string;
  readonly direction: 1 | -1;
}

export interface ParsedFind {
  readonly condition: Condition;
  /** Total order: ends in `_id`, which is added in the direction of the last key if the sort does not name it. */
  readonly order: readonly OrderKey[];
  readonly limit: number | undefined;
  /** One value for each key of `order`. */
  readonly after: readonly Scalar[] | undefined;
  readonly fields: readonly string[] | undefined;
}

export type GroupId =
  | { readonly kind: 'all' }
  | { readonly kind: 'field'; readonly path: string }
  | { readonly kind: 'fields'; readonly parts: readonly GroupPart[] };

/** One field of a compound id: `'$field'`, its buckets, or `{ $ifNull: [<one of these>, null] }`. */
export interface GroupPart {
  readonly name: string;
  readonly path: string;
  readonly buckets?: Buckets;
  /** A missing field becomes null; otherwise it is omitted from the id. */
  readonly missingIsNull?: true;
}

export type Accumulator =
  | { readonly name: string; readonly kind: 'count'; readonly step: number }
  | { readonly name: string; readonly kind: 'sum' | 'min' | 'max'; readonly path: string };

export interface ParsedPipeline {
  readonly match: Condition;
  readonly id: GroupId;
  readonly accumulators: readonly Accumulator[];
  /** Over the groups; a total order, as in {@link ParsedFind.order}. */
  readonly order: readonly OrderKey[];
  readonly limit: number | undefined;
}

const MAX_VALUES = 10_000;
/** Maximum number of bucket boundaries of a group id, over all of its fields. */
const MAX_BOUNDARIES = 4_000;
const MAX_DEPTH = 32;
const EVERYTHING: Condition = { kind: 'and', parts: [] };

/** Reads a filter; throws {@link QueryRefused}. */
export function parseFilter(filter: Filter, depth = 0): Condition {
  if (depth > MAX_DEPTH) throw new QueryRefused('filter', `nested deeper than ${String(MAX_DEPTH)}`);
  const parts = Object.entries(object('filter', filter)).flatMap(([key, value]) => {
    if (key === '$and' || key === '$or') return [junction(key, value, depth)];
    if (key.startsWith('$')) throw new QueryRefused(key, 'is not an operator of this store');
    return comparisons(path(key), value);
  });
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
}

/** Reads a find; throws {@link QueryRefused}. */
export function parseFind(query: Find): ParsedFind {
  const order = parseOrder(query.sort ?? {});
  const after = query.after?.map((value) => scalar('after', value));
  if (after !== undefined && after.length !== order.length)
    throw new QueryRefused(
      'after',
      `expected ${String(order.length)} values (${order.map((key) => key.path).join(', ')})`,
    );
  for (const field of query.fields ?? [])
    if (path(field).includes('.')) throw new QueryRefused(field, 'only top-level fields can be selected');
  return {
    condition: query.filter === undefined ? EVERYTHING : parseFilter(query.filter),
    order,
    limit: query.limit === undefined ? undefined : parseLimit('limit', query.limit),
    after,
    fields: query.fields,
  };
}

/** Reads `[{$match}?, {$group}, {$sort}?, {$limit}?]`; throws {@link QueryRefused}. */
export function parsePipeline(pipeline: readonly JsonObject[]): ParsedPipeline {
  const stages = new Map<string, Json>();
  let reached = -1;
  for (const stage of pipeline) {
    for (const [name, value] of Object.entries(object('pipeline', stage))) {
      const place = STAGES.indexOf(name);
      if (place < 0) throw new QueryRefused(name, 'is not a stage of this store');
      if (place <= reached)
        throw new QueryRefused(name, `each stage may occur once, in the order ${STAGES.join(', ')}`);
      reached = place;
      stages.set(name, value);
    }
  }
  const { _id, ...accumulators } = object('$group', stages.get('$group'));
  const [match, sort, limit] = [stages.get('$match'), stages.get('$sort'), stages.get('$limit')];
  return {
    match: match === undefined ? EVERYTHING : parseFilter(object('$match', match)),
    id: parseGroupId(_id),
    accumulators: Object.entries(accumulators).map(([name, value]) => parseAccumulator(name, value)),
    order: parseOrder(sort === undefined ? {} : object('$sort', sort)),
    limit: limit === undefined ? undefined : parseLimit('$limit', limit),
  };
}

/** Checks and returns a dotted path: no empty, numeric or `$` components, which engines interpret differently. */
export function path(text: string): string {
  for (const component of text.split('.'))
    if (component === '' || component.startsWith('$') || /^\d+$/.test(component))
      throw new QueryRefused(text, 'a path has no empty, numeric or $ components');
  return text;
}

const STAGES = ['$match', '$group', '$sort', '$limit'];
const RANGES: readonly string[] = ['$gt', '$gte', '$lt', '$lte'] satisfies RangeOperator[];
const isRange = (operator: string): operator is RangeOperator => RANGES.includes(operator);

function junction(operator: '$and' | '$or', value: Json, depth: number): Condition {
  if (!Array.isArray(value) || value.length === 0)
    throw new QueryRefused(operator, 'expected a list of filters that is not empty');
  const parts = (value as readonly Json[]).map((part) => parseFilter(object(operator, part), depth + 1));
  return { kind: operator === '$and' ? 'and' : 'or', parts };
}

function comparisons(path: string, value: Json | undefined): Condition[] {
  if (typeof value !== 'object' || value === null) return [comparison(path, '$eq', value)];
  const operators = Object.entries(object(path, value));
  if (operators.length === 0) throw new QueryRefused(path, 'expected an operator, found an empty object');
  return operators.map(([operator, operand]) => comparison(path, operator, operand));
}

function comparison(path: string, operator: string, operand: Json | undefined): Condition {
  if (operator === '$eq' || operator === '$ne')
    return { kind: 'in', path, values: [scalar(operator, operand)], negated: operator === '$ne' };
  if (operator === '$in' || operator === '$nin') {
    if (!Array.isArray(operand)) throw new QueryRefused(operator, 'expected a list');
    if (operand.length > MAX_VALUES) throw new QueryRefused(operator, `expected at most ${String(MAX_VALUES)} values`);
    const values = (operand as readonly Json[]).map((value) => scalar(operator, value));
    return { kind: 'in', path, values, negated: operator === '$nin' };
  }
  if (operator === '$exists') {
    if (typeof operand !== 'boolean') throw new QueryRefused('$exists', 'expected true or false');
    return { kind: 'exists', path, expected: operand };
  }
  if (!isRange(operator)) throw new QueryRefused(operator, 'is not an operator of this store');
  const bound = scalar(operator, operand);
  if (bound === null) throw new QueryRefused(operator, 'cannot compare with null; use $eq or $ne');
  return { kind: 'range', path, operator, bound };
}

function parseGroupId(id: Json | undefined): GroupId {
  if (id === null) return { kind: 'all' };
  if (typeof id === 'string') return { kind: 'field', path: reference('$group', id) };
  const parts = Object.entries(object('$group', id)).map(([name, value]) => ({
    name: fieldName(name),
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
  const [operator, operand] = operation('$group', value);
  if (operator === undefined) return { path: reference('$group', value) };
  if (operator === '$cond') return parseBuckets(value);
  if (operator !== '$ifNull') throw new QueryRefused(operator, 'is not an expression of this store');
  const [part, otherwise] = list('$ifNull', operand, 2);
  if (otherwise !== null || operation('$ifNull', part)[0] === '$ifNull')
    throw new QueryRefused('$ifNull', 'expected a field or buckets, followed by null');
  return { ...parseGroupPart(part ?? null), missingIsNull: true };
}

/**
 * Parses `{ $cond: [{ $lt: ['$field', boundary] }, below, from] }`, whose branches are text, the field or another
 * $cond.
 */
function parseBuckets(expression: Json): Omit<GroupPart, 'name'> {
  const boundaries: string[] = [];
  const labels: BucketLabel[] = [];
  let field: string | undefined;
  const parse = (node: Json | undefined, depth: number): void => {
    if (depth > MAX_DEPTH) throw new QueryRefused('$cond', `nested deeper than ${String(MAX_DEPTH)}`);
    const [operator, operand] = operation('$cond', node);
    if (operator === undefined) {
      if (typeof node !== 'string' || (node.startsWith('$') && node !== field))
        throw new QueryRefused('$cond', 'expected text, the compared field or another $cond as a branch');
      labels.push(node === field ? undefined : String(scalar('$cond', node)));
      return;
    }
    if (operator !== '$cond') throw new QueryRefused(operator, 'is not an expression of this store');
    const [condition, below, from] = list('$cond', operand, 3);
    const [comparison, compared] = operation('$cond', condition);
    if (comparison !== '$lt') throw new QueryRefused(comparison ?? '$cond', 'buckets must compare with $lt');
    const [one, boundary] = list('$lt', compared, 2);
    field ??= `$${reference('$lt', one)}`;
    if (one !== field) throw new QueryRefused('$lt', 'all comparisons of buckets must use the same field');
    if (typeof boundary !== 'string' || boundary.startsWith('$'))
      throw new QueryRefused('$lt', 'bucket boundaries must be text');
    parse(below, depth + 1);
    const before = boundaries.at(-1);
    if (before !== undefined && compareText(before, boundary) >= 0)
      throw new QueryRefused('$lt', 'bucket boundaries must ascend');
    boundaries.push(String(scalar('$lt', boundary)));
    parse(from, depth + 1);
  };
  parse(expression, 0);
  if (labels[0] !== undefined) throw new QueryRefused('$cond', 'the lowest bucket must be the field itself');
  return { path: reference('$cond', field), buckets: { boundaries, labels } };
}

function parseAccumulator(name: string, value: Json): Accumulator {
  const [operator, ...more] = Object.keys(object('$group', value));
  if (operator === undefined || more.length > 0)
    throw new QueryRefused('$group', `${name} must have exactly one accumulator`);
  const operand = object('$group', value)[operator];
  if (operator !== '$sum' && operator !== '$min' && operator !== '$max')
    throw new QueryRefused(operator, 'is not an accumulator of this store');
  if (operator === '$sum' && typeof operand === 'number')
    return { name: fieldName(name), kind: 'count', step: Number(scalar('$sum', operand)) };
  const kind = operator === '$sum' ? 'sum' : operator === '$min' ? 'min' : 'max';
  return { name: fieldName(name), kind, path: reference(operator, operand) };
}

function parseOrder(sort: Readonly<Record<string, Json>>): OrderKey[] {
  const keys = Object.entries(sort).map(([key, direction]): OrderKey => {
    if (direction !== 1 && direction !== -1) throw new QueryRefused(key, 'the sort direction must be 1 or -1');
    return { path: path(key), direction };
  });
  const id = keys.findIndex((key) => key.path === '_id');
  if (id >= 0) return keys.slice(0, id + 1); // unique: later keys have no effect
  return [...keys, { path: '_id', direction: keys.at(-1)?.direction ?? 1 }];
}

function parseLimit(part: string, limit: Json): number {
  if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 1)
    throw new QueryRefused(part, 'expected a whole number of at least 1');
  return limit;
}

function reference(part: string, value: Json | undefined): string {
  if (typeof value !== 'string' || !value.startsWith('$'))
    throw new QueryRefused(part, "expected a field reference such as '$field'");
  return path(value.slice(1));
}

function fieldName(name: string): string {
  if (path(name).includes('.')) throw new QueryRefused(name, 'the name of a group field must not contain a dot');
  return name;
}

/** The operator of an expression and its argument; undefined when the value is not an object. */
function operation(part: string, value: Json | undefined): [operator?: string, operand?: Json] {
  if (typeof value !== 'object' || value === null) return [];
  const [only, ...more] = Object.entries(object(part, value));
  if (only === undefined || more.length > 0) throw new QueryRefused(part, 'expected exactly one expression');
  return only;
}

function list(part: string, value: Json | undefined, length: number): readonly Json[] {
  if (!Array.isArray(value) || value.length !== length)
    throw new QueryRefused(part, `expected a list of ${String(length)}`);
  return value as readonly Json[];
}

function scalar(part: string, value: Json | undefined): Scalar {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'string') throw new QueryRefused(part, 'expected text, a finite number, true, false or null');
  if (!storable(value))
    throw new QueryRefused(part, 'text with U+0000 or a lone surrogate cannot be stored or compared');
  return value;
}

function object(part: string, value: Json | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new QueryRefused(part, 'expected an object');
  return value as JsonObject;
}
