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

/** Clocks differ: what is said to happen within the next two minutes happens now. */
const TOLERANCE_MS = 120_000;

/** What may have happened before the complaint came in: evidence, and attempts to reach us or by us (R10). */
const BEFORE_RECEIPT = ['AddEvidence', 'RecordContact'];

/**
 * The time a command happened: at most two minutes ahead of `now` (UTC, milliseconds), which counts as now, and not before
 * receipt except for evidence and contacts. A day is refused only when no instant of it will do.
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
  if (occurredAt === undefined) return reject('occurred_in_future', 'it lies in the future', pointer);
  const { receivedAt } = complaint;
  if (receivedAt !== null && !BEFORE_RECEIPT.includes(command) && before(occurredAt, receivedAt))
    return reject('occurred_before_receipt', 'it lies before the complaint was received', pointer);
  return { occurredAt };
}

/** The moment itself, or now where it is within tolerance ahead; undefined in the future. */
export function notAhead(moment: Moment, now: string): Moment | undefined {
  const start = earliest(moment);
  if (start <= now) return moment;
  return start <= fromEpochMilliseconds(toEpochMilliseconds(now) + TOLERANCE_MS) ? instant(now) : undefined;
}

/** What a command says of the past cannot be to come. */
export const inFuture = (moment: Moment | undefined, now: string, pointer: string): Unmet | undefined =>
  moment !== undefined && notAhead(moment, now) === undefined
    ? unmet('in_future', 'it lies in the future', pointer)
    : undefined;

/** True when the moment, a day counting to its end, is over at `now`. */
export const isOver = (moment: Moment, now: string): boolean => latest(moment) <= now;
