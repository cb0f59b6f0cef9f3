import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { Position } from '../eventstore/event-store.js';

/**
 * Detects stalled projections: those that report no error and have newer events to fold, but whose position has not
 * changed for longer than the limit.
 */
export class StallDetector {
  /** The position of each projection that should advance, and for how long it has not changed. */
  private readonly unmoved = new Map<string, { readonly position: Position | null; readonly forMs: number }>();

  constructor(private readonly limitMs: number) {}

  /**
   * Call it periodically. Measures time as the sum of `elapsedMs`, so that a process that was suspended reports no
   * stall.
   * @param newest position of the newest event that the projections read; null if there is none
   * @param elapsedMs time since the previous call
   */
  check({ projections }: ProjectionsStatus, newest: Position | null, elapsedMs: number): void {
    for (const projection of projections) {
      const { name, position } = projection;
      const before = this.unmoved.get(name);
      if (!shouldAdvance(projection, newest)) this.unmoved.delete(name);
      else if (before?.position !== position) this.unmoved.set(name, { position, forMs: 0 });
      else this.unmoved.set(name, { position, forMs: before.forMs + elapsedMs });
    }
  }

  isStalled(name: string): boolean {
    return (this.unmoved.get(name)?.forMs ?? 0) > this.limitMs;
  }
}

/** A read model that is being rebuilt need not advance: the comparison may hold it at its position. */
const shouldAdvance = ({ state, building, position }: ProjectionStatus, newest: Position | null): boolean =>
  (state === 'live' || state === 'catching-up') &&
  building === undefined &&
  newest !== null &&
  (position === null || position < newest);
