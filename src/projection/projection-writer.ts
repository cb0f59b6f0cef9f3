import type { EventStore, Position } from '../eventstore/event-store.js';
import type { Checkpoint, ReadModels, RejectedDocument, WriteSession } from '../readmodels/read-models.js';
import type { CacheLimits } from './document-cache.js';
import { evolveTraced } from './evolve-traced.js';
import { Conflict, halted, type ProjectionHalted } from './failures.js';
import { checkHistory } from './history.js';
import type { Page } from './page.js';
import { MAX_PARKED_DOCUMENTS, parkedEvent, type ParkedDocuments } from './parked-documents.js';
import { PoisonEvents } from './poison-events.js';
import { placeEvents, readsStream } from './placed-events.js';
import type { Projection } from './projection.js';
import type { SkippedEvents } from './skipped-events.js';
import { WorkingDocuments, writeOf } from './working-documents.js';

/** Maximum consecutive conflicts; one is normal after a crash or a lost response. */
const MAX_CONFLICTS = 5;
/** After this many events the checkpoint is stored even if none of them changed a document. */
const MAX_IGNORED_EVENTS = 1000;
/** A batch is written once its changed documents have this many characters, even if it has few events. */
const MAX_BATCH_CHARACTERS = 32_000_000;

export interface WriterLimits {
  readonly cache?: CacheLimits;
  /** Maximum parked documents; one more halts the projection (default {@link MAX_PARKED_DOCUMENTS}). */
  readonly maxParked?: number;
}

/** Where events that cannot be folded are parked. */
export interface Parking {
  /** False during a build that is to be swapped in: there every error is fatal. */
  readonly allowed: boolean;
  readonly documents: ParkedDocuments;
  readonly skips: SkippedEvents;
  /** Makes the parked entries durable; called before the checkpoint passes their events. */
  save(): Promise<void>;
}

export interface WriterOptions {
  readonly projection: Projection;
  readonly collection: string;
  readonly store: EventStore;
  readonly readModels: Pick<ReadModels, 'getMany'>;
  readonly session: WriteSession;
  readonly limits?: WriterLimits;
  /** Events folded per write. */
  readonly batchSize: number;
}

interface Place {
  readonly checkpoint: Checkpoint | null;
  /** recordedAt of the event at the checkpoint, if known. */
  readonly recordedAt: string | null;
}

const START: Place = { checkpoint: null, recordedAt: null };

/**
 * Writes one physical collection of one projection: folds a page, skips events that a document already contains, writes
 * each changed document once, conditional on what was loaded, then moves the checkpoint. After a crash it restarts from
 * the stored checkpoint, and the conditions prevent double changes.
 */
export class ProjectionWriter {
  private readonly documents: WorkingDocuments;
  /** The stored checkpoint. */
  private stored: Place = START;
  /** Position of the last folded event. */
  private folded: Place = START;
  /** Everything up to here is folded: the position of the last event, or a later one with no event in between. */
  private through: Position | null = null;
  /** Everything up to here is folded and written. */
  private storedThrough: Position | null = null;
  /** Events folded since the last write. */
  private pending = 0;
  /** Events folded before that, since the start. */
  private written = 0;
  /** Events after the stored checkpoint that changed no document. */
  private ignored = 0;
  private conflicts = 0;
  /** End of the batch in which a document was rejected. */
  private searchUntil: Position | null = null;
  private readonly poison = new PoisonEvents((marked) => this.canPark(marked));

  constructor(
    private readonly options: WriterOptions,
    readonly parking: Parking,
  ) {
    const { readModels, collection, limits } = options;
    this.documents = new WorkingDocuments((ids) => readModels.getMany(collection, ids), limits?.cache);
  }

  get collection(): string {
    return this.options.collection;
  }

  /** Everything up to here is in the collection. */
  get position(): Position | null {
    return this.storedThrough;
  }

  /** The next page to fold starts after this position. */
  get cursor(): Position | null {
    return this.through;
  }

  get recordedAt(): string | null {
    return this.stored.recordedAt;
  }

  /** Events folded and written since the start. */
  get events(): number {
    return this.written;
  }

  /** The batch is large enough to be written. */
  get isFull(): boolean {
    return this.pending >= this.options.batchSize || this.documents.weight >= MAX_BATCH_CHARACTERS;
  }

  /**
   * Takes over the stored checkpoint and starts there.
   * @throws ProjectionHalted (`history_changed`), SessionLost
   */
  async open(): Promise<void> {
    const { session, store, collection } = this.options;
    const checkpoint = await session.takeCheckpoint(collection);
    this.stored = { checkpoint, recordedAt: null };
    this.poison.clear();
    this.searchUntil = null;
    this.discard();
    if (checkpoint === null) return;
    this.stored = { checkpoint, recordedAt: await checkHistory(store, checkpoint) };
    this.discard();
  }

  /**
   * Folds what the page holds after the cursor. When an event fails, everything before it is written and the cursor
   * stays before it: the next call starts at this event; after three failures it is parked or halts the projection.
   * @throws ProjectionHalted; any other error comes from the storage and the outcome of the write is unknown: open
   * again
   */
  async fold(page: Page): Promise<void> {
    while (this.isSearching(page)) {
      const next = page.at(page.firstAfter(this.through));
      await this.foldPage(page.upTo(next.position));
      await this.write();
    }
    await this.foldPage(page);
  }

  private async foldPage(page: Page): Promise<void> {
    const failure = await this.foldUntilFailure(page);
    if (failure === undefined) {
      this.through = page.through;
      if (this.pending === 0) this.storedThrough = this.through;
      return;
    }
    await this.write();
    this.documents.discard();
    await this.poison.failed(failure);
  }

  /**
   * Writes what was folded, with its checkpoint.
   * @param always store the checkpoint even if no document changed
   */
  async write(always = false): Promise<void> {
    const { session, collection } = this.options;
    const { parking, folded, stored, documents } = this;
    const changed = documents.changed();
    const isParking = parking.documents.unrecorded() !== undefined;
    const isCheckpointDue = always || this.ignored + this.pending >= MAX_IGNORED_EVENTS;
    if (isParking) await parking.save();
    const checkpointMoves = folded.checkpoint?.position !== stored.checkpoint?.position;
    if (changed.length > 0 || (checkpointMoves && (isParking || isCheckpointDue))) {
      const result = await session.write({
        changes: changed.length === 0 ? [] : [{ collection, writes: changed.map(writeOf) }],
        checkpoint: { collection, from: stored.checkpoint, to: folded.checkpoint },
      });
      if (result.outcome !== 'written') {
        if (result.outcome === 'rejected') this.rejected(result.documents);
        else this.conflict(result.outcome);
        return;
      }
      documents.stored();
      this.stored = folded;
      this.ignored = 0;
      this.conflicts = 0;
    } else {
      documents.stored();
      this.ignored += this.pending;
    }
    this.written += this.pending;
    this.pending = 0;
    this.storedThrough = this.through;
  }

  /** Resets to the stored checkpoint, where the next page starts. */
  private discard(): void {
    this.documents.discard();
    this.folded = this.stored;
    this.through = this.storedThrough = this.stored.checkpoint?.position ?? null;
    this.pending = 0;
    this.ignored = 0;
  }

  private conflict(outcome: 'conflict' | 'checkpoint_moved'): void {
    this.conflicts += 1;
    if (outcome === 'checkpoint_moved' || this.conflicts > MAX_CONFLICTS)
      throw new Conflict(`${this.collection} has changed since it was loaded: ${outcome}`);
    this.discard();
  }

  /** After a rejection: folds and writes event by event until it finds the one that the store rejects. */
  private isSearching(page: Page): boolean {
    return (
      this.searchUntil !== null &&
      (this.through ?? '') < this.searchUntil &&
      page.firstAfter(this.through) < page.length
    );
  }

  /** Searches for the event that caused the rejection; if the batch has only one event, marks it as poison. */
  private rejected(rejections: readonly RejectedDocument[]): void {
    if (this.pending > 1) {
      this.searchUntil = this.through;
      this.discard();
      return;
    }
    for (const { id, reason, message } of rejections) {
      const event = this.documents.get(id).changedBy;
      if (event === undefined) throw new Error(`${id} was rejected and not written`);
      const error = `${reason}: ${message}`;
      this.poison.mark(id, event.position, error, halted('document_rejected', event, error, id));
    }
    this.discard();
  }

  private canPark(marked: Iterable<string>): boolean {
    const { limits, projection } = this.options;
    const { allowed, documents } = this.parking;
    const waiting = [...marked].filter((document) => documents.get(document) === undefined);
    const isRoom = documents.size + waiting.length < (limits?.maxParked ?? MAX_PARKED_DOCUMENTS);
    return allowed && projection.oneStreamPerDocument === true && isRoom;
  }

  private async foldUntilFailure(page: Page): Promise<ProjectionHalted | undefined> {
    const from = page.firstAfter(this.through);
    const placed = placeEvents(this.options.projection, page, from);
    await this.documents.load(new Set(placed.events.flatMap(([, keys]) => keys)));
    for (const [index, keys] of placed.events) {
      const failure = this.foldOne(page, index, keys);
      if (failure !== undefined) {
        this.advance(page, from, index);
        return failure;
      }
    }
    this.advance(page, from, placed.end);
    return placed.failure;
  }

  /** Folds the event into each of its documents, or into none when it fails. */
  private foldOne(page: Page, index: number, keys: readonly string[]): ProjectionHalted | undefined {
    const event = page.recorded(index);
    const stored = page.at(index);
    const { parking, documents } = this;
    const next: { readonly id: string; readonly content: object | null }[] = [];
    for (const id of keys) {
      const { position, content } = documents.get(id);
      if (position !== null && event.position <= position) continue; // already contained
      if (parking.skips.has(id, event.eventId)) continue;
      const error = this.poison.take(id, event.position);
      if (error !== undefined || parking.documents.holds(id, event.position)) {
        parking.documents.add(parkedEvent(id, event, error ?? ''));
        continue;
      }
      try {
        next.push({ id, content: evolveTraced(this.options.projection, content, event, id) });
      } catch (failure) {
        return halted('evolve_failed', stored, failure, id);
      }
    }
    for (const { id, content } of next) documents.advance(documents.get(id), content, stored);
    return undefined;
  }

  /** Everything from `from` to before `end` is folded. */
  private advance(page: Page, from: number, end: number): void {
    if (end === from) return;
    const last = page.at(end - 1);
    const recordedAt = readsStream(this.options.projection, last.stream)
      ? page.recorded(end - 1).metadata.recordedAt
      : this.folded.recordedAt;
    const { position, eventId } = last;
    this.folded = { checkpoint: { storeId: this.options.store.storeId, position, eventId }, recordedAt };
    this.through = position;
    this.pending += end - from;
  }
}
