import type { Condition, OrderKey, Scalar } from '../query-language.js';
import { storedPath } from './stored-document.js';

/** A filter of MongoDB's query language, built from validated parts only. */
export type MongoFilter = Readonly<Record<string, unknown>>;

/** Adds the condition that excludes tombstones. */
export function notDeleted(...conditions: readonly MongoFilter[]): MongoFilter {
  const parts = conditions.filter((condition) => Object.keys(condition).length > 0);
  return parts.length === 0 ? { _deleted: false } : { _deleted: false, $and: parts };
}

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
        return on(condition.path, { [condition.negated ? '$ne' : '$eq']: constant(first) });
      return on(condition.path, { [condition.negated ? '$nin' : '$in']: values });
    }
    case 'range':
      return on(condition.path, { [condition.operator]: constant(condition.bound) });
    case 'exists':
      // $exists: false is the negation of $exists: true in MongoDB; the test double supports only this form
      return condition.expected ? exists(condition.path) : { $nor: [exists(condition.path)] };
  }
}

/**
 * The filters that together return what follows `after`, in order: documents equal to it in all keys but the last, then
 * in all but the last two, and so on. Each is one index range over these keys, which a single disjunction would not be.
 */
export function pagesAfter(order: readonly OrderKey[], after: readonly Scalar[]): MongoFilter[] {
  const pages: MongoFilter[] = [];
  for (let last = order.length - 1; last >= 0; last -= 1) {
    const equal = order.slice(0, last).map(({ path }, at) => on(path, { $eq: constant(after[at] ?? null) }));
    const key = order[last];
    if (key === undefined) continue;
    for (const beyond of beyondValue(key, after[last] ?? null)) pages.push({ $and: [...equal, beyond] });
  }
  return pages;
}

const on = (path: string, comparison: MongoFilter): MongoFilter => ({ [storedPath(path)]: comparison });

const exists = (path: string): MongoFilter => on(path, { $exists: true });

const constant = (value: Scalar): Scalar => (typeof value === 'number' ? value + 0 : value);

/** Every type in MongoDB's order, with a filter that all its values pass: a comparison stays within its type. */
const TYPES: readonly (readonly [type: string, all: unknown])[] = [
  ['null', { $eq: null }],
  ['number', { $gte: -Infinity }],
  ['string', { $gte: '' }],
  ['object', { $type: 'object' }],
  ['boolean', { $gte: false }],
];

/** What sorts after the value: the rest of its own type, then all later types. */
function beyondValue({ path, direction }: OrderKey, value: Scalar): MongoFilter[] {
  const within = on(path, { [direction === 1 ? '$gt' : '$lt']: constant(value) });
  if (path === '_id' || path === '_position') return [within];
  const rank = TYPES.findIndex(([type]) => type === (value === null ? 'null' : typeof value));
  const others = direction === 1 ? TYPES.slice(rank + 1) : TYPES.slice(0, rank);
  const pages = value === null ? [] : [within];
  if (others.length > 0) pages.push({ $or: others.map(([, all]) => ({ [storedPath(path)]: all })) });
  return pages;
}
