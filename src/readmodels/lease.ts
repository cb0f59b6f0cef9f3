/**
 * The port for leases: at most one of several processes does a piece of work. A lease is not a lock: a process may be
 * suspended until its lease has expired, and then continue without noticing. So the write session of the read models
 * (read-models.ts) fences off a late holder: the next holder opens a new session, and the store rejects every change
 * from the earlier one. Every acquisition has a greater epoch than all earlier ones; the epoch identifies the lease and
 * is not part of what the holder writes. Every adapter passes test/contract/lease.contract.ts.
 */
export interface Leases {
  /**
   * Acquires the lease. Returns null while another process may still hold it; then call it again, more than once per
   * term. It succeeds when this process has seen no renewal for a whole term of the holder.
   *
   * `holder` names the running process and must be unique; operators see it. `termMs` is at least 1.
   */
  acquire(name: string, holder: string, termMs: number): Promise<Lease | null>;
  /** The current holder, or the last one if nobody holds the lease now; null when it was never acquired. */
  holder(name: string): Promise<LeaseHolder | null>;
}

export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Increases with every acquisition of this name, from 1. */
  readonly epoch: number;
  /**
   * Whether this process holds the lease. False after another process has acquired it, after its release, and when it
   * was not renewed within the term. While it is false, the process must not do the work.
   */
  held(): boolean;
  /**
   * Renews the lease for another term. False when another process has acquired it or it was released. Throws when the
   * store is unavailable: call it again while {@link held} is true.
   */
  renew(): Promise<boolean>;
  /** Releases the lease, so that the next holder need not wait for the end of the term. Does nothing if it is lost. */
  release(): Promise<void>;
}

export interface LeaseHolder {
  /** Name of the process that holds the lease, or held it last. */
  readonly holder: string;
  readonly epoch: number;
  /** Whether this holder has released the lease. */
  readonly released: boolean;
  /**
   * When the lease was last acquired, renewed or released, by the clock of the store (RFC 3339, UTC); null if the store
   * has no clock.
   */
  readonly changedAt: string | null;
}
