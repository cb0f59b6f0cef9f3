import { createHash } from 'node:crypto';
import { v4 as uuid } from 'uuid';
import { EventDecoder } from '../eventstore/codec.js';
import { CommandLoop, type LoopOptions } from '../eventstore/command-loop.js';
import type { Actor } from '../access/actor.js';
import type { EventStore } from '../eventstore/event-store.js';
import { StoreUnavailable } from '../eventstore/event-store.js';
import type { Aggregate } from '../eventstore/fold.js';
import type { Clock } from '../platform/clock.js';
import { instant } from '../platform/moment.js';
import {
  IntakeBatchClosed,
  IntakeBatchOpened,
  intakeBatchEventTypes,
  IntakeLinesRejected,
  type BatchCounts,
  type IntakeBatchEvent,
  type RejectedLine,
} from './events.js';

export const BATCH_STREAMS = 'batch-';

/** Memory for the batches that are open: a batch keeps the ids of its steps and nothing of its lines. */
const MEMORY_BYTES = 8 * 1024 * 1024;

/** How many rejected lines are recorded as one event: with texts cut to their limit well below that of an append. */
const LINES_AN_EVENT = 500;

/** Characters of a text that a sender chose: it names what is meant, and is no place for content. */
const TEXT_LIMIT = 200;

const batches: Aggregate<null, IntakeBatchEvent> = {
  prefix: BATCH_STREAMS,
  decoder: new EventDecoder<IntakeBatchEvent>(intakeBatchEventTypes),
  initial: () => null,
  evolve: () => null,
};

/** Where every batch that comes in is written down, so that a sender can prove what was taken and what was not. */
export class BatchRecorder {
  private readonly loop: CommandLoop<null, IntakeBatchEvent>;

  constructor(store: EventStore, clock: Clock, options: LoopOptions) {
    this.loop = new CommandLoop(store, batches, clock, { ...options, memoryBytes: MEMORY_BYTES });
  }

  /** Opens a batch of its own for every time something is sent. @throws StoreUnavailable */
  async open(opened: Parameters<typeof IntakeBatchOpened>[0], actor: Actor): Promise<OpenBatch> {
    const id = uuid();
    const batch = new OpenBatch(id, (step, event) => this.record(id, step, event, actor));
    await this.record(id, 'open', IntakeBatchOpened(opened), actor);
    return batch;
  }

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
      throw new StoreUnavailable(`batch ${id} could not be written down: ${outcome.kind}`);
  }
}

/** What a sender is told at the end; the same stands in the batch. */
export interface BatchSummary extends BatchCounts {
  readonly batch: string;
  /** SHA-256 (hex) of the bytes that were read. */
  readonly sha256: string;
}

/** What a line is rejected with, as far as there is something. */
type Rejection = { readonly [Name in keyof RejectedLine]: RejectedLine[Name] | undefined } & Pick<
  RejectedLine,
  'line' | 'code'
>;

/** A batch that is being taken in: counts what comes of its lines, and writes down those that were not taken. */
export class OpenBatch {
  private readonly counts = { read: 0, accepted: 0, alreadyThere: 0, rejected: 0 };
  private waiting: RejectedLine[] = [];
  private pages = 0;
  /** Pages that could not be written down for sure: each is sent again as it was, so that it is there once. */
  private readonly unsure: { readonly step: string; readonly event: IntakeBatchEvent }[] = [];

  constructor(
    readonly id: string,
    private readonly record: (step: string, event: IntakeBatchEvent) => Promise<void>,
  ) {}

  taken(status: 'accepted' | 'already_there'): void {
    this.counts.read += 1;
    if (status === 'accepted') this.counts.accepted += 1;
    else this.counts.alreadyThere += 1;
  }

  /** @throws StoreUnavailable when the lines that wait cannot be written down */
  async rejected({ line, reference, code, pointer }: Rejection): Promise<void> {
    this.counts.read += 1;
    this.counts.rejected += 1;
    this.waiting.push({
      line,
      ...(reference !== undefined && { reference: reference.slice(0, TEXT_LIMIT) }),
      code,
      ...(pointer !== undefined && { pointer: pointer.slice(0, TEXT_LIMIT) }),
    });
    if (this.waiting.length >= LINES_AN_EVENT) await this.flush();
  }

  /** Call it once, also when the sender broke off (`complete` false). */
  async close(sha256: string, complete: boolean): Promise<BatchSummary> {
    await this.flush();
    await this.record('close', IntakeBatchClosed({ ...this.counts, sha256, complete }));
    return { batch: this.id, ...this.counts, sha256 };
  }

  private async flush(): Promise<void> {
    const pages = this.unsure.splice(0);
    if (this.waiting.length > 0) {
      const lines = this.waiting.sort((one, other) => one.line - other.line); // decided side by side
      this.waiting = [];
      this.pages += 1;
      pages.push({ step: `rejected-${String(this.pages)}`, event: IntakeLinesRejected({ lines }) });
    }
    try {
      for (const { step, event } of [...pages]) {
        await this.record(step, event);
        pages.shift();
      }
    } finally {
      this.unsure.push(...pages);
    }
  }
}
