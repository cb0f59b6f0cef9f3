import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

import { SubscriptionDropped, type EventStore, type Position } from '../eventstore/event-store.js';
import type { ReadModels } from '../readmodels/read-models.js';
import { attended } from './attended.js';
import { eventAt } from './history.js';
import { buildBeside, type BuildPlan, type LiveModel, type Workshop } from './build.js';
import * as collections from './collections.js';
import { EventBatch, type Decode } from './event-batch.js';
import { mayPass, pauseBefore, ProjectionHalted, told } from './failures.js';
import { PositionWaiters } from './position-waiters.js';
import type { Projection } from './projection.js';
import {
  BuildUnderWay,
  UnknownProjection,
  type BuildReport,
  type CompareOptions,
  type Halt,
  type Parked,
  type Projections,
  type ProjectionsStatus,
  type RebuildOptions,
  type Retried,
  type RetriedDocument,
  type SkipRequest,
  type Skipped,
} from './projections.js';
import { Projector, type ProjectorLimits } from './projector.js';
import { RunningProjection } from './running-projection.js';
import { Skips, skipOf } from './skips.js';

export interface RunnerOptions {
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly decode: Decode;
  readonly catalogue: readonly Projection[];
  /** Events folded before documents are written while catching up (default 50,000). */
  readonly batchSize?: number;
  readonly limits?: ProjectorLimits;
  /** Other processes wait at the stored checkpoints: they move when caught up, even where nothing was to be written. */
  readonly watched?: boolean;
  /** How often a subscription that says nothing is looked after, in milliseconds (default {@link LOOK_EVERY_MS}). */
  readonly lookEvery?: number;
  /** Called after every batch and every change of state. */
  readonly onStatus?: (status: ProjectionsStatus) => void;
}

const BATCH = 50_000;

/** Who follows one subscription from its beginning, and with what. */
type Round = Map<RunningProjection, Projector>;

/**
 * Live, a runner rests as long as it has worked. Once it has worked as long as this, in milliseconds, there is enough to
 * fold, and it goes on.
 */
const LONGEST_REST = 100;

/**
 * Runs a list of projections over one subscription to the log, fanned out; each has its own position. Whatever goes
 * wrong with the log or the read models ends the subscription, and it starts again from the stored checkpoints.
 */
export class InProcessProjections implements Projections {
  private readonly all: readonly RunningProjection[];
  private readonly workshop: Workshop;
  private readonly waiters = new PositionWaiters();
  private readonly builds = new Map<string, AbortController>();
  private readonly background = new Set<Promise<unknown>>();
  private head: Position | null = null;
  /** When the head last moved, by this process's monotonic clock. */
  private headMoved = 0;
  private trouble: { readonly attempt: number; readonly error: string } | undefined;
  /** Failures in a row, without an event handled in between. */
  private failures = 0;
  /** Aborted to start the subscription again: somebody joins, or everything stops. */
  private session = new AbortController();
  private readonly over = new AbortController();
  private loop: Promise<void> | undefined;
  /** The batch or the resumption at hand; holding a projection waits for it. */
  private busy: Promise<void> = Promise.resolve();

  constructor(private readonly options: RunnerOptions) {
    const { store, readModels, decode, catalogue, limits = {} } = options;
    this.all = catalogue.map((projection) => new RunningProjection(projection));
    const prefixes = [...new Set(catalogue.flatMap((projection) => projection.streams))];
    const batchSize = options.batchSize ?? BATCH;
    const giveWay = this.giveWay.bind(this);
    this.workshop = { store, readModels, decode, prefixes, batchSize, limits, giveWay, stopping: this.over.signal };
  }

  /** Creates what is missing, checks every history, begins to catch up. Resolves before it has caught up. */
  async start(): Promise<void> {
    this.head = await this.options.store.head();
    for (const running of this.all) await this.prepare(running);
    this.loop = this.run();
    this.tell();
  }

  async stop(): Promise<void> {
    this.over.abort();
    this.session.abort();
    for (const build of this.builds.values()) build.abort();
    await Promise.allSettled([...this.background]);
    await this.loop;
    for (const running of this.all) {
      await running.takes?.flush().catch(() => undefined); // else what came since is folded again
      running.started = false;
    }
    this.tell();
    this.waiters.close();
  }

  status(): ProjectionsStatus {
    const projections = this.all.map((running) => running.status(this.head, this.trouble));
    const healthy = projections.every(({ state }) => state === 'live' || state === 'catching-up');
    const degraded = projections.some(({ parked }) => parked.events > 0);
    return { healthy, degraded, head: this.head, worker: 'in-process', projections };
  }

  notify(head: Position): void {
    if (this.head !== null && head <= this.head) return;
    this.head = head;
    this.headMoved = performance.now();
  }

  async waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean> {
    return this.waiters.wait(this.running(name).status(this.head, this.trouble), position, timeoutMs);
  }

  rebuild(name: string, { signal, keep = false }: RebuildOptions = {}): Promise<BuildReport> {
    return this.build(this.running(name), { swap: true, keep }, signal);
  }

  compare(name: string, { signal }: CompareOptions = {}): Promise<BuildReport> {
    return this.build(this.running(name), { swap: false, keep: false }, signal);
  }

  async drop(name: string): Promise<boolean> {
    return collections.dropKept(this.options.readModels, this.running(name).name);
  }

  async pause(name: string): Promise<void> {
    const running = this.running(name);
    await collections.setPaused(this.options.readModels, name, true);
    running.paused = true;
    await this.settled();
    if (running.halt === undefined && !running.held) await running.projector?.flush();
    this.tell();
  }

  async resume(name: string): Promise<void> {
    const running = this.running(name);
    await collections.setPaused(this.options.readModels, name, false);
    running.paused = false;
    const { halt, projector } = running;
    if (halt !== undefined) {
      // it stays halted until it knows where it stands: nobody hands anything out to it before
      if (projector !== undefined) await this.orHalt(running, () => projector.resume());
      if (running.halt === halt) running.halt = undefined;
      if (projector === undefined) await this.prepare(running);
    }
    running.caughtUp = false;
    this.rejoin();
  }

  parked(name: string): Promise<Parked> {
    const { projection, projector } = this.running(name);
    const skips = projector?.skips ?? new Skips(this.options.readModels, projection);
    return skips.list().then((skipped) => ({ documents: projector?.parked.list() ?? [], skipped }));
  }

  retry(name: string, document?: string): Promise<Retried> {
    return this.mend(this.running(name), async (projector) => {
      const waiting = projector.parked.list().map((parked) => parked.document);
      const documents: RetriedDocument[] = [];
      for (const id of waiting)
        if (document === undefined || id === document) documents.push(await projector.retry(id, this.options.decode));
      return { name, documents };
    });
  }

  async skip(name: string, request: SkipRequest): Promise<Skipped> {
    const running = this.running(name);
    const { event } = running.halt ?? {};
    if (event?.document === request.document && event.position === request.position)
      return this.skipHalting(running, event, request);
    return this.mend(running, async (projector) => {
      const { document, position } = request;
      const first = projector.parked.first(document);
      if (first?.position !== position) return { skipped: false, code: 'nothing_to_skip' };
      const skip = skipOf(await eventAt(this.options.store, first), request);
      await projector.skips.add(skip, this.options.store.storeId);
      return { skipped: true, skip, retried: await projector.retry(document, this.options.decode) };
    });
  }

  /** Also where a new version halted while it was built. */
  private async skipHalting(
    running: RunningProjection,
    event: NonNullable<Halt['event']>,
    request: SkipRequest,
  ): Promise<Skipped> {
    const { store, readModels } = this.options;
    if (this.builds.has(running.name)) throw new BuildUnderWay(running.name);
    const skip = skipOf(await eventAt(store, event), request);
    await new Skips(readModels, running.projection).add(skip, store.storeId);
    await this.resume(running.name);
    return { skipped: true, skip };
  }

  /** Holds the projection at its checkpoint, looks at it anew and works on what is parked. */
  private mend<T>(running: RunningProjection, work: (projector: Projector) => Promise<T>): Promise<T> {
    const { name, projector } = running;
    if (projector === undefined || this.builds.has(name)) return Promise.reject(new BuildUnderWay(name));
    this.builds.set(name, new AbortController());
    const mending = async (): Promise<T> => {
      running.held = true;
      try {
        await this.settled();
        await projector.resume();
        return await work(projector);
      } catch (error) {
        // what was written is not known: everybody begins again from what is stored
        this.trouble ??= { attempt: (this.failures += 1), error: told(error) };
        throw error;
      } finally {
        this.builds.delete(name);
        running.held = false;
        running.caughtUp = false;
        this.rejoin();
      }
    };
    return this.inBackground(mending());
  }

  /** Work that stopping waits for; whoever awaits it gets its error. */
  private inBackground<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => undefined);
    this.background.add(settled);
    void settled.then(() => this.background.delete(settled));
    return work;
  }

  private running(name: string): RunningProjection {
    const running = this.all.find((candidate) => candidate.name === name);
    if (running === undefined) throw new UnknownProjection(name);
    return running;
  }

  /** Finds or creates the collection that the projection writes; another version is built beside the old one. */
  private async prepare(running: RunningProjection): Promise<void> {
    const { readModels } = this.options;
    const { projection, name } = running;
    await collections.dropLeftovers(readModels, name);
    running.paused = await collections.isPaused(readModels, name);
    const collection = await readModels.resolveAlias(name);
    if (collection === null || collections.versionOf(collection) === projection.version)
      return this.takeUp(running, collection);
    running.started = true;
    void this.inBackground(this.changeVersion(running));
  }

  private async takeUp(running: RunningProjection, found: string | null): Promise<void> {
    const { readModels, store } = this.options;
    const { projection, name } = running;
    let collection = found;
    const first = collection === null;
    collection ??= collections.collectionName(projection, 1);
    // a first build may have a long way to go: loading without indexes is faster
    await readModels.createCollection(collection, projection.indexes, first ? 'later' : 'now');
    if (first) await readModels.swapAlias(name, null, collection);
    running.unindexed = first;
    const projector = new Projector(projection, collection, store, readModels, this.workshop.limits);
    await this.orHalt(running, () => projector.resume());
    running.projector = projector;
    running.started = true;
  }

  /** Builds until the new version is there; only what cannot pass by itself waits for a person. */
  private async changeVersion(running: RunningProjection): Promise<void> {
    for (let attempt = 1; !this.over.signal.aborted; attempt++) {
      try {
        await this.orHalt(running, () => this.buildVersion(running));
        break;
      } catch (error) {
        running.buildTrouble = { attempt, error: told(error) };
        this.tell();
        await pause(pauseBefore(attempt - 1), undefined, { signal: this.over.signal }).catch(() => undefined);
      }
    }
    running.buildTrouble = undefined;
    this.rejoin();
  }

  /** Readers keep the old version until the new one has come as far. */
  private async buildVersion(running: RunningProjection): Promise<void> {
    const { readModels } = this.options;
    await collections.dropLeftovers(readModels, running.name); // of the attempt before
    const old = await readModels.resolveAlias(running.name);
    if (old === null || collections.versionOf(old) === running.projection.version) return this.takeUp(running, old);
    const checkpoint = await readModels.loadCheckpoint(old);
    const position = (): Promise<Position | null> => Promise.resolve(checkpoint?.position ?? null);
    const live: LiveModel = { collection: old, position, hold: position, comparable: true, parked: () => [] };
    await this.buildFor(running, live, { swap: true, keep: true });
  }

  private async build(
    running: RunningProjection,
    what: Pick<BuildPlan, 'swap' | 'keep'>,
    signal?: AbortSignal,
  ): Promise<BuildReport> {
    const { projector } = running;
    if (projector === undefined) throw new BuildUnderWay(running.name);
    const historyChanged = running.halt?.reason === 'history_changed';
    const position = async (): Promise<Position | null> =>
      historyChanged ? this.options.store.head() : projector.position;
    const hold = async (): Promise<Position | null> => {
      running.held = true;
      await this.settled();
      if (running.halt === undefined) await (this.trouble === undefined ? projector.flush() : projector.resume());
      return position();
    };
    const parked = (): string[] => projector.parked.list().map(({ document }) => document);
    const { collection } = projector;
    const live: LiveModel = { collection, position, hold, parked, comparable: !historyChanged };
    return this.buildFor(running, live, what, signal);
  }

  private buildFor(
    running: RunningProjection,
    live: LiveModel,
    what: Pick<BuildPlan, 'swap' | 'keep'>,
    signal?: AbortSignal,
  ): Promise<BuildReport> {
    if (this.builds.has(running.name)) return Promise.reject(new BuildUnderWay(running.name));
    return this.inBackground(this.buildNow(running, live, what, signal));
  }

  private async buildNow(
    running: RunningProjection,
    live: LiveModel,
    what: Pick<BuildPlan, 'swap' | 'keep'>,
    signal?: AbortSignal,
  ): Promise<BuildReport> {
    const { name, projection } = running;
    const abort = new AbortController();
    const cancel = (): void => abort.abort();
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted === true) cancel();
    this.builds.set(name, abort);
    const progress = (collection: string, position: Position | null): void => {
      running.building = { collection, position };
      running.buildTrouble = undefined;
      this.tell();
    };
    const trouble = (attempt: number, error: unknown): void => {
      running.buildTrouble = { attempt, error: told(error) };
      this.tell();
    };
    try {
      const plan = { projection, live, ...what, signal: abort.signal, progress, trouble };
      const { report, projector } = await buildBeside(this.workshop, plan);
      running.lastBuild = report;
      if (projector !== undefined) {
        running.projector = projector;
        running.halt = undefined;
        if (!what.keep) await collections.discard(this.options.readModels, live.collection);
      }
      return report;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.builds.delete(name);
      running.building = undefined;
      running.buildTrouble = undefined;
      running.held = false;
      running.caughtUp = false;
      this.rejoin();
    }
  }

  /** Follows the log until stopped; each round begins at the smallest position of those who take part. */
  private async run(): Promise<void> {
    while (!this.over.signal.aborted) {
      const session = (this.session = new AbortController());
      try {
        if (this.trouble !== undefined) {
          await (this.busy = this.resumeAll());
          this.tell(); // when all of them halt there is no batch to tell of
        }
        await this.follow(session.signal);
        if (!session.signal.aborted) throw new SubscriptionDropped('the subscription ended by itself');
      } catch (error) {
        if (session.signal.aborted) continue;
        await this.backOff(error, session.signal);
      }
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const { store, decode, lookEvery } = this.options;
    const { prefixes, batchSize } = this.workshop;
    const round: Round = new Map();
    for (const running of this.all) if (running.takes !== undefined) round.set(running, running.takes);
    if (round.size === 0) {
      if (signal.aborted) return;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return;
    }
    const positions = [...round.values()].map(({ position }) => position);
    const after = positions.reduce((least, position) =>
      least === null || position === null ? null : position < least ? position : least,
    );
    for await (const { events, caughtUp } of attended(store, { after, prefixes, signal, batchSize }, lookEvery)) {
      const began = performance.now();
      await (this.busy = this.handOut(new EventBatch(events, decode), caughtUp, round));
      this.trouble = undefined;
      if (events.length > 0) this.failures = 0;
      const last = events.at(-1);
      if (last !== undefined) this.notify(last.position);
      this.tell();
      const worked = performance.now() - began;
      if (caughtUp && events.length > 0 && worked < LONGEST_REST) await rest(worked, signal);
      else await nextTurn();
    }
  }

  /**
   * Gives the batch to those of the round; one that halts does not keep the others. Whoever does not take a batch is out
   * of the round for good: it would miss it. Who comes, or comes back, begins a round of its own (`rejoin`).
   */
  private async handOut(batch: EventBatch, caughtUp: boolean, round: Round): Promise<void> {
    for (const { slice, start } of batch.slices()) {
      for (const [running, projector] of round)
        if (running.takes === projector) await this.orHalt(running, () => projector.foldAhead(batch, slice, start));
      await nextTurn(); // for who asks something meanwhile
    }
    for (const [running, projector] of round) {
      if (running.takes === projector) {
        await this.orHalt(running, async () => {
          await projector.take(batch);
          if (caughtUp && running.unindexed) await this.options.readModels.buildIndexes(projector.collection);
          if (caughtUp && this.options.watched === true) await projector.flush();
        });
        running.unindexed &&= !caughtUp;
        running.caughtUp = caughtUp;
      }
      if (running.takes !== projector) round.delete(running);
    }
  }

  private async resumeAll(): Promise<void> {
    for (const running of this.all) await this.orHalt(running, () => running.takes?.resume());
  }

  /** What only a person can put right halts the projection; anything else is thrown. */
  private async orHalt(running: RunningProjection, work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof ProjectionHalted) running.halt = error.halt;
      else if (!mayPass(error)) running.halt = { reason: 'storage_failed', error: told(error) };
      else throw error;
    }
  }

  private async backOff(error: unknown, signal: AbortSignal): Promise<void> {
    this.failures += 1;
    this.trouble = { attempt: this.failures, error: told(error) };
    for (const running of this.all) running.caughtUp = false;
    this.tell();
    await pause(pauseBefore(this.failures - 1), undefined, { signal }).catch(() => undefined); // ends early when aborted
  }

  private async giveWay(worked: number, signal: AbortSignal): Promise<void> {
    const began = performance.now() - worked;
    await nextTurn(); // brings the news, if there is any
    if (this.headMoved >= began) await pause(worked, undefined, { signal });
    signal.throwIfAborted();
  }

  /** Starts the subscription again, so that it begins early enough for everybody. */
  private rejoin(): void {
    this.session.abort();
    this.tell();
  }

  /** The batch at hand is done, whatever became of it. */
  private async settled(): Promise<void> {
    await this.busy.catch(() => undefined);
  }

  private tell(): void {
    const status = this.status();
    for (const projection of status.projections) this.waiters.tell(projection);
    this.options.onStatus?.(status);
  }
}

/**
 * What is recorded meanwhile is folded together and written once: under load a document changes several times in one
 * rest, and commands get the processor. Ends early when the signal aborts.
 */
async function rest(worked: number, signal: AbortSignal): Promise<void> {
  await pause(worked, undefined, { signal }).catch(() => undefined);
}
