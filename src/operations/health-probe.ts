import type { Clock } from '../platform/clock.js';
import type { JsonObject } from '../platform/json.js';
import type { ExplainFailure } from '../platform/server-unusable.js';

export interface HealthProbeOptions {
  readonly explainFailure?: ExplainFailure;
  /** Milliseconds after which a missing answer counts as a failure (default 1,500). */
  readonly timeoutMs?: number;
}

/** Checks whether a dependency answers, and stores since when it does not, and why. */
export class HealthProbe {
  private since: string | null = null;
  private lastCause: string | undefined;
  private pending: Promise<JsonObject> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** Sends a query to the dependency; resolves to details for the check, rejects if the dependency is unavailable. */
    private readonly sendQuery: () => Promise<JsonObject>,
    private readonly clock: Clock,
    private readonly options: HealthProbeOptions = {},
  ) {}

  /** Time of the first failed check since the last success; null while the dependency answers. */
  get unavailableSince(): string | null {
    return this.since;
  }

  /** Why the last query failed; undefined while the dependency answers, and if the cause is not known (yet). */
  get cause(): string | undefined {
    return this.lastCause;
  }

  /** Sends a query, or joins the one in progress. Resolves within the timeout; never rejects. */
  async check(): Promise<{ readonly up: boolean } & JsonObject> {
    const startedAt = this.clock.now();
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error('no answer'));
      }, this.options.timeoutMs ?? 1500);
    });
    try {
      return { up: true, ...(await Promise.race([this.query(), timedOut])) };
    } catch {
      this.since ??= startedAt;
      return { up: false, since: this.since, ...(this.lastCause !== undefined && { cause: this.lastCause }) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Checks periodically, so that the start of an outage is known even if no request causes a check. */
  checkEvery(intervalMs: number): this {
    this.timer = setInterval(() => void this.check(), intervalMs).unref();
    return this;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private query(): Promise<JsonObject> {
    this.pending ??= this.sendQuery()
      .then(
        (details) => {
          this.since = null;
          this.lastCause = undefined;
          return details;
        },
        (error: unknown) => {
          this.lastCause = this.options.explainFailure?.(error);
          throw error;
        },
      )
      .finally(() => (this.pending = undefined));
    this.pending.catch(() => undefined); // a query may fail after the timeout, when no check awaits it
    return this.pending;
  }
}
