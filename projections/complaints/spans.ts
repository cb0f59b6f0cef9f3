import { earliest, latest, type Moment } from '../../src/platform/moment.js';
import type { Filter } from '../../src/readmodels/read-models.js';
import type { DateBasis } from './filters.js';

/** Days in a time zone, inclusive. */
export interface Span {
  readonly from?: Day;
  readonly to?: Day;
}

export type Day = Extract<Moment, { precision: 'day' }>;

/**
 * The conditions for a date in a span, joined with AND. A document holds a date as an instant in UTC or, if only the day is
 * known, as this day. A day is in the span if it is one of its days, in whatever zone; an instant if it is on one of its
 * days in the zone of the span. Compared as text, a day is just before the instants of the same UTC day.
 */
export function inSpan(basis: DateBasis, { from, to }: Span): Filter[] {
  const conditions: Filter[] = [];
  if (from !== undefined) {
    const start = earliest(from);
    conditions.push({ [basis]: { $gte: start < from.day ? start : from.day } });
    // west of UTC the first instants of the UTC day belong to the day before
    if (start > utcStart(from.day)) conditions.push({ $or: [{ [basis]: { $gte: start } }, { [basis]: from.day }] });
  }
  if (to !== undefined) {
    const end = latest(to);
    const nextDay = dayAfter(to.day);
    conditions.push({ [basis]: { $lt: end === utcStart(nextDay) ? nextDay : end } });
    // west of UTC the first instants of the next UTC day belong to the span, but not the day itself
    if (end > utcStart(nextDay)) conditions.push({ [basis]: { $ne: nextDay } });
  }
  return conditions;
}

const utcStart = (day: string): string => `${day}T00:00:00.000Z`;

const dayAfter = (day: string): string => new Date(Date.parse(utcStart(day)) + 86_400_000).toISOString().slice(0, 10);
