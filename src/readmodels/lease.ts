/**
 * The Lease port: of those who want to do one thing, one does it. A lease is no lock: its holder may be frozen while it
 * runs out and go on believing. Every acquisition has a greater epoch than all before, which tells leases apart; it does
 * not go into what the holder writes. The write session keeps a late holder from the read models (read-models.ts): the
 * next holder opens one. Every adapter passes test/contract/lease.contract.ts.
 */
export interface Leases {
  /**
   * Takes the lease, or answers null while another may still have it: ask again, more often than once a term. An
   * observer takes over after it has seen the holder do nothing for a whole term of the holder's.
   *
   * `holder` names one running process, for people and for its own renewals: two never share it. `termMs` from 1.
   */
  acquire(name: string, holder: string, termMs: number): Promise<Lease | null>;
  /** Who has the lease now, or had it last; null when nobody ever did. */
  holder(name: string): Promise<LeaseHolder | null>;
}

export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Greater with every acquisition of this name, from 1. */
  readonly epoch: number;
  /** False once it was lost or given back, or was not renewed within the term: then nothing more is written under it. */
  held(): boolean;
  /** Renews it for another term; false when it is lost for good. Throws when the store is away: try again while held. */
  renew(): Promise<boolean>;
  /** Gives it back, so that the next one need not wait; does nothing when it is lost. */
  release(): Promise<void>;
}

export interface LeaseHolder {
  /** Who has it, or had it last. */
  readonly holder: string;
  readonly epoch: number;
  /** It was given back. */
  readonly released: boolean;
  /** When it was last taken, renewed or given back, by the store's clock (UTC RFC 3339); null where that is not kept. */
  readonly changedAt: string | null;
}
