import type { Json, JsonObject } from '../platform/json.js';
import type { Bound, Condition, RangeOperator, Scalar } from './query-language.js';
import { compareText } from './value-order.js';

/** What a dotted path of a filter finds in a document, with MongoDB's semantics. */
export interface PathValues {
  /** The path goes through an array or ends at one. */
  readonly throughArray: boolean;
  /** The values that a comparison tests. A value that is an array is replaced by its elements. */
  readonly values: readonly Json[];
  /** The path ends at a value, which may be null. */
  readonly exists: boolean;
  /**
   * A comparison with null is true: a value is null, or a value on the path lacks the field. Arrays, and their elements
   * that are not objects, do not count as lacking it.
   */
  readonly absent: boolean;
}

/**
 * Finds the values at a path. At an array, the path continues in every element that is an object; elements that are
 * arrays are not searched.
 */
export function valuesAtPath(document: JsonObject, components: readonly string[]): PathValues {
  const found = { throughArray: false, values: [] as Json[], exists: false, absent: false };
  /** `at`: index of the component with which the path continues in the value. */
  const visit = (value: Json | undefined, at: number): void => {
    if (value === undefined) {
      found.absent = true;
    } else if (Array.isArray(value)) {
      found.throughArray = true;
      const isEnd = at === components.length;
      found.exists ||= isEnd;
      for (const element of value as readonly Json[])
        if (isEnd) found.values.push(element);
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
  const found = valuesAtPath(document, componentsOf(condition.path));
  if (condition.kind === 'exists') return found.exists === condition.expected;
  if (condition.kind === 'range')
    return found.values.some((value) => isInRange(value, condition.operator, condition.bound));
  return condition.values.some((value) => hasValue(found, value)) !== condition.negated;
}

/**
 * The value of a path in an aggregation expression; undefined if a field is missing. At an array, the result is an
 * array of the values in those of its elements that are objects or arrays.
 */
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

const componentsByPath = new Map<string, readonly string[]>();
const MAX_CACHED_PATHS = 10_000;

/** The components of a dotted path. Caches the result. */
export function componentsOf(path: string): readonly string[] {
  let components = componentsByPath.get(path);
  if (components === undefined) {
    components = path.split('.');
    if (componentsByPath.size > MAX_CACHED_PATHS) componentsByPath.clear();
    componentsByPath.set(path, components);
  }
  return components;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldOf = (value: JsonObject, name: string | undefined): Json | undefined =>
  name !== undefined && Object.hasOwn(value, name) ? value[name] : undefined;

const hasValue = (found: PathValues, value: Scalar): boolean =>
  value === null ? found.absent : found.values.includes(value);

function isInRange(value: Json, operator: RangeOperator, bound: Bound): boolean {
  const order = compare(value, bound);
  if (order === undefined) return false;
  if (operator === '$gt') return order > 0;
  if (operator === '$gte') return order >= 0;
  return operator === '$lt' ? order < 0 : order <= 0;
}

/** Negative, zero or positive; undefined when the types differ. */
function compare(value: Json, bound: Bound): number | undefined {
  if (typeof value === 'string') return typeof bound === 'string' ? compareText(value, bound) : undefined;
  return typeof value === typeof bound ? Number(value) - Number(bound) : undefined;
}
