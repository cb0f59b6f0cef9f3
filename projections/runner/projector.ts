import { setTimeout as pause } from 'node:timers/promises';

import type { EventStore, Position } from '../../src/eventstore/event-store.js';
import type { JsonObject } from '../../src/platform/json.js';
import type { Checkpoint, Document, GuardedWrite, ReadModels } from '../../src/readmodel/read-models.js';
import type { EventBatch } from './event-batch.js';
import { checkpointLost, halted, type ProjectionHalted } from './failures.js';
import { checkHistory } from './history.js';
import { HotDocuments, weigh, type CacheLimits, type Held } from './hot-documents.js';
import type { Projection } from './projection.js';

/** How often an event is tried, each time with freshly loaded documents, before it halts its projection. */
const ATTEMPTS = 3;
/** How often a batch is folded again because documents had moved; they move only once, after a crash. */
const REFUSALS = 5;
/** A checkpoint over events that changed nothing is stored once for so many. */
const IGNORED = 1000;

/** A document in the making: what was loaded, and what the fold has made of it. */
interface Working {
  readonly loaded: Held;
  content: object | null;
  position: Position | null;
  /** Grows by the text of every event folded in: an estimate without walking the document. */
  weight: number;
  changed: boolean;
}

interface Folded {
  readonly documents: ReadonlyMap<string, Working>;
  /** Index after the last event that was folded. */
  readonly end: number;
  readonly failure?: ProjectionHalted;
}

/**
 * One projection writing one physical collection (architecture.md §4): load, skip what a document has seen, fold,
 * write guarded, move the checkpoint. A crash anywhere replays into the guards and changes nothing twice.
 */
export class Projector {
  private readonly hot: HotDocuments;
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
    cache?: CacheLimits,
  ) {
    this.hot = new HotDocuments(cache);
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
    const stored = await this.readModels.loadCheckpoint(this.collection);
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
   * Folds what the batch holds after the position. When an event fails for good, all before it is written first.
   * @throws ProjectionHalted; any other error is of the storage, and nothing is known to be written: resume
   */
  async take(batch: EventBatch): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const from = batch.after(this.position);
      if (from === batch.length) return;
      const folded = await this.write(batch, from);
      if (folded.failure === undefined) return;
      if (attempt === ATTEMPTS) throw folded.failure;
      this.hot.clear();
      await pause(10 * attempt);
    }
  }

  /** Stores the checkpoint if it lags behind the position. */
  async flush(): Promise<void> {
    if (this.place === null || this.place.position === this.checkpoint?.position) return;
    await this.moveTo(this.checkpointAt(this.place), []);
  }

  private async write(batch: EventBatch, from: number): Promise<Folded> {
    for (let refusals = 0; ; refusals++) {
      const folded = await this.fold(batch, from);
      if (folded.end === from) return folded;
      const last = batch.at(folded.end - 1);
      const place = {
        position: last.position,
        eventId: last.eventId,
        recordedAt: this.reads(last.stream) ? batch.recorded(folded.end - 1).metadata.recordedAt : this.recordedAt,
      };
      const changed = [...folded.documents].filter(([, working]) => working.changed);
      const writes = changed.map(([id, working]) => guarded(id, working));
      this.ignored += folded.end - from;
      if (writes.length > 0 || this.ignored >= IGNORED) {
        const moved = await this.moveTo(this.checkpointAt(place), writes);
        if (!moved) {
          this.hot.clear();
          if (refusals < REFUSALS) continue;
          throw new Error(`documents of ${this.collection} keep moving: somebody else writes them`);
        }
      }
      for (const [id, { content, position, weight }] of changed) this.hot.put(id, { content, position, weight });
      this.foldedEvents += folded.end - from;
      this.place = place;
      return folded;
    }
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

  private async fold(batch: EventBatch, from: number): Promise<Folded> {
    const concerned = this.concerned(batch, from);
    const documents = await this.load(concerned.ids);
    for (const [index, ids] of concerned.events) {
      const event = batch.recorded(index);
      const size = batch.at(index).data.length;
      try {
        const next = ids.map((id) => {
          const working = documents.get(id);
          if (working === undefined) throw new Error(`document ${id} was not loaded`);
          const seen = working.position !== null && event.position <= working.position;
          return seen ? undefined : { working, content: this.projection.evolve(working.content, event, id) };
        });
        for (const step of next) if (step !== undefined) advance(step.working, step.content, event.position, size);
      } catch (error) {
        return { documents, end: index, failure: halted('evolve_failed', batch.at(index), error) };
      }
    }
    return { documents, end: concerned.end, ...(concerned.failure && { failure: concerned.failure }) };
  }

  /** Which documents which events name, up to the first event that cannot be read or placed. */
  private concerned(batch: EventBatch, from: number) {
    const events: [index: number, ids: readonly string[]][] = [];
    const ids = new Set<string>();
    for (let index = from; index < batch.length; index++) {
      const stored = batch.at(index);
      if (!this.reads(stored.stream)) continue;
      let reason: 'undecodable' | 'keys_failed' = 'undecodable';
      try {
        const event = batch.recorded(index);
        reason = 'keys_failed';
        const named = [...new Set(this.projection.keys(event))];
        if (named.length === 0) continue;
        events.push([index, named]);
        for (const id of named) ids.add(id);
      } catch (error) {
        return { events, ids, end: index, failure: halted(reason, stored, error) };
      }
    }
    return { events, ids, end: batch.length };
  }

  private async load(ids: ReadonlySet<string>): Promise<Map<string, Working>> {
    const documents = new Map<string, Working>();
    const missing: string[] = [];
    for (const id of ids) {
      const held = this.hot.get(id);
      if (held === undefined) missing.push(id);
      else documents.set(id, working(held));
    }
    const found = missing.length === 0 ? [] : await this.readModels.getMany(this.collection, missing);
    for (const document of found) documents.set(document._id, working(heldFrom(document)));
    for (const id of missing) if (!documents.has(id)) documents.set(id, working(ABSENT));
    return documents;
  }

  private reads(stream: string): boolean {
    return this.projection.streams.some((prefix) => stream.startsWith(prefix));
  }

  private checkpointAt({ position, eventId }: { readonly position: Position; readonly eventId: string }): Checkpoint {
    return { storeId: this.store.storeId, position, eventId, epoch: this.epoch };
  }
}

const ABSENT: Held = { content: null, position: null, weight: 1 };

const working = (loaded: Held): Working => ({ loaded, ...loaded, changed: false });

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

function guarded(id: string, { loaded, content, position }: Working): GuardedWrite {
  const _position = position ?? '';
  const document =
    content === null
      ? { _id: id, _position, _deleted: true as const }
      : { ...(content as JsonObject), _id: id, _position };
  return { id, loaded: loaded.position, document };
}
