import { Temporal } from 'temporal-polyfill';

/**
 * When something happened, as precisely as it is known: an instant, or a calendar day in an IANA time zone. Instants
 * are UTC with milliseconds, so that they sort as text.
 */
export type Moment =
  | { readonly precision: 'instant'; readonly at: string }
  | { readonly precision: 'day'; readonly day: string; readonly zone: string };

/** RFC 3339 with offset, e.g. `2026-11-22T09:30:00+08:00`. */
export const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** The UTC form with milliseconds of an RFC 3339 text with offset; undefined when it is not a real instant. */
export function parseInstant(text: string): string | undefined {
  if (!RFC3339.test(text)) return undefined;
  try {
    return fromEpochMilliseconds(Temporal.Instant.from(text.toUpperCase()).epochMilliseconds);
  } catch {
    return undefined;
  }
}

/** The moment of an RFC 3339 instant. Trusts the text; external input goes through {@link parseInstant}. */
export const instant = (at: string): Moment => ({ precision: 'instant', at });

/** A day in a zone; undefined when the day does not exist or the zone is unknown. */
export function parseDay(day: string, zone: string): Moment | undefined {
  try {
    const date = Temporal.PlainDate.from(day, { overflow: 'reject' });
    date.toZonedDateTime(zone);
    return date.toString() === day ? { precision: 'day', day, zone } : undefined;
  } catch {
    return undefined;
  }
}

export const toEpochMilliseconds = (at: string): number => Date.parse(at);

export const fromEpochMilliseconds = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The first instant of the moment: itself, or the start of its day in its zone. */
export function earliest(moment: Moment): string {
  return moment.precision === 'instant' ? moment.at : boundary(moment.day, moment.zone, 0);
}

/** The last instant of the moment: itself, or the end of its day in its zone (exclusive). */
export function latest(moment: Moment): string {
  return moment.precision === 'instant' ? moment.at : boundary(moment.day, moment.zone, 1);
}

/** True when every possible instant of the first moment precedes every possible instant of the second. */
export const before = (one: Moment, other: Moment): boolean => latest(one) < earliest(other);

/** The calendar day `YYYY-MM-DD` of a moment: its own day, or the day of its instant in the zone. */
export function dayIn(moment: Moment, zone: string): string {
  if (moment.precision === 'day') return moment.day;
  return Temporal.Instant.from(moment.at).toZonedDateTimeISO(zone).toPlainDate().toString();
}

/** `at` plus whole days of 24 hours. */
export const plusDays = (at: string, days: number): string => fromEpochMilliseconds(Date.parse(at) + days * 86_400_000);

const boundaries = new Map<string, string>();

function boundary(day: string, zone: string, plus: 0 | 1): string {
  const key = `${day}|${zone}|${String(plus)}`;
  let at = boundaries.get(key);
  if (at === undefined) {
    const start = Temporal.PlainDate.from(day).add({ days: plus }).toZonedDateTime(zone);
    at = fromEpochMilliseconds(start.epochMilliseconds);
    if (boundaries.size > 10_000) boundaries.clear();
    boundaries.set(key, at);
  }
  return at;
}
