import type { Clock } from '../platform/clock.js';
import { fromEpochMilliseconds, toEpochMilliseconds } from '../platform/moment.js';

/** A clock that is set by hand, and goes with real time once it is released. It never runs backwards. */
export class SimulatedClock implements Clock {
  private at: string;
  /** Milliseconds ahead of real time, once released. */
  private lead: number | undefined;

  /** Stands at `start` (UTC RFC 3339 with milliseconds). `real` is the clock that time passes by after the release. */
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
   * Moves to `at`; an earlier time than now leaves the clock where it is.
   * @throws Error once the clock has been released
   */
  set(at: string): void {
    if (this.lead !== undefined) throw new Error('the clock has been released: it is not set any more');
    this.move(at);
  }

  /** Moves to the real now and goes on from there; from where it stands, if that is later. */
  release(): void {
    this.lead ??= Math.max(0, toEpochMilliseconds(this.at) - toEpochMilliseconds(this.real.now()));
  }

  private move(at: string): void {
    if (at > this.at) this.at = at;
  }
}
