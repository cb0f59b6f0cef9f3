import type { DomainEvent, Recorded } from '../eventstore/envelope.js';
import { latest } from '../platform/moment.js';

/** From where to look at a history. Instants are UTC RFC 3339 with milliseconds. */
export interface PointInTime {
  /** What had happened by then, as told today: a day counts from its end in its zone. */
  readonly asOf?: string;
  /** What was on record by then. */
  readonly knownAt?: string;
  /** The first revision + 1 events; goes with neither of the others. */
  readonly revision?: number;
}

export const isNow = (pointInTime: PointInTime): boolean =>
  pointInTime.asOf === undefined && pointInTime.knownAt === undefined && pointInTime.revision === undefined;

/** The part of a stream's history that can be seen from the point in time, in revision order. */
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
