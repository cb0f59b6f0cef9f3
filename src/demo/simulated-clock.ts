import type { Clock } from '../platform/clock.js';
import { fromEpochMilliseconds, toEpochMilliseconds } from '../platform/moment.js';

/** A clock that is set explicitly until its release and then follows a real clock. It never goes backwards. */
export class SimulatedClock implements Clock {
  private time: string;
  /** Milliseconds ahead of the real clock; undefined before the release. */
  private leadMs: number | undefined;

  /** `start`: first time (UTC RFC 3339 with milliseconds); `real`: the clock to follow after the release. */
  constructor(
    start: string,
    private readonly real: Clock,
  ) {
    this.time = start;
  }

  now(): string {
    if (this.leadMs !== undefined)
      this.advanceTo(fromEpochMilliseconds(toEpochMilliseconds(this.real.now()) + this.leadMs));
    return this.time;
  }

  /**
   * Sets the time. A time before the present one has no effect.
   * @throws Error after the release
   */
  set(time: string): void {
    if (this.leadMs !== undefined) throw new Error('the clock was released and cannot be set any more');
    this.advanceTo(time);
  }

  /** Follows the real clock from now on, from the later of the real time and the simulated time. */
  release(): void {
    this.leadMs ??= Math.max(0, toEpochMilliseconds(this.time) - toEpochMilliseconds(this.real.now()));
  }

  private advanceTo(time: string): void {
    if (time > this.time) this.time = time;
  }
}
