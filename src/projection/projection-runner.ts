import type { EventStore, Position } from '../eventstore/event-store.js';
import type { ExplainFailure } from '../platform/server-unusable.js';
import { execute } from './execute.js';
import { Feed, PAGE_EVENTS } from './feed.js';
import { summaryOf } from './freshness.js';
import { prefixesOf } from './history.js';
import { ModelControl } from './model-control.js';
import { Model } from './model.js';
import { UnknownProjection, type Operation, type OperationResult } from './operations.js';
import { Pacer } from './pacer.js';
import type { Decode } from './page.js';
import { PositionWaiters } from './position-waiters.js';
import type { ModelStore } from './projection.js';
import type { WriterLimits } from './projection-writer.js';
import type { Projections, ProjectionsStatus } from './projections.js';

export interface RunnerOptions {
  readonly store: EventStore;
  /** The projections to run, by the store in which they are kept. */
  readonly stores: readonly ModelStore[];
  readonly decode: Decode;
  /** Number of events per write while a model catches up (default {@link DEFAULT_BATCH_SIZE}). */
  readonly batchSize?: number;
  readonly limits?: WriterLimits;
  /**
   * Whether other processes read the checkpoint. Then it is stored whenever a model has caught up, even if no
   * document changed.
   */
  readonly othersReadCheckpoint?: boolean;
  /** Interval at which a waiting model polls the log, in milliseconds. */
  readonly pollInterval?: number;
  readonly explainFailure?: ExplainFailure;
  /** Called after every batch and every change of state. */
  readonly onStatus?: (status: ProjectionsStatus) => void;
}

const DEFAULT_BATCH_SIZE = 50_000;

/** Runs the projections in this thread. Each has its own loop; all use one feed, and one write session for each store. */
export class ProjectionRunner implements Projections {
  private readonly feed: Feed;
  private models: readonly Model[] = [];
  private readonly waiters = new PositionWaiters();
  private readonly stopping = new AbortController();
  private readonly operations = new Set<Promise<unknown>>();
  private readonly batchSize: number;
  private isStarted = false;
  private isReportScheduled = false;

  constructor(private readonly options: RunnerOptions) {
    const { store, decode, stores, pollInterval } = options;
    const prefixes = prefixesOf(stores.flatMap(({ catalogue }) => catalogue));
    this.batchSize = options.batchSize ?? DEFAULT_BATCH_SIZE;
    const pageEvents = Math.min(PAGE_EVENTS, this.batchSize);
    this.feed = new Feed({ store, decode, prefixes, pageEvents, ...(pollInterval !== undefined && { pollInterval }) });
  }

  /**
   * Opens the write sessions, creates missing collections, checks the history of each model and starts its loop. Does
   * not wait until the models have caught up.
   */
  async start(): Promise<void> {
    const { stores, store, decode, limits = {}, othersReadCheckpoint = false, explainFailure } = this.options;
    await this.feed.open();
    const pacer = new Pacer(this.feed);
    const models: Model[] = [];
    for (const { readModels, catalogue } of stores) {
      const session = await readModels.openSession();
      for (const projection of catalogue)
        models.push(
          new Model({
            projection,
            store,
            decode,
            readModels,
            limits,
            othersReadCheckpoint,
            explainFailure,
            feed: this.feed,
            control: new ModelControl(session, projection.name),
            batchSize: this.batchSize,
            pacer,
            stopping: this.stopping.signal,
            onStatusChange: () => this.scheduleReport(),
          }),
        );
    }
    this.models = models;
    for (const model of this.models) await model.start();
    this.isStarted = true; // an earlier report would show models that have not started yet as stopped
    this.report();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the projections are stopping'));
    await Promise.allSettled([...this.operations]);
    await Promise.all(this.models.map((model) => model.stop()));
    this.feed.close();
    this.report();
    this.waiters.close();
  }

  status(): ProjectionsStatus {
    const summary = summaryOf(this.models.map((model) => model.status()));
    return { ...summary, head: this.feed.end, observedMsAgo: 0, worker: 'in-process' };
  }

  notify(head: Position): void {
    this.feed.notify(head);
  }

  async waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean> {
    return this.waiters.wait(this.model(name).status(), position, timeoutMs);
  }

  async execute<O extends Operation>(operation: O, signal?: AbortSignal): Promise<OperationResult<O>> {
    const { stopping } = this;
    const model = this.model(operation.name);
    const cancelSignal = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
    // reports the new status before the caller gets the result
    const result = execute(model, operation, cancelSignal).finally(() => this.report());
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.operations.add(settled);
    void settled.then(() => this.operations.delete(settled));
    return result;
  }

  private model(name: string): Model {
    const model = this.models.find((candidate) => candidate.name === name);
    if (model === undefined) throw new UnknownProjection(name);
    return model;
  }

  /** Reports once for all changes in one turn of the event loop. */
  private scheduleReport(): void {
    if (!this.isStarted || this.isReportScheduled) return;
    this.isReportScheduled = true;
    setImmediate(() => {
      this.isReportScheduled = false;
      this.report();
    });
  }

  private report(): void {
    const status = this.status();
    for (const projection of status.projections) this.waiters.notify(projection);
    this.options.onStatus?.(status);
  }
}
