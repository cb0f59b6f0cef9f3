/**
 * The Lease port: at most one of several processes does a piece of work. A lease is not a lock: its holder may be
 * suspended while it expires and continue without noticing. Every acquisition has a greater epoch than all before,
 * which identifies leases; it is not part of what the holder writes. The write session fences a late holder from the
 * read models (read-models.ts): the next holder opens a new one. Every adapter passes test/contract/lease.contract.ts.
 */
export interface Leases {
  /**
   * Acquires the lease, or returns null while another process may still hold it: retry more often than once per term.
   * An observer takes over after it has seen no renewal for a whole term of the holder.
   *
   * `holder` identifies one running process, for operators and for its own renewals; it must be unique. `termMs` from
   * 1.
   */
  acquire(name: string, holder: string, termMs: number): Promise<Lease | null>;
  /** The current or last holder; null when the lease was never acquired. */
  holder(name: string): Promise<LeaseHolder | null>;
}

export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Increases with every acquisition of this name, from 1. */
  readonly epoch: number;
  /** False once it was lost, released, or not renewed within the term: then nothing more may be written under it. */
  held(): boolean;
  /**
   * Renews for another term; false when it is lost for good. Throws when the store is unavailable: retry while held.
   */
  renew(): Promise<boolean>;
  /** Releases it, so that the next holder need not wait; does nothing when it is lost. */
  release(): Promise<void>;
}

export interface LeaseHolder {
  /** The current or last holder. */
  readonly holder: string;
  readonly epoch: number;
  /** It was released. */
  readonly released: boolean;
  /**
   * When it was last acquired, renewed or released, by the clock of the store (UTC RFC 3339); null where not recorded.
   */
  readonly changedAt: string | null;
}
