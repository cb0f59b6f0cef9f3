import { setImmediate as nextTurn } from 'node:timers/promises';
import { SubscriptionDropped, type Position } from '../eventstore/event-store.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import type { ModelRecord } from '../readmodels/read-models.js';
import { dropLeftovers } from './collections.js';
import { backOff, errorMessage, haltOf, isTransient } from './failures.js';
import { freshnessOf } from './freshness.js';
import { LiveCollection } from './live-collection.js';
import type { ModelContext } from './model-context.js';
import type { BuildReport } from './operations.js';
import { countParked } from './parked-documents.js';
import type { ProjectionWriter } from './projection-writer.js';
import { stateName, type ModelState } from './model-state.js';
import type { Page } from './page.js';
import type { BuildProgress, Halt, ProjectionStatus, RetryTrouble } from './projections.js';
import { oldVersion } from './old-version.js';
import { rebuild, type BuildPlan, type LiveModel } from './rebuild.js';

/**
 * One read model: a loop that asks the feed for the page after its cursor, folds it and writes. After a transient error
 * of the log or the read models it restarts from the stored checkpoint, with back-off; any other error halts this model
 * only. Operations run between two batches of the loop.
 */
export class Model {
  readonly live: LiveCollection;
  private state: ModelState = { kind: 'stopped' };
  private building: BuildProgress | undefined;
  /** The last error of a build that is retried. */
  private buildTrouble: RetryTrouble | undefined;
  private lastBuild: BuildReport | undefined;
  /** It has caught up at least once. While a new version is built, the old version serves and has caught up before. */
  private isComplete = false;
  /** Number of lost subscriptions when the history was last checked. */
  private lostSubscriptions = 0;
  private readonly turns = new KeyedQueue();
  /** Aborts the wait for a page when the loop has other work. */
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

  /** Drops leftovers, creates missing collections and checks the history; then starts the loop. */
  async start(): Promise<void> {
    const { control, readModels } = this.context;
    this.become({ kind: 'following', isLive: false });
    await this.attempt(async () => {
      await dropLeftovers(readModels, control.session, await control.load());
      await control.change({ building: null });
      await this.open();
    });
    this.loop = this.run();
  }

  /** Call it after the signal of the context has aborted. */
  async stop(): Promise<void> {
    this.interrupt();
    await this.loop;
    await this.turn(() => this.flush()).catch(() => undefined); // otherwise these events are folded again after a restart
    this.become({ kind: 'stopped' });
  }

  status(): ProjectionStatus {
    const { state, context, buildTrouble } = this;
    const { writer, record, parked } = this.live;
    const retry = state.kind === 'backing-off' ? state.retry : writer === undefined ? buildTrouble : undefined;
    const name = stateName(state, writer !== undefined, retry !== undefined);
    const position = writer?.position ?? null;
    return {
      name: this.name,
      version: context.projection.version,
      state: name,
      collection: writer?.collection ?? null,
      position,
      recordedAt: writer?.recordedAt ?? null,
      ...freshnessOf(name, position, context.feed.end),
      complete: this.isComplete,
      folded: writer?.events ?? 0,
      parked: writer === undefined ? countParked(record?.parked ?? []) : parked.counts,
      ...(state.kind === 'halted' && { halt: state.halt }),
      ...(retry !== undefined && { retry }),
      ...(this.building !== undefined && { building: this.building }),
      ...(this.lastBuild !== undefined && { lastBuild: this.lastBuild }),
    };
  }

  /** Runs the work between two batches of the loop. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.run(this.name, work);
  }

  /** Stops after the current batch, until it is resumed. */
  async pause(): Promise<void> {
    await this.turn(async () => {
      this.live.record = await this.recordPause(true);
      await this.flush().catch(() => undefined); // what is not stored is folded again after the resume
      if (this.state.kind !== 'halted') this.become({ kind: 'paused' });
    }).finally(() => this.interrupt());
  }

  /** Continues from the stored checkpoint; a model that cannot be opened stays halted. */
  async resume(): Promise<void> {
    await this.turn(async () => {
      await this.recordPause(false);
      await this.attempt(() => this.open());
    }).finally(() => this.interrupt());
  }

  /** When the outcome is unknown, the loop reopens the model from what is stored, paused or not. */
  private async recordPause(paused: boolean): Promise<ModelRecord> {
    try {
      return await this.context.control.change({ paused });
    } catch (error) {
      if (this.halt === undefined) this.failed(error, 1);
      throw error;
    }
  }

  /** Opens the model from what is stored; call it within `turn`. A failure also becomes the state of the model. */
  async open(): Promise<void> {
    this.lostSubscriptions = this.context.feed.lostSubscriptions;
    try {
      await this.live.open();
    } catch (error) {
      this.failed(error, 1);
      throw error;
    }
    const isBuilding = this.live.writer === undefined;
    this.isComplete ||= isBuilding;
    this.become(
      this.live.record?.paused === true
        ? { kind: 'paused' }
        : { kind: 'following', isLive: !isBuilding && this.isAtEnd() },
    );
  }

  /** Rebuilds: folds the history into a new collection beside this model. */
  async build(plan: Pick<BuildPlan, 'swap' | 'keep' | 'signal'>, live = this.asLive()): Promise<BuildReport> {
    try {
      this.lastBuild = await rebuild(this.context, {
        ...plan,
        live,
        progress: (progress) => {
          this.building = progress;
          this.buildTrouble = undefined;
          this.context.changed();
        },
        trouble: (trouble) => {
          this.buildTrouble = trouble;
          this.context.changed();
        },
        swapped: async () => {
          await this.attempt(() => this.open());
        },
      });
      return this.lastBuild;
    } finally {
      this.building = undefined;
      this.buildTrouble = undefined;
    }
  }

  /** Wakes the loop to re-evaluate its work. */
  interrupt(): void {
    this.interruption.abort();
    this.context.changed();
  }

  private async run(): Promise<void> {
    const { stopping } = this.context;
    for (let failures = 0; !stopping.aborted;) {
      this.interruption = new AbortController();
      const signal = AbortSignal.any([this.interruption.signal, stopping]);
      const isWorking = this.state.kind === 'following' || this.state.kind === 'backing-off';
      if (!isWorking) await aborted(signal);
      else if (await this.attempt(() => this.step(signal), failures)) failures = 0;
      else if (this.state.kind === 'backing-off') await backOff(failures++, signal);
    }
  }

  /** False when the work failed; the state determines what follows. */
  private async attempt(work: () => Promise<unknown>, failures = 0): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (this.context.stopping.aborted) return true;
      this.failed(error, failures + 1);
      return false;
    }
  }

  private failed(error: unknown, attempt: number): void {
    if (isTransient(error)) this.become({ kind: 'backing-off', retry: { attempt, error: errorMessage(error) } });
    else this.become({ kind: 'halted', halt: haltOf(error) });
  }

  private async step(signal: AbortSignal): Promise<void> {
    if (this.state.kind === 'backing-off') await this.turn(() => this.open());
    const { writer } = this.live;
    if (this.state.kind !== 'following') return;
    if (writer === undefined) return this.changeVersion();
    if (this.context.feed.lostSubscriptions !== this.lostSubscriptions)
      throw new SubscriptionDropped('the subscription was lost');
    const page = await this.context.feed.after(writer.cursor, signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (page === undefined) return;
    const began = performance.now();
    await this.turn(async () => {
      if (this.live.writer === writer && this.state.kind === 'following') await this.takeBatch(writer, page);
    });
    const worked = performance.now() - began;
    if (this.isLive) await this.context.pacer.throttle(worked, signal);
    else await nextTurn();
  }

  /** Folds what the log holds now, or one full batch of it, and writes it once. */
  private async takeBatch(writer: ProjectionWriter, first: Page): Promise<void> {
    const { feed, stopping, isWatched } = this.context;
    const target = feed.end ?? '';
    const isDone = (): boolean => (writer.cursor ?? '') >= target;
    for (let page = first; ; page = await feed.after(writer.cursor, stopping)) {
      await writer.fold(page);
      await nextTurn(); // lets other tasks run
      if (isDone() || writer.isFull || stopping.aborted) break;
    }
    await writer.write(isWatched && isDone());
    if (isDone()) await this.live.complete();
    this.become({ kind: 'following', isLive: isDone() });
  }

  private get isLive(): boolean {
    return this.state.kind === 'following' && this.state.isLive;
  }

  private isAtEnd(): boolean {
    const { end } = this.context.feed;
    return end === null || (this.live.writer?.position ?? '') >= end;
  }

  /** Everything folded is stored, and the stored state is known. */
  private async flush(): Promise<void> {
    if (this.state.kind === 'following') await this.live.writer?.write(true);
  }

  /** Queries use the old version until the new one has caught up with it. */
  private async changeVersion(): Promise<void> {
    await this.build({ swap: true, keep: true, signal: this.context.stopping }, await oldVersion(this.context));
  }

  private asLive(): LiveModel {
    const { live, context } = this;
    const { writer } = live;
    if (writer === undefined) throw new Error(`${this.name} is not built yet`);
    const comparable = this.halt?.reason !== 'history_changed';
    const position = (): Position | null => (comparable ? (live.writer ?? writer).position : context.feed.end);
    return {
      collection: writer.collection,
      comparable,
      position,
      parked: () => live.parked.list().map(({ document }) => document),
      hold: (work) =>
        this.turn(async () => {
          if (this.state.kind === 'backing-off' || this.state.kind === 'paused') await this.open();
          await this.flush();
          return work(position());
        }),
    };
  }

  private become(state: ModelState): void {
    this.state = state;
    this.isComplete ||= this.isLive;
    this.context.changed();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
