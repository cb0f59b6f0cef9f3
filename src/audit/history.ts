import type { ComplaintRecord } from '../complaint/complaint-record.js';
import type { Complaint } from '../complaint/complaint.js';
import { correctedHistory, foldHistory } from '../complaint/corrected-history.js';
import type { ComplaintEvent } from '../complaint/events.js';
import type { EventDecoder } from '../eventstore/codec.js';
import type { EventMetadata, Recorded } from '../eventstore/envelope.js';
import type { EventStore, StoredEvent } from '../eventstore/event-store.js';
import { streamPages } from '../eventstore/stream-pages.js';
import { eventsAsOf, type PointInTime } from './time-travel.js';

/**
 * One event with everything that an auditor needs: times, actor, position, hash, data and metadata. Stream, revision, type,
 * data and metadata are as stored, so that the hash can be computed from them.
 */
export interface HistoryEntry {
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly eventId: string;
  readonly type: string;
  readonly occurredAt: EventMetadata['occurredAt'];
  readonly occurredAtBasis?: 'recorded';
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
    return this.decoded(await this.read(id));
  }

  /**
   * The events visible at the point in time (possibly none); undefined if the complaint does not exist.
   * @throws RevisionMissing
   */
  async entries(id: string, pointInTime: PointInTime): Promise<HistoryEntry[] | undefined> {
    const stored = await this.read(id);
    if (stored.length === 0) return undefined;
    const visible = visibleEvents(this.decoded(stored), pointInTime);
    return visible.map((event) => entryOf(event, stored[event.revision]?.data ?? ''));
  }

  /**
   * The state at the point in time; undefined if the complaint does not exist or did not exist then.
   * @throws RevisionMissing
   */
  async file(id: string, pointInTime: PointInTime): Promise<FileAsOf | undefined> {
    const visible = visibleEvents(await this.recorded(id), pointInTime);
    const last = visible.at(-1);
    if (last === undefined) return undefined;
    return {
      ...foldHistory(id, visible),
      revision: last.revision,
      position: last.position,
      lastRecordedAt: last.metadata.recordedAt,
    };
  }

  private decoded(stored: readonly StoredEvent[]): Recorded<ComplaintEvent>[] {
    return stored.map((event) => this.decoder.decode(event));
  }

  private async read(id: string): Promise<StoredEvent[]> {
    const history: StoredEvent[] = [];
    for await (const page of streamPages(this.store, `${this.streamPrefix}${id}`)) history.push(...page);
    return history;
  }
}

/** @throws RevisionMissing */
function visibleEvents(
  history: readonly Recorded<ComplaintEvent>[],
  pointInTime: PointInTime,
): Recorded<ComplaintEvent>[] {
  const last = history.at(-1)?.revision ?? -1;
  const { revision = last } = pointInTime;
  if (history.length > 0 && revision > last) throw new RevisionMissing(revision, last);
  const { asOf: _asOf, ...known } = pointInTime;
  const corrected = correctedHistory(eventsAsOf(known, history));
  const times = new Map(corrected.map(({ revision: at, metadata }) => [at, metadata.occurredAt]));
  return eventsAsOf(pointInTime, history, (event) => {
    const { type, data } = event as ComplaintRecord;
    // a correction or a confirmation counts from the time of its target
    const of = type === 'RecordCorrected' || type === 'TimeConfirmed' ? data.target.revision : event.revision;
    return times.get(of) ?? event.metadata.occurredAt;
  });
}

/** The entry of a decoded event, with its stored data, which may have an older form. */
function entryOf(event: Recorded, storedData: string): HistoryEntry {
  const { stream, revision, position, eventId, type, metadata } = event;
  const { occurredAt, occurredAtBasis, recordedAt, actor, hash } = metadata;
  return {
    stream,
    revision,
    position,
    eventId,
    type,
    occurredAt,
    ...(occurredAtBasis && { occurredAtBasis }),
    recordedAt,
    actor,
    hash,
    data: JSON.parse(storedData) as object,
    metadata,
  };
}
