import { LRUCache } from 'lru-cache';
import { setTimeout as sleep } from 'node:timers/promises';
import { ByteBudget, heapShare, type TakenBytes } from '../platform/byte-budget.js';
import type { Clock } from '../platform/clock.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import { remainingMs } from '../platform/timeout.js';
import { traced } from '../platform/tracing.js';
import { decideCommand, type Decided } from './decide-command.js';
import type { DomainEvent } from './envelope.js';
import {
  AppendAmbiguous,
  ConnectionReplaced,
  StoreUnavailable,
  WrongExpectedRevision,
  type AppendResult,
  type EncodedEvent,
  type EventStore,
  type StoredEvent,
} from './event-store.js';
import { containsFold, foldOnto, foldSuffix, hasRewriting, unfolded, type Aggregate, type Folded } from './fold.js';
import type { LoopCommand, LoopOutcome } from './loop-command.js';

export interface LoopOptions {
  /** Maximum milliseconds from the submission of a command to its outcome (default 4,500). */
  readonly timeLimitMs?: number;
  /**
   * Maximum bytes of memory for cached folded streams, and the same again for streams with a command in progress (default
   * {@link DEFAULT_MEMORY_BYTES}).
   */
  readonly memoryBytes?: number;
  /** True if no other process can append: then a cached stream is current and is not read again. */
  readonly onlyWriter: boolean;
}

/** A folded stream, and the connection of the store over which its last event was read or appended. */
interface Confirmed<State> {
  readonly folded: Folded<State>;
  readonly connection: number;
}

/** The store no longer contains the last folded event, because it was restored from an older copy. */
class FoldOutdated extends Error {
  override readonly name = 'FoldOutdated';
}

/** Less than 5 seconds, so that the outcome is sent within 5 seconds. */
const DEFAULT_TIME_LIMIT_MS = 4500;

/** An eighth of the heap, at most 256 MiB: enough for 13,000 complaints of ten events, or ten complaints of maximum size. */
export const DEFAULT_MEMORY_BYTES = heapShare(1 / 8, 256);

/** Maximum concurrent reads of streams that are not cached: their size is not known in advance. */
const MAX_READS = 8;

/**
 * Estimated memory of a folded stream, in bytes. Measured values are 1.5 to 2.2 times the stored bytes for complaints with
 * small events, 1.0 times for long Latin texts, and 2.0 times for texts with a character outside Latin-1.
 */
const memoryOf = ({ bytes }: Folded<unknown>): number => 4096 + 2 * bytes;

/** A random number of milliseconds, below a limit that doubles with each attempt from `firstMs` up to `maxMs`. */
const backOffMs = (attempt: number, firstMs: number, maxMs: number): number =>
  Math.random() * Math.min(maxMs, firstMs * 2 ** attempt);

/**
 * Executes commands: load the stream, decide, append. The commands of one stream run one after the other. After a conflict
 * with another process, reads the stream and decides again. After an append with unknown outcome, sends exactly the same
 * bytes again at the same revision. If other processes append too, a server holds the store and may be restored from an
 * older copy: then the cache alone determines no outcome, and an append goes over the connection over which the last event
 * of its stream was read or appended; over another one, only after a read of that event.
 */
export class CommandLoop<State, Event extends DomainEvent> {
  private readonly queue = new KeyedQueue();
  private readonly cache: LRUCache<string, Confirmed<State>>;
  private readonly memoryBytes: number;
  /** Memory of the streams with a command in progress. */
  private readonly inUse: ByteBudget;
  private readonly timeLimitMs: number;

  constructor(
    private readonly store: EventStore,
    private readonly aggregate: Aggregate<State, Event>,
    private readonly clock: Clock,
    private readonly options: LoopOptions,
  ) {
    this.memoryBytes = options.memoryBytes ?? DEFAULT_MEMORY_BYTES;
    this.inUse = new ByteBudget(this.memoryBytes);
    this.cache = new LRUCache({
      maxSize: this.memoryBytes,
      sizeCalculation: ({ folded }) => memoryOf(folded),
    });
    this.timeLimitMs = options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS;
  }

  /** The deadline of a command that is submitted now, by `performance.now()`. */
  newDeadline(): number {
    return performance.now() + this.timeLimitMs;
  }

  /**
   * Executes a command after the earlier commands of its stream. StoreUnavailable and AppendAmbiguous give the outcome
   * `unavailable`, and so does a deadline that passes; the promise rejects with every other error.
   */
  submit<Refusal>(
    command: LoopCommand<State, Event, Refusal>,
    deadline = this.newDeadline(),
  ): Promise<LoopOutcome<State, Refusal>> {
    return this.queue.run(command.id, async () => {
      try {
        checkDeadline(deadline);
        const started = await this.startStream(command, deadline);
        return (
          started ??
          (await this.withMemory(command.id, deadline, (use) => this.decideAndAppend(command, deadline, use)))
        );
      } catch (error) {
        this.cache.delete(command.id);
        if (error instanceof StoreUnavailable || error instanceof AppendAmbiguous) return { kind: 'unavailable' };
        throw error;
      }
    });
  }

  /** Returns the current state of the stream. @throws StoreUnavailable */
  async load(id: string, deadline = this.newDeadline()): Promise<Folded<State>> {
    const cached = this.cache.get(id);
    if (cached !== undefined && this.options.onlyWriter) return cached.folded;
    return this.withMemory(id, deadline, async () => (await this.refresh(id, cached, deadline)).folded);
  }

  /** Resolves when all submitted commands have their outcome. */
  drained(): Promise<void> {
    return this.queue.drained();
  }

  /**
   * Runs `work` with memory reserved for the stream of a command in progress; waits while other streams use all of it.
   * @throws StoreUnavailable if the memory is free only after the deadline: the streams before it wait for the store
   */
  private async withMemory<Result>(
    id: string,
    deadline: number,
    work: (use: TakenBytes) => Promise<Result>,
  ): Promise<Result> {
    const cached = this.cache.peek(id);
    const use = await this.inUse.take(cached === undefined ? this.memoryBytes / MAX_READS : memoryOf(cached.folded));
    try {
      checkDeadline(deadline);
      return await work(use);
    } finally {
      use.release();
    }
  }

  /**
   * Appends the events of a command that starts its stream without reading the stream first. Returns undefined if the
   * stream exists or the command is refused: both need a read. Does nothing for an only writer, whose reads are cheap.
   */
  private async startStream<Refusal>(
    command: LoopCommand<State, Event, Refusal>,
    deadline: number,
  ): Promise<LoopOutcome<State, Refusal> | undefined> {
    if (command.startsStream !== true || this.options.onlyWriter || this.cache.has(command.id)) return undefined;
    const folded = unfolded(this.aggregate, command.id);
    const decision = this.decideTraced(command, folded);
    if (decision.kind !== 'append') return undefined;
    try {
      const { connection } = this.store;
      return await this.record(command, { folded, connection }, decision.batch, deadline);
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return undefined;
      throw error;
    }
  }

  private async decideAndAppend<Refusal>(
    command: LoopCommand<State, Event, Refusal>,
    deadline: number,
    use: TakenBytes,
  ): Promise<LoopOutcome<State, Refusal>> {
    const cached = this.cache.get(command.id);
    let confirmed = cached ?? (await this.refresh(command.id, undefined, deadline));
    use.resize(memoryOf(confirmed.folded));
    let isCurrent = cached === undefined || this.options.onlyWriter;
    for (let attempt = 0; ; attempt += 1) {
      const decision = this.decideTraced(command, confirmed.folded);
      if (decision.kind !== 'append') {
        if (isCurrent) return decision;
        confirmed = await this.refresh(command.id, confirmed, deadline);
        isCurrent = true;
        continue;
      }
      try {
        return await this.record(command, confirmed, decision.batch, deadline);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision || error instanceof FoldOutdated)) throw error;
        if (performance.now() >= deadline) return { kind: 'busy' };
        if (attempt > 0) await sleep(backOffMs(attempt, 5, Math.min(100, remainingMs(deadline))));
        confirmed = await this.refresh(command.id, confirmed, deadline);
        isCurrent = true;
      }
    }
  }

  /** Appends a batch, and caches the folded stream including the batch. @throws WrongExpectedRevision, FoldOutdated */
  private async record<Refusal>(
    command: LoopCommand<State, Event, Refusal>,
    confirmed: Confirmed<State>,
    batch: readonly EncodedEvent[],
    deadline: number,
  ): Promise<LoopOutcome<State, Refusal>> {
    const { folded } = confirmed;
    const attributes = { 'redress.stream': this.streamOf(command.id), 'redress.events': batch.length };
    const result = await traced('append', attributes, () => this.append(command.id, confirmed, batch, deadline));
    const after = foldOnto(this.aggregate, folded, this.asStored(command.id, folded.revision + 1, batch, result));
    // the events before a rewriting event are to be folded again
    if (hasRewriting(this.aggregate, batch)) this.cache.delete(command.id);
    else this.cache.set(command.id, { folded: after, connection: result.connection });
    const recorded = after.commands.get(command.commandId);
    if (recorded === undefined) throw new Error(`command ${command.commandId} is missing after its events were folded`);
    return { kind: 'recorded', command: recorded, folded: after, alreadyThere: false };
  }

  private decideTraced<Refusal>(
    command: LoopCommand<State, Event, Refusal>,
    folded: Folded<State>,
  ): Decided<State, Refusal> {
    return traced('decide', { 'redress.revision': folded.revision }, () =>
      decideCommand(this.aggregate, command, folded, this.clock),
    );
  }

  /**
   * Appends with retries of the same bytes. Before an append over another connection than that of the fold, checks that the
   * store still contains the last folded event. Returns the connection of the append too.
   * @throws WrongExpectedRevision, FoldOutdated, AppendAmbiguous, StoreUnavailable
   */
  private async append(
    id: string,
    { folded, connection }: Confirmed<State>,
    batch: readonly EncodedEvent[],
    deadline: number,
  ): Promise<AppendResult & Pick<Confirmed<State>, 'connection'>> {
    const stream = this.streamOf(id);
    const isNew = folded.revision === -1;
    for (let attempt = 0; ;) {
      try {
        const current = this.store.connection;
        if (current !== connection) {
          if (!(await containsFold(this.store, this.aggregate, stream, folded, deadline)))
            throw new FoldOutdated(`event ${String(folded.revision)} of ${stream} is no longer in the store`);
          connection = current;
        }
        const timeoutMs = remainingMs(deadline);
        const result = await (isNew
          ? this.store.append(stream, 'none', batch, { timeoutMs })
          : this.store.append(stream, folded.revision, batch, { timeoutMs, connection }));
        return { ...result, connection };
      } catch (error) {
        const isRetryable =
          error instanceof AppendAmbiguous || error instanceof StoreUnavailable || error instanceof ConnectionReplaced;
        if (!isRetryable) throw error;
        if (performance.now() >= deadline) throw error instanceof ConnectionReplaced ? notInTime() : error;
        if (!(error instanceof ConnectionReplaced))
          await sleep(backOffMs(attempt++, 20, Math.min(500, remainingMs(deadline))));
      }
    }
  }

  /** Reads and folds the events after the given ones, and caches the result. */
  private async refresh(id: string, from: Confirmed<State> | undefined, deadline: number): Promise<Confirmed<State>> {
    const { connection } = this.store; // as known before the read
    const start = from?.folded ?? unfolded(this.aggregate, id);
    const folded = await foldSuffix(this.store, this.aggregate, this.streamOf(id), start, deadline);
    const confirmed = { folded, connection };
    if (folded.revision >= 0) this.cache.set(id, confirmed);
    else this.cache.delete(id);
    return confirmed;
  }

  /** The appended events as stored. All have the position of the last event: the result of a command needs only that. */
  private asStored(
    id: string,
    firstRevision: number,
    batch: readonly EncodedEvent[],
    { position }: AppendResult,
  ): StoredEvent[] {
    const stream = this.streamOf(id);
    return batch.map((event, index) => ({ ...event, stream, revision: firstRevision + index, position }));
  }

  private streamOf(id: string): string {
    return `${this.aggregate.prefix}${id}`;
  }
}

/** @throws StoreUnavailable */
function checkDeadline(deadline: number): void {
  if (performance.now() >= deadline) throw notInTime();
}

const notInTime = (): StoreUnavailable => new StoreUnavailable('the store did not answer the earlier commands in time');
