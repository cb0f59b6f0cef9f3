import { standingsWithStatus } from '../../src/complaint/status.js';
import { REGISTER_SYSTEMS, type StatusCode } from '../../src/complaint/terms/vocabulary.js';
import type { FaultCode } from '../../src/platform/field-checks.js';
import type { Json } from '../../src/platform/json.js';
import type { Filter, IndexSpec } from '../../src/readmodels/read-models.js';
import {
  DATE_BASES,
  DEFAULT_SORT,
  FILTER_NAMES,
  FILTERS,
  indexOfDate,
  indexOfFilter,
  NONE,
  type DateBasis,
  type FilterName,
  type FilterValues,
} from './filters.js';
import { sourceKey } from './projection.js';
import { inSpan, type Span } from './spans.js';
import { searchedWords } from './words.js';

/** A parameter of a query has an invalid value. */
export class ParameterRefused extends Error {
  override readonly name = 'ParameterRefused';
  /** @param reason continues a sentence that begins with the name of the parameter */
  constructor(
    readonly parameter: string,
    readonly code: FaultCode,
    readonly reason: string,
  ) {
    super(`${parameter} ${reason}`);
  }
}

/** One thing that a query asks for, and the index that has the complaints with it. */
export interface Criterion {
  /** The parameter of the query. */
  readonly parameter: FilterName | DateBasis;
  /** A complaint meets the criterion if it matches one of these filters. */
  readonly anyOf: readonly Filter[];
  /** It has the complaints that match one of the filters in the order of `order`. */
  readonly index: IndexSpec['fields'];
  readonly order: DateBasis;
}

export interface Criteria {
  readonly filter?: FilterValues;
  readonly dates?: { readonly [basis in DateBasis]?: Span };
}

/** Maximum number of words that a query may ask for. */
const MAX_SEARCHED_WORDS = 20;

/** The criteria of a query. @throws ParameterRefused */
export function criteriaOf({ filter = {}, dates = {} }: Criteria, satisfiedScore: number): Criterion[] {
  const ofFilters = FILTER_NAMES.flatMap((name) => {
    const value = filter[name];
    if (value === undefined || (name === 'source' && filter.sourceRef !== undefined)) return [];
    return alternativesOf(name, value, filter, satisfiedScore).map((values): Criterion => ({
      parameter: name,
      anyOf: values.map((alternative) => ({ [FILTERS[name].field]: alternative })),
      index: indexOfFilter(name),
      order: DEFAULT_SORT,
    }));
  });
  const ofDates = DATE_BASES.flatMap((basis) => {
    const span = dates[basis];
    if (span === undefined) return [];
    return [{ parameter: basis, anyOf: [{ $and: inSpan(basis, span) }], index: indexOfDate(basis), order: basis }];
  });
  return [...ofFilters, ...ofDates];
}

/** The values of the field that match: one of each list. */
function alternativesOf(
  name: FilterName,
  value: string | boolean,
  { source }: FilterValues,
  satisfiedScore: number,
): readonly (readonly Json[])[] {
  if (typeof value === 'boolean') return [[value]];
  switch (name) {
    case 'status':
      return [standingsWithStatus(value as StatusCode, satisfiedScore)];
    case 'sourceRef':
      return [[source === undefined ? value : sourceKey(source, value)]];
    case 'registerId':
      return [REGISTER_SYSTEMS.map((system) => sourceKey(system, value))];
    case 'words':
      return wordsIn(value).map((word) => [word]);
    default:
      return 'none' in FILTERS[name] && value === NONE ? [[null]] : [[value]];
  }
}

function wordsIn(text: string): readonly string[] {
  const words = searchedWords(text);
  if (words.length === 0) throw new ParameterRefused('words', 'empty', 'must contain a letter or a digit');
  if (words.length > MAX_SEARCHED_WORDS)
    throw new ParameterRefused('words', 'too_many', `must have at most ${String(MAX_SEARCHED_WORDS)} words`);
  return words;
}

/** The filter that matches if all of these do. */
export const allOf = (filters: readonly Filter[]): Filter => (filters.length === 0 ? {} : { $and: filters });

/** The filter for complaints that meet the criterion. */
export const meets = ({ anyOf }: Criterion): Filter => (anyOf.length === 1 ? (anyOf[0] ?? {}) : { $or: anyOf });
