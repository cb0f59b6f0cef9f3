import { openModel, type Queryable } from '../../src/readmodels/active-model.js';
import { withPlainTimes } from '../../src/eventstore/stored-moment.js';
import { EVENTS_PER_PAGE, pageId, timeline, type TimelineEntry, type TimelinePage } from './projection.js';

export interface TimelineQuery {
  /** Revision of the first entry (default 0). */
  readonly from?: number;
  /** Maximum number of entries: default 100, at most 1000. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

export interface TimelineAnswer {
  readonly entries: readonly TimelineEntry[];
  /** `from` of the next page; null at the end. */
  readonly next: number | null;
}

/** The events of a complaint in the order of their revisions; no entries if the complaint does not exist. */
export async function timelineOf(
  readModels: Queryable,
  complaint: string,
  { from = 0, limit = DEFAULT_LIMIT }: TimelineQuery = {},
): Promise<TimelineAnswer> {
  const count = Math.min(limit, MAX_LIMIT);
  const ids: string[] = [];
  // reads one entry more than requested (`<=`): if that entry exists, there is a next page
  for (let revision = from - (from % EVENTS_PER_PAGE); revision <= from + count; revision += EVENTS_PER_PAGE)
    ids.push(pageId(complaint, revision));
  const pages = await (await openModel<TimelinePage>(readModels, timeline.name)).getMany(ids);
  const entries = pages
    .flatMap((page) => page.entries)
    .filter(({ revision }) => revision >= from)
    .sort((a, b) => a.revision - b.revision);
  const next = entries[count]?.revision ?? null;
  return { entries: withPlainTimes(entries.slice(0, count)), next };
}
