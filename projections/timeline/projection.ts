import type { Actor } from '../../src/access/actor.js';
import { COMPLAINT_STREAMS, complaintId } from '../../src/complaint/complaint-record.js';
import type { Projection } from '../../src/projection/projection.js';
import { markRunTimes, RUN_TIME_PATHS, type StoredMoment } from '../../src/eventstore/stored-moment.js';

/** One event of a complaint, as shown to employees. */
export interface TimelineEntry {
  readonly revision: number;
  readonly type: string;
  readonly occurredAt: StoredMoment;
  readonly recordedAt: string;
  readonly actor: Pick<Actor, 'type' | 'id' | 'role'>;
  readonly position: string;
  /** The event's data. */
  readonly facts: object;
}

/** A page with at most {@link PAGE} events, so that one event never rewrites a large document. */
export interface TimelinePage {
  readonly complaint: string;
  readonly page: number;
  readonly entries: readonly TimelineEntry[];
}

/** An append is at most 900 KiB, so a page stays under the 16 MiB limit of a MongoDB document. */
export const PAGE = 16;

/** The id of the page that holds a revision. */
export const pageId = (complaint: string, revision: number): string =>
  `${complaint}/${String(Math.floor(revision / PAGE))}`;

export const timeline: Projection<TimelinePage> = {
  name: 'timeline',
  version: 2,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  keys: (event) => [pageId(complaintId(event), event.revision)],
  evolve(page, event) {
    const { metadata, data: facts } = markRunTimes(event);
    const { occurredAt, recordedAt } = metadata;
    const { type, id, role } = metadata.actor;
    const entry: TimelineEntry = {
      revision: event.revision,
      type: event.type,
      occurredAt,
      recordedAt,
      actor: { type, id, role },
      position: event.position,
      facts,
    };
    return page === null
      ? { complaint: complaintId(event), page: Math.floor(event.revision / PAGE), entries: [entry] }
      : { ...page, entries: [...page.entries, entry] };
  },
  indexes: [],
  nonDeterministicFields: [...RUN_TIME_PATHS, 'entries.*.recordedAt', 'entries.*.position'],
};
