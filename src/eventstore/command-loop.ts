import { LRUCache } from 'lru-cache';
import { setTimeout as sleep } from 'node:timers/promises';
import { ByteBudget, heapShare, type TakenBytes } from '../platform/byte-budget.js';
import type { Clock } from '../platform/clock.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import { traced } from '../platform/tracing.js';
import { encodeBatch } from './codec.js';
import type { DomainEvent } from './envelope.js';
import {
  AppendAmbiguous,
  StoreUnavailable,
  storedBytes,
  WrongExpectedRevision,
  type AppendResult,
  type EncodedEvent,
  type EventStore,
  type StoredEvent,
} from './event-store.js';
import { foldOnto, foldSuffix, unfolded, type Aggregate, type Folded } from './fold.js';
import type { LoopCommand, LoopOutcome } from './loop-command.js';

export interface LoopOptions {
  /** Milliseconds for the retries after a conflict, an unavailable store or an unknown outcome (default 5000). */
  readonly timeLimitMs?: number;
  /**
   * Maximum bytes of memory for cached folded streams, and the same again for streams with a command in progress (default
   * {@link DEFAULT_MEMORY_BYTES}).
   */
  readonly memoryBytes?: number;
  /** True if no other process can append: then a cached stream is current and is not read again. */
  readonly onlyWriter: boolean;
}

/** An outcome that needs no append, or the events to append. */
type Decided<State, Refusal> =
  LoopOutcome<State, Refusal> | { readonly kind: 'append'; readonly batch: readonly EncodedEvent[] };

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
 * bytes again at the same revision.
 */
export class CommandLoop<State, Event extends DomainEvent> {
  private readonly queue = new KeyedQueue();
  private readonly cache: LRUCache<string, Folded<State>>;
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
      sizeCalculation: (folded) => memoryOf(folded),
    });
    this.timeLimitMs = options.timeLimitMs ?? 5000;
  }

  /**
   * Executes a command after the earlier commands of its stream. StoreUnavailable and AppendAmbiguous give the outcome
   * `unavailable`; the promise rejects with every other error.
   */
  submit<Refusal>(command: LoopCommand<State, Event, Refusal>): Promise<LoopOutcome<State, Refusal>> {
    const deadline = performance.now() + this.timeLimitMs;
    return this.queue.run(command.id, async () => {
      try {
        const started = await this.startStream(command, deadline);
        return started ?? (await this.withMemory(command.id, (use) => this.decideAndAppend(command, deadline, use)));
      } catch (error) {
        this.cache.delete(command.id);
        if (!(error instanceof StoreUnavailable || error instanceof AppendAmbiguous)) throw error;
        this.cache.clear(); // the store may have been restored from an older copy
        return { kind: 'unavailable' };
      }
    });
  }

  /** Returns the current state of the stream. @throws StoreUnavailable */
  async load(id: string): Promise<Folded<State>> {
    const cached = this.cache.get(id);
    if (cached !== undefined && this.options.onlyWriter) return cached;
    return this.withMemory(id, () => this.refresh(id, cached));
  }

  /** Resolves when all submitted commands have their outcome. */
  drained(): Promise<void> {
    return this.queue.drained();
  }

  /** Runs `work` with memory reserved for the stream of a command in progress; waits while other streams use all of it. */
  private async withMemory<Result>(id: string, work: (use: TakenBytes) => Promise<Result>): Promise<Result> {
    const cached = this.cache.peek(id);
    const use = await this.inUse.take(cached === undefined ? this.memoryBytes / MAX_READS : memoryOf(cached));
    try {
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
      return await this.record(command, folded, decision.batch, deadline);
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
    let folded = cached ?? (await this.refresh(command.id, undefined));
    use.resize(memoryOf(folded));
    let isCurrent = cached === undefined || this.options.onlyWriter;
    for (let attempt = 0; ; attempt += 1) {
      const decision = this.decideTraced(command, folded);
      if (decision.kind !== 'append') {
        // the outcome of a repetition cannot change, so it needs no current state
        const isRepetition =
          decision.kind === 'recorded' && decision.command === folded.commands.get(command.commandId);
        if (isCurrent || isRepetition) return decision;
        folded = await this.refresh(command.id, folded);
        isCurrent = true;
        continue;
      }
      try {
        return await this.record(command, folded, decision.batch, deadline);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        if (performance.now() >= deadline) return { kind: 'busy' };
        if (attempt > 0) await sleep(backOffMs(attempt, 5, 100));
        folded = await this.refresh(command.id, folded);
        isCurrent = true;
      }
    }
  }

  /** Appends a batch, and caches the folded stream including the batch. @throws WrongExpectedRevision */
  private async record<Refusal>(
    command: LoopCommand<State, Event, Refusal>,
    folded: Folded<State>,
    batch: readonly EncodedEvent[],
    deadline: number,
  ): Promise<LoopOutcome<State, Refusal>> {
    const attributes = { 'redress.stream': this.streamOf(command.id), 'redress.events': batch.length };
    const result = await traced('append', attributes, () => this.append(command.id, folded, batch, deadline));
    const after = foldOnto(this.aggregate, folded, this.asStored(command.id, folded.revision + 1, batch, result));
    this.cache.set(command.id, after);
    const recorded = after.commands.get(command.commandId);
    if (recorded === undefined) throw new Error(`command ${command.commandId} is missing after its events were folded`);
    return { kind: 'recorded', command: recorded, folded: after, alreadyThere: false };
  }

  private decideTraced<Refusal>(
    command: LoopCommand<State, Event, Refusal>,
    folded: Folded<State>,
  ): Decided<State, Refusal> {
    return traced('decide', { 'redress.revision': folded.revision }, () => this.decide(command, folded));
  }

  /** Checks in this order: command id already recorded, `ifRevision`, decision, room in the stream. */
  private decide<Refusal>(command: LoopCommand<State, Event, Refusal>, folded: Folded<State>): Decided<State, Refusal> {
    const known = folded.commands.get(command.commandId);
    if (known !== undefined) {
      return known.digest === command.commandDigest
        ? { kind: 'recorded', command: known, folded, alreadyThere: true }
        : { kind: 'key_reused', folded };
    }
    if (command.ifRevision !== undefined && command.ifRevision !== folded.revision)
      return { kind: 'precondition_failed', folded };
    const clockTime = this.clock.now();
    const now = clockTime > folded.lastRecordedAt ? clockTime : folded.lastRecordedAt;
    const decision = command.decide(folded, now);
    if ('refusal' in decision) return { kind: 'refused', refusal: decision.refusal, folded };
    if ('known' in decision) return { kind: 'recorded', command: decision.known, folded, alreadyThere: true };
    const { events, occurredAt, occurredAtBasis } = decision;
    // metadata of one event cannot remove a field of the batch: if an event has its own time, each event gets its own basis
    const haveOneTime = events.every((event) => event.occurredAt === undefined);
    const batch = encodeBatch(
      this.streamOf(command.id),
      folded.revision + 1,
      folded.lastHash,
      events.map((event) => ({
        ...event,
        version: this.aggregate.decoder.versionOf(event.type),
        ...(!haveOneTime && {
          metadata:
            event.occurredAt === undefined
              ? { ...(occurredAtBasis && { occurredAtBasis }) }
              : {
                  occurredAt: event.occurredAt,
                  ...(event.occurredAtBasis && { occurredAtBasis: event.occurredAtBasis }),
                },
        }),
      })),
      {
        occurredAt,
        ...(haveOneTime && occurredAtBasis && { occurredAtBasis }),
        recordedAt: now,
        actor: command.actor,
        ...(command.channel !== undefined && { channel: command.channel }),
        commandId: command.commandId,
        commandDigest: command.commandDigest,
        $correlationId: command.correlationId,
        $causationId: command.causationId,
        ...(command.taxonomyVersion !== undefined && { taxonomyVersion: command.taxonomyVersion }),
      },
    );
    const added = batch.reduce((bytes, event) => bytes + storedBytes(event), 0);
    const refusal = command.checkRoom?.(folded.bytes, added);
    return refusal === undefined ? { kind: 'append', batch } : { kind: 'refused', refusal, folded };
  }

  /** Appends with retries of the same bytes. @throws WrongExpectedRevision, AppendAmbiguous, StoreUnavailable */
  private async append(
    id: string,
    folded: Folded<State>,
    batch: readonly EncodedEvent[],
    deadline: number,
  ): Promise<AppendResult> {
    const expected = folded.revision === -1 ? 'none' : folded.revision;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.store.append(this.streamOf(id), expected, batch);
      } catch (error) {
        const isRetryable = error instanceof AppendAmbiguous || error instanceof StoreUnavailable;
        if (!isRetryable || performance.now() >= deadline) throw error;
        await sleep(backOffMs(attempt, 20, 500));
      }
    }
  }

  /** Reads and folds the events after the cached ones, and caches the result. */
  private async refresh(id: string, cached: Folded<State> | undefined): Promise<Folded<State>> {
    const from = cached ?? unfolded(this.aggregate, id);
    const folded = await foldSuffix(this.store, this.aggregate, this.streamOf(id), from);
    if (folded.revision >= 0) this.cache.set(id, folded);
    else this.cache.delete(id);
    return folded;
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
