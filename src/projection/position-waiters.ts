import type { Position } from '../eventstore/event-store.js';
import type { ProjectionStatus } from './projections.js';

interface Waiter {
  readonly position: Position;
  readonly answer: (seen: boolean) => void;
}

/** Callers that wait until a projection has passed a position. */
export class PositionWaiters {
  private readonly waiting = new Map<string, Set<Waiter>>();

  /** Checks the state before it waits; later changes arrive through {@link tell}, so no change is missed. */
  wait(now: ProjectionStatus, position: Position, timeoutMs: number): Promise<boolean> {
    const known = verdict(now, position);
    if (known !== undefined) return Promise.resolve(known);
    const waiters = this.waiting.get(now.name) ?? new Set<Waiter>();
    this.waiting.set(now.name, waiters);
    return new Promise((resolve) => {
      const answer = (seen: boolean): void => {
        clearTimeout(timer);
        waiters.delete(waiter);
        resolve(seen);
      };
      const waiter = { position, answer };
      const timer = setTimeout(answer, timeoutMs, false);
      waiters.add(waiter);
    });
  }

  /** Call it with every change of position or state of a projection. */
  tell(now: ProjectionStatus): void {
    for (const waiter of this.waiting.get(now.name) ?? []) {
      const known = verdict(now, waiter.position);
      if (known !== undefined) waiter.answer(known);
    }
  }

  /** Ends all waits: no further change will come. */
  close(): void {
    for (const waiters of this.waiting.values()) for (const waiter of waiters) waiter.answer(false);
  }
}

/** undefined: keep waiting. */
function verdict({ position: reached, state }: ProjectionStatus, position: Position): boolean | undefined {
  if (reached !== null && reached >= position) return true;
  return state === 'catching-up' || state === 'live' || state === 'backing-off' ? undefined : false;
}
