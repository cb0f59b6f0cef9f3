import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { Position } from '../eventstore/event-store.js';

/**
 * Which projections should move and do not: nothing is wrong with them that anybody knows of, the log goes on beyond
 * them, and they have stood at one position for longer than the limit.
 */
export class StallDetector {
  private readonly standing = new Map<string, { readonly position: Position | null; readonly forMs: number }>();

  constructor(private readonly limitMs: number) {}

  /**
   * To be called every so often. Time is counted in looks: a process that was frozen has not seen anything stand.
   * @param newest position of the newest event that projections read
   */
  look({ projections }: ProjectionsStatus, newest: Position | null, sinceLastLookMs: number): void {
    for (const projection of projections) {
      const { name, position } = projection;
      const before = this.standing.get(name);
      if (!shouldMove(projection, newest)) this.standing.delete(name);
      else if (before?.position !== position) this.standing.set(name, { position, forMs: 0 });
      else this.standing.set(name, { position, forMs: before.forMs + sinceLastLookMs });
    }
  }

  has(name: string): boolean {
    return (this.standing.get(name)?.forMs ?? 0) > this.limitMs;
  }
}

/** One that is built anew is held at its position for as long as it is compared. */
const shouldMove = ({ state, building, position }: ProjectionStatus, newest: Position | null): boolean =>
  (state === 'live' || state === 'catching-up') &&
  building === undefined &&
  newest !== null &&
  (position === null || position < newest);
