import type { Actor, OnBehalfOf } from '../../src/access/actor.js';
import { COMPLAINT_STREAMS, complaintId } from '../../src/complaint/complaint-record.js';
import type { Projection } from '../../src/projection/projection.js';
import { markRecordedTimes, RECORDED_TIME_PATHS, type StoredMoment } from '../../src/eventstore/stored-moment.js';

/** One event of a complaint, for employees. */
export interface TimelineEntry {
  readonly revision: number;
  readonly type: string;
  readonly occurredAt: StoredMoment;
  readonly recordedAt: string;
  readonly actor: Pick<Actor, 'type' | 'id' | 'role'>;
  /** For whom the actor, a sending system, acted. */
  readonly onBehalfOf?: OnBehalfOf;
  readonly position: string;
  /** The event's data. */
  readonly facts: object;
}

/** A document with at most {@link EVENTS_PER_PAGE} events: an event rewrites only the document of its page. */
export interface TimelinePage {
  readonly complaint: string;
  readonly page: number;
  readonly entries: readonly TimelineEntry[];
}

/** An append is at most 900 KiB, so a page stays under the 16 MiB limit of a MongoDB document. */
export const EVENTS_PER_PAGE = 16;

/** Id of the page for the event with this revision. */
export const pageId = (complaint: string, revision: number): string =>
  `${complaint}/${String(Math.floor(revision / EVENTS_PER_PAGE))}`;

export const timeline: Projection<TimelinePage> = {
  name: 'timeline',
  version: 3,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  keys: (event) => [pageId(complaintId(event), event.revision)],
  evolve(page, event) {
    // marks times that the sender did not give, so that the content digest leaves them out
    const { metadata, data: facts } = markRecordedTimes(event);
    const { occurredAt, recordedAt, onBehalfOf } = metadata;
    const { type, id, role } = metadata.actor;
    const entry: TimelineEntry = {
      revision: event.revision,
      type: event.type,
      occurredAt,
      recordedAt,
      actor: { type, id, role },
      ...(onBehalfOf && { onBehalfOf }),
      position: event.position,
      facts,
    };
    return page === null
      ? { complaint: complaintId(event), page: Math.floor(event.revision / EVENTS_PER_PAGE), entries: [entry] }
      : { ...page, entries: [...page.entries, entry] };
  },
  indexes: [],
  nonDeterministicFields: [...RECORDED_TIME_PATHS, 'entries.*.recordedAt', 'entries.*.position'],
};
