import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore, Position } from '../eventstore/event-store.js';
import type { ExplainFailure } from '../platform/server-unusable.js';
import type { LeaseHolder, Leases } from '../readmodels/lease.js';
import type { Checkpoint, ModelRecord, ReadModels } from '../readmodels/read-models.js';
import { isBuiltBy, isReadableBy } from './collections.js';
import { ProjectionHalted, retryStatus } from './failures.js';
import { freshnessOf, summaryOf } from './freshness.js';
import { checkHistory, headForProjections } from './history.js';
import { UnknownProjection, type Operation, type OperationResult, type ParkedEvents } from './operations.js';
import { countParked, listParked, NOTHING_PARKED, type ParkedCounts } from './parked-documents.js';
import type { ModelStore, Projection } from './projection.js';
import type {
  BuildProgress,
  Halt,
  Projections,
  ProjectionState,
  ProjectionsStatus,
  ProjectionStatus,
  RetryStatus,
} from './projections.js';
import { skipsOf } from './skipped-events.js';

export interface RemoteOptions {
  readonly store: EventStore;
  /** The projections to observe, by the store in which they are kept. */
  readonly stores: readonly ModelStore[];
  /** Used to name the process that runs the projections; null when there are no leases. */
  readonly leases: Leases | null;
  /** Interval in milliseconds at which the state is read (default 1000). */
  readonly pollInterval?: number;
  readonly explainFailure?: ExplainFailure;
}

/** The projections run in another process; only that process can execute the operation. */
export class RunsElsewhere extends Error {
  override readonly name = 'RunsElsewhere';
  /** @param holder host and process id of the leader; undefined if it is not known */
  constructor(readonly holder: string | undefined) {
    super(
      `the projections run in another process${holder === undefined ? '' : ` (host and process id: ${holder})`}: send ` +
        'the request to it; for a command of redress, set REDRESS_ROLE=projections, and --data to its data folder',
    );
  }
}

/** The state of a projection as last read from its record, its checkpoint and the log. */
interface ObservedState {
  readonly position: Position | null;
  readonly recordedAt: string | null;
  readonly halt?: Halt;
  readonly parked: ParkedCounts;
  readonly paused: boolean;
  readonly building?: BuildProgress;
  /**
   * Whether queries can use the live collection and it has caught up at least once; one of an older version always has.
   */
  readonly complete: boolean;
}

const UNOBSERVED: ObservedState = {
  position: null,
  recordedAt: null,
  parked: NOTHING_PARKED,
  paused: false,
  complete: false,
};

/** Name of the lease that the runner of all projections holds. */
export const PROJECTIONS_LEASE = 'projections';

/**
 * The projections as seen by a process that does not run them: it polls their model records and checkpoints. To wait
 * for a position, it polls the checkpoint of that projection more often.
 */
export class RemoteProjections implements Projections {
  private readonly models: readonly ObservedModel[];
  private readonly observed = new Map<string, ObservedState>();
  private head: Position | null = null;
  private leaseHolder: LeaseHolder | null = null;
  /** Why the last poll failed. */
  private failure: RetryStatus | undefined;
  /** Start of the last successful poll in milliseconds, by the monotonic clock of this process. */
  private polledAt = performance.now();
  private readonly stopping = new AbortController();
  private polling: Promise<void> | undefined;

  constructor(private readonly options: RemoteOptions) {
    this.models = options.stores.flatMap(({ readModels, catalogue }) =>
      catalogue.map((projection) => ({ projection, readModels })),
    );
  }

  async start(): Promise<void> {
    await this.poll();
    this.polling = this.keepPolling();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.polling;
  }

  status(): ProjectionsStatus {
    const { head, failure } = this;
    const projections = this.models.map(({ projection }): ProjectionStatus => {
      const { name, version } = projection;
      const observed = this.observed.get(name) ?? UNOBSERVED;
      const { paused: _paused, halt, ...fields } = observed;
      const state = this.stateOf(observed);
      return {
        name,
        version,
        state,
        collection: null,
        ...fields,
        ...freshnessOf(state, fields.position, head),
        folded: 0,
        ...(halt !== undefined && { halt }),
        ...(failure !== undefined && { retry: failure }),
      };
    });
    const observedMsAgo = performance.now() - this.polledAt;
    return { ...summaryOf(projections), head, observedMsAgo, worker: 'stopped' };
  }

  notify(head: Position): void {
    if (this.head === null || head > this.head) this.head = head;
  }

  async waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean> {
    const model = this.modelNamed(name);
    const deadline = performance.now() + timeoutMs;
    for (let delayMs = 5; ; delayMs = Math.min(100, delayMs * 1.5)) {
      const reached = await this.loadPosition(model);
      if (reached !== null && reached >= position) return true;
      if (performance.now() >= deadline || this.stopping.signal.aborted) return false;
      await pause(Math.min(delayMs, Math.max(0, deadline - performance.now())));
    }
  }

  /**
   * Lists parked and skipped events.
   * @throws RunsElsewhere for every other operation
   */
  async execute<O extends Operation>(operation: O): Promise<OperationResult<O>> {
    const { projection, readModels } = this.modelNamed(operation.name);
    if (operation.kind !== 'parked') throw new RunsElsewhere(this.leaseHolder?.holder);
    const record = await readModels.loadModel(projection.name);
    const parked: ParkedEvents = {
      documents: listParked(record?.parked ?? []),
      skipped: skipsOf(record, projection.version),
    };
    return parked as OperationResult<O>;
  }

  private stateOf({ halt, paused, position }: ObservedState): ProjectionState {
    if (halt !== undefined) return 'halted';
    if (paused) return 'paused';
    if (this.failure !== undefined) return 'backing-off';
    return isAtOrAfter(position, this.head) ? 'live' : 'catching-up';
  }

  private modelNamed(name: string): ObservedModel {
    const model = this.models.find(({ projection }) => projection.name === name);
    if (model === undefined) throw new UnknownProjection(name);
    return model;
  }

  /** Reads the position of a projection from its checkpoint, and updates its observed state. */
  private async loadPosition({ projection: { name }, readModels }: ObservedModel): Promise<Position | null> {
    const record = await readModels.loadModel(name);
    const position = (await loadCheckpoint(readModels, record?.live))?.position ?? null;
    const before = this.observed.get(name) ?? UNOBSERVED;
    if (position !== before.position) this.observed.set(name, { ...before, position, recordedAt: null });
    return position;
  }

  /** Reads the state of all projections; keeps the last state if that fails. */
  private async poll(): Promise<void> {
    const { store, stores, leases } = this.options;
    const startedAt = performance.now();
    try {
      this.leaseHolder = (await leases?.holder(PROJECTIONS_LEASE)) ?? null;
      const records = await Promise.all(stores.map(({ readModels }) => readModels.listModels()));
      const recordByName = new Map(records.flat().map((record) => [record.name, record]));
      const checks = new Map<string, Promise<HistoryCheck>>(); // most checkpoints name the same event
      const headBefore = this.head;
      const head = await headForProjections(
        store,
        stores.flatMap(({ catalogue }) => catalogue),
      );
      for (const model of this.models) {
        const { name } = model.projection;
        const record = recordByName.get(name);
        if (record !== undefined) this.observed.set(name, await this.observe(model, record, head, checks));
      }
      // unless `notify` has set a newer head during this poll
      if (this.head === headBefore) this.head = head; // earlier than before if the log was restored
      this.failure = undefined;
      this.polledAt = startedAt;
    } catch (error) {
      this.failure = retryStatus(error, 1, this.options.explainFailure);
    }
  }

  /** `checks`: the history checks of this poll, by store id and event id. */
  private async observe(
    { projection, readModels }: ObservedModel,
    record: ModelRecord,
    head: Position | null,
    checks: Map<string, Promise<HistoryCheck>>,
  ): Promise<ObservedState> {
    const { live, building, paused, parked } = record;
    const checkpoint = await loadCheckpoint(readModels, live);
    let historyCheck: HistoryCheck = { recordedAt: null };
    if (checkpoint !== null) {
      const key = `${checkpoint.storeId} ${checkpoint.eventId}`;
      const check = checks.get(key) ?? tryCheckHistory(this.options.store, checkpoint);
      checks.set(key, check);
      historyCheck = await check;
    }
    const position = checkpoint?.position ?? null;
    const isReadable = live === null || isReadableBy(projection, live);
    const isOtherVersion = live !== null && !isBuiltBy(projection, live);
    const wasComplete = this.observed.get(projection.name)?.complete === true;
    return {
      position,
      parked: countParked(parked),
      paused,
      complete: isReadable && (wasComplete || isOtherVersion || isAtOrAfter(position, head)),
      ...(building !== null && {
        building: { collection: building, position: (await loadCheckpoint(readModels, building))?.position ?? null },
      }),
      ...historyCheck,
    };
  }

  private async keepPolling(): Promise<void> {
    const { pollInterval = 1000 } = this.options;
    for (;;) {
      await pause(pollInterval, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      await this.poll();
    }
  }
}

/** A projection, and the store in which it is kept. */
interface ObservedModel {
  readonly projection: Projection;
  readonly readModels: ReadModels;
}

const loadCheckpoint = async (
  readModels: ReadModels,
  collection: string | null | undefined,
): Promise<Checkpoint | null> => (collection == null ? null : readModels.loadCheckpoint(collection));

type HistoryCheck = Pick<ObservedState, 'recordedAt' | 'halt'>;

/**
 * Checks that the log is the one that the checkpoint belongs to. If it is not, the projection halts in the process that
 * runs it, which does not store the reason; so each process checks the history itself.
 */
async function tryCheckHistory(store: EventStore, checkpoint: Checkpoint): Promise<HistoryCheck> {
  try {
    return { recordedAt: await checkHistory(store, checkpoint) };
  } catch (error) {
    if (!(error instanceof ProjectionHalted)) throw error;
    return { recordedAt: null, halt: error.halt };
  }
}

/** Every position is at or after the end of an empty log (null). */
const isAtOrAfter = (position: Position | null, head: Position | null): boolean =>
  head === null || (position !== null && position >= head);
