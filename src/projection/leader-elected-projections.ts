import { setTimeout as pause } from 'node:timers/promises';
import type { Position } from '../eventstore/event-store.js';
import type { Lease, Leases } from '../readmodels/lease.js';
import type { Operation, OperationResult } from './operations.js';
import type { Projections, ProjectionsStatus } from './projections.js';
import { PROJECTIONS_LEASE, type RemoteProjections } from './remote-projections.js';

export interface LeaderElectionOptions {
  readonly leases: Leases;
  /** Name of this process, shown to operators. */
  readonly holder: string;
  /** Term of the lease in milliseconds (default 10,000): without a renewal for a term, another process takes over. */
  readonly term?: number;
  /** Creates a new runner, not started yet; called after each acquisition of the lease. */
  readonly createRunner: () => Projections;
  /** Observes the projections while another process runs them. */
  readonly remote: RemoteProjections;
}

/**
 * Runs the projections while this process holds the lease; otherwise observes the process that holds it. Each runner
 * opens a new write session. The session fences off a runner that was suspended for longer than its term: the store
 * rejects every change from an earlier session.
 */
export class LeaderElectedProjections implements Projections {
  private running: Projections | undefined;
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private readonly term: number;

  constructor(private readonly options: LeaderElectionOptions) {
    this.term = options.term ?? 10_000;
  }

  async start(): Promise<void> {
    await this.options.remote.start();
    this.loop = this.competeForLease();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await this.options.remote.stop();
  }

  status(): ProjectionsStatus {
    return this.current.status();
  }

  notify(head: Position): void {
    this.current.notify(head);
  }

  waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean> {
    return this.current.waitFor(name, position, timeoutMs);
  }

  execute<O extends Operation>(operation: O, signal?: AbortSignal): Promise<OperationResult<O>> {
    return this.current.execute(operation, signal);
  }

  /** Whether the projections run in this process. */
  get leads(): boolean {
    return this.running !== undefined;
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private get current(): Projections {
    return this.running ?? this.options.remote;
  }

  private async competeForLease(): Promise<void> {
    while (!this.isStopping) {
      const lease = await this.acquire();
      if (lease === null) await this.wait(this.term / 4);
      else await this.runWhileHeld(lease);
    }
  }

  /** null when another process holds the lease or the store is unavailable. */
  private async acquire(): Promise<Lease | null> {
    const { leases, holder } = this.options;
    return leases.acquire(PROJECTIONS_LEASE, holder, this.term).catch(() => null);
  }

  /** Starts a runner, and stops it when the lease is lost. Renews the lease during the start, which may take long. */
  private async runWhileHeld(lease: Lease): Promise<void> {
    const runner = this.options.createRunner();
    const state = { ended: false };
    const started = runner.start().then(
      () => {
        // if the lease has expired during the start, another process may hold it now; the session of this runner is
        // newer and fences off that process, so this runner ends
        if (!lease.held()) state.ended = true;
        if (!state.ended) this.running = runner;
      },
      () => (state.ended = true), // the stores are unavailable: the next holder of the lease tries again
    );
    for (;;) {
      await this.wait(this.term / 4);
      if (this.isStopping || state.ended || hasLostSession(runner) || !(await this.renewWithinTerm(lease))) break;
    }
    state.ended = true;
    this.running = undefined;
    await runner.stop().catch(() => undefined); // the next runner folds unfinished work again
    await started;
    await lease.release().catch(() => undefined); // a lease that is not released expires
  }

  /** Renews the lease. If the store fails or is silent for a term, the result is whether the lease is still held. */
  private async renewWithinTerm(lease: Lease): Promise<boolean> {
    const renewed = lease.renew().catch(() => lease.held());
    return Promise.race([renewed, this.wait(this.term).then(() => lease.held())]);
  }

  private async wait(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

/** Whether another process has opened a newer write session: the session of this runner can write nothing any more. */
const hasLostSession = (runner: Projections): boolean =>
  runner.status().projections.some(({ halt }) => halt?.reason === 'checkpoint_lost');
