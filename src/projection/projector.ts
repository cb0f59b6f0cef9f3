import { setTimeout as pause } from 'node:timers/promises';

import type { EventStore, Position } from '../eventstore/event-store.js';
import type { Recorded } from '../eventstore/envelope.js';
import type { JsonObject } from '../platform/json.js';
import { isTracing, traced } from '../platform/tracing.js';
import type { Checkpoint, Document, GuardedWrite, ReadModels } from '../readmodels/read-models.js';
import { EventBatch, type Decode } from './event-batch.js';
import { checkpointLost, halted, told, type ProjectionHalted } from './failures.js';
import { checkHistory, eventAt } from './history.js';
import { HotDocuments, weigh, type CacheLimits, type Held } from './hot-documents.js';
import { MOST_PARKED, ParkedEvents } from './parked-events.js';
import type { Projection } from './projection.js';
import type { ParkedEvent, RetriedDocument } from './projections.js';
import { Skips } from './skips.js';

/** How often an event is tried, each time with freshly loaded documents, before it is parked or halts its projection. */
const ATTEMPTS = 3;
/** How often a batch is folded again because documents had moved; they move only once, after a crash. */
const REFUSALS = 5;
/** A checkpoint over events that changed nothing is stored once for so many. */
const IGNORED = 1000;

export interface ProjectorLimits {
  readonly cache?: CacheLimits;
  /** Documents that may wait for an event before one more halts the projection (default {@link MOST_PARKED}). */
  readonly mostParked?: number;
}

/** A document in the making: what was loaded, and what the fold has made of it. */
interface Working {
  readonly id: string;
  readonly loaded: Held;
  content: object | null;
  position: Position | null;
  /** Grows by the text of every event folded in: an estimate without walking the document. */
  weight: number;
  changed: boolean;
}

interface Folded {
  /** Events that wait from now on. */
  readonly parked: readonly ParkedEvent[];
  /** Index after the last event that was folded. */
  readonly end: number;
  readonly failure?: ProjectionHalted;
}

/** What was folded of a batch, slice after slice, before any of it is written. */
interface Ahead {
  readonly documents: Map<string, Working>;
  /** Index after the last event that was folded. */
  readonly end: number;
}

/**
 * One projection writing one physical collection (architecture.md §4): load, skip what a document has seen, fold,
 * write guarded, move the checkpoint. A crash anywhere replays into the guards and changes nothing twice.
 */
export class Projector {
  readonly parked: ParkedEvents;
  readonly skips: Skips;
  /** False while building: there every error is fatal. */
  mayPark = true;
  private readonly hot: HotDocuments;
  private readonly ahead = new WeakMap<EventBatch, Ahead>();
  /** The event that was tried in vain, with the documents into which it could not be folded: the next fold parks it. */
  private condemned: { readonly position: Position; readonly errors: Map<string, string> } | undefined;
  private checkpoint: Checkpoint | null = null;
  private epoch = 0;
  private place: { readonly position: Position; readonly eventId: string; readonly recordedAt: string | null } | null =
    null;
  private ignored = 0;
  private foldedEvents = 0;

  constructor(
    readonly projection: Projection,
    readonly collection: string,
    private readonly store: EventStore,
    private readonly readModels: ReadModels,
    private readonly limits: ProjectorLimits = {},
  ) {
    this.hot = new HotDocuments(limits.cache);
    this.parked = new ParkedEvents(readModels, collection);
    this.skips = new Skips(readModels, projection);
  }

  /** Everything up to here is written. */
  get position(): Position | null {
    return this.place?.position ?? null;
  }

  /** recordedAt of the event there. */
  get recordedAt(): string | null {
    return this.place?.recordedAt ?? null;
  }

  /** Events folded since the start. */
  get folded(): number {
    return this.foldedEvents;
  }

  /**
   * Goes back to the stored checkpoint and takes it over: a runner that still believes it holds it meets a newer epoch.
   * @throws ProjectionHalted (`history_changed`, `checkpoint_lost`)
   */
  async resume(): Promise<void> {
    this.hot.clear();
    this.ignored = 0;
    this.condemned = undefined;
    const stored = await this.readModels.loadCheckpoint(this.collection);
    await this.takeOver(stored);
    await this.skips.load();
    await this.parked.load(this.epoch);
  }

  private async takeOver(stored: Checkpoint | null): Promise<void> {
    this.checkpoint = stored;
    this.place = stored && { position: stored.position, eventId: stored.eventId, recordedAt: null };
    if (stored === null) {
      this.epoch = Math.max(this.epoch, 1);
      return;
    }
    const { metadata } = await checkHistory(this.store, stored);
    const { recordedAt } = JSON.parse(metadata) as { readonly recordedAt?: string };
    this.place = { position: stored.position, eventId: stored.eventId, recordedAt: recordedAt ?? null };
    if (this.epoch === 0) {
      this.epoch = stored.epoch + 1;
      await this.moveTo({ ...stored, epoch: this.epoch }, []);
    } else if (stored.epoch !== this.epoch) throw checkpointLost(this.collection);
  }

  /**
   * Folds a slice of a batch that is about to be taken, so that everybody folds it while it is decoded. Where anything
   * is out of the ordinary nothing is kept, and {@link take} folds the whole batch by itself.
   */
  async foldAhead(batch: EventBatch, slice: EventBatch, start: number): Promise<void> {
    const ahead = start === 0 ? { documents: new Map<string, Working>(), end: 0 } : this.ahead.get(batch);
    this.ahead.delete(batch);
    if (ahead?.end !== start) return;
    const { documents } = ahead;
    const { parked, failure } = await this.fold(slice, slice.after(this.position), documents);
    if (failure === undefined && parked.length === 0) this.ahead.set(batch, { documents, end: start + slice.length });
  }

  /**
   * Folds what the batch holds after the position. When an event fails for good, all before it is written first; then
   * it is parked, if its document can wait alone, or the projection halts.
   * @throws ProjectionHalted; any other error is of the storage, and nothing is known to be written: resume
   */
  async take(batch: EventBatch): Promise<void> {
    if (await this.settleAhead(batch)) return;
    let failing: string | undefined;
    for (let attempt = 1; ; attempt++) {
      const from = batch.after(this.position);
      if (from === batch.length) return;
      const { failure } = await this.write(batch, from);
      if (failure === undefined) return;
      const { event, error } = failure.halt;
      const trouble = `${event?.position ?? ''} ${event?.document ?? ''}`;
      if (trouble !== failing) attempt = 1;
      failing = trouble;
      if (attempt < ATTEMPTS) await pause(10 * attempt);
      else if (event?.document === undefined || !this.canPark()) throw failure;
      else this.condemn(event.document, event.position, error);
      this.hot.clear();
    }
  }

  /**
   * Folds what waits for the document, in order, until it is through or one fails again.
   * @throws ProjectionHalted (`history_changed`) when the log has another event there
   */
  async retry(document: string, decode: Decode): Promise<RetriedDocument> {
    let folded = 0;
    for (;;) {
      const waiting = await this.parked.next(document);
      if (waiting.length === 0) return { document, folded, waiting: 0 };
      this.hot.clear();
      const working = fresh(document, ABSENT);
      await this.load([working]);
      const done: ParkedEvent[] = [];
      let failed: ParkedEvent | undefined;
      for (const entry of waiting) {
        const batch = new EventBatch([await eventAt(this.store, entry)], decode);
        const error = this.foldInto(working, document, batch);
        if (error !== undefined) {
          failed = { ...entry, error };
          break;
        }
        done.push(entry);
      }
      await this.parked.settle(document, done, working.changed ? [guarded(working)] : [], failed);
      folded += done.length;
      if (failed !== undefined) return { document, folded, waiting: this.parked.waiting(document), failed };
    }
  }

  /** Folds the one event of the batch into the document, unless it is skipped; answers what was wrong with it. */
  private foldInto(working: Working, document: string, batch: EventBatch): string | undefined {
    const stored = batch.at(0);
    if (this.skips.has(document, stored.eventId)) return undefined;
    if (working.position !== null && stored.position <= working.position) return undefined;
    try {
      const content = this.projection.evolve(working.content, batch.recorded(0), document);
      advance(working, content, stored.position, stored.data.length);
      return undefined;
    } catch (error) {
      return told(error);
    }
  }

  private canPark(): boolean {
    const documents = this.parked.documents + (this.condemned?.errors.size ?? 0);
    return (
      this.mayPark &&
      this.projection.oneStreamPerDocument === true &&
      documents < (this.limits.mostParked ?? MOST_PARKED)
    );
  }

  private condemn(document: string, position: Position, error: string): void {
    if (this.condemned?.position !== position) this.condemned = { position, errors: new Map() };
    this.condemned.errors.set(document, error);
  }

  /** Stores the checkpoint if it lags behind the position. */
  async flush(): Promise<void> {
    if (this.place === null || this.place.position === this.checkpoint?.position) return;
    await this.moveTo(this.checkpointAt(this.place), []);
  }

  /** False when there is still something to fold. */
  private async settleAhead(batch: EventBatch): Promise<boolean> {
    const ahead = this.ahead.get(batch);
    this.ahead.delete(batch);
    if (ahead?.end !== batch.length) return false;
    return this.settle(batch, batch.after(this.position), batch.length, ahead.documents, []);
  }

  private async write(batch: EventBatch, from: number): Promise<Folded> {
    for (let refusals = 0; ; refusals++) {
      const documents = new Map<string, Working>();
      const folded = await this.fold(batch, from, documents);
      if (await this.settle(batch, from, folded.end, documents, folded.parked)) return folded;
      if (refusals === REFUSALS)
        throw new Error(`documents of ${this.collection} keep moving: somebody else writes them`);
    }
  }

  /** Writes what was folded of `from` to `end`; false when a guard was refused: then it must be folded again. */
  private async settle(
    batch: EventBatch,
    from: number,
    end: number,
    documents: ReadonlyMap<string, Working>,
    parked: readonly ParkedEvent[],
  ): Promise<boolean> {
    if (end === from) return true;
    const last = batch.at(end - 1);
    const place = {
      position: last.position,
      eventId: last.eventId,
      recordedAt: this.reads(last.stream) ? batch.recorded(end - 1).metadata.recordedAt : this.recordedAt,
    };
    const changed = [...documents.values()].filter((working) => working.changed);
    const writes = changed.map(guarded);
    this.ignored += end - from;
    // before the checkpoint passes them
    if (parked.length > 0) {
      await this.parked.add(parked, this.checkpointAt(place));
      this.condemned = undefined;
    }
    if (writes.length > 0 || parked.length > 0 || this.ignored >= IGNORED) {
      const moved = await this.moveTo(this.checkpointAt(place), writes);
      if (!moved) {
        this.hot.clear();
        return false;
      }
    }
    for (const { id, content, position, weight } of changed) this.hot.put(id, { content, position, weight });
    this.foldedEvents += end - from;
    this.place = place;
    return true;
  }

  /** Writes with the checkpoint; false when a guard was refused, and then nothing counts as written. */
  private async moveTo(to: Checkpoint, writes: readonly GuardedWrite[]): Promise<boolean> {
    const { collection } = this;
    const result = await this.readModels.write({
      collection,
      writes,
      checkpoint: { id: collection, from: this.checkpoint, to },
    });
    if ('checkpointLost' in result) throw checkpointLost(collection);
    if (!result.ok) return false;
    this.checkpoint = to;
    this.ignored = 0;
    return true;
  }

  /** Folds into the documents, which it loads where they are not at hand yet. */
  private async fold(batch: EventBatch, from: number, documents: Map<string, Working>): Promise<Folded> {
    const concerned = this.concerned(batch, from, documents);
    await this.load(concerned.missing);
    const parked: ParkedEvent[] = [];
    const waiting = new Set<string>();
    const next: { readonly working: Working; readonly content: object | null }[] = [];
    for (const [index, named] of concerned.events) {
      const event = batch.recorded(index);
      const size = batch.at(index).data.length;
      next.length = 0;
      for (const working of named) {
        const { id } = working;
        if (working.position !== null && event.position <= working.position) continue; // seen
        if (this.skips.has(id, event.eventId)) continue;
        const error = this.condemnation(id, event.position);
        if (error !== null || waiting.has(id) || this.parked.holds(id, event.position)) {
          waiting.add(id);
          parked.push(entryOf(id, event, error));
          continue;
        }
        try {
          next.push({ working, content: this.evolve(working.content, event, id) });
        } catch (error) {
          return { parked, end: index, failure: halted('evolve_failed', batch.at(index), error, id) };
        }
      }
      for (const { working, content } of next) advance(working, content, event.position, size);
    }
    return { parked, end: concerned.end, ...(concerned.failure && { failure: concerned.failure }) };
  }

  /** As a part of the trace of the request that caused the event, where traces are made. */
  private evolve(content: object | null, event: Recorded, id: string): object | null {
    const document = content as JsonObject | null;
    if (!isTracing()) return this.projection.evolve(document, event, id);
    const { type, stream, revision, metadata } = event;
    const attributes = { 'redress.event': type, 'redress.stream': stream, 'redress.revision': revision };
    const evolve = (): object | null => this.projection.evolve(document, event, id);
    return traced(`project ${this.projection.name}`, attributes, evolve, metadata.$correlationId);
  }

  private condemnation(document: string, position: Position): string | null {
    const { condemned } = this;
    return condemned?.position === position ? (condemned.errors.get(document) ?? null) : null;
  }

  /** Which documents which events name, up to the first event that cannot be read or placed; `missing` to be loaded. */
  private concerned(batch: EventBatch, from: number, documents: Map<string, Working>) {
    const events: [index: number, named: readonly Working[]][] = [];
    const missing: Working[] = [];
    const named = (id: string): Working => {
      let working = documents.get(id);
      if (working === undefined) {
        const held = this.hot.get(id);
        documents.set(id, (working = fresh(id, held ?? ABSENT)));
        if (held === undefined) missing.push(working);
      }
      return working;
    };
    for (let index = from; index < batch.length; index++) {
      const stored = batch.at(index);
      if (!this.reads(stored.stream)) continue;
      let reason: 'undecodable' | 'keys_failed' = 'undecodable';
      try {
        const event = batch.recorded(index);
        reason = 'keys_failed';
        const keys = this.projection.keys(event);
        if (keys.length === 0) continue;
        events.push([index, (keys.length === 1 ? keys : [...new Set(keys)]).map(named)]);
      } catch (error) {
        return { events, missing, end: index, failure: halted(reason, stored, error) };
      }
    }
    return { events, missing, end: batch.length };
  }

  /** Brings in what is stored of documents that were taken for absent. */
  private async load(missing: readonly Working[]): Promise<void> {
    if (missing.length === 0) return;
    const stored = await this.readModels.getMany(
      this.collection,
      missing.map(({ id }) => id),
    );
    const found = new Map(stored.map((document) => [document._id, document]));
    for (const working of missing) {
      const document = found.get(working.id);
      if (document !== undefined) Object.assign(working, fresh(working.id, heldFrom(document)));
    }
  }

  private reads(stream: string): boolean {
    return this.projection.streams.some((prefix) => stream.startsWith(prefix));
  }

  private checkpointAt({ position, eventId }: { readonly position: Position; readonly eventId: string }): Checkpoint {
    return { storeId: this.store.storeId, position, eventId, epoch: this.epoch };
  }
}

const ABSENT: Held = { content: null, position: null, weight: 1 };

const fresh = (id: string, loaded: Held): Working => ({ id, loaded, ...loaded, changed: false });

const entryOf = (
  document: string,
  { position, stream, revision, type, metadata }: Recorded,
  error: string | null,
): ParkedEvent => ({ document, position, stream, revision, type, recordedAt: metadata.recordedAt, error });

function heldFrom({ _id, _position, _deleted, ...content }: Document): Held {
  return { content: _deleted === true ? null : content, position: _position, weight: weigh(content) };
}

/** The argument handed back says that the event changed nothing: then there is nothing to write for it. */
function advance(document: Working, content: object | null, position: Position, size: number): void {
  if (content === document.content) return;
  document.content = content;
  document.position = position;
  document.weight += size;
  document.changed = true;
}

function guarded({ id, loaded, content, position }: Working): GuardedWrite {
  const _position = position ?? '';
  const document =
    content === null
      ? { _id: id, _position, _deleted: true as const }
      : { ...(content as JsonObject), _id: id, _position };
  return { id, loaded: loaded.position, document };
}
