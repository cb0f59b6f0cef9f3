import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { Position } from '../eventstore/event-store.js';

/**
 * Detects stalled projections: no error is reported, the log continues beyond them, and their position has not changed
 * for longer than the limit.
 */
export class StallDetector {
  private readonly unmoved = new Map<string, { readonly position: Position | null; readonly forMs: number }>();

  constructor(private readonly limitMs: number) {}

  /**
   * Call it periodically. Time is counted in calls, so that a suspended process does not report a stall.
   * @param newest position of the newest event that projections read
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

/** A model in a rebuild is held at its position during the comparison. */
const shouldAdvance = ({ state, building, position }: ProjectionStatus, newest: Position | null): boolean =>
  (state === 'live' || state === 'catching-up') &&
  building === undefined &&
  newest !== null &&
  (position === null || position < newest);
