import type { Recorded } from '../eventstore/envelope.js';
import type { EventStore, Position } from '../eventstore/event-store.js';
import type { Checkpoint, ReadModels, RejectedDocument, WriteSession } from '../readmodels/read-models.js';
import type { CacheLimits } from './document-cache.js';
import { Conflict, eventFailure, type ProjectionHalted } from './failures.js';
import { checkHistory } from './history.js';
import type { Page } from './page.js';
import { MAX_PARKED_DOCUMENTS, parkedEvent, type ParkedDocuments } from './parked-documents.js';
import { PoisonEvents } from './poison-events.js';
import { evolveDocument, rewrittenHistory } from './rewritten-history.js';
import { routeEvents, readsStream } from './routed-events.js';
import type { Projection } from './projection.js';
import type { SkippedEvents } from './skipped-events.js';
import { WorkingDocuments, writeOf } from './working-documents.js';

/** Maximum number of consecutive conflicts. One is normal after a crash or a lost response. */
const MAX_CONFLICTS = 5;
/** The checkpoint is stored after this many events, even if none of them changed a document. */
const MAX_IGNORED_EVENTS = 1000;
/** A batch is written when its changed documents have this many characters, even if it has few events. */
const MAX_BATCH_CHARACTERS = 32_000_000;

export interface WriterLimits {
  readonly cache?: CacheLimits;
  /** Maximum number of parked documents; one more halts the projection (default {@link MAX_PARKED_DOCUMENTS}). */
  readonly maxParked?: number;
}

/** What a writer does with events that cannot be folded. */
export interface Parking {
  /** False in a build that will be live: an event that cannot be folded then ends the build. */
  readonly allowed: boolean;
  readonly documents: ParkedDocuments;
  readonly skips: SkippedEvents;
  /** Stores the entries of `documents`. Called before the checkpoint includes the parked events. */
  save(): Promise<void>;
}

export interface WriterOptions {
  readonly projection: Projection;
  readonly collection: string;
  readonly store: EventStore;
  readonly readModels: Pick<ReadModels, 'getMany'>;
  readonly session: WriteSession;
  readonly limits?: WriterLimits;
  /** Number of events per write. */
  readonly batchSize: number;
}

interface Progress {
  readonly checkpoint: Checkpoint | null;
  /** recordedAt of the event at the checkpoint, if known. */
  readonly recordedAt: string | null;
}

const START: Progress = { checkpoint: null, recordedAt: null };

/**
 * Writes one physical collection of one projection. Folds the events of pages into documents, except events that a
 * document already contains. Then writes each changed document once, on the condition that the stored document is still
 * the loaded one, and moves the checkpoint. After a crash it continues from the stored checkpoint; the conditions
 * prevent that an event is folded into a document twice.
 */
export class ProjectionWriter {
  private readonly documents: WorkingDocuments;
  /** The stored checkpoint. */
  private stored: Progress = START;
  /** The checkpoint of the last folded event. */
  private folded: Progress = START;
  /** All events up to this position are folded. It may be after the last event, if no events are in between. */
  private foldedThrough: Position | null = null;
  /** All events up to this position are folded and written. */
  private storedThrough: Position | null = null;
  /** Number of events folded since the last write. */
  private pending = 0;
  /** Number of events written since the start. */
  private written = 0;
  /** Number of events in earlier batches that changed no document and after which no checkpoint was stored. */
  private ignored = 0;
  /** Number of consecutive conflicts. */
  private conflicts = 0;
  /** End of a batch in which the store rejected a document: events up to here are written one at a time. */
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

  /** The collection includes all events up to this position. */
  get position(): Position | null {
    return this.storedThrough;
  }

  /** The next page to fold starts after this position. All earlier events are folded, but perhaps not yet written. */
  get cursor(): Position | null {
    return this.foldedThrough;
  }

  /** recordedAt of the event at the stored checkpoint; null if not known. */
  get recordedAt(): string | null {
    return this.stored.recordedAt;
  }

  /** Number of events folded and written since the start. */
  get events(): number {
    return this.written;
  }

  /** Whether the batch is large enough to be written. */
  get isFull(): boolean {
    return this.pending >= this.options.batchSize || this.documents.changedSize >= MAX_BATCH_CHARACTERS;
  }

  /**
   * Takes over the stored checkpoint from earlier sessions, and continues from it.
   * @throws ProjectionHalted (`history_changed`), SessionLost
   */
  async open(): Promise<void> {
    const { session, store, collection } = this.options;
    const checkpoint = await session.takeOverCheckpoint(collection);
    this.stored = { checkpoint, recordedAt: null }; // before the check, so that the status has the position if it fails
    this.poison.clear();
    this.searchUntil = null;
    this.discard();
    if (checkpoint === null) return;
    this.stored = { checkpoint, recordedAt: await checkHistory(store, checkpoint) };
    this.discard();
  }

  /**
   * Folds the events of the page after the cursor. When an event fails, writes all earlier events; the next call tries
   * the event again. After three failures the event is parked or halts the projection.
   * @throws ProjectionHalted; errors of the storage, after which the outcome of a write is unknown: call {@link open}
   */
  async fold(page: Page): Promise<void> {
    while (this.isSearching(page)) {
      const next = page.at(page.firstAfter(this.foldedThrough));
      await this.foldPage(page.upTo(next.position));
      await this.write();
    }
    await this.foldPage(page);
  }

  private async foldPage(page: Page): Promise<void> {
    const failure = await this.foldUntilFailure(page);
    if (failure === undefined) {
      this.foldedThrough = page.through;
      if (this.pending === 0) this.storedThrough = this.foldedThrough;
      return;
    }
    await this.write();
    this.documents.discard();
    await this.poison.countFailure(failure);
  }

  /**
   * Writes the changed documents, then the checkpoint. After a conflict or a rejection it resets to the stored
   * checkpoint and returns.
   * @param alwaysCheckpoint store the checkpoint even if no document changed
   */
  async write({ alwaysCheckpoint = false } = {}): Promise<void> {
    const { session, collection } = this.options;
    const { parking, folded, stored, documents } = this;
    const changed = documents.changed();
    const isParking = parking.documents.unsaved() !== undefined;
    const isCheckpointDue = alwaysCheckpoint || this.ignored + this.pending >= MAX_IGNORED_EVENTS;
    if (isParking) await parking.save();
    const hasMoved = folded.checkpoint?.position !== stored.checkpoint?.position;
    if (changed.length > 0 || (hasMoved && (isParking || isCheckpointDue))) {
      const result = await session.write({
        changes: changed.length === 0 ? [] : [{ collection, writes: changed.map(writeOf) }],
        checkpoint: { collection, from: stored.checkpoint, to: folded.checkpoint },
      });
      if (result.outcome !== 'written') {
        if (result.outcome === 'rejected') this.handleRejection(result.documents);
        else this.handleConflict(result.outcome);
        return;
      }
      documents.markStored();
      this.stored = folded;
      this.ignored = 0;
      this.conflicts = 0;
    } else {
      documents.markStored();
      this.ignored += this.pending;
    }
    this.written += this.pending;
    this.pending = 0;
    this.storedThrough = this.foldedThrough;
  }

  /** Discards all events that are not written: resets the cursor to the stored checkpoint. */
  private discard(): void {
    this.documents.discard();
    this.folded = this.stored;
    this.foldedThrough = this.storedThrough = this.stored.checkpoint?.position ?? null;
    this.pending = 0;
    this.ignored = 0;
  }

  private handleConflict(outcome: 'conflict' | 'checkpoint_moved'): void {
    this.conflicts += 1;
    if (outcome === 'checkpoint_moved' || this.conflicts > MAX_CONFLICTS)
      throw new Conflict(`${this.collection} has changed since it was loaded: ${outcome}`);
    this.discard();
  }

  /** Whether the next event is to be written alone, to find the one whose document the store rejects. */
  private isSearching(page: Page): boolean {
    return (
      this.searchUntil !== null &&
      (this.foldedThrough ?? '') < this.searchUntil &&
      page.firstAfter(this.foldedThrough) < page.length
    );
  }

  /** Marks the event of a batch as poison; if the batch has several events, first searches for the one that fails. */
  private handleRejection(rejections: readonly RejectedDocument[]): void {
    if (this.pending > 1) {
      this.searchUntil = this.foldedThrough;
      this.discard();
      return;
    }
    for (const { id, reason, message } of rejections) {
      const event = this.documents.get(id).changedBy;
      if (event === undefined) throw new Error(`${id} was rejected, but no event has changed it`);
      const error = `${reason}: ${message}`;
      this.poison.mark(id, event.position, error, eventFailure('document_rejected', event, error, id));
    }
    this.discard();
  }

  /** Whether one more document may be parked, besides the parked ones and the ones with marked events. */
  private canPark(marked: Iterable<string>): boolean {
    const { limits, projection } = this.options;
    const { allowed, documents } = this.parking;
    const notYetParked = [...marked].filter((document) => documents.get(document) === undefined);
    const hasRoom = documents.size + notYetParked.length < (limits?.maxParked ?? MAX_PARKED_DOCUMENTS);
    return allowed && projection.oneStreamPerDocument === true && hasRoom;
  }

  /** Folds the events of the page after the cursor; returns the first failure. */
  private async foldUntilFailure(page: Page): Promise<ProjectionHalted | undefined> {
    const from = page.firstAfter(this.foldedThrough);
    const routed = routeEvents(this.options.projection, page, from);
    await this.documents.load(new Set(routed.events.flatMap(([, ids]) => ids)));
    for (const [index, ids] of routed.events) {
      const failure = this.foldEvent(page, index, ids, await this.historyAt(page, index));
      if (failure !== undefined) {
        this.advance(page, from, index);
        return failure;
      }
    }
    this.advance(page, from, routed.end);
    return routed.failure;
  }

  /** Folds the event into each of its documents. If it fails for one document, changes none and returns the failure. */
  private foldEvent(
    page: Page,
    index: number,
    ids: readonly string[],
    history: readonly Recorded[] | undefined,
  ): ProjectionHalted | undefined {
    const event = page.recorded(index);
    const storedEvent = page.at(index);
    const { parking, documents } = this;
    const results: { readonly id: string; readonly content: object | null }[] = [];
    for (const id of ids) {
      const { position, content } = documents.get(id);
      if (position !== null && event.position <= position) continue; // the document contains it already
      if (parking.skips.has(id, event.eventId)) continue;
      const error = this.poison.takeError(id, event.position);
      if (error !== undefined || parking.documents.mustPark(id, event.position)) {
        parking.documents.add(parkedEvent(id, event, error ?? ''));
        continue;
      }
      try {
        const { projection } = this.options;
        const { skips } = parking;
        results.push({ id, content: evolveDocument(projection, content, event, id, { history, skips }) });
      } catch (cause) {
        return eventFailure('evolve_failed', storedEvent, cause, id);
      }
    }
    for (const { id, content } of results) documents.advance(documents.get(id), content, storedEvent);
    return undefined;
  }

  /** The rewritten history, if the event at this index rewrites earlier events. */
  private historyAt(page: Page, index: number): Promise<readonly Recorded[] | undefined> {
    const { projection, store } = this.options;
    return rewrittenHistory(projection, store, page.decodeStored, page.recorded(index));
  }

  /** Moves the cursor: the events from index `from` up to, but not including, `end` are folded. */
  private advance(page: Page, from: number, end: number): void {
    if (end === from) return;
    const last = page.at(end - 1);
    const recordedAt = readsStream(this.options.projection, last.stream)
      ? page.recorded(end - 1).metadata.recordedAt
      : this.folded.recordedAt;
    const { position, eventId } = last;
    this.folded = { checkpoint: { storeId: this.options.store.storeId, position, eventId }, recordedAt };
    this.foldedThrough = position;
    this.pending += end - from;
  }
}
