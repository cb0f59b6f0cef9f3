/** A command that is still due is sent again after a minute, then ever later, at least once in an hour. */
const FIRST_DELAY_MS = 60_000;
const MAX_DELAY_MS = 3_600_000;

interface Deferral {
  readonly version: string;
  readonly attempts: number;
  readonly wasRefused: boolean;
  /** Milliseconds of the monotonic clock. */
  readonly until: number;
}

/**
 * The commands that were sent and whose due times the read model still shows: it has not caught up yet, an event of the
 * complaint is parked, or the domain has refused the command. A change of the complaint ends the wait. The list is not
 * stored: after a restart each command is sent once more.
 */
export class Deferrals {
  private readonly deferrals = new Map<string, Deferral>();

  /** @param monotonic milliseconds of a clock that never goes back */
  constructor(private readonly monotonic: () => number = () => performance.now()) {}

  /** Number of the commands that were refused. */
  get refused(): number {
    return [...this.deferrals.values()].filter(({ wasRefused }) => wasRefused).length;
  }

  /** Defers the command. `version` changes when the complaint changes. Returns the number of attempts so far. */
  defer(key: string, version: string, wasRefused: boolean): number {
    const before = this.deferrals.get(key);
    const attempts = before?.version === version ? before.attempts + 1 : 1;
    const delay = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempts - 1));
    this.deferrals.set(key, { version, attempts, wasRefused, until: this.monotonic() + delay });
    return attempts;
  }

  isDeferred(key: string, version: string): boolean {
    const deferral = this.deferrals.get(key);
    return deferral?.version === version && this.monotonic() < deferral.until;
  }

  /** Removes all deferrals except those of `keys`, because the others are not due any more. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.deferrals.keys()) if (!keys.has(key)) this.deferrals.delete(key);
  }

  /** Milliseconds until the next attempt; infinite if nothing is deferred. */
  msUntilNext(): number {
    const now = this.monotonic();
    return Math.min(...[...this.deferrals.values()].map(({ until }) => Math.max(0, until - now)));
  }
}
