import { evolve, initial, type Complaint } from '../complaint/complaint.js';
import type { ComplaintEvent } from '../complaint/events.js';
import type { EventDecoder } from '../eventstore/codec.js';
import type { EventMetadata, Recorded } from '../eventstore/envelope.js';
import type { EventStore } from '../eventstore/event-store.js';
import { streamPages } from '../eventstore/stream-pages.js';
import { eventsAsOf, type PointInTime } from './time-travel.js';

/** One event with everything that an auditor needs: times, actor, position, hash, data and metadata. */
export interface HistoryEntry {
  readonly revision: number;
  readonly position: string;
  readonly eventId: string;
  readonly type: string;
  readonly occurredAt: EventMetadata['occurredAt'];
  readonly occurredAtBasis?: EventMetadata['occurredAtBasis'];
  readonly recordedAt: string;
  readonly actor: EventMetadata['actor'];
  readonly hash: string;
  readonly data: object;
  readonly metadata: EventMetadata;
}

/** The complaint at a point in time; revision, position and time are those of its last event then. */
export interface FileAsOf extends Complaint {
  readonly revision: number;
  readonly position: string;
  readonly lastRecordedAt: string;
}

/** The complaint exists, but has no event with the requested revision. */
export class RevisionMissing extends Error {
  override readonly name = 'RevisionMissing';
  constructor(revision: number, last: number) {
    super(`the complaint has no revision ${String(revision)}; its last revision is ${String(last)}`);
  }
}

/** Reads the histories of complaints from their streams, not from a read model. */
export class History {
  constructor(
    private readonly store: EventStore,
    private readonly decoder: EventDecoder<ComplaintEvent>,
    private readonly streamPrefix: string,
  ) {}

  /** All events of the complaint, decoded; none if it does not exist. */
  async recorded(id: string): Promise<Recorded<ComplaintEvent>[]> {
    const history: Recorded<ComplaintEvent>[] = [];
    for await (const page of streamPages(this.store, `${this.streamPrefix}${id}`))
      for (const event of page) history.push(this.decoder.decode(event));
    return history;
  }

  /**
   * The events visible at the point in time (possibly none); undefined if the complaint does not exist.
   * @throws RevisionMissing
   */
  async entries(id: string, pointInTime: PointInTime): Promise<HistoryEntry[] | undefined> {
    return (await this.visible(id, pointInTime))?.map(entryOf);
  }

  /**
   * The state at the point in time; undefined if the complaint does not exist or did not exist then.
   * @throws RevisionMissing
   */
  async file(id: string, pointInTime: PointInTime): Promise<FileAsOf | undefined> {
    const visible = (await this.visible(id, pointInTime)) ?? [];
    const last = visible.at(-1);
    if (last === undefined) return undefined;
    return {
      ...visible.reduce<Complaint>(evolve, initial(id)),
      revision: last.revision,
      position: last.position,
      lastRecordedAt: last.metadata.recordedAt,
    };
  }

  private async visible(id: string, pointInTime: PointInTime): Promise<Recorded<ComplaintEvent>[] | undefined> {
    const history = await this.recorded(id);
    const last = history.at(-1)?.revision;
    if (last === undefined) return undefined;
    const { revision = last } = pointInTime;
    if (revision > last) throw new RevisionMissing(revision, last);
    return eventsAsOf(pointInTime, history);
  }
}

function entryOf(event: Recorded): HistoryEntry {
  const { revision, position, eventId, type, data, metadata } = event;
  const { occurredAt, occurredAtBasis, recordedAt, actor, hash } = metadata;
  return {
    revision,
    position,
    eventId,
    type,
    occurredAt,
    ...(occurredAtBasis && { occurredAtBasis }),
    recordedAt,
    actor,
    hash,
    data,
    metadata,
  };
}
