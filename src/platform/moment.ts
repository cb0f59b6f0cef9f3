import { Temporal } from 'temporal-polyfill';

import { isZone } from './zones.js';

/**
 * A point in time, as precisely as it is known: an instant, or a calendar day in an IANA time zone. `at` is UTC RFC
 * 3339 with milliseconds, so that instants sort as text.
 */
export type Moment =
  | { readonly precision: 'instant'; readonly at: string }
  | { readonly precision: 'day'; readonly day: string; readonly zone: string };

/** Form of an RFC 3339 time with an offset, such as `2026-11-22T09:30:00+08:00`. */
export const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * Converts RFC 3339 text with an offset to UTC with milliseconds; undefined if the text is not an existing instant. A
 * leap second (`:60`) does not exist in UTC with milliseconds.
 */
export function parseInstant(text: string): string | undefined {
  if (!RFC3339.test(text) || text.slice(17, 19) === '60') return undefined;
  try {
    return fromEpochMilliseconds(Temporal.Instant.from(text.toUpperCase()).epochMilliseconds);
  } catch {
    return undefined;
  }
}

/** The moment for an instant in UTC with milliseconds. Does not check the text; {@link parseInstant} does. */
export const instant = (at: string): Moment => ({ precision: 'instant', at });

/** Whether the text is a day of the calendar, as `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text;
  } catch {
    return false;
  }
}

/**
 * The moment for a day `YYYY-MM-DD` in a time zone; undefined if the zone is unknown or the day does not exist in it. A
 * zone that moves to the other side of the date line has no such day: 2011-12-30 in Pacific/Apia.
 */
export function parseDay(day: string, zone: string): Moment | undefined {
  if (!isDay(day) || !isZone(zone)) return undefined;
  try {
    const start = Temporal.PlainDate.from(day).toZonedDateTime(zone);
    return start.toPlainDate().toString() === day ? { precision: 'day', day, zone } : undefined;
  } catch {
    return undefined; // an engine with an older tz database
  }
}

export const toEpochMilliseconds = (at: string): number => Date.parse(at);

export const fromEpochMilliseconds = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The earliest instant that the moment can be: the instant itself, or the start of its day in its zone. */
export function earliest(moment: Moment): string {
  return moment.precision === 'instant' ? moment.at : startOfDay(moment.day, moment.zone, 0);
}

/** The latest instant that the moment can be: the instant itself, or the start of the next day in its zone. */
export function latest(moment: Moment): string {
  return moment.precision === 'instant' ? moment.at : startOfDay(moment.day, moment.zone, 1);
}

/** True if every possible instant of the first moment is before every possible instant of the second. */
export const isBefore = (one: Moment, other: Moment): boolean => latest(one) < earliest(other);

/** The calendar day `YYYY-MM-DD` of a moment: that of an instant in `zone`; a moment that is a day keeps its day. */
export function dayIn(moment: Moment, zone: string): string {
  if (moment.precision === 'day') return moment.day;
  return Temporal.Instant.from(moment.at).toZonedDateTimeISO(zone).toPlainDate().toString();
}

/** `at` plus a number of days of 24 hours each. */
export const plusDays = (at: string, days: number): string => fromEpochMilliseconds(Date.parse(at) + days * 86_400_000);

/** `at` plus calendar days, months or years, counted in UTC. Of a month without the day, the last day. */
export const plusPeriod = (
  at: string,
  { amount, unit }: { readonly amount: number; readonly unit: 'day' | 'month' | 'year' },
): string =>
  fromEpochMilliseconds(
    Temporal.Instant.from(at)
      .toZonedDateTimeISO('UTC')
      .add({ [`${unit}s`]: amount }).epochMilliseconds,
  );

/** Cached results of {@link startOfDay}, because time zone computations are slow. */
const cachedStarts = new Map<string, string>();
const MAX_CACHED_STARTS = 10_000;

/** The instant at which the day, or the next one (`plusDay` 1), starts in the zone. */
function startOfDay(day: string, zone: string, plusDay: 0 | 1): string {
  const key = `${day}|${zone}|${String(plusDay)}`;
  let at = cachedStarts.get(key);
  if (at === undefined) {
    const start = Temporal.PlainDate.from(day).add({ days: plusDay }).toZonedDateTime(zone);
    at = fromEpochMilliseconds(start.epochMilliseconds);
    if (cachedStarts.size > MAX_CACHED_STARTS) cachedStarts.clear();
    cachedStarts.set(key, at);
  }
  return at;
}
