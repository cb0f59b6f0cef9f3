import { isDisputed, type CompanyResponse } from '../../src/complaint/status.js';
import type { Json, JsonObject } from '../../src/platform/json.js';
import { openModel, type Queryable } from '../../src/readmodels/active-model.js';
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
  /** At most three, at most one of them a period. */
  readonly groupBy: readonly TrendGroup[];
  /** The date that assigns a complaint to a period (default received). */
  readonly basis?: TrendBasis;
  /** IANA zone of days, weeks and months (default UTC). A date with day precision stays unchanged. */
  readonly zone?: string;
  /** Equality filter; null means unknown. */
  readonly filter?: { readonly [dimension in TrendDimension]?: string | null };
  /** Days `YYYY-MM-DD` in the zone, inclusive, by the basis. Undated complaints are then excluded and counted separately. */
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
  /** Largest first; by period if the query groups by one. */
  readonly rows: readonly TrendRow[];
  readonly total: Measures;
  /** Complaints without a date on this basis: in no period, and in no row when `from` or `to` is given. */
  readonly undated: number;
}

/** Trends cannot answer this query. */
export class TrendsRefused extends Error {
  override readonly name = 'TrendsRefused';
}

const MAX_GROUPS = 3;

/** Counts and shares of complaints by up to three groups, from all current data. Does not depend on the current date. */
export async function trendsBy(
  readModels: Queryable,
  query: TrendsQuery,
  today = systemClock.now().slice(0, 10),
): Promise<TrendsAnswer> {
  const { groupBy, basis = 'received', zone = 'UTC', from, to, satisfiedScore = 4 } = query;
  const period = checked(groupBy);
  const calendar = calendarOf(zone);
  const byTime = period !== undefined || from !== undefined || to !== undefined;
  const dimensions = groupBy.filter((group): group is TrendDimension => !isPeriod(group));
  const timeBucket = byTime ? coarse(`$${basis}`, calendar, intervalStarts(period, query, today)) : undefined;
  const filter = filterOf(query.filter, satisfiedScore);
  const facts = await openModel<TrendFact>(readModels, trends.name);
  const cells = await facts.aggregate(pipeline(filter, dimensions, timeBucket));

  const rows = new Map<string, { readonly key: TrendRow['key']; readonly tally: Tally }>();
  const total = new Tally(satisfiedScore);
  let undated = 0;
  for (const cell of cells) {
    const id = cell._id as JsonObject;
    const timeBucket = (id.timeBucket ?? null) as string | null;
    const day = timeBucket === null ? null : calendar.dayOf(timeBucket);
    if (byTime && day === null) undated += Number(cell.complaints);
    if ((from !== undefined && (day === null || day < from)) || (to !== undefined && (day === null || day > to)))
      continue;
    const value = (group: TrendGroup): Json => {
      if (isPeriod(group)) return timeBucket && calendar.periodOf(timeBucket, group);
      return group === 'response' ? responseOf(id, satisfiedScore) : (id[group] ?? null);
    };
    const key = Object.fromEntries(groupBy.map((group) => [group, value(group)])) as TrendRow['key'];
    const name = JSON.stringify(Object.values(key));
    let row = rows.get(name);
    if (row === undefined) rows.set(name, (row = { key, tally: new Tally(satisfiedScore) }));
    row.tally.add(id, cell);
    total.add(id, cell);
  }
  if (!byTime) undated = await facts.count({ ...filter, [basis]: null });
  const found = [...rows.values()].map(({ key, tally }): TrendRow => ({ key, ...tally.measures() }));
  return { groupBy, basis, zone, rows: found.sort(order(period)), total: total.measures(), undated };
}

/** Finds the period among the groups. @throws TrendsRefused for groups that trends do not support */
function checked(groupBy: readonly TrendGroup[]): Period | undefined {
  const periods = groupBy.filter(isPeriod);
  if (groupBy.length > MAX_GROUPS)
    throw new TrendsRefused(`groupBy takes at most ${String(MAX_GROUPS)} groups (found: ${String(groupBy.length)})`);
  if (new Set(groupBy).size !== groupBy.length)
    throw new TrendsRefused('groupBy lists a group twice; list each group once');
  if (periods.length > 1) throw new TrendsRefused('groupBy takes only one of day, week and month');
  const unknown = groupBy.find((group) => !TREND_GROUPS.includes(group));
  if (unknown !== undefined) throw new TrendsRefused(`groupBy does not support ${unknown}`);
  return periods[0];
}

const isPeriod = (group: TrendGroup): group is Period => (PERIODS as readonly string[]).includes(group);

function calendarOf(zone: string): ZoneCalendar {
  try {
    return new ZoneCalendar(zone);
  } catch (error) {
    throw new TrendsRefused(`${zone} is not an IANA time zone`, { cause: error });
  }
}

/** Maps each time bucket to the first day of its period, which reduces the number of groups. */
function coarse(field: string, calendar: ZoneCalendar, starts: readonly string[]): Json {
  return bucketExpression(field, calendar.buckets(starts));
}

/** The filter over columns. A derived response depends on `satisfiedScore`. */
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

/** The response of a group of complaints. */
const responseOf = ({ response, mayBeDisputed, satisfaction }: JsonObject, satisfiedScore: number): Json =>
  mayBeDisputed === 1 && isDisputed(satisfaction as number | null, satisfiedScore) === true
    ? DISPUTED
    : (response ?? null);

/** The derived response while an answer is disputed. */
const DISPUTED = 'In progress' satisfies CompanyResponse;

/** Groups with the granularity that medians, scores and responses need; this query aggregates the rest. */
function pipeline(
  filter: JsonObject,
  dimensions: readonly TrendDimension[],
  timeBucket: Json | undefined,
): JsonObject[] {
  const needed = [...dimensions, ...(dimensions.includes('response') ? ['mayBeDisputed'] : []), ...Tally.KEYS];
  const id = Object.fromEntries(needed.map((field) => [field, orNull(`$${field}`)]));
  const sums = Object.fromEntries(Tally.SUMS.map((field) => [field, { $sum: `$${field}` }]));
  const $group = {
    _id: { ...id, ...(timeBucket !== undefined && { timeBucket: orNull(timeBucket) }) },
    complaints: { $sum: 1 },
    ...sums,
  };
  return [...(Object.keys(filter).length > 0 ? [{ $match: filter }] : []), { $group }];
}

/** Null and missing both mean unknown; the index cannot distinguish them. */
const orNull = (value: Json): Json => ({ $ifNull: [value, null] });

/** Orders by period (unknown last), then the largest first, then by the other keys. */
const order =
  (period: Period | undefined) =>
  (a: TrendRow, b: TrendRow): number =>
    (period === undefined ? 0 : compareKeys(a.key[period] ?? '~', b.key[period] ?? '~')) ||
    b.complaints - a.complaints ||
    compareKeys(JSON.stringify(a.key), JSON.stringify(b.key));

const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
