import type { Clock } from '../platform/clock.js';
import type { JsonObject } from '../platform/json.js';

/** Whether something answers, and since when it does not. */
export class HealthProbe {
  private since: string | null = null;
  private asking: Promise<JsonObject> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ask: () => Promise<JsonObject>,
    private readonly clock: Clock,
    /** Milliseconds after which no answer counts as none. */
    private readonly timeoutMs = 1500,
  ) {}

  /** Time of the first question that was not answered since one last was; null while it answers. */
  get awaySince(): string | null {
    return this.since;
  }

  /** Asks unless it is being asked; takes no longer than the timeout. */
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

  /** Looks unasked as well, so that it is known since when. */
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
    this.asking.catch(() => undefined); // nobody may be left who waits for it
    return this.asking;
  }
}
