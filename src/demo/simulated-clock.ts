import type { Clock } from '../platform/clock.js';
import { fromEpochMilliseconds, toEpochMilliseconds } from '../platform/moment.js';

/** A clock that is set explicitly and, after its release, follows real time. It never goes backwards. */
export class SimulatedClock implements Clock {
  private at: string;
  /** Milliseconds ahead of real time, after the release. */
  private lead: number | undefined;

  /** Starts at `start` (UTC RFC 3339 with milliseconds). After the release it follows the clock `real`. */
  constructor(
    start: string,
    private readonly real: Clock,
  ) {
    this.at = start;
  }

  now(): string {
    if (this.lead !== undefined) this.move(fromEpochMilliseconds(toEpochMilliseconds(this.real.now()) + this.lead));
    return this.at;
  }

  /**
   * Moves to `at`; an earlier time does not change the clock.
   * @throws Error after the release
   */
  set(at: string): void {
    if (this.lead !== undefined) throw new Error('the clock was released and cannot be set any more');
    this.move(at);
  }

  /** Continues in real time, from now or from the simulated time, whichever is later. */
  release(): void {
    this.lead ??= Math.max(0, toEpochMilliseconds(this.at) - toEpochMilliseconds(this.real.now()));
  }

  private move(at: string): void {
    if (at > this.at) this.at = at;
  }
}
