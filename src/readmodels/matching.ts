import type { Json, JsonObject } from '../platform/json.js';
import type { Bound, Condition, RangeOperator, Scalar } from './query-language.js';
import { compareText } from './value-order.js';

/** The values at a dotted path of a document, as MongoDB's filters see them. */
export interface PathValues {
  /** The path contains or ends at an array. */
  readonly throughArray: boolean;
  /** Every value that a comparison tests: one, or those of array elements. */
  readonly values: readonly Json[];
  /** The path ends at a value, which may be null. */
  readonly exists: boolean;
  /** A comparison with null matches: a value is null, or an object (not an array) on the path lacks the field. */
  readonly absent: boolean;
}

/** Follows a path through objects and, one level per step, through the objects inside arrays. */
export function reach(document: JsonObject, components: readonly string[]): PathValues {
  const found = { throughArray: false, values: [] as Json[], exists: false, absent: false };
  const visit = (value: Json | undefined, at: number): void => {
    if (value === undefined) {
      found.absent = true;
    } else if (Array.isArray(value)) {
      found.throughArray = true;
      const last = at === components.length;
      found.exists ||= last;
      for (const element of value as readonly Json[])
        if (last) found.values.push(element);
        else if (isObject(element)) visit(fieldOf(element, components[at]), at + 1);
    } else if (at === components.length) {
      found.exists = true;
      found.values.push(value);
    } else {
      visit(isObject(value) ? fieldOf(value, components[at]) : undefined, at + 1);
    }
  };
  visit(fieldOf(document, components[0]), 1);
  found.absent ||= found.values.includes(null);
  return found;
}

/** Whether a document satisfies a condition, with MongoDB's semantics. */
export function matches(document: JsonObject, condition: Condition): boolean {
  if (condition.kind === 'and') return condition.parts.every((part) => matches(document, part));
  if (condition.kind === 'or') return condition.parts.some((part) => matches(document, part));
  const found = reach(document, componentsOf(condition.path));
  if (condition.kind === 'exists') return found.exists === condition.expected;
  if (condition.kind === 'range')
    return found.values.some((value) => inRange(value, condition.operator, condition.bound));
  return condition.values.some((value) => equals(found, value)) !== condition.negated;
}

/** The value at a path in an aggregation expression. At an array, it is the array of the values in its elements. */
export function valueAt(value: Json | undefined, components: readonly string[], at = 0): Json | undefined {
  const component = components[at];
  if (component === undefined || value === undefined) return value;
  if (Array.isArray(value))
    return (value as readonly Json[])
      .filter((element) => isObject(element) || Array.isArray(element))
      .map((element) => valueAt(element, components, at))
      .filter((element) => element !== undefined);
  return isObject(value) ? valueAt(fieldOf(value, component), components, at + 1) : undefined;
}

const split = new Map<string, readonly string[]>();

/** The components of a dotted path, cached. */
export function componentsOf(path: string): readonly string[] {
  let components = split.get(path);
  if (components === undefined) {
    components = path.split('.');
    if (split.size > 10_000) split.clear();
    split.set(path, components);
  }
  return components;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldOf = (value: JsonObject, name: string | undefined): Json | undefined =>
  name !== undefined && Object.hasOwn(value, name) ? value[name] : undefined;

const equals = (found: PathValues, value: Scalar): boolean =>
  value === null ? found.absent : found.values.includes(value);

function inRange(value: Json, operator: RangeOperator, bound: Bound): boolean {
  const order = compare(value, bound);
  if (order === undefined) return false;
  if (operator === '$gt') return order > 0;
  if (operator === '$gte') return order >= 0;
  return operator === '$lt' ? order < 0 : order <= 0;
}

function compare(value: Json, bound: Bound): number | undefined {
  if (typeof value === 'string') return typeof bound === 'string' ? compareText(value, bound) : undefined;
  return typeof value === typeof bound ? Number(value) - Number(bound) : undefined;
}
