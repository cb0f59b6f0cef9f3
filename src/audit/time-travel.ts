import type { DomainEvent, Recorded } from '../eventstore/envelope.js';
import { latest, type Moment } from '../platform/moment.js';

/** Which events of a history to read; all if empty. Instants are UTC RFC 3339 with milliseconds. */
export interface PointInTime {
  /** Events that had happened by then, as known today. An event with only a day had happened at the end of this day. */
  readonly asOf?: string;
  /** Events that had been recorded by then. */
  readonly knownAt?: string;
  /** The event with this revision and all before it. Not combined with the other two. */
  readonly revision?: number;
}

/** Whether the point in time includes all events. */
export const isNow = (pointInTime: PointInTime): boolean =>
  pointInTime.asOf === undefined && pointInTime.knownAt === undefined && pointInTime.revision === undefined;

/**
 * The events of a stream that are visible at the point in time, in revision order.
 * @param timeOf when an event happened, as known by `knownAt`; default: as recorded
 */
export function eventsAsOf<E extends DomainEvent>(
  pointInTime: PointInTime,
  history: readonly Recorded<E>[],
  timeOf: (event: Recorded<E>) => Moment = ({ metadata }) => metadata.occurredAt,
): Recorded<E>[] {
  const { asOf, knownAt, revision } = pointInTime;
  return history.filter(
    (event) =>
      (revision === undefined || event.revision <= revision) &&
      (knownAt === undefined || event.metadata.recordedAt <= knownAt) &&
      (asOf === undefined || latest(timeOf(event)) <= asOf),
  );
}
