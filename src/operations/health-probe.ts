import type { Clock } from '../platform/clock.js';
import type { JsonObject } from '../platform/json.js';

/** Whether a dependency answers, and since when it does not. */
export class HealthProbe {
  private since: string | null = null;
  private pending: Promise<JsonObject> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ask: () => Promise<JsonObject>,
    private readonly clock: Clock,
    /** Milliseconds after which a missing answer counts as a failure. */
    private readonly timeoutMs = 1500,
  ) {}

  /** Time of the first failed check since the last success; null while the dependency answers. */
  get unavailableSince(): string | null {
    return this.since;
  }

  /** Runs a check unless one is in progress; settles within the timeout. */
  async check(): Promise<{ readonly up: boolean } & JsonObject> {
    const startedAt = this.clock.now();
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error('no answer'));
      }, this.timeoutMs);
    });
    try {
      return { up: true, ...(await Promise.race([this.query(), timedOut])) };
    } catch {
      this.since ??= startedAt;
      return { up: false, since: this.since };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Checks periodically, so that the start of an outage is known without a request. */
  checkEvery(everyMs: number): this {
    this.timer = setInterval(() => void this.check(), everyMs).unref();
    return this;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private query(): Promise<JsonObject> {
    this.pending ??= this.ask()
      .then((details) => {
        this.since = null;
        return details;
      })
      .finally(() => (this.pending = undefined));
    this.pending.catch(() => undefined); // the caller may no longer wait for it
    return this.pending;
  }
}
