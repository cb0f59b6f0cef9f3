import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore, Position } from '../../src/eventstore/event-store.js';
import type { LeaseHolder, Leases } from '../../src/readmodel/lease.js';
import type { ReadModels } from '../../src/readmodel/read-models.js';
import type { Projection } from './projection.js';
import { UnknownProjection, type Projections, type ProjectionsStatus, type ProjectionStatus } from './projections.js';

export interface WatchOptions {
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly catalogue: readonly Projection[];
  readonly leases: Leases | null;
  /** How often it looks unasked, in milliseconds (default 1000). */
  readonly every?: number;
}

/** The projections run in another process: what is asked here can only be done there. */
export class RunsElsewhere extends Error {
  override readonly name = 'RunsElsewhere';
  constructor(readonly holder: string | undefined) {
    super(`the projections run in another process${holder === undefined ? '' : `: ${holder}`}`);
  }
}

/** Position of the last event that any of the projections reads; null when there is none. */
export async function lastProjected(store: EventStore, catalogue: readonly Projection[]): Promise<Position | null> {
  const prefixes = [...new Set(catalogue.flatMap(({ streams }) => streams))];
  const [last] = await store.readAll({ prefixes, direction: 'backwards', limit: 1 });
  return last?.position ?? null;
}

/** The lease that the runner of all projections holds. */
export const PROJECTIONS_LEASE = 'projections';

/**
 * The projections as a process sees them that does not run them: by their checkpoints. Waits for a position by looking
 * at the checkpoint of that projection, more often than anybody would mind.
 */
export class WatchedProjections implements Projections {
  private positions = new Map<string, Position | null>();
  private head: Position | null = null;
  private holder: LeaseHolder | null = null;
  private error: string | undefined;
  private readonly ended = new AbortController();
  private looking: Promise<void> | undefined;

  constructor(private readonly options: WatchOptions) {}

  async start(): Promise<void> {
    await this.look();
    this.looking = this.keepLooking();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.looking;
  }

  status(): ProjectionsStatus {
    const projections = this.options.catalogue.map((projection): ProjectionStatus => {
      const { name, version } = projection;
      const position = this.positions.get(name) ?? null;
      const caughtUp = this.head === null || (position !== null && position >= this.head);
      return {
        name,
        version,
        state: this.error !== undefined ? 'backing-off' : caughtUp ? 'live' : 'catching-up',
        collection: null,
        position,
        recordedAt: null,
        caughtUp,
        lag: 0,
        folded: 0,
        ...(this.error !== undefined && { retry: { attempt: 1, error: this.error } }),
      };
    });
    return { healthy: this.error === undefined, head: this.head, worker: 'stopped', projections };
  }

  notify(head: Position): void {
    if (this.head === null || head > this.head) this.head = head;
  }

  async waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean> {
    this.known(name);
    const deadline = performance.now() + timeoutMs;
    for (let wait = 5; ; wait = Math.min(100, wait * 1.5)) {
      const reached = await this.positionOf(name);
      if (reached !== null && reached >= position) return true;
      if (performance.now() >= deadline || this.over) return false;
      await pause(Math.min(wait, Math.max(0, deadline - performance.now())));
    }
  }

  rebuild(): Promise<never> {
    return this.refuse();
  }
  compare(): Promise<never> {
    return this.refuse();
  }
  drop(): Promise<never> {
    return this.refuse();
  }
  pause(): Promise<never> {
    return this.refuse();
  }
  resume(): Promise<never> {
    return this.refuse();
  }

  private get over(): boolean {
    return this.ended.signal.aborted;
  }

  private refuse(): Promise<never> {
    return Promise.reject(new RunsElsewhere(this.holder?.holder));
  }

  private known(name: string): void {
    if (!this.options.catalogue.some((projection) => projection.name === name)) throw new UnknownProjection(name);
  }

  private async positionOf(name: string): Promise<Position | null> {
    const { readModels } = this.options;
    const collection = await readModels.resolveAlias(name);
    const checkpoint = collection === null ? null : await readModels.loadCheckpoint(collection);
    const position = checkpoint?.position ?? null;
    this.positions.set(name, position);
    return position;
  }

  private async look(): Promise<void> {
    const { store, catalogue, leases } = this.options;
    try {
      this.head = await lastProjected(store, catalogue);
      for (const { name } of catalogue) await this.positionOf(name);
      this.holder = (await leases?.holder(PROJECTIONS_LEASE)) ?? null;
      this.error = undefined;
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
    }
  }

  private async keepLooking(): Promise<void> {
    const { every = 1000 } = this.options;
    while (!this.over) {
      await pause(every, undefined, { signal: this.ended.signal }).catch(() => undefined);
      if (!this.over) await this.look();
    }
  }
}
