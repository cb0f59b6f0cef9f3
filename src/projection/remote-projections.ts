import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore, Position } from '../eventstore/event-store.js';
import type { LeaseHolder, Leases } from '../readmodels/lease.js';
import type { Checkpoint, ModelRecord, ReadModels } from '../readmodels/read-models.js';
import { versionOf } from './collections.js';
import { errorMessage, ProjectionHalted } from './failures.js';
import { freshnessOf, summaryOf } from './freshness.js';
import { checkHistory, lastProjected } from './history.js';
import { UnknownProjection, type Operation, type OperationResult, type Parked } from './operations.js';
import { countParked, listParked, NOTHING_PARKED, type ParkedCounts } from './parked-documents.js';
import type { Projection } from './projection.js';
import type { BuildProgress, Halt, Projections, ProjectionsStatus, ProjectionStatus } from './projections.js';
import { skipsOf } from './skipped-events.js';

export interface RemoteOptions {
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly catalogue: readonly Projection[];
  readonly leases: Leases | null;
  /** Poll interval in milliseconds (default 1000). */
  readonly pollInterval?: number;
}

/** The projections run in another process, which alone can execute the operation. */
export class RunsElsewhere extends Error {
  override readonly name = 'RunsElsewhere';
  constructor(readonly holder: string | undefined) {
    super(`the projections run in another process${holder === undefined ? '' : `: ${holder}`}`);
  }
}

/** The observed state of a projection. */
interface Sight {
  readonly position: Position | null;
  readonly recordedAt: string | null;
  readonly halt?: Halt;
  readonly parked: ParkedCounts;
  readonly paused: boolean;
  readonly building?: BuildProgress;
  /** It was observed at the end of the log, or an older version serves meanwhile. */
  readonly complete: boolean;
}

const UNOBSERVED: Sight = {
  position: null,
  recordedAt: null,
  parked: NOTHING_PARKED,
  paused: false,
  complete: false,
};

/** Name of the lease that the runner of all projections holds. */
export const PROJECTIONS_LEASE = 'projections';

/**
 * The projections as observed by a process that does not run them, from their records and checkpoints. Waits for a
 * position by polling the checkpoint of that projection.
 */
export class RemoteProjections implements Projections {
  private seen = new Map<string, Sight>();
  private head: Position | null = null;
  private holder: LeaseHolder | null = null;
  private error: string | undefined;
  /** Start of the last successful poll, by the monotonic clock of this process. */
  private polledAt = performance.now();
  private readonly ended = new AbortController();
  private polling: Promise<void> | undefined;

  constructor(private readonly options: RemoteOptions) {}

  async start(): Promise<void> {
    await this.poll();
    this.polling = this.keepPolling();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.polling;
  }

  status(): ProjectionsStatus {
    const { head, error } = this;
    const projections = this.options.catalogue.map((projection): ProjectionStatus => {
      const { name, version } = projection;
      const { paused, halt, ...sight } = this.seen.get(name) ?? UNOBSERVED;
      const isAtEnd = head === null || (sight.position !== null && sight.position >= head);
      const going = error !== undefined ? 'backing-off' : isAtEnd ? 'live' : 'catching-up';
      const state = halt !== undefined ? 'halted' : paused ? 'paused' : going;
      return {
        name,
        version,
        state,
        collection: null,
        ...sight,
        ...freshnessOf(state, sight.position, head),
        folded: 0,
        ...(halt !== undefined && { halt }),
        ...(error !== undefined && { retry: { attempt: 1, error } }),
      };
    });
    const observedMsAgo = performance.now() - this.polledAt;
    return { ...summaryOf(projections), head, observedMsAgo, worker: 'stopped' };
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
      if (performance.now() >= deadline || this.ended.signal.aborted) return false;
      await pause(Math.min(wait, Math.max(0, deadline - performance.now())));
    }
  }

  /** Lists parked events; rejects every other operation. */
  async execute<O extends Operation>(operation: O): Promise<OperationResult<O>> {
    const projection = this.known(operation.name);
    if (operation.kind !== 'parked') throw new RunsElsewhere(this.holder?.holder);
    const record = await this.options.readModels.loadModel(projection.name);
    const parked: Parked = {
      documents: listParked(record?.parked ?? []),
      skipped: skipsOf(record, projection.version),
    };
    return parked as OperationResult<O>;
  }

  private known(name: string): Projection {
    const projection = this.options.catalogue.find((candidate) => candidate.name === name);
    if (projection === undefined) throw new UnknownProjection(name);
    return projection;
  }

  private async checkpointOf(collection: string | null | undefined): Promise<Checkpoint | null> {
    return collection == null ? null : this.options.readModels.loadCheckpoint(collection);
  }

  private async positionOf(name: string): Promise<Position | null> {
    const record = await this.options.readModels.loadModel(name);
    const position = (await this.checkpointOf(record?.live))?.position ?? null;
    const before = this.seen.get(name) ?? UNOBSERVED;
    if (position !== before.position) this.seen.set(name, { ...before, position, recordedAt: null });
    return position;
  }

  private async poll(): Promise<void> {
    const { store, readModels, catalogue, leases } = this.options;
    const began = performance.now();
    try {
      this.holder = (await leases?.holder(PROJECTIONS_LEASE)) ?? null;
      const records = new Map((await readModels.listModels()).map((record) => [record.name, record]));
      const proven = new Map<string, Promise<Proof>>(); // most checkpoints are at the same event
      const known = this.head;
      const head = await lastProjected(store, catalogue);
      for (const projection of catalogue) {
        const record = records.get(projection.name);
        if (record !== undefined) this.seen.set(projection.name, await this.sightOf(projection, record, head, proven));
      }
      if (this.head === known) this.head = head; // may move backwards: the log may have been restored
      this.error = undefined;
      this.polledAt = began;
    } catch (error) {
      this.error = errorMessage(error);
    }
  }

  private async sightOf(
    { name, version }: Projection,
    record: ModelRecord,
    head: Position | null,
    proven: Map<string, Promise<Proof>>,
  ): Promise<Sight> {
    const { live, building, paused, parked } = record;
    const checkpoint = await this.checkpointOf(live);
    let proof: Proof = { recordedAt: null };
    if (checkpoint !== null) {
      const key = `${checkpoint.storeId} ${checkpoint.eventId}`;
      const proving = proven.get(key) ?? proofOf(this.options.store, checkpoint);
      proven.set(key, proving);
      proof = await proving;
    }
    const position = checkpoint?.position ?? null;
    const isOlder = live !== null && versionOf(live) !== version;
    const isAtEnd = head === null || (position !== null && position >= head);
    return {
      position,
      parked: countParked(parked),
      paused,
      complete: this.seen.get(name)?.complete === true || isOlder || isAtEnd,
      ...(building !== null && {
        building: { collection: building, position: (await this.checkpointOf(building))?.position ?? null },
      }),
      ...proof,
    };
  }

  private async keepPolling(): Promise<void> {
    const { pollInterval = 1000 } = this.options;
    for (;;) {
      await pause(pollInterval, undefined, { signal: this.ended.signal }).catch(() => undefined);
      if (this.ended.signal.aborted) return;
      await this.poll();
    }
  }
}

type Proof = Pick<Sight, 'recordedAt' | 'halt'>;

/**
 * Whether the log is the one that was folded: if not, the runner halts without recording why, so the observer checks
 * itself.
 */
async function proofOf(store: EventStore, checkpoint: Checkpoint): Promise<Proof> {
  try {
    return { recordedAt: await checkHistory(store, checkpoint) };
  } catch (error) {
    if (!(error instanceof ProjectionHalted)) throw error;
    return { recordedAt: null, halt: error.halt };
  }
}
