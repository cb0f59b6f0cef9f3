import { setTimeout as pause } from 'node:timers/promises';
import type { Lease, Leases } from '../readmodels/lease.js';

export interface LeasedWork {
  /** null if no other process can do the work. */
  readonly leases: Leases | null;
  /** Name of the lease. */
  readonly name: string;
  /** Name of this process, shown to operators. */
  readonly holder: string;
  /** Milliseconds without a renewal after which another process takes over. */
  readonly term: number;
  /** Does the work until the signal is aborted. */
  readonly work: (signal: AbortSignal) => Promise<void>;
}

/**
 * Does the work while this process holds the lease, and stands by while another process holds it; returns after `stop` is
 * aborted and the work has ended. A process that was suspended for longer than the term may do a last piece of work
 * beside its successor.
 */
export async function runUnderLease(
  { leases, name, holder, term, work }: LeasedWork,
  stop: AbortSignal,
): Promise<void> {
  if (leases === null) return work(stop);
  while (!stop.aborted) {
    // the store may be unavailable
    const lease = await leases.acquire(name, holder, term).catch(() => null);
    if (lease === null) await sleep(term / 4, stop);
    else await workWhileHeld(lease, term, work, stop);
  }
}

async function workWhileHeld(lease: Lease, term: number, work: LeasedWork['work'], stop: AbortSignal): Promise<void> {
  const lost = new AbortController();
  const working = work(AbortSignal.any([stop, lost.signal]));
  const ended = working.then(
    () => lost.abort(),
    () => lost.abort(),
  );
  const until = AbortSignal.any([stop, lost.signal]);
  for (;;) {
    await sleep(term / 4, until);
    if (until.aborted) break;
    if (!(await renewWithinTerm(lease, term, until))) lost.abort();
  }
  await ended;
  await lease.release().catch(() => undefined); // a lease that is not released expires
  await working;
}

/** Renews the lease. If the store fails or is silent for a term, the result is whether the lease is still held. */
const renewWithinTerm = (lease: Lease, term: number, signal: AbortSignal): Promise<boolean> =>
  Promise.race([lease.renew().catch(() => lease.held()), sleep(term, signal).then(() => lease.held())]);

const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  pause(milliseconds, undefined, { signal }).catch(() => undefined);
