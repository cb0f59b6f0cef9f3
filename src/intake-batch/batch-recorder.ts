import { createHash } from 'node:crypto';
import { v4 as uuid } from 'uuid';
import { EventDecoder } from '../eventstore/codec.js';
import { CommandLoop, type LoopOptions } from '../eventstore/command-loop.js';
import type { Actor } from '../access/actor.js';
import type { EventStore } from '../eventstore/event-store.js';
import { StoreUnavailable } from '../eventstore/event-store.js';
import type { Aggregate } from '../eventstore/fold.js';
import type { Clock } from '../platform/clock.js';
import { instant, toEpochMilliseconds } from '../platform/moment.js';
import { truncate } from '../platform/text.js';
import {
  BATCH_STREAMS,
  IntakeBatchClosed,
  IntakeBatchOpened,
  intakeBatchEventTypes,
  IntakeLinesRejected,
  type BatchCounts,
  type IntakeBatchEvent,
  type RejectedLine,
} from './events.js';
import { ListingQuota } from './listing-quota.js';

/** Maximum memory for open batches, in bytes: 8 MiB. A batch keeps the ids of its steps, not its lines. */
const MEMORY_BYTES = 8 * 1024 * 1024;

/**
 * Maximum number of rejected lines per event. Their texts are truncated, so that an event is small enough to append.
 */
const MAX_LINES_PER_EVENT = 500;

/**
 * Maximum number of rejected lines that a batch lists. Further lines are only counted by their codes, because the log
 * keeps listed lines permanently.
 */
export const MAX_LISTED_LINES = 10_000;

/** Maximum number of rejected lines that the batches of one sender list in an hour; further ones are only counted. */
export const MAX_LISTED_LINES_PER_HOUR = 100_000;

/** Maximum characters of an identifier from the sender; a longer one is truncated. */
const MAX_TEXT_LENGTH = 200;

/** A batch has no state: no event of a batch depends on earlier ones. */
const batches: Aggregate<null, IntakeBatchEvent> = {
  prefix: BATCH_STREAMS,
  decoder: new EventDecoder<IntakeBatchEvent>(intakeBatchEventTypes),
  initial: () => null,
  evolve: () => null,
};

/** Records each bulk request and import as a batch, so that a sender can prove which of its lines were accepted. */
export class BatchRecorder {
  private readonly loop: CommandLoop<null, IntakeBatchEvent>;
  /** By actor. */
  private readonly quotas = new Map<string, ListingQuota>();

  constructor(
    store: EventStore,
    private readonly clock: Clock,
    options: LoopOptions,
  ) {
    this.loop = new CommandLoop(store, batches, clock, { ...options, memoryBytes: MEMORY_BYTES });
  }

  /** Records and returns a new batch. Call it once for each file or bulk request. @throws StoreUnavailable */
  async open(details: Parameters<typeof IntakeBatchOpened>[0], actor: Actor): Promise<OpenBatch> {
    const id = uuid();
    const batch = new OpenBatch(id, (step, event) => this.record(id, step, event, actor), this.quotaOf(actor));
    await this.record(id, 'open', IntakeBatchOpened(details), actor);
    return batch;
  }

  private quotaOf(actor: Actor): ListingQuota {
    const now = (): number => toEpochMilliseconds(this.clock.now());
    const quota = this.quotas.get(actor.id) ?? new ListingQuota(MAX_LISTED_LINES_PER_HOUR, now);
    this.quotas.set(actor.id, quota);
    return quota;
  }

  /** Records one event. A repetition of the same step with the same event records nothing. @throws StoreUnavailable */
  private async record(id: string, step: string, event: IntakeBatchEvent, actor: Actor): Promise<void> {
    const outcome = await this.loop.submit<never>({
      id,
      commandId: `${id}:${step}`,
      commandDigest: createHash('sha256').update(JSON.stringify(event.data)).digest('hex'),
      actor,
      correlationId: id,
      causationId: id,
      decide: (_folded, now) => ({ events: [event], occurredAt: instant(now), occurredAtBasis: 'recorded' }),
    });
    if (outcome.kind !== 'recorded')
      throw new StoreUnavailable(`batch ${id} could not be recorded (${outcome.kind}); send the request again`);
  }
}

/** Summary for the sender; the batch records the same values. */
export interface BatchSummary extends BatchCounts {
  /** Id of the batch. */
  readonly batch: string;
  /** SHA-256 (hex) of the bytes that were read. */
  readonly sha256: string;
}

/** A rejected line, as in the event; reference and pointer may be undefined. */
type Rejection = { readonly [Name in keyof RejectedLine]: RejectedLine[Name] | undefined } & Pick<
  RejectedLine,
  'line' | 'code'
>;

/** An open batch: counts the results of its lines and records the rejected ones. */
export class OpenBatch {
  private readonly counts = { read: 0, accepted: 0, alreadyThere: 0, unchanged: 0, rejected: 0 };
  /** Rejected lines that are not in a page yet. */
  private pendingLines: RejectedLine[] = [];
  private pageCount = 0;
  /** Numbers of the rejected lines that are not listed, by code. */
  private readonly unlisted = new Map<string, number>();
  /** Pages whose recording was not confirmed. Each is sent again unchanged, so that it is recorded exactly once. */
  private readonly unconfirmedPages: { readonly step: string; readonly event: IntakeBatchEvent }[] = [];

  constructor(
    readonly id: string,
    private readonly record: (step: string, event: IntakeBatchEvent) => Promise<void>,
    private readonly quota?: ListingQuota,
  ) {}

  /** Counts a line that is not rejected. */
  add(status: 'accepted' | 'already_there' | 'unchanged'): void {
    this.counts.read += 1;
    this.counts[status === 'already_there' ? 'alreadyThere' : status] += 1;
  }

  /**
   * Counts a rejected line. Adds it to a page within the limits, and records the page when it is full.
   * @throws StoreUnavailable
   */
  async addRejected({ line, reference, code, pointer }: Rejection): Promise<void> {
    this.counts.read += 1;
    this.counts.rejected += 1;
    if (this.counts.rejected > MAX_LISTED_LINES || this.quota?.take() === false) {
      this.unlisted.set(code, (this.unlisted.get(code) ?? 0) + 1);
      return;
    }
    this.pendingLines.push({
      line,
      ...(reference !== undefined && { reference: truncate(reference, MAX_TEXT_LENGTH) }),
      code,
      ...(pointer !== undefined && { pointer: truncate(pointer, MAX_TEXT_LENGTH) }),
    });
    if (this.pendingLines.length >= MAX_LINES_PER_EVENT) await this.flush();
  }

  /**
   * Records the remaining rejected lines and the counts. Call it once, also if the sender aborted (`complete` false).
   * @throws StoreUnavailable
   */
  async close(sha256: string, complete: boolean): Promise<BatchSummary> {
    await this.flush();
    const unlisted = this.unlisted.size === 0 ? {} : { unlisted: Object.fromEntries([...this.unlisted].sort()) };
    await this.record('close', IntakeBatchClosed({ ...this.counts, sha256, complete, ...unlisted }));
    return { batch: this.id, ...this.counts, sha256 };
  }

  /** Records the unconfirmed pages, then the pending lines as a new page. */
  private async flush(): Promise<void> {
    const pages = this.unconfirmedPages.splice(0);
    if (this.pendingLines.length > 0) {
      const lines = this.pendingLines.sort((one, other) => one.line - other.line); // lines are decided in parallel
      this.pendingLines = [];
      this.pageCount += 1;
      pages.push({ step: `rejected-${String(this.pageCount)}`, event: IntakeLinesRejected({ lines }) });
    }
    try {
      for (const { step, event } of [...pages]) {
        await this.record(step, event);
        pages.shift();
      }
    } finally {
      this.unconfirmedPages.push(...pages); // only the pages that were not recorded are left
    }
  }
}
