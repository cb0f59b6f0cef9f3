import {
  isBefore,
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

/** Commands that may have happened before receipt: evidence, contacts and information (R10, I21). */
const COMMANDS_BEFORE_RECEIPT = ['AddEvidence', 'RecordContact', 'ReceiveInformation'];

/**
 * Checks the time when a command happened. A time that is at most two minutes ahead of `now` counts as now. Only
 * evidence, contacts and information may have a time before the receipt. A day is rejected only if none of its instants is valid.
 * @param now UTC with milliseconds
 * @param command name of the command
 * @param pointer field of the stated time
 * @returns the time, or a rejection with `occurred_in_future` or `occurred_before_receipt`
 */
export function checkOccurredAt(
  stated: Moment,
  complaint: Pick<Complaint, 'receivedAt'>,
  now: string,
  command: string,
  pointer = '/occurredAt',
): { readonly occurredAt: Moment } | Rejection {
  const occurredAt = clampToNow(stated, now);
  if (occurredAt === undefined)
    return reject('occurred_in_future', 'the time is in the future; give a time that has passed', pointer);
  const { receivedAt } = complaint;
  if (receivedAt !== null && !COMMANDS_BEFORE_RECEIPT.includes(command) && isBefore(occurredAt, receivedAt))
    return reject(
      'occurred_before_receipt',
      'the time is before the complaint was received; give a later time',
      pointer,
    );
  return { occurredAt };
}

/** The moment, or now if the moment is ahead by at most the tolerance; undefined if it is further ahead. */
export function clampToNow(moment: Moment, now: string): Moment | undefined {
  const start = earliest(moment);
  if (start <= now) return moment;
  return start <= fromEpochMilliseconds(toEpochMilliseconds(now) + TOLERANCE_MS) ? instant(now) : undefined;
}

/** The problem of a time that is in the future although it belongs to a fact of the past. */
export const futureTime = (moment: Moment | undefined, now: string, pointer: string): Unmet | undefined =>
  moment !== undefined && clampToNow(moment, now) === undefined
    ? unmet('in_future', 'the time is in the future; give a time that has passed', pointer)
    : undefined;

/** True if the moment is over at `now`; a day is over at its end. */
export const isOver = (moment: Moment, now: string): boolean => latest(moment) <= now;
