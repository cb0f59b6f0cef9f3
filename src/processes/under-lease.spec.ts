import { setTimeout as pause } from 'node:timers/promises';
import { CompareAndSetLeases, type LeaseRegister, type RegisteredLease } from '../readmodels/compare-and-set-leases.js';
import { runUnderLease } from './under-lease.js';

/** A register in memory, which can be made unavailable. */
class Register implements LeaseRegister {
  private stored: RegisteredLease | null = null;
  isAway = false;

  async load() {
    if (this.isAway) throw new Error('no answer');
    return this.stored && { ...this.stored, changedAt: null };
  }

  async change(_name: string, from: RegisteredLease | null, to: RegisteredLease): Promise<boolean> {
    if (this.isAway) throw new Error('no answer');
    if (this.stored?.epoch !== from?.epoch || this.stored?.counter !== from?.counter) return false;
    this.stored = to;
    return true;
  }
}

const TERM = 120;

/** A process that works while it holds the lease, and records when it works. */
class Worker {
  works = false;
  private readonly stopping = new AbortController();
  private readonly ended: Promise<void>;

  constructor(name: string, register: LeaseRegister | null) {
    const work = async (signal: AbortSignal): Promise<void> => {
      this.works = true;
      await pause(60_000, undefined, { signal }).catch(() => undefined);
      this.works = false;
    };
    const leases = register && new CompareAndSetLeases(register);
    this.ended = runUnderLease({ leases, name: 'timers', holder: name, term: TERM, work }, this.stopping.signal);
  }

  async untilWorking(works = true): Promise<this> {
    while (this.works !== works) await pause(5);
    return this;
  }

  stop(): Promise<void> {
    this.stopping.abort();
    return this.ended;
  }
}

test('without leases the process works until it is stopped', async () => {
  const worker = await new Worker('a', null).untilWorking();
  await worker.stop();
  expect(worker.works).toBe(false);
});

test('a second process stands by, and works when the first one stops', async () => {
  const register = new Register();
  const first = await new Worker('a', register).untilWorking();
  const second = new Worker('b', register);
  await pause(3 * TERM);
  expect([first.works, second.works]).toEqual([true, false]);
  await first.stop();
  await second.untilWorking();
  expect(first.works).toBe(false);
  await second.stop();
});

test('a process that cannot renew its lease stops its work within the term, and works again later', async () => {
  const register = new Register();
  const worker = await new Worker('a', register).untilWorking();
  register.isAway = true;
  await worker.untilWorking(false);
  register.isAway = false;
  await worker.untilWorking();
  await worker.stop();
});
