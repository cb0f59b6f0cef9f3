import { performance } from 'node:perf_hooks';
import type { Lease, LeaseHolder, Leases } from './lease.js';

/** A stored lease. */
export interface RegisteredLease {
  readonly holder: string | null;
  readonly epoch: number;
  /** Grows with every change: while it grows, the holder is alive. */
  readonly counter: number;
  readonly termMs: number;
  readonly released: boolean;
}

/** Storage of leases: one row each, changed only by compare-and-set. */
export interface LeaseRegister {
  load(name: string): Promise<(RegisteredLease & { readonly changedAt: string | null }) | null>;
  /** False when epoch and counter no longer match `from` (null: there was none). */
  change(name: string, from: RegisteredLease | null, to: RegisteredLease): Promise<boolean>;
}

interface Sighting {
  readonly epoch: number;
  readonly counter: number;
  /** When this state was first observed, by the monotonic clock of the observer. */
  readonly at: number;
}

/**
 * Leases without comparing the clocks of two machines: a renewal increments a counter, and an observer takes over when
 * the counter has not changed for the term by its own monotonic clock. The holder counts its term from before it sends
 * a renewal, the observer from after it reads it, so that the holder always expires first, however slow messages are.
 */
export class CompareAndSetLeases implements Leases {
  private readonly seen = new Map<string, Sighting>();

  /** `monotonic`: milliseconds of a clock that never goes back. */
  constructor(
    private readonly register: LeaseRegister,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  async acquire(name: string, holder: string, termMs: number): Promise<Lease | null> {
    if (!(termMs >= 1)) throw new RangeError(`a lease has a term of at least a millisecond, not ${String(termMs)}`);
    const stored = await this.register.load(name);
    if (stored !== null && !stored.released && !this.stoodStill(name, stored)) return null;
    const sent = this.monotonic();
    const taken = {
      holder,
      epoch: (stored?.epoch ?? 0) + 1,
      counter: (stored?.counter ?? 0) + 1,
      termMs,
      released: false,
    };
    if (!(await this.register.change(name, stored, taken))) return null;
    this.seen.delete(name);
    return new CountedLease(this.register, this.monotonic, name, taken, sent);
  }

  async holder(name: string): Promise<LeaseHolder | null> {
    const stored = await this.register.load(name);
    if (stored?.holder == null) return null;
    return { holder: stored.holder, epoch: stored.epoch, released: stored.released, changedAt: stored.changedAt };
  }

  private stoodStill(name: string, { epoch, counter, termMs }: RegisteredLease): boolean {
    const now = this.monotonic();
    const before = this.seen.get(name);
    if (before?.epoch === epoch && before.counter === counter) return now - before.at >= termMs;
    this.seen.set(name, { epoch, counter, at: now });
    return false;
  }
}

class CountedLease implements Lease {
  private lost = false;

  constructor(
    private readonly register: LeaseRegister,
    private readonly monotonic: () => number,
    readonly name: string,
    private state: RegisteredLease & { readonly holder: string },
    private confirmed: number,
  ) {}

  get holder(): string {
    return this.state.holder;
  }

  get epoch(): number {
    return this.state.epoch;
  }

  held(): boolean {
    return !this.lost && this.monotonic() - this.confirmed < this.state.termMs;
  }

  async renew(): Promise<boolean> {
    if (this.lost) return false;
    const sent = this.monotonic();
    if (await this.changeTo({ released: false })) this.confirmed = sent;
    else this.lost = true;
    return !this.lost;
  }

  async release(): Promise<void> {
    if (this.lost) return;
    this.lost = true;
    await this.changeTo({ released: true });
  }

  /** One more than the stored counter: a renewal whose response was lost has incremented it already. */
  private async changeTo(change: Pick<RegisteredLease, 'released'>): Promise<boolean> {
    const next = { ...this.state, ...change, counter: this.state.counter + 1 };
    if (await this.register.change(this.name, this.state, next)) {
      this.state = next;
      return true;
    }
    const stored = await this.register.load(this.name);
    const mine = stored !== null && stored.epoch === this.epoch && !stored.released;
    if (!mine) return false;
    const after = { ...this.state, ...change, counter: stored.counter + 1 };
    if (!(await this.register.change(this.name, stored, after))) return false;
    this.state = after;
    return true;
  }
}
