import type { Position } from '../eventstore/event-store.js';
import type { ProjectionStatus } from './projections.js';

interface Waiter {
  readonly position: Position;
  readonly settle: (seen: boolean) => void;
}

/** Callers that wait until a projection has passed a position. */
export class PositionWaiters {
  private readonly waiting = new Map<string, Set<Waiter>>();

  /** Checks the state before it waits; later changes arrive through {@link notify}, so no change is missed. */
  wait(now: ProjectionStatus, position: Position, timeoutMs: number): Promise<boolean> {
    const known = outcomeOf(now, position);
    if (known !== undefined) return Promise.resolve(known);
    const waiters = this.waiting.get(now.name) ?? new Set<Waiter>();
    this.waiting.set(now.name, waiters);
    return new Promise((resolve) => {
      const settle = (seen: boolean): void => {
        clearTimeout(timer);
        waiters.delete(waiter);
        resolve(seen);
      };
      const waiter = { position, settle };
      const timer = setTimeout(settle, timeoutMs, false);
      waiters.add(waiter);
    });
  }

  /** Call it with every change of position or state of a projection. */
  notify(now: ProjectionStatus): void {
    for (const waiter of this.waiting.get(now.name) ?? []) {
      const known = outcomeOf(now, waiter.position);
      if (known !== undefined) waiter.settle(known);
    }
  }

  /** Ends all waits: no further change will come. */
  close(): void {
    for (const waiters of this.waiting.values()) for (const waiter of waiters) waiter.settle(false);
  }
}

/** undefined: keep waiting. */
function outcomeOf({ position: reached, state }: ProjectionStatus, position: Position): boolean | undefined {
  if (reached !== null && reached >= position) return true;
  return state === 'catching-up' || state === 'live' || state === 'backing-off' ? undefined : false;
}
