import type { Json, JsonObject } from '../../src/platform/json.js';
import { earliest, parseInstant, toEpochMilliseconds } from '../../src/platform/moment.js';
import { openModel, type Queryable, type Stored } from '../../src/readmodels/active-model.js';
import { plainMoment, withPlainTimes } from '../../src/eventstore/stored-moment.js';
import { workQueue, type QueueItem, type Target } from './projection.js';

export const QUEUE_FILTERS = [
  'stage',
  'handler',
  'orgUnit',
  'severity',
  'priority',
  'channel',
  'product',
  'category',
  'source',
  'anonymous',
] as const satisfies readonly (keyof QueueItem | 'source')[];
export type QueueFilter = (typeof QUEUE_FILTERS)[number];

export interface QueueQuery {
  /** Equality filter; null matches unknown values, such as complaints without a handler. */
  readonly filter?: { readonly [field in QueueFilter]?: string | boolean | null };
  /** `next` of the previous page. */
  readonly cursor?: string;
  /** Page size, 1 to 200 (default 50). */
  readonly limit?: number;
  /** Time of the query (UTC), from which ages and remaining times are computed. */
  readonly now: string;
}

export interface QueueRow extends Omit<QueueItem, 'progress' | 'holds' | 'targets' | 'open'> {
  readonly id: string;
  /** Ids of the holds that are active at the time of the query. */
  readonly holds: readonly string[];
  /** Whole hours since receipt. */
  readonly ageHours: number;
  readonly targets: { readonly firstResponse: TargetRow; readonly resolution: TargetRow };
}

/** An internal target, not a legal deadline. */
export interface TargetRow extends Target {
  readonly kind: 'target';
  readonly state: 'met' | 'met_late' | 'running' | 'overdue';
  /** Hours until the due time with one decimal; negative if overdue, null if the target is met. */
  readonly remainingHours: number | null;
}

export interface QueueAnswer {
  readonly items: readonly QueueRow[];
  /** `cursor` of the next page; null on the last page. */
  readonly next: string | null;
}

/** The cursor does not come from a page of this query. */
export class CursorInvalid extends Error {
  override readonly name = 'CursorInvalid';
}

const SORT = { settled: 1, nextDue: 1, _id: 1 } as const;
const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 200;
const HOUR_MS = 3_600_000;

/**
 * One page of the open complaints, ordered by due time; complaints with both targets met come last.
 * @throws CursorInvalid
 */
export async function queue(readModels: Queryable, query: QueueQuery): Promise<QueueAnswer> {
  const limit = Math.max(1, Math.min(MAX_PAGE_SIZE, query.limit ?? DEFAULT_PAGE_SIZE));
  const after = query.cursor === undefined ? undefined : sortKeyOf(query.cursor);
  const items = await openModel<QueueItem>(readModels, workQueue.name);
  const documents = await items.find({
    filter: filterOf(query),
    sort: SORT,
    limit: limit + 1, // one more shows whether there is a next page
    ...(after !== undefined && { after }),
  });
  const page = documents.slice(0, limit);
  const lastItem = page.at(-1);
  const next = lastItem !== undefined && documents.length > limit ? cursorOf(lastItem) : null;
  return { items: page.map((document) => rowOf(document, query.now)), next };
}

/** Number of open complaints that match the filter. */
export async function queueLength(readModels: Queryable, query: Pick<QueueQuery, 'filter'>): Promise<number> {
  const items = await openModel<QueueItem>(readModels, workQueue.name);
  return items.count(filterOf(query));
}

/** Whether a complaint, open or not, has a source of this system. */
export async function hasSource(readModels: Queryable, system: string): Promise<boolean> {
  const items = await openModel<QueueItem>(readModels, workQueue.name);
  return (await items.findIds({ filter: { sources: system }, limit: 1 })).length > 0;
}

function filterOf({ filter = {} }: Pick<QueueQuery, 'filter'>): JsonObject {
  const conditions = Object.entries(filter).map(([field, value]) => [field === 'source' ? 'sources' : field, value]);
  return { open: true, ...(Object.fromEntries(conditions) as JsonObject) };
}

function rowOf(document: Stored<QueueItem>, now: string): QueueRow {
  const { _id: id, _position, open: _open, progress: _progress, ...item } = document;
  const nowMs = toEpochMilliseconds(now);
  const ageMs = nowMs - toEpochMilliseconds(earliest(plainMoment(item.receivedAt)));
  const { firstResponse, resolution } = item.targets;
  return withPlainTimes({
    ...item,
    id,
    holds: item.holds.flatMap((hold) => (hold.until > now ? [hold.id] : [])),
    ageHours: Math.max(0, Math.floor(ageMs / HOUR_MS)),
    targets: { firstResponse: targetRow(firstResponse, nowMs), resolution: targetRow(resolution, nowMs) },
  });
}

function targetRow(target: Target, nowMs: number): TargetRow {
  const dueMs = toEpochMilliseconds(target.dueAt);
  if (target.metAt !== null) {
    const metMs = toEpochMilliseconds(earliest(plainMoment(target.metAt)));
    return { ...target, kind: 'target', state: metMs <= dueMs ? 'met' : 'met_late', remainingHours: null };
  }
  const remainingHours = Math.round(((dueMs - nowMs) / HOUR_MS) * 10) / 10;
  return { ...target, kind: 'target', state: nowMs <= dueMs ? 'running' : 'overdue', remainingHours };
}

/** The cursor holds the sort key of the last item of a page. */
const cursorOf = ({ settled, nextDue, _id }: Pick<Stored<QueueItem>, 'settled' | 'nextDue' | '_id'>): string =>
  Buffer.from(JSON.stringify([settled, nextDue, _id])).toString('base64url');

function sortKeyOf(cursor: string): Json[] {
  try {
    const key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Json;
    if (Array.isArray(key)) {
      const [settled, nextDue, id] = key as Json[];
      const hasSortKey =
        typeof settled === 'boolean' &&
        typeof nextDue === 'string' &&
        parseInstant(nextDue) === nextDue &&
        typeof id === 'string' &&
        /^[\x21-\x7e]+$/.test(id);
      // the same text again: base64url decoding ignores characters that do not belong to it
      if (hasSortKey && cursorOf({ settled, nextDue, _id: id }) === cursor) return [settled, nextDue, id];
    }
  } catch {
    // not JSON in base64url: rejected below
  }
  throw new CursorInvalid('the cursor is not valid; use `next` of the previous page, or omit it');
}
