import { isOwed } from '../../src/complaint/progress.js';
import { referenceOf } from '../../src/complaint/reference.js';
import { statusWithStanding } from '../../src/complaint/status.js';
import type { StatusCode } from '../../src/complaint/terms/vocabulary.js';
import { plainMoment, type StoredMoment } from '../../src/eventstore/stored-moment.js';
import type { Json } from '../../src/platform/json.js';
import type { Moment } from '../../src/platform/moment.js';
import { openModel, type Queryable, type Stored } from '../../src/readmodels/active-model.js';
import { allOf, criteriaOf, meets, type Criteria } from './criteria.js';
import { Cursors } from './cursor.js';
import { DEFAULT_SORT, type DateBasis } from './filters.js';
import { complaints, momentOf, progressOf, receivedAtOf, type ComplaintEntry } from './projection.js';
import { Search, type Matches, type SortKey } from './search.js';

export const DIRECTIONS = ['descending', 'ascending'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export interface ComplaintsQuery extends Criteria {
  /** The date to sort by (default: received). Only complaints with this date are found. */
  readonly sort?: DateBasis;
  /** Default: descending, the latest first. */
  readonly direction?: Direction;
  /** `next` of the previous page. */
  readonly cursor?: string;
  /** Page size, 1 to 200 (default 50). */
  readonly limit?: number;
  /** Whether to count the complaints that match. */
  readonly count?: boolean;
  /** A score at or above this value counts as satisfied. */
  readonly satisfiedScore: number;
}

export interface ComplaintRow extends Pick<
  ComplaintEntry,
  | 'reference'
  | 'open'
  | 'stage'
  | 'outcome'
  | 'nature'
  | 'complainant'
  | 'anonymous'
  | 'handler'
  | 'orgUnit'
  | 'severity'
  | 'safetyCritical'
  | 'priority'
  | 'channel'
  | 'product'
  | 'category'
  | 'issue'
> {
  readonly id: string;
  readonly status: StatusCode;
  readonly episode: number;
  /** True if a measure is owed. */
  readonly owed: boolean;
  readonly sources: readonly { readonly system: string; readonly ref: string }[];
  readonly receivedAt: Moment;
  readonly incidentAt: Moment | null;
  /** UTC. */
  readonly recordedAt: string;
  /** Time of the first final response. */
  readonly respondedAt: Moment | null;
  readonly endedAt: Moment | null;
}

export interface ComplaintsAnswer {
  readonly items: readonly ComplaintRow[];
  /** `cursor` of the next page; null on the last page. */
  readonly next: string | null;
  /** Only if the query asks for it. */
  readonly count?: Matches;
}

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 200;

/**
 * One page of the complaints that match a query, open and ended.
 * @throws ParameterRefused, CursorInvalid, QueryTooBroad
 */
export async function findComplaints(readModels: Queryable, query: ComplaintsQuery): Promise<ComplaintsAnswer> {
  const { filter = {}, dates = {}, sort = DEFAULT_SORT, direction = 'descending', satisfiedScore } = query;
  const limit = Math.max(1, Math.min(MAX_PAGE_SIZE, query.limit ?? DEFAULT_PAGE_SIZE));
  const criteria = criteriaOf(query, satisfiedScore);
  const cursors = new Cursors([filter, dates, sort, direction] as Json, ['string', 'string']);
  const after = query.cursor === undefined ? undefined : (cursors.keyOf(query.cursor) as SortKey);
  const entries = await openModel<ComplaintEntry>(readModels, complaints.name);
  const search = new Search(entries, criteria, sort, direction === 'ascending' ? 1 : -1);
  const found = await search.page(limit + 1, after); // one more shows whether there is a next page
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map((entry) => rowOf(entry, satisfiedScore)),
    next: last !== undefined && found.length > limit ? cursors.cursorAfter(search.keyOf(last)) : null,
    ...(query.count === true && { count: await search.count() }),
  };
}

/** Complaints with these ids, such as those that a search by personal values has found. */
export interface ComplaintsOfIds {
  /** The rows in the order of the ids. */
  readonly items: readonly ComplaintRow[];
  /** The complaints that the read model does not show yet. Their rows, and whether they meet criteria, are not known. */
  readonly notYetVisible: readonly { readonly id: string; readonly reference: string }[];
}

/**
 * The complaints with these ids that meet the criteria, if there are any.
 * @throws ParameterRefused
 */
export async function complaintsOfIds(
  readModels: Queryable,
  ids: readonly string[],
  { satisfiedScore, ...query }: Criteria & Pick<ComplaintsQuery, 'satisfiedScore'>,
): Promise<ComplaintsOfIds> {
  const entries = await openModel<ComplaintEntry>(readModels, complaints.name);
  const criteria = criteriaOf(query, satisfiedScore);
  const visible = new Map((await entries.getMany(ids)).map((entry) => [entry._id, entry]));
  const matching =
    criteria.length === 0
      ? visible
      : new Set(await entries.findIds({ filter: allOf([{ _id: { $in: [...ids] } }, ...criteria.map(meets)]) }));
  return {
    items: ids.flatMap((id) => {
      const entry = visible.get(id);
      return entry !== undefined && matching.has(id) ? [rowOf(entry, satisfiedScore)] : [];
    }),
    notYetVisible: ids.flatMap((id) => (visible.has(id) ? [] : [{ id, reference: referenceOf(id) }])),
  };
}

export function rowOf(entry: Stored<ComplaintEntry>, satisfiedScore: number): ComplaintRow {
  const { _id: id, sources, sourceRefs, incident, incidentZone, recorded, standing } = entry;
  const progress = progressOf(entry);
  const { reference, open, stage, outcome, nature, complainant, anonymous, handler, orgUnit } = entry;
  const { severity, safetyCritical, priority, channel, product, category, issue } = entry;
  return {
    id,
    reference,
    open,
    owed: progress.remedies.some(isOwed),
    stage,
    status: statusWithStanding(standing, satisfiedScore),
    outcome,
    nature,
    episode: progress.episode,
    complainant,
    anonymous,
    handler,
    orgUnit,
    severity,
    safetyCritical,
    priority,
    channel,
    product,
    category,
    issue,
    sources: sources.map((system, at) => ({ system, ref: sourceRefs[2 * at] ?? '' })),
    receivedAt: receivedAtOf(entry),
    incidentAt: incident === null ? null : momentOf(incident, incidentZone),
    recordedAt: recorded ?? '',
    respondedAt: plainOrNull(progress.finalResponse),
    endedAt: plainOrNull(progress.endedAt),
  };
}

const plainOrNull = (moment: StoredMoment | null): Moment | null => moment && plainMoment(moment);
