import type { Position } from '../eventstore/event-store.js';
import type { ProjectionStatus } from './projections.js';

interface Waiter {
  readonly position: Position;
  readonly settle: (isReached: boolean) => void;
}

/** Callers that wait until a projection has reached a position. */
export class PositionWaiters {
  /** By name of the projection. */
  private readonly waiting = new Map<string, Set<Waiter>>();

  /**
   * True once the projection has reached the position; false after the timeout, or when the projection stops. `status`
   * is its current status; later changes must be passed to {@link notify}.
   */
  wait(status: ProjectionStatus, position: Position, timeoutMs: number): Promise<boolean> {
    const outcome = outcomeOf(status, position);
    if (outcome !== undefined) return Promise.resolve(outcome);
    const waiters = this.waiting.get(status.name) ?? new Set<Waiter>();
    this.waiting.set(status.name, waiters);
    return new Promise((resolve) => {
      const settle = (isReached: boolean): void => {
        clearTimeout(timer);
        waiters.delete(waiter);
        resolve(isReached);
      };
      const waiter = { position, settle };
      const timer = setTimeout(settle, timeoutMs, false);
      waiters.add(waiter);
    });
  }

  /** Call it after every change of the position or state of a projection. */
  notify(status: ProjectionStatus): void {
    for (const waiter of this.waiting.get(status.name) ?? []) {
      const outcome = outcomeOf(status, waiter.position);
      if (outcome !== undefined) waiter.settle(outcome);
    }
  }

  /** Ends all waits with false: no more changes will follow. */
  close(): void {
    for (const waiters of this.waiting.values()) for (const waiter of waiters) waiter.settle(false);
  }
}

/** The outcome of waiting for the position; undefined while the projection may still reach it. */
function outcomeOf(status: ProjectionStatus, position: Position): boolean | undefined {
  if (status.position !== null && status.position >= position) return true;
  const { state } = status;
  const mayReach = state === 'catching-up' || state === 'live' || state === 'backing-off';
  return mayReach ? undefined : false;
}
