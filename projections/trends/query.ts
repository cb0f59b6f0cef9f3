import type { CompanyResponse } from '../../src/complaint/status.js';
import type { Json, JsonObject } from '../../src/platform/json.js';
import { openModel, type Queryable } from '../../src/readmodels/active-model.js';
import { orNull, valuesOfField } from '../values-of-field.js';
import { systemClock } from '../../src/platform/clock.js';
import { bucketExpression } from '../../src/readmodels/buckets.js';
import { PERIODS, intervalStarts, ZoneCalendar, type Period } from './calendar.js';
import { Tally, type Measures } from './measures.js';
import { trends, type TrendFact } from './projection.js';

export const TREND_DIMENSIONS = [
  'product',
  'issue',
  'category',
  'channel',
  'region',
  'severity',
  'outcome',
  'response',
  'respondent',
  'source',
] as const;
export type TrendDimension = (typeof TREND_DIMENSIONS)[number];
export const TREND_GROUPS = [...TREND_DIMENSIONS, ...PERIODS] as const;
export type TrendGroup = (typeof TREND_GROUPS)[number];
export const TREND_BASES = ['received', 'responded', 'ended'] as const;
export type TrendBasis = (typeof TREND_BASES)[number];

export interface TrendsQuery {
  /** At most three groups, of which at most one is a period. */
  readonly groupBy: readonly TrendGroup[];
  /** The date that assigns a complaint to a period and to the span of `from` and `to` (default `received`). */
  readonly basis?: TrendBasis;
  /** IANA time zone of days, weeks and months (default UTC). A date that is only a day stays unchanged. */
  readonly zone?: string;
  /** Only complaints with these values; null matches unknown values. */
  readonly filter?: { readonly [dimension in TrendDimension]?: string | null };
  /**
   * Only complaints whose date on the basis is in this span: days `YYYY-MM-DD` in the zone, inclusive. `undated` counts
   * the complaints without a date.
   */
  readonly from?: string;
  readonly to?: string;
  /** A score at or above this value counts as satisfied (default 4). */
  readonly satisfiedScore?: number;
}

export interface TrendRow extends Measures {
  /** One value per requested group; null means unknown. */
  readonly key: { readonly [group in TrendGroup]?: string | null };
}

export interface TrendsAnswer {
  readonly groupBy: readonly TrendGroup[];
  readonly basis: TrendBasis;
  readonly zone: string;
  /** By period if the query groups by one, then by the number of complaints, largest first. */
  readonly rows: readonly TrendRow[];
  readonly total: Measures;
  /** Complaints without a date on this basis. Their period is null; with `from` or `to` they are in no row. */
  readonly undated: number;
}

/** The query is not valid; the message says why. */
export class TrendsRefused extends Error {
  override readonly name = 'TrendsRefused';
  constructor(
    /** The parameter that is not valid. */
    readonly parameter: 'groupBy' | 'zone' | 'from',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const MAX_GROUPS = 3;

/** Maximum number of rows of an answer: about 8 MB of JSON. */
export const MAX_ROWS = 5000;

/** Maximum number of cells that are added up; see {@link pipeline}. */
const MAX_CELLS = 500_000;

/**
 * Counts complaints in groups, with shares. `today` (`YYYY-MM-DD`) does not affect the result: it only determines for
 * which periods the store adds up complaints; this function adds up the others.
 * @throws TrendsRefused
 */
export async function trendsBy(
  readModels: Queryable,
  query: TrendsQuery,
  today = systemClock.now().slice(0, 10),
): Promise<TrendsAnswer> {
  const { groupBy, basis = 'received', zone = 'UTC', from, to, satisfiedScore = 4 } = query;
  if (from !== undefined && to !== undefined && from > to) throw new TrendsRefused('from', 'from must not be after to');
  const period = periodOf(groupBy);
  const calendar = calendarOf(zone);
  const byTime = period !== undefined || from !== undefined || to !== undefined;
  const dimensions = groupBy.filter((group): group is TrendDimension => !isPeriod(group));
  const interval = byTime ? intervalExpression(`$${basis}`, calendar, intervalStarts(period, query, today)) : undefined;
  const filter = filterOf(query.filter, satisfiedScore);
  const facts = await openModel<TrendFact>(readModels, trends.name);
  const cells = await facts.aggregate(pipeline(filter, dimensions, interval));
  if (cells.length > MAX_CELLS) throw tooManyRows();

  const rows = new Map<string, { readonly key: TrendRow['key']; readonly tally: Tally }>();
  const total = new Tally(satisfiedScore);
  let undated = 0;
  for (const cell of cells) {
    const id = cell._id as JsonObject;
    const timeBucket = (id.timeBucket ?? null) as string | null;
    const day = timeBucket === null ? null : calendar.dayOf(timeBucket);
    if (byTime && day === null) undated += Number(cell.complaints);
    // a complaint without a date is in no span
    const isBefore = from !== undefined && (day === null || day < from);
    const isAfter = to !== undefined && (day === null || day > to);
    if (isBefore || isAfter) continue;
    const value = (group: TrendGroup): Json => {
      if (isPeriod(group)) return timeBucket && calendar.periodOf(timeBucket, group);
      return group === 'response' ? responseOf(id, satisfiedScore) : (id[group] ?? null);
    };
    const key = Object.fromEntries(groupBy.map((group) => [group, value(group)])) as TrendRow['key'];
    const rowId = JSON.stringify(Object.values(key));
    const row = rows.get(rowId) ?? { key, tally: new Tally(satisfiedScore) };
    rows.set(rowId, row);
    if (rows.size > MAX_ROWS) throw tooManyRows();
    row.tally.add(id, cell);
    total.add(id, cell);
  }
  if (!byTime) undated = await facts.count({ ...filter, [basis]: null });
  const trendRows = [...rows.values()].map(({ key, tally }): TrendRow => ({ key, ...tally.measures() }));
  return { groupBy, basis, zone, rows: trendRows.sort(compareRows(period)), total: total.measures(), undated };
}

/** The values that complaints have in a column, the most frequent first; without unknown values. */
export const valuesOf = (readModels: Queryable, dimension: TrendDimension): Promise<string[]> =>
  valuesOfField(readModels, trends.name, dimension);

/** Validates the groups and returns the period among them, if any. @throws TrendsRefused */
function periodOf(groupBy: readonly TrendGroup[]): Period | undefined {
  const periods = groupBy.filter(isPeriod);
  if (groupBy.length > MAX_GROUPS)
    throw new TrendsRefused(
      'groupBy',
      `groupBy takes at most ${String(MAX_GROUPS)} groups (found: ${String(groupBy.length)})`,
    );
  if (new Set(groupBy).size !== groupBy.length)
    throw new TrendsRefused('groupBy', 'groupBy lists a group twice; list each group once');
  if (periods.length > 1) throw new TrendsRefused('groupBy', 'groupBy takes only one of day, week and month');
  const unknown = groupBy.find((group) => !TREND_GROUPS.includes(group));
  if (unknown !== undefined) throw new TrendsRefused('groupBy', `groupBy does not support ${unknown}`);
  return periods[0];
}

const tooManyRows = (): TrendsRefused =>
  new TrendsRefused(
    'groupBy',
    `the answer would have more than ${String(MAX_ROWS)} rows; use fewer groups, a filter or a shorter span`,
  );

const isPeriod = (group: TrendGroup): group is Period => (PERIODS as readonly string[]).includes(group);

function calendarOf(zone: string): ZoneCalendar {
  try {
    return new ZoneCalendar(zone);
  } catch (error) {
    throw new TrendsRefused('zone', `${zone} is not an IANA time zone`, { cause: error });
  }
}

/** Expression that maps each time bucket to the first day of its interval: the store then returns fewer groups. */
function intervalExpression(field: string, calendar: ZoneCalendar, starts: readonly string[]): Json {
  return bucketExpression(field, calendar.buckets(starts));
}

/** The filter on columns. The response depends on `satisfiedScore`, see {@link responseOf}. */
function filterOf({ response, ...filter }: TrendsQuery['filter'] = {}, satisfiedScore: number): JsonObject {
  if (response === undefined) return filter;
  const disputed: JsonObject = { mayBeDisputed: 1, satisfaction: { $lt: satisfiedScore } };
  const undisputed: JsonObject = {
    $or: [{ mayBeDisputed: { $ne: 1 } }, { satisfaction: null }, { satisfaction: { $gte: satisfiedScore } }],
  };
  return response === DISPUTED
    ? { ...filter, $or: [{ response }, disputed] }
    : { ...filter, $and: [{ response }, undisputed] };
}

/** The response of the complaints in a cell: the column, or "In progress" while they are disputed. */
const responseOf = ({ response, mayBeDisputed, satisfaction }: JsonObject, satisfiedScore: number): Json =>
  mayBeDisputed === 1 && Number(satisfaction) < satisfiedScore ? DISPUTED : (response ?? null);

/** The response while the complainant disputes the outcome. */
const DISPUTED = 'In progress' satisfies CompanyResponse;

/**
 * Groups the complaints into cells: by the dimensions, by the time interval, and by the columns from which `trendsBy`
 * computes medians, satisfaction and responses.
 */
function pipeline(filter: JsonObject, dimensions: readonly TrendDimension[], interval: Json | undefined): JsonObject[] {
  const columns = [...dimensions, ...(dimensions.includes('response') ? ['mayBeDisputed'] : []), ...Tally.KEYS];
  const id = Object.fromEntries(columns.map((field) => [field, orNull(`$${field}`)]));
  const sums = Object.fromEntries(Tally.SUMS.map((field) => [field, { $sum: `$${field}` }]));
  const $group = {
    _id: { ...id, ...(interval !== undefined && { timeBucket: orNull(interval) }) },
    complaints: { $sum: 1 },
    ...sums,
  };
  return [...(Object.keys(filter).length > 0 ? [{ $match: filter }] : []), { $group }, { $limit: MAX_CELLS + 1 }];
}

/** Orders by period (unknown last), then by the number of complaints (largest first), then by the key. */
const compareRows =
  (period: Period | undefined) =>
  (a: TrendRow, b: TrendRow): number =>
    (period === undefined ? 0 : compareText(a.key[period] ?? AFTER_DIGITS, b.key[period] ?? AFTER_DIGITS)) ||
    b.complaints - a.complaints ||
    compareText(JSON.stringify(a.key), JSON.stringify(b.key));

/** Sorts after every period. */
const AFTER_DIGITS = '~';

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
