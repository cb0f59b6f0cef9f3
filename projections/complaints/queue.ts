import type { JsonObject } from '../../src/platform/json.js';
import { earliest, toEpochMilliseconds, type Moment } from '../../src/platform/moment.js';
import { openModel, type Queryable, type Stored } from '../../src/readmodels/active-model.js';
import { plainMoment, withPlainTimes } from '../../src/eventstore/stored-moment.js';
import { Cursors } from './cursor.js';
import { HANDLER_QUEUE_INDEX, QUEUE_INDEX } from './filters.js';
import {
  complaints,
  progressOf,
  receivedAtOf,
  sinceOf,
  targetsOf,
  type ComplaintEntry,
  type Target,
} from './projection.js';

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
] as const satisfies readonly (keyof ComplaintEntry | 'source')[];
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

export interface QueueRow extends Pick<
  ComplaintEntry,
  | 'reference'
  | 'stage'
  | 'complainant'
  | 'anonymous'
  | 'handler'
  | 'orgUnit'
  | 'severity'
  | 'safetyCritical'
  | 'priority'
  | 'channel'
  | 'mainPoint'
  | 'product'
  | 'category'
  | 'issue'
  | 'sources'
  | 'settled'
  | 'nextDue'
> {
  readonly id: string;
  readonly episode: number;
  readonly receivedAt: Moment;
  /** Time from which the targets count: receipt or latest reopening. */
  readonly since: Moment;
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

const SORT = { routine: 1, settled: 1, nextDue: 1, _id: 1 } as const;
const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 200;
const HOUR_MS = 3_600_000;

/**
 * One page of the complaints on which somebody has to work. Those whose safety is set lead; then the order is by due time;
 * complaints with both targets met come last. They are open, or something is owed after their end.
 * @throws CursorInvalid
 */
export async function queue(readModels: Queryable, query: QueueQuery): Promise<QueueAnswer> {
  const limit = Math.max(1, Math.min(MAX_PAGE_SIZE, query.limit ?? DEFAULT_PAGE_SIZE));
  const filter = filterOf(query);
  const cursors = new Cursors(filter, ['boolean', 'boolean', 'string', 'string']);
  const after = query.cursor === undefined ? undefined : cursors.keyOf(query.cursor);
  const entries = await openModel<ComplaintEntry>(readModels, complaints.name);
  const documents = await entries.find({
    filter,
    index: query.filter?.handler === undefined ? QUEUE_INDEX : HANDLER_QUEUE_INDEX,
    sort: SORT,
    limit: limit + 1, // one more shows whether there is a next page
    ...(after !== undefined && { after }),
  });
  const page = documents.slice(0, limit);
  const last = page.at(-1);
  const hasNext = last !== undefined && documents.length > limit;
  return {
    items: page.map((document) => rowOf(document, query.now)),
    next: hasNext ? cursors.cursorAfter([last.routine, last.settled, last.nextDue, last._id]) : null,
  };
}

/** Number of complaints in the queue that match the filter. */
export async function queueLength(readModels: Queryable, query: Pick<QueueQuery, 'filter'>): Promise<number> {
  const entries = await openModel<ComplaintEntry>(readModels, complaints.name);
  return entries.count(filterOf(query));
}

function filterOf({ filter = {} }: Pick<QueueQuery, 'filter'>): JsonObject {
  const conditions = Object.entries(filter).map(([field, value]) => [field === 'source' ? 'sources' : field, value]);
  return { outstanding: true, ...(Object.fromEntries(conditions) as JsonObject) };
}

function rowOf(entry: Stored<ComplaintEntry>, now: string): QueueRow {
  const { _id: id, reference, stage, complainant, anonymous, handler, orgUnit, severity, safetyCritical } = entry;
  const { priority, channel, mainPoint, product, category, issue, sources, settled } = entry;
  const receivedAt = receivedAtOf(entry);
  const nowMs = toEpochMilliseconds(now);
  const ageMs = nowMs - toEpochMilliseconds(earliest(receivedAt));
  const { firstResponse, resolution } = targetsOf(entry);
  return withPlainTimes({
    id,
    reference,
    stage,
    episode: progressOf(entry).episode,
    complainant,
    anonymous,
    handler,
    orgUnit,
    severity,
    safetyCritical,
    priority,
    channel,
    mainPoint,
    product,
    category,
    issue,
    sources,
    receivedAt,
    since: plainMoment(sinceOf(entry)),
    settled,
    nextDue: entry.nextDue,
    holds: entry.holds.flatMap((hold) => (hold.until > now ? [hold.id] : [])),
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
