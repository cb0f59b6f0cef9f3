import { evolve, initial, type Complaint } from '../complaint/complaint.js';
import type { ComplaintEvent } from '../complaint/events.js';
import type { EventDecoder } from '../eventstore/codec.js';
import type { EventMetadata, Recorded } from '../eventstore/envelope.js';
import type { EventStore } from '../eventstore/event-store.js';
import { streamPages } from '../eventstore/stream-pages.js';
import { eventsAsOf, type PointInTime } from './time-travel.js';

/** One event as an auditor sees it: both times, who, place and proof. */
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

/** The complaint as it can be seen from a point in time, and where that stands. */
export interface SeenFile extends Complaint {
  readonly revision: number;
  readonly position: string;
  readonly lastRecordedAt: string;
}

/** Histories of complaints straight from their streams, never from a view. */
export class History {
  constructor(
    private readonly store: EventStore,
    private readonly decoder: EventDecoder<ComplaintEvent>,
    private readonly prefix: string,
  ) {}

  /** Undefined when there is no such complaint; empty when none of its events can be seen from the point in time. */
  async entries(id: string, pointInTime: PointInTime): Promise<HistoryEntry[] | undefined> {
    const history = await this.read(id);
    return history.length === 0 ? undefined : eventsAsOf(pointInTime, history).map(entryOf);
  }

  /** Undefined when the complaint does not exist, or did not exist from there. */
  async file(id: string, pointInTime: PointInTime): Promise<SeenFile | undefined> {
    const seen = eventsAsOf(pointInTime, await this.read(id));
    const last = seen.at(-1);
    if (last === undefined) return undefined;
    return {
      ...seen.reduce<Complaint>(evolve, initial(id)),
      revision: last.revision,
      position: last.position,
      lastRecordedAt: last.metadata.recordedAt,
    };
  }

  private async read(id: string): Promise<Recorded<ComplaintEvent>[]> {
    const history: Recorded<ComplaintEvent>[] = [];
    for await (const page of streamPages(this.store, `${this.prefix}${id}`))
      for (const event of page) history.push(this.decoder.decode(event));
    return history;
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
