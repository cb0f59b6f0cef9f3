import type { Position } from '../eventstore/event-store.js';
import type { ProjectionsStatus, ProjectionState, ProjectionStatus } from './projections.js';

/** How far a model is behind the log, computed from its last known position and the last known end of the log. */
export interface Freshness {
  readonly caughtUp: boolean;
  /** Distance to the end of the log: number of events on the embedded store, bytes on EventStoreDB. */
  readonly lag: number;
}

/**
 * The states in which a model is healthy and can be caught up. A halted model is neither: it does not show new events,
 * and its documents may be wrong.
 */
const HEALTHY_STATES: readonly ProjectionState[] = ['live', 'catching-up', 'paused'];

/** Computes the freshness that responses, readiness and metrics report. */
export function freshnessOf(state: ProjectionState, position: Position | null, head: Position | null): Freshness {
  const lag = distance(position, head);
  return { caughtUp: HEALTHY_STATES.includes(state) && lag === 0, lag };
}

/** The status of the model, with its freshness computed again for a log that ends at `head`. */
export const statusAtHead = (status: ProjectionStatus, head: Position | null): ProjectionStatus => ({
  ...status,
  ...freshnessOf(status.state, status.position, head),
});

export const isRunning = (state: ProjectionState): boolean => state === 'live' || state === 'catching-up';

/**
 * A paused model makes the summary degraded, not unhealthy: an operator paused it on purpose, and responses state the
 * age of their data.
 */
export const summaryOf = (
  projections: readonly ProjectionStatus[],
): Pick<ProjectionsStatus, 'healthy' | 'degraded' | 'projections'> => ({
  healthy: projections.every(({ state }) => HEALTHY_STATES.includes(state)),
  degraded: projections.some(({ state, parked }) => state === 'paused' || parked.events > 0),
  projections,
});

/**
 * The latest time at which the model is known to have contained every recorded event: `now` minus the age of the
 * status. Both times are in milliseconds since 1970. undefined while the model is behind, paused or stopped.
 */
export function currentAt(
  { projections, observedMsAgo }: Pick<ProjectionsStatus, 'projections' | 'observedMsAgo'>,
  name: string,
  now: number,
): number | undefined {
  const projection = projections.find((candidate) => candidate.name === name);
  if (projection === undefined || !isRunning(projection.state) || !projection.caughtUp) return undefined;
  return now - observedMsAgo;
}

/**
 * 0 when the position is at or after the head, otherwise at least 1. A position is a zero-padded number; on
 * EventStoreDB it is two numbers with a slash between them, and the distance uses the first one.
 */
function distance(position: Position | null, head: Position | null): number {
  if (head === null || (position !== null && position >= head)) return 0;
  const toNumber = (text: Position | null): bigint => BigInt(text?.split('/')[0] ?? 0);
  return Math.max(1, Number(toNumber(head) - toNumber(position)));
}
