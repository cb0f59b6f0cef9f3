import type { Position } from '../eventstore/event-store.js';
import type { ProjectionsStatus, ProjectionState, ProjectionStatus } from './projections.js';

/** How far a model is behind the log, as far as its position and the end of the log are known. */
export interface Freshness {
  readonly caughtUp: boolean;
  /** Distance to the end of the log: events on the embedded store, bytes on EventStoreDB. */
  readonly lag: number;
}

/**
 * States in which a model can be caught up, and is healthy. Halted is not one of them: the model will not show new events,
 * and what it shows may be wrong.
 */
const FOLLOWING: readonly ProjectionState[] = ['live', 'catching-up', 'paused'];

/** Computes what responses, readiness and metrics report as freshness, in every process. */
export function freshnessOf(state: ProjectionState, position: Position | null, head: Position | null): Freshness {
  const lag = distance(position, head);
  return { caughtUp: FOLLOWING.includes(state) && lag === 0, lag };
}

/** The status of the model when the log is known to end at `head`. */
export const seenAtHead = (status: ProjectionStatus, head: Position | null): ProjectionStatus => ({
  ...status,
  ...freshnessOf(status.state, status.position, head),
});

export const isRunning = (state: ProjectionState): boolean => state === 'live' || state === 'catching-up';

/** A paused model makes the summary degraded, not unhealthy: an operator wants the pause, and responses state their age. */
export const summaryOf = (
  projections: readonly ProjectionStatus[],
): Pick<ProjectionsStatus, 'healthy' | 'degraded' | 'projections'> => ({
  healthy: projections.every(({ state }) => FOLLOWING.includes(state)),
  degraded: projections.some(({ state, parked }) => state === 'paused' || parked.events > 0),
  projections,
});

/**
 * When the model is known to have shown everything recorded, in milliseconds since the epoch: now, minus the age of the
 * observation. Undefined while it is behind, paused or stopped.
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

/** A position is a zero-padded number; on EventStoreDB two with a slash between them, of which the first one counts. */
function distance(position: Position | null, head: Position | null): number {
  if (head === null || (position !== null && position >= head)) return 0;
  const number = (text: Position | null): bigint => BigInt(text?.split('/')[0] ?? 0);
  return Math.max(1, Number(number(head) - number(position)));
}
