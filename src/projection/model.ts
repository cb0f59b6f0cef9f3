import { setImmediate as nextTurn } from 'node:timers/promises';
import { SubscriptionDropped, type Position } from '../eventstore/event-store.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import type { ModelRecord } from '../readmodels/read-models.js';
import { dropLeftovers, isReadableBy } from './collections.js';
import { backOff, haltOf, isTransient, retryStatus } from './failures.js';
import { freshnessOf } from './freshness.js';
import { LiveCollection } from './live-collection.js';
import type { ModelContext } from './model-context.js';
import type { BuildReport } from './operations.js';
import { countParked } from './parked-documents.js';
import type { ProjectionWriter } from './projection-writer.js';
import { stateName, type ModelState } from './model-state.js';
import type { Page } from './page.js';
import type { BuildProgress, Halt, ProjectionStatus, RetryStatus } from './projections.js';
import { loadOldVersion } from './old-version.js';
import { rebuild, type BuildPlan, type LiveModel } from './rebuild.js';

/**
 * One read model. Its loop gets the page after its cursor from the feed, folds the events and writes the changed
 * documents. After a transient error of the log or the read models, the loop continues from the stored checkpoint, with
 * back-off. Any other error halts this model only. Operations run between two batches of the loop.
 */
export class Model {
  readonly live: LiveCollection;
  private state: ModelState = { kind: 'stopped' };
  /** The progress of a rebuild or comparison that is running. */
  private building: BuildProgress | undefined;
  /** The last error of a build that is retried. */
  private buildRetry: RetryStatus | undefined;
  private lastBuild: BuildReport | undefined;
  /**
   * Whether the collection that queries read has caught up at least once. During the build of a new version, queries
   * read the old version, which counts as complete; they cannot read one of another variant.
   */
  private isComplete = false;
  /** Number of lost subscriptions when the history was last checked. */
  private lostSubscriptions = 0;
  /** Runs batches and operations one at a time. */
  private readonly queue = new KeyedQueue();
  /** Ends the wait for a page, so that the loop checks its state again. */
  private interruption = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(readonly context: ModelContext) {
    this.live = new LiveCollection(context);
  }

  get name(): string {
    return this.context.projection.name;
  }

  get halt(): Halt | undefined {
    return this.state.kind === 'halted' ? this.state.halt : undefined;
  }

  /** Drops what earlier builds left, creates a missing collection and checks the history; then starts the loop. */
  async start(): Promise<void> {
    const { control, readModels } = this.context;
    this.setState({ kind: 'following', isLive: false });
    await this.attempt(async () => {
      await dropLeftovers(readModels, control.session, await control.load());
      await control.change({ building: null });
      await this.open();
    });
    this.loop = this.run();
  }

  /** Ends the loop and writes what it has folded. Call it after `stopping` of the context was aborted. */
  async stop(): Promise<void> {
    this.interrupt();
    await this.loop;
    await this.runBetweenBatches(() => this.flush()).catch(() => undefined); // unwritten events are folded again later
    this.setState({ kind: 'stopped' });
  }

  status(): ProjectionStatus {
    const { state, context, buildRetry } = this;
    const { writer, record, parked } = this.live;
    const isBuilt = writer !== undefined;
    // while there is no collection of the current version, the retries of its build are those of the model
    const firstBuildRetry = isBuilt ? undefined : buildRetry;
    const retry = state.kind === 'backing-off' ? state.retry : firstBuildRetry;
    const reportedState = stateName(state, isBuilt, retry !== undefined);
    const position = writer?.position ?? null;
    return {
      name: this.name,
      version: context.projection.version,
      state: reportedState,
      collection: writer?.collection ?? null,
      position,
      recordedAt: writer?.recordedAt ?? null,
      ...freshnessOf(reportedState, position, context.feed.end),
      complete: this.isComplete,
      folded: writer?.events ?? 0,
      parked: writer === undefined ? countParked(record?.parked ?? []) : parked.counts,
      ...(state.kind === 'halted' && { halt: state.halt }),
      ...(retry !== undefined && { retry }),
      ...(this.building !== undefined && { building: this.building }),
      ...(this.lastBuild !== undefined && { lastBuild: this.lastBuild }),
    };
  }

  /** Runs the work when no batch is in progress; the next batch waits for it. */
  runBetweenBatches<T>(work: () => Promise<T>): Promise<T> {
    return this.queue.run(this.name, work);
  }

  /** Stops folding after the current batch, until {@link resume}. A pause outlasts a restart. */
  async pause(): Promise<void> {
    await this.runBetweenBatches(async () => {
      this.live.record = await this.recordPause(true);
      await this.flush().catch(() => undefined); // unwritten events are folded again after the pause
      if (this.state.kind !== 'halted') this.setState({ kind: 'paused' });
    }).finally(() => this.interrupt());
  }

  /**
   * Continues from the stored checkpoint after a pause, a halt or a failure. A model that cannot be opened stays
   * halted.
   */
  async resume(): Promise<void> {
    await this.runBetweenBatches(async () => {
      await this.recordPause(false);
      await this.attempt(() => this.open());
    }).finally(() => this.interrupt());
  }

  /**
   * After a transient error the outcome is unknown: the loop then opens the model again and reads whether it is paused.
   */
  private async recordPause(paused: boolean): Promise<ModelRecord> {
    try {
      return await this.context.control.change({ paused });
    } catch (error) {
      if (this.halt === undefined) this.handleFailure(error);
      throw error;
    }
  }

  /**
   * Opens the model from the stored record and checkpoint. Call it within {@link runBetweenBatches}. If opening fails,
   * it sets the state of the model and throws the error.
   */
  async open(): Promise<void> {
    this.lostSubscriptions = this.context.feed.lostSubscriptions;
    try {
      await this.live.open();
    } catch (error) {
      this.handleFailure(error);
      throw error;
    }
    const isBuilding = this.live.writer === undefined;
    this.isComplete ||= isBuilding && this.hasReadableCollection();
    this.setState(
      this.live.record?.paused === true
        ? { kind: 'paused' }
        : { kind: 'following', isLive: !isBuilding && this.isAtEnd() },
    );
  }

  /** Folds the history into a new collection, and compares it with the live collection or replaces that collection. */
  async build(plan: Pick<BuildPlan, 'swap' | 'keep' | 'signal'>, live = this.asLiveModel()): Promise<BuildReport> {
    try {
      this.lastBuild = await rebuild(this.context, {
        ...plan,
        live,
        onProgress: (progress) => {
          this.building = progress;
          this.buildRetry = undefined;
          this.context.onStatusChange();
        },
        onRetry: (retry) => {
          this.buildRetry = retry;
          this.context.onStatusChange();
        },
        onSwapped: async () => {
          await this.attempt(() => this.open());
        },
      });
      return this.lastBuild;
    } finally {
      this.building = undefined;
      this.buildRetry = undefined;
    }
  }

  /** Ends a wait of the loop, so that it checks its state again. */
  interrupt(): void {
    this.interruption.abort();
    this.context.onStatusChange();
  }

  private async run(): Promise<void> {
    const { stopping } = this.context;
    for (let failures = 0; !stopping.aborted;) {
      this.interruption = new AbortController();
      const signal = AbortSignal.any([this.interruption.signal, stopping]);
      const isActive = this.state.kind === 'following' || this.state.kind === 'backing-off';
      if (!isActive) await waitForAbort(signal);
      else if (await this.attempt(() => this.step(signal), failures)) failures = 0;
      else if (this.state.kind === 'backing-off') await backOff(failures++, signal);
    }
  }

  /** Runs the work. When it fails, sets the state of the model and returns false, unless the runner is stopping. */
  private async attempt(work: () => Promise<unknown>, failures = 0): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (this.context.stopping.aborted) return true;
      this.handleFailure(error, failures + 1);
      return false;
    }
  }

  private handleFailure(error: unknown, attempt = 1): void {
    const { explainFailure } = this.context;
    if (isTransient(error)) this.setState({ kind: 'backing-off', retry: retryStatus(error, attempt, explainFailure) });
    else this.setState({ kind: 'halted', halt: haltOf(error) });
  }

  /** One pass of the loop: opens the model again after a failure, builds a new version, or folds one batch. */
  private async step(signal: AbortSignal): Promise<void> {
    if (this.state.kind === 'backing-off') await this.runBetweenBatches(() => this.open());
    const { writer } = this.live;
    if (this.state.kind !== 'following') return;
    if (writer === undefined) return this.buildNewVersion();
    if (this.context.feed.lostSubscriptions !== this.lostSubscriptions)
      throw new SubscriptionDropped('the subscription was lost');
    const page = await this.context.feed.after(writer.cursor, signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (page === undefined) return;
    const startedAt = performance.now();
    await this.runBetweenBatches(async () => {
      // an operation may have changed the writer or the state while this call waited
      if (this.live.writer === writer && this.state.kind === 'following') await this.processBatch(writer, page);
    });
    const workedMs = performance.now() - startedAt;
    if (this.isLive) await this.context.pacer.throttle(workedMs, signal);
    else await nextTurn();
  }

  /** Folds pages until the current end of the log or until the batch is full, then writes all changes together. */
  private async processBatch(writer: ProjectionWriter, first: Page): Promise<void> {
    const { feed, stopping, othersReadCheckpoint } = this.context;
    const target = feed.end ?? '';
    const isAtTarget = (): boolean => (writer.cursor ?? '') >= target;
    for (let page = first; ; page = await feed.after(writer.cursor, stopping)) {
      await writer.fold(page);
      await nextTurn(); // lets other tasks run
      if (isAtTarget() || writer.isFull || stopping.aborted) break;
    }
    await writer.write({ alwaysCheckpoint: othersReadCheckpoint && isAtTarget() });
    if (isAtTarget()) await this.live.buildMissingIndexes();
    this.setState({ kind: 'following', isLive: isAtTarget() });
  }

  private get isLive(): boolean {
    return this.state.kind === 'following' && this.state.isLive;
  }

  private isAtEnd(): boolean {
    const { end } = this.context.feed;
    return end === null || (this.live.writer?.position ?? '') >= end;
  }

  /** Writes everything that is folded, and its checkpoint. */
  private async flush(): Promise<void> {
    if (this.state.kind === 'following') await this.live.writer?.write({ alwaysCheckpoint: true });
  }

  /**
   * Builds the current version. Queries read the old version until the new one has caught up with it. Keeps the old one,
   * unless it has another variant, so that nothing can read it.
   */
  private async buildNewVersion(): Promise<void> {
    const keep = this.hasReadableCollection();
    await this.build({ swap: true, keep, signal: this.context.stopping }, await loadOldVersion(this.context));
  }

  /** Whether queries can use the live collection, which may be that of an older version. */
  private hasReadableCollection(): boolean {
    const live = this.live.record?.live;
    return live != null && isReadableBy(this.context.projection, live);
  }

  private asLiveModel(): LiveModel {
    const { live, context } = this;
    const { writer } = live;
    if (writer === undefined) throw new Error(`${this.name} is not built yet`);
    const isComparable = this.halt?.reason !== 'history_changed';
    const position = (): Position | null => (isComparable ? (live.writer ?? writer).position : context.feed.end);
    return {
      collection: writer.collection,
      isComparable,
      position,
      parked: () => live.parked.list().map(({ document }) => document),
      hold: (work) =>
        this.runBetweenBatches(async () => {
          if (this.state.kind === 'backing-off' || this.state.kind === 'paused') await this.open();
          await this.flush();
          return work(position());
        }),
    };
  }

  private setState(state: ModelState): void {
    this.state = state;
    this.isComplete ||= this.isLive;
    this.context.onStatusChange();
  }
}

const waitForAbort = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
