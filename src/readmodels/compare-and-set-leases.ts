import { performance } from 'node:perf_hooks';
import type { Lease, LeaseHolder, Leases } from './lease.js';

/** A lease as it is stored. */
export interface RegisteredLease {
  readonly holder: string | null;
  readonly epoch: number;
  /** Grows with every change: while it does, the holder lives. */
  readonly counter: number;
  readonly termMs: number;
  readonly released: boolean;
}

/** Where leases are stored: one row each, changed by compare-and-set alone. */
export interface LeaseRegister {
  load(name: string): Promise<(RegisteredLease & { readonly changedAt: string | null }) | null>;
  /** False when epoch and counter were not those of `from` any more (null: there was none). */
  change(name: string, from: RegisteredLease | null, to: RegisteredLease): Promise<boolean>;
}

interface Sighting {
  readonly epoch: number;
  readonly counter: number;
  /** When it was first seen so, by the observer's monotonic clock. */
  readonly at: number;
}

/**
 * Leases that are judged without comparing clocks of two machines: who renews raises a counter, and who waits takes
 * over when the counter stood still for the term on its own monotonic clock. The holder counts its term from before a
 * renewal was sent, the observer from after it was seen, so that the holder gives up first, however late messages are.
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

  /** One more than the counter that stands there: an answer that was lost on the way has raised it already. */
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
