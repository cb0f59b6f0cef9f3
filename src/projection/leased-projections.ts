import { setTimeout as pause } from 'node:timers/promises';
import type { Position } from '../eventstore/event-store.js';
import type { Lease, Leases } from '../readmodels/lease.js';
import type {
  BuildReport,
  CompareOptions,
  Parked,
  Projections,
  ProjectionsStatus,
  RebuildOptions,
  Retried,
  SkipRequest,
  Skipped,
} from './projections.js';
import { PROJECTIONS_LEASE, type WatchedProjections } from './watched-projections.js';

export interface LeaseOptions {
  readonly leases: Leases;
  /** Names this process, for people. */
  readonly holder: string;
  /** Milliseconds after which a holder that says nothing is taken over from (default 10,000). */
  readonly term?: number;
  /** Makes a runner that has not started yet; one for each time that the lease is taken. */
  readonly run: () => Projections;
  /** What others do, while it is not us who run. */
  readonly watch: WatchedProjections;
}

/**
 * Runs the projections while it holds the lease, else stands by and watches. A runner that was frozen past its term and
 * goes on meets the guards: its documents are refused or the same, and its checkpoint belongs to a newer epoch.
 */
export class LeasedProjections implements Projections {
  private running: Projections | undefined;
  private readonly ended = new AbortController();
  private loop: Promise<void> | undefined;
  private readonly term: number;

  constructor(private readonly options: LeaseOptions) {
    this.term = options.term ?? 10_000;
  }

  async start(): Promise<void> {
    await this.options.watch.start();
    this.loop = this.contend();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.loop;
    await this.options.watch.stop();
  }

  status(): ProjectionsStatus {
    return this.now.status();
  }
  notify(head: Position): void {
    this.now.notify(head);
  }
  waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean> {
    return this.now.waitFor(name, position, timeoutMs);
  }
  rebuild(name: string, options?: RebuildOptions): Promise<BuildReport> {
    return this.now.rebuild(name, options);
  }
  compare(name: string, options?: CompareOptions): Promise<BuildReport> {
    return this.now.compare(name, options);
  }
  drop(name: string): Promise<boolean> {
    return this.now.drop(name);
  }
  pause(name: string): Promise<void> {
    return this.now.pause(name);
  }
  resume(name: string): Promise<void> {
    return this.now.resume(name);
  }
  parked(name: string): Promise<Parked> {
    return this.now.parked(name);
  }
  retry(name: string, document?: string): Promise<Retried> {
    return this.now.retry(name, document);
  }
  skip(name: string, request: SkipRequest): Promise<Skipped> {
    return this.now.skip(name, request);
  }

  /** Whether it is us who run. */
  get leads(): boolean {
    return this.running !== undefined;
  }

  private get over(): boolean {
    return this.ended.signal.aborted;
  }

  private get now(): Projections {
    return this.running ?? this.options.watch;
  }

  private async contend(): Promise<void> {
    while (!this.over) {
      const lease = await this.take();
      if (lease === null) await this.wait(this.term / 4);
      else await this.runWhile(lease);
    }
  }

  private async take(): Promise<Lease | null> {
    const { leases, holder } = this.options;
    return leases.acquire(PROJECTIONS_LEASE, holder, this.term).catch(() => null); // the store is away: asked again
  }

  /** Renews from the first moment: starting may take long while a store is slow. */
  private async runWhile(lease: Lease): Promise<void> {
    const running = this.options.run();
    const now = { over: false };
    const started = running.start().then(
      () => {
        if (!now.over) this.running = running;
      },
      () => (now.over = true), // the stores are away; whoever is next tries again
    );
    for (;;) {
      await this.wait(this.term / 4);
      if (this.over || now.over || lostACheckpoint(running) || !(await this.renewed(lease))) break;
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

/** Another runner has moved it, in the moment between two leases: whoever runs next takes all of them over anew. */
const lostACheckpoint = (running: Projections): boolean =>
  running.status().projections.some(({ halt }) => halt?.reason === 'checkpoint_lost');
