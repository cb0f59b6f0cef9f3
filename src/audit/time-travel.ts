import type { DomainEvent, Recorded } from '../eventstore/envelope.js';
import { latest } from '../platform/moment.js';

/** A point in time for reading a history. Instants are UTC RFC 3339 with milliseconds. */
export interface PointInTime {
  /** Events that had happened by then, by today's records. A day counts from its end in its zone. */
  readonly asOf?: string;
  /** Events that were recorded by then. */
  readonly knownAt?: string;
  /** The first revision + 1 events; cannot be combined with the other two. */
  readonly revision?: number;
}

export const isNow = (pointInTime: PointInTime): boolean =>
  pointInTime.asOf === undefined && pointInTime.knownAt === undefined && pointInTime.revision === undefined;

/** The events of a stream that are visible at the point in time, in revision order. */
export function eventsAsOf<E extends DomainEvent>(
  pointInTime: PointInTime,
  history: readonly Recorded<E>[],
): Recorded<E>[] {
  const { asOf, knownAt, revision } = pointInTime;
  return history.filter(
    (event) =>
      (revision === undefined || event.revision <= revision) &&
      (knownAt === undefined || event.metadata.recordedAt <= knownAt) &&
      (asOf === undefined || latest(event.metadata.occurredAt) <= asOf),
  );
}
