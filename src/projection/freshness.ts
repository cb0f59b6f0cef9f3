import type { Position } from '../eventstore/event-store.js';
import type { ProjectionsStatus, ProjectionState, ProjectionStatus } from './projections.js';

/** The progress of a model, from its position and the end of the log, as far as both are known. */
export interface Freshness {
  readonly caughtUp: boolean;
  readonly lag: number;
}

/** A halted model is not caught up: it will not show new events, and what it shows may be wrong. */
const FOLLOWING: readonly ProjectionState[] = ['live', 'catching-up', 'paused'];

/** The only rule for responses, readiness and metrics, in every process. */
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

/** A model that an operator has paused is no fault; its responses state their age. */
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

/** Positions are zero-padded numbers; where there are two, a slash separates them and the first one counts. */
function distance(position: Position | null, head: Position | null): number {
  if (head === null || (position !== null && position >= head)) return 0;
  const number = (text: Position | null): bigint => BigInt(text?.split('/')[0] ?? 0);
  return Math.max(1, Number(number(head) - number(position)));
}
