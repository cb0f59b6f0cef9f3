import { setTimeout as pause } from 'node:timers/promises';
import type { Position } from '../eventstore/event-store.js';
import type { Lease, Leases } from '../readmodels/lease.js';
import type { Operation, OperationResult } from './operations.js';
import type { Projections, ProjectionsStatus } from './projections.js';
import { PROJECTIONS_LEASE, type RemoteProjections } from './remote-projections.js';

export interface LeaderElectionOptions {
  readonly leases: Leases;
  /** Names this process, for people. */
  readonly holder: string;
  /** Milliseconds after which a holder that does nothing is taken over from (default 10,000). */
  readonly term?: number;
  /** Makes a runner that has not started yet; one for each time that the lease is taken. */
  readonly run: () => Projections;
  /** What this process sees while another one runs the projections. */
  readonly remote: RemoteProjections;
}

/**
 * Runs the projections while it holds the lease, else stands by and watches. The session that a runner opens is newer
 * than every session before: a runner that was frozen past its term and goes on is refused whatever it changes.
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

  private get over(): boolean {
    return this.ended.signal.aborted;
  }

  private get current(): Projections {
    return this.running ?? this.options.remote;
  }

  private async contend(): Promise<void> {
    while (!this.over) {
      const lease = await this.acquire();
      if (lease === null) await this.wait(this.term / 4);
      else await this.runWhile(lease);
    }
  }

  private async acquire(): Promise<Lease | null> {
    const { leases, holder } = this.options;
    return leases.acquire(PROJECTIONS_LEASE, holder, this.term).catch(() => null); // the store is away: asked again
  }

  /** Renews from the first moment: starting may take long while a store is slow. */
  private async runWhile(lease: Lease): Promise<void> {
    const running = this.options.run();
    const now = { over: false };
    const started = running.start().then(
      () => {
        // a lease that ran out meanwhile may be another process's, and this session newer than that one's
        if (!lease.held()) now.over = true;
        if (!now.over) this.running = running;
      },
      () => (now.over = true), // the stores are away; whichever process is next tries again
    );
    for (;;) {
      await this.wait(this.term / 4);
      if (this.over || now.over || lostSession(running) || !(await this.renewed(lease))) break;
    }
    now.over = true;
    this.running = undefined;
    await running.stop().catch(() => undefined); // what it did not finish is done again
    await started;
    await lease.release().catch(() => undefined); // it runs out by itself
  }

  /** A store that is away or silent for a moment takes the lease from nobody: it is asked again while the term lasts. */
  private async renewed(lease: Lease): Promise<boolean> {
    const answer = lease.renew().catch(() => lease.held());
    return Promise.race([answer, this.wait(this.term).then(() => lease.held())]);
  }

  private async wait(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: this.ended.signal }).catch(() => undefined);
  }
}

/** Another session was opened, in the moment between two leases: the next one takes over everything anew. */
const lostSession = (running: Projections): boolean =>
  running.status().projections.some(({ halt }) => halt?.reason === 'checkpoint_lost');
