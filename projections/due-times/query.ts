import { openModel, type Queryable } from '../../src/readmodels/active-model.js';
import { dueTimes, type DueTimes } from './projection.js';

/** A document with its version: it changes whenever an event changes the document. */
export interface DueDocument extends DueTimes {
  readonly _position: string;
}

/** Where a page of due documents ends; the next page begins after it. */
export type DueCursor = readonly [nextDue: string, complaint: string];

/**
 * Complaints with a due time that has passed, in the order of their earliest due times.
 * @param now UTC with milliseconds
 * @param after end of the previous page
 */
export async function dueDocuments(
  readModels: Queryable,
  now: string,
  limit: number,
  after?: DueCursor,
): Promise<DueDocument[]> {
  const model = await openModel<DueTimes>(readModels, dueTimes.name);
  return model.find({
    filter: { nextDue: { $lte: now } },
    sort: { nextDue: 1, _id: 1 },
    limit,
    ...(after !== undefined && { after }),
  });
}

/** The earliest due time after `now`; null if there is none. */
export async function nextDueAfter(readModels: Queryable, now: string): Promise<string | null> {
  const model = await openModel<DueTimes>(readModels, dueTimes.name);
  const [first] = await model.find({ filter: { nextDue: { $gt: now } }, sort: { nextDue: 1 }, limit: 1 });
  return first?.nextDue ?? null;
}

export interface Backlog {
  /** Number of complaints with a due time that has passed. */
  readonly due: number;
  /** The earliest of these due times. */
  readonly earliest: string | null;
}

/** What is due and not done yet. */
export async function backlog(readModels: Queryable, now: string): Promise<Backlog> {
  const model = await openModel<DueTimes>(readModels, dueTimes.name);
  const filter = { nextDue: { $lte: now } };
  const [first] = await model.find({ filter, sort: { nextDue: 1 }, limit: 1 });
  return { due: first === undefined ? 0 : await model.count(filter), earliest: first?.nextDue ?? null };
}
