import { Temporal } from 'temporal-polyfill';
import type { Buckets, BucketLabel } from '../../src/readmodels/buckets.js';

export const PERIODS = ['day', 'week', 'month'] as const;
export type Period = (typeof PERIODS)[number];

/** Days `YYYY-MM-DD`, inclusive. */
export interface Span {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Bounds around every date with a four-digit year. */
const [FIRST_DAY, LAST_DAY] = ['0001-01-01', '9999-12-31'];
/** Maximum number of periods per query; older times are grouped by their time buckets. */
const MAX_PERIODS = { day: 1_000, week: 500, month: 300 } as const;
/** Share of {@link MAX_PERIODS} after today if the span has no end: clocks differ, and some dates are wrong. */
const FUTURE_SHARE = 1 / 5;

/**
 * The first days of the intervals that a query distinguishes, ascending: the periods of the span, and one interval each
 * for the time before and after it. Without `period` the span is one interval. Without `to` the last periods are after
 * today. Empty if the span contains no day.
 */
export function intervalStarts(period: Period | undefined, { from, to }: Span, today: string): string[] {
  const first = from === undefined || from < FIRST_DAY ? undefined : from;
  const end = to === undefined || to >= LAST_DAY ? undefined : dayAfter(to);
  if (end === null || (first !== undefined && dayAfter(first) === null)) return [];
  if (period === undefined) return ascending([FIRST_DAY, first, end, LAST_DAY]);

  let start = startOf(Temporal.PlainDate.from(end ?? today), period);
  if (end === undefined) start = start.add({ [`${period}s`]: MAX_PERIODS[period] * FUTURE_SHARE });
  const starts = end === undefined ? [] : [end, LAST_DAY];
  while (starts.length < MAX_PERIODS[period] && start.toString() > (first ?? FIRST_DAY)) {
    starts.push(start.toString());
    start = start.subtract({ [`${period}s`]: 1 });
  }
  const reached = first !== undefined && start.toString() <= first;
  return ascending(reached ? [FIRST_DAY, first, ...starts] : starts);
}

const ascending = (days: readonly (string | undefined)[]): string[] =>
  [...new Set(days)].filter((day) => day !== undefined && day >= FIRST_DAY).sort() as string[];

function startOf(day: Temporal.PlainDate, period: Period): Temporal.PlainDate {
  if (period === 'day') return day;
  return period === 'month' ? day.with({ day: 1 }) : day.subtract({ days: day.dayOfWeek - 1 });
}

/** Maps time buckets to days of one time zone; a bucket that is a day stays unchanged. Caches its results. */
export class ZoneCalendar {
  /** UTC offset in milliseconds for a whole UTC day; undefined if it changes within the day. */
  private readonly offsets = new Map<string, number | undefined>();

  /** @throws RangeError for an unknown zone */
  constructor(private readonly zone: string) {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
  }

  dayOf(timeBucket: string): string {
    if (timeBucket.length === 'YYYY-MM-DD'.length) return timeBucket;
    const at = Date.parse(timeBucket);
    const offset = this.offsetThrough(timeBucket.slice(0, 10)) ?? this.offsetAt(at);
    return new Date(at + offset).toISOString().slice(0, 10);
  }

  /** `2026-11-22`, `2026-W47` (ISO 8601) or `2026-11`. */
  periodOf(timeBucket: string, period: Period): string {
    const day = this.dayOf(timeBucket);
    if (period === 'day') return day;
    if (period === 'month') return day.slice(0, 7);
    const date = Temporal.PlainDate.from(day);
    return `${String(date.yearOfWeek ?? 0).padStart(4, '0')}-W${String(date.weekOfYear ?? 0).padStart(2, '0')}`;
  }

  /**
   * Maps every time bucket between the first and the last start to the start of its interval. Buckets compare as text: a
   * day sorts before the quarter hours of the UTC day with the same name. West of UTC the first of these quarter hours
   * belong to the previous day, so one start can need up to three boundaries.
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

  /** The time buckets, ascending, at which the interval can change. */
  private *boundaryCandidates(starts: readonly string[]): Generator<string, void> {
    // the day of a zone differs from the UTC day by at most one
    const days = new Set(starts.flatMap((start) => [addDays(start, -1), start]));
    for (const day of days) {
      yield day;
      const offset = this.offsetThrough(day);
      const midnight = Math.ceil(((DAY - (offset ?? 0)) % DAY) / QUARTER);
      for (let quarter = 0; quarter < DAY / QUARTER; quarter += 1)
        if (offset === undefined || quarter === 0 || quarter === midnight)
          yield `${new Date(Date.parse(day) + quarter * QUARTER).toISOString().slice(0, 16)}Z`;
    }
  }

  private offsetThrough(day: string): number | undefined {
    if (!this.offsets.has(day)) this.offsets.set(day, this.offsetOn(day));
    return this.offsets.get(day);
  }

  private offsetOn(day: string): number | undefined {
    const start = Date.parse(day);
    const offset = this.offsetAt(start);
    return offset === this.offsetAt(start + DAY) ? offset : undefined;
  }

  private offsetAt(at: number): number {
    return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(this.zone).offsetNanoseconds / 1e6;
  }
}

const DAY = 86_400_000;
const QUARTER = 900_000;

const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);

/** The next day of a day before {@link LAST_DAY}; null if the text is not a day. */
function dayAfter(day: string): string | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)) || addDays(day, 0) !== day) return null;
  return addDays(day, 1);
}

/** The start of the interval that contains the day; undefined before the first start and from the last start on. */
function intervalOf(day: string, starts: readonly string[]): string | undefined {
  let [first, last] = [0, starts.length];
  while (first < last) {
    const middle = (first + last) >> 1;
    if ((starts[middle] ?? '') <= day) first = middle + 1;
    else last = middle;
  }
  return first === starts.length ? undefined : starts[first - 1];
}
