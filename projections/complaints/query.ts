import { isOwed } from '../../src/complaint/progress.js';
import { statusWithStanding } from '../../src/complaint/status.js';
import { CATEGORIES, type StatusCode } from '../../src/complaint/terms/vocabulary.js';
import { plainMoment, type StoredMoment } from '../../src/eventstore/stored-moment.js';
import type { Json } from '../../src/platform/json.js';
import type { Moment } from '../../src/platform/moment.js';
import { openModel, type Collection, type Queryable, type Stored } from '../../src/readmodels/active-model.js';
import { criteriaOf, ParameterRefused, type Criteria } from './criteria.js';
import { Cursors } from './cursor.js';
import { DEFAULT_SORT, indexOfFilter, NONE, type DateBasis } from './filters.js';
import { complaints, momentOf, progressOf, receivedAtOf, type ComplaintEntry } from './projection.js';
import { Search, type Matches, type SortKey } from './search.js';

export const ORDERS = ['descending', 'ascending'] as const;
export type Order = (typeof ORDERS)[number];

export interface ComplaintsQuery extends Criteria {
  /** The date to sort by (default: received). Only complaints with this date are found. */
  readonly sort?: DateBasis;
  /** Default: descending, the latest first. */
  readonly order?: Order;
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

const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 200;

/**
 * One page of the complaints that match a query, open and ended.
 * @throws ParameterRefused, CursorInvalid, QueryTooBroad
 */
export async function findComplaints(readModels: Queryable, query: ComplaintsQuery): Promise<ComplaintsAnswer> {
  const { filter = {}, dates = {}, sort = DEFAULT_SORT, order = 'descending', satisfiedScore } = query;
  const limit = Math.max(1, Math.min(MAX_PAGE_SIZE, query.limit ?? DEFAULT_PAGE_SIZE));
  const criteria = criteriaOf(query, satisfiedScore);
  const cursors = new Cursors([filter, dates, sort, order] as Json, ['string', 'string']);
  const after = query.cursor === undefined ? undefined : (cursors.keyOf(query.cursor) as SortKey);
  const entries = await openModel<ComplaintEntry>(readModels, complaints.name);
  await checkCategory(entries, filter.category);
  const search = new Search(entries, criteria, sort, order === 'ascending' ? 1 : -1);
  const found = await search.page(limit + 1, after); // one more shows whether there is a next page
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map((entry) => rowOf(entry, satisfiedScore)),
    next: last !== undefined && found.length > limit ? cursors.cursorAfter(search.keyOf(last)) : null,
    ...(query.count === true && { count: await search.count() }),
  };
}

/** Refuses a category that is neither in the taxonomy nor that of any complaint, such as one from a register. */
async function checkCategory(entries: Collection<ComplaintEntry>, category: string | undefined): Promise<void> {
  const codes: readonly string[] = [...CATEGORIES, NONE];
  if (category === undefined || codes.includes(category)) return;
  if ((await entries.count({ category }, { limit: 1, index: indexOfFilter('category') })) === 0)
    throw new ParameterRefused(
      'category',
      'not_in_list',
      `must be one of ${codes.join(', ')}, or a category that a register gave a complaint`,
    );
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
