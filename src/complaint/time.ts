import {
  before,
  earliest,
  fromEpochMilliseconds,
  instant,
  latest,
  toEpochMilliseconds,
  type Moment,
} from '../platform/moment.js';
import type { Complaint } from './complaint.js';
import { reject, unmet, type Rejection, type Unmet } from './decision.js';

/** Tolerance for clock differences: a time up to two minutes ahead counts as now. */
const TOLERANCE_MS = 120_000;

/** Commands that may have happened before receipt: evidence and contact attempts (R10). */
const BEFORE_RECEIPT = ['AddEvidence', 'RecordContact'];

/**
 * Checks the time a command happened. It may be at most two minutes ahead of `now` (UTC, milliseconds), and then counts as
 * now; only evidence and contacts may be from before the receipt. A day is rejected only if none of its instants is valid.
 * Rejects with `occurred_in_future` or `occurred_before_receipt`, at `pointer`.
 */
export function checkOccurredAt(
  given: Moment,
  complaint: Pick<Complaint, 'receivedAt'>,
  now: string,
  command: string,
  pointer = '/occurredAt',
): { readonly occurredAt: Moment } | Rejection {
  const occurredAt = notAhead(given, now);
  if (occurredAt === undefined)
    return reject('occurred_in_future', 'the time is in the future; give a time that has passed', pointer);
  const { receivedAt } = complaint;
  if (receivedAt !== null && !BEFORE_RECEIPT.includes(command) && before(occurredAt, receivedAt))
    return reject(
      'occurred_before_receipt',
      'the time is before the complaint was received; give a later time',
      pointer,
    );
  return { occurredAt };
}

/** The moment, or now if it is ahead within the tolerance; undefined if it is further ahead. */
export function notAhead(moment: Moment, now: string): Moment | undefined {
  const start = earliest(moment);
  if (start <= now) return moment;
  return start <= fromEpochMilliseconds(toEpochMilliseconds(now) + TOLERANCE_MS) ? instant(now) : undefined;
}

/** Rejects a time in the future for a fact of the past. */
export const inFuture = (moment: Moment | undefined, now: string, pointer: string): Unmet | undefined =>
  moment !== undefined && notAhead(moment, now) === undefined
    ? unmet('in_future', 'the time is in the future; give a time that has passed', pointer)
    : undefined;

/** True if the moment is over at `now`; a day is over at its end. */
export const isOver = (moment: Moment, now: string): boolean => latest(moment) <= now;
