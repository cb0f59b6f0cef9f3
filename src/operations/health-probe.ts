import type { Clock } from '../platform/clock.js';
import type { JsonObject } from '../platform/json.js';

/** Whether a dependency answers, and since when it does not. */
export class HealthProbe {
  private since: string | null = null;
  private asking: Promise<JsonObject> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ask: () => Promise<JsonObject>,
    private readonly clock: Clock,
    /** Milliseconds after which a missing answer counts as a failure. */
    private readonly timeoutMs = 1500,
  ) {}

  /** Time of the first failed check since the last success; null while the dependency answers. */
  get awaySince(): string | null {
    return this.since;
  }

  /** Runs a check unless one is in progress; settles within the timeout. */
  async look(): Promise<{ readonly up: boolean } & JsonObject> {
    const startedAt = this.clock.now();
    let late: NodeJS.Timeout | undefined;
    const impatient = new Promise<never>((_, reject) => {
      late = setTimeout(() => {
        reject(new Error('no answer'));
      }, this.timeoutMs);
    });
    try {
      return { up: true, ...(await Promise.race([this.answer(), impatient])) };
    } catch {
      this.since ??= startedAt;
      return { up: false, since: this.since };
    } finally {
      clearTimeout(late);
    }
  }

  /** Checks periodically, so that the start of an outage is known without a request. */
  keepLooking(everyMs: number): this {
    this.timer = setInterval(() => void this.look(), everyMs).unref();
    return this;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private answer(): Promise<JsonObject> {
    this.asking ??= this.ask()
      .then((details) => {
        this.since = null;
        return details;
      })
      .finally(() => (this.asking = undefined));
    this.asking.catch(() => undefined); // the caller may no longer wait for it
    return this.asking;
  }
}
