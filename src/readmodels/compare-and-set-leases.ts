import { performance } from 'node:perf_hooks';
import type { Lease, LeaseHolder, Leases } from './lease.js';

/** A lease as it is stored. */
export interface RegisteredLease {
  /** null before the first acquisition. */
  readonly holder: string | null;
  readonly epoch: number;
  /** Increases with every change. While it increases, the holder is alive. */
  readonly counter: number;
  readonly termMs: number;
  readonly released: boolean;
}

/** Stores one row for each lease and changes it by compare-and-set. */
export interface LeaseRegister {
  /** null when the lease was never acquired. `changedAt`: time of the last change, by the clock of the store. */
  load(name: string): Promise<(RegisteredLease & { readonly changedAt: string | null }) | null>;
  /** Stores `to`. False when the stored epoch and counter are not those of `from` (null: nothing is stored). */
  change(name: string, from: RegisteredLease | null, to: RegisteredLease): Promise<boolean>;
}

interface Observation {
  readonly epoch: number;
  readonly counter: number;
  /** When this state was first read, in milliseconds of the monotonic clock of this process. */
  readonly firstReadAt: number;
}

/**
 * Leases that do not compare the clocks of two machines. The holder increments a counter at each renewal. Another
 * process (an observer) takes over the lease when the counter has not changed for a term, by the monotonic clock of
 * that process. The holder counts the term from before it sends a renewal, and the observer from after it reads the
 * counter. So the term of the holder always ends first, however slow messages are.
 */
export class CompareAndSetLeases implements Leases {
  /** By name of the lease. */
  private readonly observations = new Map<string, Observation>();

  /** `monotonic` returns the milliseconds of a clock that never goes back. */
  constructor(
    private readonly register: LeaseRegister,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  async acquire(name: string, holder: string, termMs: number): Promise<Lease | null> {
    if (!(termMs >= 1)) throw new RangeError(`expected a term of at least 1 ms, found ${String(termMs)}`);
    const stored = await this.register.load(name);
    if (stored !== null && !stored.released && !this.isUnchangedForTerm(name, stored)) return null;
    const sentAt = this.monotonic();
    const acquired = {
      holder,
      epoch: (stored?.epoch ?? 0) + 1,
      counter: (stored?.counter ?? 0) + 1,
      termMs,
      released: false,
    };
    if (!(await this.register.change(name, stored, acquired))) return null;
    this.observations.delete(name);
    return new CompareAndSetLease(this.register, this.monotonic, name, acquired, sentAt);
  }

  async holder(name: string): Promise<LeaseHolder | null> {
    const stored = await this.register.load(name);
    if (stored?.holder == null) return null;
    return { holder: stored.holder, epoch: stored.epoch, released: stored.released, changedAt: stored.changedAt };
  }

  /** Whether this process first read the same counter at least a term ago. */
  private isUnchangedForTerm(name: string, { epoch, counter, termMs }: RegisteredLease): boolean {
    const now = this.monotonic();
    const before = this.observations.get(name);
    if (before?.epoch === epoch && before.counter === counter) return now - before.firstReadAt >= termMs;
    this.observations.set(name, { epoch, counter, firstReadAt: now });
    return false;
  }
}

class CompareAndSetLease implements Lease {
  /** Whether the lease was released or taken over. */
  private isLost = false;

  /** `confirmedAt`: when the last successful change was sent, by the monotonic clock. */
  constructor(
    private readonly register: LeaseRegister,
    private readonly monotonic: () => number,
    readonly name: string,
    private state: RegisteredLease & { readonly holder: string },
    private confirmedAt: number,
  ) {}

  get holder(): string {
    return this.state.holder;
  }

  get epoch(): number {
    return this.state.epoch;
  }

  held(): boolean {
    return !this.isLost && this.monotonic() - this.confirmedAt < this.state.termMs;
  }

  async renew(): Promise<boolean> {
    if (this.isLost) return false;
    const sentAt = this.monotonic();
    if (await this.changeTo({ released: false })) this.confirmedAt = sentAt;
    else this.isLost = true;
    return !this.isLost;
  }

  async release(): Promise<void> {
    if (this.isLost) return;
    this.isLost = true;
    await this.changeTo({ released: true });
  }

  /**
   * Stores the change; false when the lease is lost. The stored counter may be higher than the known one, because a
   * renewal whose response was lost has incremented it. Then tries once more with the stored counter.
   */
  private async changeTo(change: Pick<RegisteredLease, 'released'>): Promise<boolean> {
    const next = { ...this.state, ...change, counter: this.state.counter + 1 };
    if (await this.register.change(this.name, this.state, next)) {
      this.state = next;
      return true;
    }
    const stored = await this.register.load(this.name);
    if (stored?.epoch !== this.epoch || stored.released) return false;
    const afterStored = { ...this.state, ...change, counter: stored.counter + 1 };
    if (!(await this.register.change(this.name, stored, afterStored))) return false;
    this.state = afterStored;
    return true;
  }
}
