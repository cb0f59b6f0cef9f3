import type { Position } from '../eventstore/event-store.js';
import type { Checkpoint, Document, GuardedWrite, ReadModels } from '../readmodels/read-models.js';
import { checkpointLost } from './failures.js';
import type { ParkedCounts, ParkedDocument, ParkedEvent } from './projections.js';

/**
 * So many documents may stand parked. More is no poison event but a fault of the projection: then it halts, and what
 * is kept in memory of them stays bounded.
 */
export const MOST_PARKED = 1000;

/** In memory, of each parked document: enough to know of an event whether it waits, or has to. */
interface Line {
  first: ParkedEvent;
  through: Position;
  events: number;
}

const PAGE = 500;

export const NOTHING_PARKED: ParkedCounts = { documents: 0, events: 0, oldest: null };

/** The collection of what is parked beside a physical collection of documents. */
export const parkedBeside = (collection: string): string => `${collection}~parked`;

/**
 * The events of one physical collection that wait (correctness.md §3.11), durable in a collection of their own and
 * written before the checkpoint passes them. An entry is there or is not: writing it again changes nothing, so that
 * engines without transactions are served as well. The collection exists only while something is parked.
 */
export class ParkedEvents {
  private readonly lines = new Map<string, Line>();
  private readonly entries: string;
  /** Null: the collection does not exist. */
  private checkpoint: Checkpoint | null = null;
  private epoch = 0;

  constructor(
    private readonly readModels: ReadModels,
    private readonly collection: string,
  ) {
    this.entries = parkedBeside(collection);
  }

  /** How many documents take no events for now. */
  get documents(): number {
    return this.lines.size;
  }

  get counts(): ParkedCounts {
    if (this.lines.size === 0) return NOTHING_PARKED;
    let events = 0;
    let oldest: ParkedEvent | undefined;
    for (const { first, events: waiting } of this.lines.values()) {
      events += waiting;
      if (oldest === undefined || first.position < oldest.position) oldest = first;
    }
    return {
      documents: this.lines.size,
      events,
      oldest: oldest === undefined ? null : { position: oldest.position, recordedAt: oldest.recordedAt },
    };
  }

  /** By the position of their first event: the one that has waited longest comes first. */
  list(): ParkedDocument[] {
    const documents = [...this.lines.values()].map(({ first, events }) => ({
      ...first,
      error: first.error ?? 'waits since the event before it was folded',
      events,
    }));
    return documents.sort((a, b) => (a.position < b.position ? -1 : 1));
  }

  first(document: string): ParkedEvent | undefined {
    return this.lines.get(document)?.first;
  }

  /** Events that wait for the document. */
  waiting(document: string): number {
    return this.lines.get(document)?.events ?? 0;
  }

  /** Whether an event of the document has to wait: it is the one parked or comes after it. */
  holds(document: string, position: Position): boolean {
    const line = this.lines.get(document);
    return line !== undefined && position >= line.first.position;
  }

  /**
   * Reads what waits, takes it over for this runner, and removes entries that their document has passed: a retry
   * whose end was not recorded.
   * @throws ProjectionHalted (`checkpoint_lost`)
   */
  async load(epoch: number): Promise<void> {
    this.epoch = epoch;
    this.checkpoint = null;
    const passed = await this.look();
    if (passed === undefined) return;
    this.checkpoint = await this.readModels.loadCheckpoint(this.entries);
    if (this.checkpoint !== null && this.checkpoint.epoch > epoch) throw checkpointLost(this.entries);
    if (this.checkpoint !== null) await this.write(this.entries, passed.map(removal), this.checkpoint);
    await this.clear();
  }

  /** Reads what waits and changes nothing; answers entries that their document has passed, undefined for no entries. */
  async look(): Promise<ParkedEvent[] | undefined> {
    this.lines.clear();
    if (!(await this.readModels.listCollections()).includes(this.entries)) return undefined;
    const passed: ParkedEvent[] = [];
    for await (const page of this.pages()) {
      const documents = await this.readModels.getMany(this.collection, [...new Set(page.map((one) => one.document))]);
      const positions = new Map(documents.map(({ _id, _position }) => [_id, _position]));
      for (const entry of page)
        if ((positions.get(entry.document) ?? '') >= entry.position) passed.push(entry);
        else this.queue(entry);
    }
    return passed;
  }

  /** Parks events in the order given; those that wait already are passed over. */
  async add(events: readonly ParkedEvent[], at: Checkpoint): Promise<void> {
    const fresh = events.filter(({ document, position }) => position > (this.lines.get(document)?.through ?? ''));
    if (fresh.length === 0) return;
    await this.readModels.createCollection(this.entries, [{ fields: { document: 1, position: 1 } }]);
    const standing = await this.readModels.getMany(this.entries, fresh.map(idOf));
    const loaded = new Map(standing.map(({ _id, _position }) => [_id, _position]));
    const writes = fresh.map((entry) => written(entry, loaded.get(idOf(entry)) ?? null));
    await this.write(this.entries, writes, at);
    for (const entry of fresh) this.queue(entry);
  }

  /** The first events that wait for the document, in order. */
  async next(document: string): Promise<ParkedEvent[]> {
    if (!this.lines.has(document)) return [];
    const found = await this.readModels.find(this.entries, {
      filter: { document },
      sort: { position: 1 },
      limit: PAGE,
    });
    return found.map(read);
  }

  /**
   * The document as it is after its first events were folded, then those events are gone from here. Whatever dies in
   * between, {@link load} completes.
   */
  async settle(
    document: string,
    folded: readonly ParkedEvent[],
    writes: readonly GuardedWrite[],
    failed?: ParkedEvent,
  ): Promise<void> {
    const { checkpoint } = this;
    if (checkpoint === null) throw new Error(`nothing is parked beside ${this.collection}`);
    if (writes.length > 0) await this.write(this.collection, writes, checkpoint);
    const changes = failed === undefined ? [] : [written(failed, failed.position)];
    await this.write(this.entries, [...folded.map(removal), ...changes], checkpoint);
    const line = this.lines.get(document);
    const [first] = failed === undefined ? await this.next(document) : [failed];
    if (first === undefined) this.lines.delete(document);
    else if (line !== undefined) this.lines.set(document, { ...line, first, events: line.events - folded.length });
    await this.clear();
  }

  /** Nothing waits: the collection goes, with all that is left of what was in it. */
  private async clear(): Promise<void> {
    if (this.lines.size > 0) return;
    await this.readModels.dropCollection(this.entries);
    this.checkpoint = null;
  }

  private queue(entry: ParkedEvent): void {
    const line = this.lines.get(entry.document);
    if (line === undefined) this.lines.set(entry.document, { first: entry, through: entry.position, events: 1 });
    else {
      line.through = entry.position;
      line.events += 1;
    }
  }

  private async write(collection: string, writes: readonly GuardedWrite[], to: Checkpoint): Promise<void> {
    const moved = { ...to, epoch: this.epoch };
    const checkpoint = { id: this.entries, from: this.checkpoint, to: moved };
    const result = await this.readModels.write({ collection, writes, checkpoint });
    if ('checkpointLost' in result) throw checkpointLost(this.entries);
    if (!result.ok) throw new Error(`documents of ${collection} moved while events of theirs were parked`);
    this.checkpoint = moved;
  }

  private async *pages(): AsyncGenerator<ParkedEvent[], void> {
    for (let after: string[] | undefined; ;) {
      const page = await this.readModels.find(this.entries, {
        sort: { document: 1, position: 1 },
        limit: PAGE,
        ...(after && { after }),
      });
      yield page.map(read);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      const { document, position } = read(last);
      after = [document, position, last._id];
    }
  }
}

const idOf = ({ document, position }: ParkedEvent): string => `${position} ${document}`;

const written = (entry: ParkedEvent, loaded: string | null): GuardedWrite => ({
  id: idOf(entry),
  loaded,
  document: { _id: idOf(entry), _position: entry.position, ...entry },
});

const removal = (entry: ParkedEvent): GuardedWrite => ({
  id: idOf(entry),
  loaded: entry.position,
  document: { _id: idOf(entry), _position: entry.position, _deleted: true },
});

const read = ({ _id, _position, ...entry }: Document): ParkedEvent => entry as unknown as ParkedEvent;
