import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore, Position } from '../eventstore/event-store.js';
import type { LeaseHolder, Leases } from '../readmodels/lease.js';
import type { Checkpoint, ReadModels } from '../readmodels/read-models.js';
import { isPaused, newerThan } from './collections.js';
import { ProjectionHalted } from './failures.js';
import { checkHistory } from './history.js';
import type { Projection } from './projection.js';
import { NOTHING_PARKED, ParkedEvents } from './parked-events.js';
import {
  UnknownProjection,
  type Halt,
  type Parked,
  type ParkedCounts,
  type Projections,
  type ProjectionsStatus,
  type ProjectionStatus,
} from './projections.js';
import { distance } from './running-projection.js';
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

/** What could be seen of a projection from here. */
interface Sight {
  readonly position: Position | null;
  readonly recordedAt: string | null;
  readonly halt?: Halt;
  readonly parked: ParkedCounts;
  readonly paused: boolean;
  readonly building?: NonNullable<ProjectionStatus['building']>;
}

const NOTHING_SEEN: Sight = { position: null, recordedAt: null, parked: NOTHING_PARKED, paused: false };

/** The lease that the runner of all projections holds. */
export const PROJECTIONS_LEASE = 'projections';

/**
 * The projections as a process sees them that does not run them: by their checkpoints. Waits for a position by looking
 * at the checkpoint of that projection, more often than anybody would mind.
 */
export class WatchedProjections implements Projections {
  private seen = new Map<string, Sight>();
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
    const { head, error } = this;
    const projections = this.options.catalogue.map((projection): ProjectionStatus => {
      const { name, version } = projection;
      const { position, recordedAt, halt, parked, paused, building } = this.seen.get(name) ?? NOTHING_SEEN;
      const upToDate = head === null || (position !== null && position >= head);
      const going = error === undefined ? (upToDate ? 'live' : 'catching-up') : 'backing-off';
      const caughtUp = upToDate && halt === undefined;
      return {
        name,
        version,
        state: halt !== undefined ? 'halted' : paused ? 'paused' : going,
        collection: null,
        position,
        recordedAt,
        caughtUp,
        lag: caughtUp ? 0 : distance(position, head),
        folded: 0,
        parked,
        ...(halt !== undefined && { halt }),
        ...(building !== undefined && { building }),
        ...(error !== undefined && { retry: { attempt: 1, error } }),
      };
    });
    const healthy = error === undefined && projections.every(({ halt }) => halt === undefined);
    const degraded = projections.some(({ parked }) => parked.events > 0);
    return { healthy, degraded, head, worker: 'stopped', projections };
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

  private async checkpointOf(name: string): Promise<Checkpoint | null> {
    const { readModels } = this.options;
    const collection = await readModels.resolveAlias(name);
    return collection === null ? null : readModels.loadCheckpoint(collection);
  }

  private async buildingOf(name: string): Promise<Sight['building']> {
    const { readModels } = this.options;
    const live = await readModels.resolveAlias(name);
    const collection = live === null ? undefined : await newerThan(readModels, name, live);
    if (collection === undefined) return undefined;
    return { collection, position: (await readModels.loadCheckpoint(collection))?.position ?? null };
  }

  private async positionOf(name: string): Promise<Position | null> {
    const position = (await this.checkpointOf(name))?.position ?? null;
    const before = this.seen.get(name) ?? NOTHING_SEEN;
    if (position !== before.position) this.seen.set(name, { ...before, position, recordedAt: null });
    return position;
  }

  private async look(): Promise<void> {
    const { store, readModels, catalogue, leases } = this.options;
    try {
      this.holder = (await leases?.holder(PROJECTIONS_LEASE)) ?? null;
      const proven = new Map<string, Promise<Proof>>(); // most stand at the same event
      for (const { name } of catalogue) {
        const parked = (await this.parkedOf(name))?.counts ?? NOTHING_PARKED;
        const checkpoint = await this.checkpointOf(name);
        let proof: Proof = { recordedAt: null };
        if (checkpoint !== null) {
          const key = `${checkpoint.storeId} ${checkpoint.eventId}`;
          const proving = proven.get(key) ?? proofOf(store, checkpoint);
          proven.set(key, proving);
          proof = await proving;
        }
        const paused = await isPaused(readModels, name);
        const building = await this.buildingOf(name);
        const position = checkpoint?.position ?? null;
        this.seen.set(name, { position, parked, paused, ...(building && { building }), ...proof });
      }
      this.head = await lastProjected(store, catalogue);
      this.error = undefined;
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
    }
  }

  private async keepLooking(): Promise<void> {
    const { every = 1000 } = this.options;
    for (;;) {
      await pause(every, undefined, { signal: this.ended.signal }).catch(() => undefined);
      if (this.over) return;
      await this.look();
    }
  }
}

type Proof = Pick<Sight, 'recordedAt' | 'halt'>;

/** Whether the log still is the one that was folded: the runner halts when it is not, and nobody else can see why. */
async function proofOf(store: EventStore, checkpoint: Checkpoint): Promise<Proof> {
  try {
    const { metadata } = await checkHistory(store, checkpoint);
    const { recordedAt } = JSON.parse(metadata) as { readonly recordedAt?: string };
    return { recordedAt: recordedAt ?? null };
  } catch (error) {
    if (!(error instanceof ProjectionHalted)) throw error;
    return { recordedAt: null, halt: error.halt };
  }
}
