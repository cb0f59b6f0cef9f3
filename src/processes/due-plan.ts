import type { DueDocument } from '../../projections/due-times/query.js';
import type { DueTime } from '../../projections/due-times/projection.js';

/** A due time of one complaint. */
export interface DueWork extends DueTime {
  readonly complaint: string;
  /** Version of the document that has the due time. */
  readonly position: string;
}

export interface DuePlan {
  /**
   * What is due, in the order of the due times. Each list is the work of one complaint, to be done one after the other.
   */
  readonly lists: readonly (readonly DueWork[])[];
  /** The earliest time of these documents that is still ahead; null if there is none. */
  readonly next: string | null;
}

/**
 * Plans the work of one page of due documents. Nothing is planned before its time, and nothing that is later than the
 * first due time of the next page.
 * @param documents ordered by their earliest due times
 * @param now UTC with milliseconds
 * @param isLast whether no page follows
 */
export function planPage(documents: readonly DueDocument[], now: string, isLast: boolean): DuePlan {
  const lastNextDue = documents.at(-1)?.nextDue;
  const horizon = isLast || lastNextDue == null || lastNextDue > now ? now : lastNextDue;
  const lists: DueWork[][] = [];
  let next: string | null = null;
  for (const { complaint, due, _position: position } of documents) {
    const work = due.filter(({ dueAt }) => dueAt <= horizon).map((time) => ({ ...time, complaint, position }));
    if (work.length > 0) lists.push(work);
    const ahead = due.find(({ dueAt }) => dueAt > now)?.dueAt;
    if (ahead !== undefined && (next === null || ahead < next)) next = ahead;
  }
  return { lists, next };
}

/** The idempotency key of the command: the same for every attempt, in every process, after every restart (I19). */
export const keyOf = ({ complaint, subject, purpose, level }: DueWork): string =>
  `${complaint}/${subject}/${purpose}/${level}`;

/** Milliseconds to sleep until `next`, at most `limitMs`. The limit notices a clock that was set. */
export const sleepMs = (next: string | null, now: string, limitMs: number): number =>
  next === null ? limitMs : Math.min(limitMs, Math.max(0, Date.parse(next) - Date.parse(now)));
