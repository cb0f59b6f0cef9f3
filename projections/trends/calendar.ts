import { Temporal } from 'temporal-polyfill';
import type { Buckets, BucketLabel } from '../../src/readmodels/buckets.js';

export const PERIODS = ['day', 'week', 'month'] as const;
export type Period = (typeof PERIODS)[number];

/** Days `YYYY-MM-DD`, inclusive. */
export interface Span {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The first and the last day with a four-digit year. */
const FIRST_DAY = '0001-01-01';
const LAST_DAY = '9999-12-31';
/**
 * Maximum number of periods per query. If the span has more, the oldest are left out: times in those are not mapped to
 * a period but keep their time buckets.
 */
const MAX_PERIODS = { day: 1_000, week: 500, month: 300 } as const;
/**
 * Share of {@link MAX_PERIODS} after today if the span has no end, because a wrong clock or a wrong date can make a
 * time later than today.
 */
const FUTURE_SHARE = 1 / 5;
const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;
const QUARTER_HOUR_MS = 900_000;

/** Since then, the UTC offset of every zone is a whole number of quarter hours. The last one to change was Kiritimati. */
const QUARTER_HOURS_SINCE = Date.parse('1980-01-01');

/** Length of the time bucket that contains the instant: short before 1980, so that every zone's days are exact. */
const bucketLength = (epochMilliseconds: number): number =>
  epochMilliseconds < QUARTER_HOURS_SINCE ? SECOND_MS : QUARTER_HOUR_MS;

/**
 * The time bucket that contains an instant: its quarter hour in UTC, such as `2026-01-05T09:15Z`; before 1980 its second,
 * such as `1979-09-30T10:40:00Z`. The number of different values stays small, because few dates are so old.
 */
export function timeBucketAt(epochMilliseconds: number): string {
  const length = bucketLength(epochMilliseconds);
  const text = new Date(Math.floor(epochMilliseconds / length) * length).toISOString();
  return `${text.slice(0, length === SECOND_MS ? 19 : 16)}Z`;
}

/**
 * The first days of the intervals that a query distinguishes, ascending: one interval for each period of the span, and one
 * each for the time before and after the span. The last element only ends the last interval. Without `period` the span is
 * one interval. If the span has no end, the intervals end some time after today. Returns no interval if `from` or `to` is
 * not a day.
 */
export function intervalStarts(period: Period | undefined, { from, to }: Span, today: string): string[] {
  const first = from === undefined || from < FIRST_DAY ? undefined : from;
  const end = to === undefined || to >= LAST_DAY ? undefined : dayAfter(to); // the first day after the span
  const isInvalid = end === null || (first !== undefined && dayAfter(first) === null);
  if (isInvalid) return [];
  if (period === undefined) return ascending([FIRST_DAY, first, end, LAST_DAY]);

  let start = startOf(Temporal.PlainDate.from(end ?? today), period);
  if (end === undefined) start = start.add({ [`${period}s`]: MAX_PERIODS[period] * FUTURE_SHARE });
  const starts = end === undefined ? [] : [end, LAST_DAY];
  while (starts.length < MAX_PERIODS[period] && start.toString() > (first ?? FIRST_DAY)) {
    starts.push(start.toString());
    start = start.subtract({ [`${period}s`]: 1 });
  }
  const reachesFirst = first !== undefined && start.toString() <= first;
  return ascending(reachesFirst ? [FIRST_DAY, first, ...starts] : starts);
}

/** Sorts the days; leaves out duplicates, undefined and days before {@link FIRST_DAY}. */
const ascending = (days: readonly (string | undefined)[]): string[] =>
  [...new Set(days)].filter((day) => day !== undefined && day >= FIRST_DAY).sort() as string[];

/** First day of the period that contains the day. */
function startOf(day: Temporal.PlainDate, period: Period): Temporal.PlainDate {
  if (period === 'day') return day;
  return period === 'month' ? day.with({ day: 1 }) : day.subtract({ days: day.dayOfWeek - 1 });
}

/** Maps time buckets (see `timeBucketOf`) to days of one time zone; a bucket that is a day stays unchanged. */
export class ZoneCalendar {
  /** Cache of {@link computeOffset} by UTC day. */
  private readonly offsets = new Map<string, number | undefined>();

  /** @throws RangeError for an unknown zone */
  constructor(private readonly zone: string) {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
  }

  /** The day `YYYY-MM-DD` in the zone. */
  dayOf(timeBucket: string): string {
    if (timeBucket.length === 'YYYY-MM-DD'.length) return timeBucket;
    const time = Date.parse(timeBucket);
    const offset = this.offsetOfDay(timeBucket.slice(0, 10)) ?? this.offsetAt(time);
    return new Date(time + offset).toISOString().slice(0, 10);
  }

  /** The period in the zone, such as `2026-11-22`, `2026-W47` (ISO 8601) or `2026-11`. */
  periodOf(timeBucket: string, period: Period): string {
    const day = this.dayOf(timeBucket);
    if (period === 'day') return day;
    if (period === 'month') return day.slice(0, 7);
    const date = Temporal.PlainDate.from(day);
    return `${String(date.yearOfWeek ?? 0).padStart(4, '0')}-W${String(date.weekOfYear ?? 0).padStart(2, '0')}`;
  }

  /**
   * Maps each time bucket to the start of its interval. Time buckets before the first start, and from the last start on,
   * have no interval and are not replaced. Time buckets are compared as text: a day sorts before the times of the same UTC
   * day. West of UTC, the earliest of these times belong to the previous day of the zone. So one start can need three
   * boundaries: the start, the first time bucket of its UTC day, and that of its day in the zone.
   */
  buckets(starts: readonly string[]): Buckets {
    const boundaries: string[] = [];
    const labels: BucketLabel[] = [undefined];
    for (const timeBucket of this.boundaryCandidates(starts)) {
      const label = intervalOf(this.dayOf(timeBucket), starts);
      if (label === labels.at(-1)) continue;
      boundaries.push(timeBucket);
      labels.push(label);
    }
    return { boundaries, labels };
  }

  /** The time buckets at which the interval can change, in ascending order. */
  private *boundaryCandidates(starts: readonly string[]): Generator<string, void> {
    // a day of the zone begins on the same UTC day or on the day before
    const days = new Set(starts.flatMap((start) => [addDays(start, -1), start]));
    for (const day of days) {
      yield day;
      const start = Date.parse(day);
      const offset = this.offsetOfDay(day);
      const change = offset === undefined ? [this.offsetChangeAfter(start)] : [];
      const offsets = offset === undefined ? [this.offsetAt(start), this.offsetAt(start + DAY_MS)] : [offset];
      // the day of the zone begins at midnight under one of the offsets, or when the offset changes
      const midnights = offsets.map((each) => start + ((2 * DAY_MS - each) % DAY_MS));
      for (const time of [start, ...midnights, ...change].sort((one, other) => one - other)) {
        const length = bucketLength(time);
        yield timeBucketAt(Math.ceil(time / length) * length); // the day of a bucket is the day in which it begins
      }
    }
  }

  /** The second in which the offset changes, for a UTC day with one change. */
  private offsetChangeAfter(start: number): number {
    const offset = this.offsetAt(start);
    let [before, after] = [start, start + DAY_MS];
    while (after - before > SECOND_MS) {
      const middle = Math.floor((before + after) / 2 / SECOND_MS) * SECOND_MS;
      if (this.offsetAt(middle) === offset) before = middle;
      else after = middle;
    }
    return after;
  }

  private offsetOfDay(day: string): number | undefined {
    if (!this.offsets.has(day)) this.offsets.set(day, this.computeOffset(day));
    return this.offsets.get(day);
  }

  /** UTC offset in milliseconds for a whole UTC day; undefined if it changes during the day. */
  private computeOffset(day: string): number | undefined {
    const start = Date.parse(day);
    const offset = this.offsetAt(start);
    return offset === this.offsetAt(start + DAY_MS) ? offset : undefined;
  }

  private offsetAt(epochMilliseconds: number): number {
    const instant = Temporal.Instant.fromEpochMilliseconds(epochMilliseconds);
    return instant.toZonedDateTimeISO(this.zone).offsetNanoseconds / 1e6;
  }
}

const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** The next day; null if the text is not a valid day `YYYY-MM-DD`. Must not be called with {@link LAST_DAY}. */
function dayAfter(day: string): string | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)) || addDays(day, 0) !== day) return null;
  return addDays(day, 1);
}

/**
 * The start of the interval that contains the day; undefined if the day is before the first start, or is the last start
 * or later.
 */
function intervalOf(day: string, starts: readonly string[]): string | undefined {
  // binary search for the first start after the day
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? '') <= day) low = middle + 1;
    else high = middle;
  }
  return low === starts.length ? undefined : starts[low - 1];
}
