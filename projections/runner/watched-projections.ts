import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore, Position } from '../../src/eventstore/event-store.js';
import type { LeaseHolder, Leases } from '../../src/readmodel/lease.js';
import type { ReadModels } from '../../src/readmodel/read-models.js';
import type { Projection } from './projection.js';
import { NOTHING_PARKED, ParkedEvents } from './parked-events.js';
import {
  UnknownProjection,
  type Parked,
  type ParkedCounts,
  type Projections,
  type ProjectionsStatus,
  type ProjectionStatus,
} from './projections.js';
import { Skips } from './skips.js';

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
  private waiting = new Map<string, ParkedCounts>();
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
        parked: this.waiting.get(name) ?? NOTHING_PARKED,
        ...(this.error !== undefined && { retry: { attempt: 1, error: this.error } }),
      };
    });
    const degraded = projections.some(({ parked }) => parked.events > 0);
    return { healthy: this.error === undefined, degraded, head: this.head, worker: 'stopped', projections };
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

  async parked(name: string): Promise<Parked> {
    const projection = this.known(name);
    const skipped = await new Skips(this.options.readModels, projection).list();
    return { documents: (await this.parkedOf(name))?.list() ?? [], skipped };
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

  retry(): Promise<never> {
    return this.refuse();
  }
  skip(): Promise<never> {
    return this.refuse();
  }

  private get over(): boolean {
    return this.ended.signal.aborted;
  }

  private refuse(): Promise<never> {
    return Promise.reject(new RunsElsewhere(this.holder?.holder));
  }

  private known(name: string): Projection {
    const projection = this.options.catalogue.find((candidate) => candidate.name === name);
    if (projection === undefined) throw new UnknownProjection(name);
    return projection;
  }

  private async parkedOf(name: string): Promise<ParkedEvents | undefined> {
    const { readModels } = this.options;
    const collection = await readModels.resolveAlias(name);
    if (collection === null) return undefined;
    const parked = new ParkedEvents(readModels, collection);
    await parked.look();
    return parked;
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
      for (const { name } of catalogue) {
        await this.positionOf(name);
        this.waiting.set(name, (await this.parkedOf(name))?.counts ?? NOTHING_PARKED);
      }
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
