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
  /** Milliseconds without a renewal after which another process takes over the lease (default 10,000). */
  readonly term?: number;
  /** Creates a runner that has not started; called for each acquisition of the lease. */
  readonly run: () => Projections;
  /** The view of this process while another one runs the projections. */
  readonly remote: RemoteProjections;
}

/**
 * Runs the projections while it holds the lease, otherwise observes the process that does. Each runner opens a newer
 * write session. This fences off a runner that was suspended for longer than its term: the store rejects all of its
 * changes.
 */
export class LeaderElectedProjections implements Projections {
  private running: Projections | undefined;
  private readonly ended = new AbortController();
  private loop: Promise<void> | undefined;
  private readonly term: number;

  constructor(private readonly options: LeaderElectionOptions) {
    this.term = options.term ?? 10_000;
  }

  async start(): Promise<void> {
    await this.options.remote.start();
    this.loop = this.contend();
  }

  async stop(): Promise<void> {
    this.ended.abort();
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
    return this.ended.signal.aborted;
  }

  private get current(): Projections {
    return this.running ?? this.options.remote;
  }

  private async contend(): Promise<void> {
    while (!this.isStopping) {
      const lease = await this.acquire();
      if (lease === null) await this.wait(this.term / 4);
      else await this.runWhile(lease);
    }
  }

  private async acquire(): Promise<Lease | null> {
    const { leases, holder } = this.options;
    return leases.acquire(PROJECTIONS_LEASE, holder, this.term).catch(() => null); // the store is unavailable: retried
  }

  /** Renews the lease also while the runner starts: this may take long if a store is slow. */
  private async runWhile(lease: Lease): Promise<void> {
    const running = this.options.run();
    const state = { ended: false };
    const started = running.start().then(
      () => {
        // if the lease expired meanwhile, another process may hold it, and this newer session fences it off: stop
        if (!lease.held()) state.ended = true;
        if (!state.ended) this.running = running;
      },
      () => (state.ended = true), // the stores are unavailable: the next holder retries
    );
    for (;;) {
      await this.wait(this.term / 4);
      if (this.isStopping || state.ended || lostSession(running) || !(await this.renewed(lease))) break;
    }
    state.ended = true;
    this.running = undefined;
    await running.stop().catch(() => undefined); // unfinished work is repeated from the checkpoint
    await started;
    await lease.release().catch(() => undefined); // the lease expires without it
  }

  /** A store that is unavailable for a moment does not end the lease: the renewal is retried within the term. */
  private async renewed(lease: Lease): Promise<boolean> {
    const answer = lease.renew().catch(() => lease.held());
    return Promise.race([answer, this.wait(this.term).then(() => lease.held())]);
  }

  private async wait(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: this.ended.signal }).catch(() => undefined);
  }
}

/** True if a newer write session has replaced that of this runner: a new runner continues from the checkpoint. */
const lostSession = (running: Projections): boolean =>
  running.status().projections.some(({ halt }) => halt?.reason === 'checkpoint_lost');
