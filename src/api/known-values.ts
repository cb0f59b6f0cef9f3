import { assignmentsOf, hasAssignment, hasSource } from '../../projections/complaints/values.js';
import { valuesOf, type TrendDimension } from '../../projections/trends/query.js';
import { COMPANY_RESPONSES } from '../complaint/status.js';
import { CATEGORIES } from '../complaint/terms/vocabulary.js';
import { invalid, type Problem } from '../platform/http/problem.js';
import type { Queryable } from '../readmodels/active-model.js';

/** A filter that no complaint matches, and values that complaints have. */
export interface UnknownValue {
  readonly name: string;
  readonly existing: readonly string[];
}

/** Filters of a query have values that no complaint has, so that its answer would be empty because of a typing error. */
export class UnknownValues extends Error {
  override readonly name = 'UnknownValues';
  constructor(readonly values: readonly UnknownValue[]) {
    super(values.map(messageOf).join('\n'));
  }
}

/** Filters of trends whose values are the words of senders; the other filters have codes. */
const FREE_FILTERS = [
  'product',
  'issue',
  'category',
  'region',
  'response',
  'respondent',
  'source',
] as const satisfies readonly TrendDimension[];

/** The parameter that filters by a dimension. The name `response` would collide with a variable of generated clients. */
export const parameterOf = <D extends TrendDimension>(dimension: D) =>
  dimension === 'response' ? ('companyResponse' as const) : (dimension as Exclude<D, 'response'>);
/** Values that exist before the first complaint that has them. */
const CODES: { readonly [name: string]: readonly string[] } = { category: CATEGORIES, response: COMPANY_RESPONSES };

/** Maximum number of existing values that are named. */
const MAX_NAMED = 20;

type Filter = { readonly [name: string]: string | boolean | null | undefined };

/**
 * Checks the filters of a query whose answer is empty. Reads the existing values of each free filter.
 * @throws UnknownValues
 */
export async function requireKnownValues(readModels: Queryable, filter: Filter): Promise<void> {
  throwIfAny(await unknownValuesOfTrends(readModels, filter));
}

/**
 * Like {@link requireKnownValues}, for a query of complaints: it may also have a handler and a unit, and its `source` may
 * be any source of a complaint, while trends have only the first. @throws UnknownValues
 */
export async function requireKnownValuesOfComplaints(
  readModels: Queryable,
  { source, ...others }: Filter,
): Promise<void> {
  const isKnownSource = typeof source === 'string' && (await hasSource(readModels, source));
  throwIfAny([
    ...(await unknownValuesOfTrends(readModels, isKnownSource ? others : { ...others, source })),
    ...(await unknownAssignments(readModels, others)),
  ]);
}

async function unknownValuesOfTrends(readModels: Queryable, filter: Filter): Promise<UnknownValue[]> {
  const unknown: UnknownValue[] = [];
  for (const name of FREE_FILTERS) {
    const value = filter[name];
    if (typeof value !== 'string') continue;
    const existing = new Set([...(await valuesOf(readModels, name)), ...(CODES[name] ?? [])]);
    unknown.push(...unknownValue(parameterOf(name), value, [...existing]));
  }
  return unknown;
}

async function unknownAssignments(readModels: Queryable, filter: Filter): Promise<UnknownValue[]> {
  const unknown: UnknownValue[] = [];
  for (const name of ['handler', 'orgUnit'] as const) {
    const value = filter[name];
    if (typeof value === 'string' && !(await hasAssignment(readModels, name, value)))
      unknown.push(...unknownValue(name, value, await assignmentsOf(readModels, name)));
  }
  return unknown;
}

function throwIfAny(unknown: readonly UnknownValue[]): void {
  if (unknown.length > 0) throw new UnknownValues(unknown);
}

/** The filter, if none of the existing values is its value. */
export const unknownValue = (name: string, value: string, existing: readonly string[]): UnknownValue[] =>
  existing.includes(value) ? [] : [{ name, existing: likeFirst(value, existing) }];

/** The values that differ only in case come first. */
function likeFirst(value: string, existing: readonly string[]): string[] {
  const differsInCase = (other: string): boolean => other.toLowerCase() === value.toLowerCase();
  return [...existing.filter(differsInCase), ...existing.filter((other) => !differsInCase(other))];
}

function messageOf({ name, existing }: UnknownValue): string {
  if (existing.length === 0) return `${name} is unknown: no complaint has one`;
  const named = existing.slice(0, MAX_NAMED).map((value) => JSON.stringify(value));
  const more = existing.length > named.length ? ` and ${String(existing.length - named.length)} more` : '';
  return `${name} is unknown: no complaint has this value; values are ${named.join(', ')}${more}`;
}

export const problemOfUnknownValues = ({ values }: UnknownValues): Problem =>
  invalid(
    'validation_failed',
    values.map((value) => ({ pointer: `/${value.name}`, code: 'unknown_value', message: messageOf(value) })),
  );
