import type { Condition, OrderKey, Scalar } from '../query-language.js';
import { storedPath } from './stored-document.js';

/** A filter for the server, built only from parsed conditions. */
export type MongoFilter = Readonly<Record<string, unknown>>;

/** The filter that matches all of these filters, and no tombstone. */
export function notDeleted(...conditions: readonly MongoFilter[]): MongoFilter {
  const parts = conditions.filter((condition) => Object.keys(condition).length > 0);
  return parts.length === 0 ? { _deleted: false } : { _deleted: false, $and: parts };
}

/** Converts a parsed condition to a filter for the server. */
export function mongoFilter(condition: Condition): MongoFilter {
  switch (condition.kind) {
    case 'and':
      return condition.parts.length === 0 ? {} : { $and: condition.parts.map(mongoFilter) };
    case 'or':
      return { $or: condition.parts.map(mongoFilter) };
    case 'in': {
      const [first] = condition.values;
      const values = condition.values.map(constant);
      if (values.length === 1 && first !== undefined)
        return fieldFilter(condition.path, { [condition.negated ? '$ne' : '$eq']: constant(first) });
      return fieldFilter(condition.path, { [condition.negated ? '$nin' : '$in']: values });
    }
    case 'range':
      return fieldFilter(condition.path, { [condition.operator]: constant(condition.bound) });
    case 'exists':
      // $nor instead of $exists: false, which means the same, because the stand-in of the tests supports only $nor
      return condition.expected ? exists(condition.path) : { $nor: [exists(condition.path)] };
  }
}

/**
 * The filters that together match the documents after `after`, in order. The first matches documents that are equal to
 * `after` in all keys but the last, the second those that are equal in all but the last two, and so on. Each filter
 * reads one range of an index over these keys; one filter with $or would not.
 */
export function rangesAfter(order: readonly OrderKey[], after: readonly Scalar[]): MongoFilter[] {
  const ranges: MongoFilter[] = [];
  for (let keyIndex = order.length - 1; keyIndex >= 0; keyIndex -= 1) {
    const equal = order
      .slice(0, keyIndex)
      .map(({ path }, at) => fieldFilter(path, { $eq: constant(after[at] ?? null) }));
    const key = order[keyIndex];
    if (key === undefined) continue;
    for (const filter of afterValue(key, after[keyIndex] ?? null)) ranges.push({ $and: [...equal, filter] });
  }
  return ranges;
}

const fieldFilter = (path: string, comparison: MongoFilter): MongoFilter => ({ [storedPath(path)]: comparison });

const exists = (path: string): MongoFilter => fieldFilter(path, { $exists: true });

/** Converts −0 to 0, as in stored documents. */
const constant = (value: Scalar): Scalar => (typeof value === 'number' ? value + 0 : value);

/**
 * The types in MongoDB's order, each with a comparison that matches all values of the type; null includes missing. Arrays
 * are left out, because a query with `after` rejects them.
 */
const TYPES: readonly (readonly [type: string, comparison: unknown])[] = [
  ['null', { $eq: null }],
  ['number', { $gte: -Infinity }],
  ['string', { $gte: '' }],
  ['object', { $type: 'object' }],
  ['boolean', { $gte: false }],
];

/**
 * The filters for the values that sort after a value: first the later values of the same type, then those of all types
 * that come after it.
 */
function afterValue({ path, direction }: OrderKey, value: Scalar): MongoFilter[] {
  const sameType = fieldFilter(path, { [direction === 1 ? '$gt' : '$lt']: constant(value) });
  if (path === '_id' || path === '_position') return [sameType];
  const typeIndex = TYPES.findIndex(([type]) => type === (value === null ? 'null' : typeof value));
  const laterTypes = direction === 1 ? TYPES.slice(typeIndex + 1) : TYPES.slice(0, typeIndex);
  const filters = value === null ? [] : [sameType];
  if (laterTypes.length > 0)
    filters.push({ $or: laterTypes.map(([, comparison]) => ({ [storedPath(path)]: comparison })) });
  return filters;
}
