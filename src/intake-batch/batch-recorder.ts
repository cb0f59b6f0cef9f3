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
  BATCH_STREAMS,
  IntakeBatchClosed,
  IntakeBatchOpened,
  intakeBatchEventTypes,
  IntakeLinesRejected,
  type BatchCounts,
  type IntakeBatchEvent,
  type RejectedLine,
} from './events.js';

/** Capacity for open batches. A batch keeps the ids of its steps, not its lines. */
const MEMORY_BYTES = 8 * 1024 * 1024;

/** Maximum number of rejected lines per event. With truncated texts this is well below the append limit. */
const LINES_AN_EVENT = 500;

/** Maximum characters of a text from the sender; it is an identifier, not content. */
const TEXT_LIMIT = 200;

const batches: Aggregate<null, IntakeBatchEvent> = {
  prefix: BATCH_STREAMS,
  decoder: new EventDecoder<IntakeBatchEvent>(intakeBatchEventTypes),
  initial: () => null,
  evolve: () => null,
};

/** Records every bulk import, so that a sender can prove which lines were accepted and which were not. */
export class BatchRecorder {
  private readonly loop: CommandLoop<null, IntakeBatchEvent>;

  constructor(store: EventStore, clock: Clock, options: LoopOptions) {
    this.loop = new CommandLoop(store, batches, clock, { ...options, memoryBytes: MEMORY_BYTES });
  }

  /** Opens a new batch for each transmission. @throws StoreUnavailable */
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
      throw new StoreUnavailable(`batch ${id} could not be recorded (${outcome.kind}); send the request again`);
  }
}

/** Summary for the sender; the batch records the same values. */
export interface BatchSummary extends BatchCounts {
  readonly batch: string;
  /** SHA-256 (hex) of the bytes that were read. */
  readonly sha256: string;
}

/** Rejection details of a line, if any. */
type Rejection = { readonly [Name in keyof RejectedLine]: RejectedLine[Name] | undefined } & Pick<
  RejectedLine,
  'line' | 'code'
>;

/** An open batch: counts the results of its lines and records the rejected ones. */
export class OpenBatch {
  private readonly counts = { read: 0, accepted: 0, alreadyThere: 0, rejected: 0 };
  private waiting: RejectedLine[] = [];
  private pages = 0;
  /** Pages with an unconfirmed write. Each is sent again unchanged, so that it is recorded once. */
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

  /** @throws StoreUnavailable if the pending lines cannot be recorded */
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

  /** Call this once, also if the sender aborted (`complete` false). */
  async close(sha256: string, complete: boolean): Promise<BatchSummary> {
    await this.flush();
    await this.record('close', IntakeBatchClosed({ ...this.counts, sha256, complete }));
    return { batch: this.id, ...this.counts, sha256 };
  }

  private async flush(): Promise<void> {
    const pages = this.unsure.splice(0);
    if (this.waiting.length > 0) {
      const lines = this.waiting.sort((one, other) => one.line - other.line); // lines are decided concurrently
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
