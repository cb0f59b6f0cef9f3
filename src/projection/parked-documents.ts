import type { Recorded } from '../eventstore/envelope.js';
import type { Position } from '../eventstore/event-store.js';
import type { RecordedParking } from '../readmodels/read-models.js';

/**
 * Maximum number of parked documents. More indicate a fault of the projection, not poison events: then it halts, and
 * the record that stores them stays small.
 */
export const MAX_PARKED_DOCUMENTS = 1000;

/** One event parked for one document. Holds its place in the log and none of its content. */
export interface ParkedEvent {
  readonly document: string;
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly recordedAt: string;
  /** Why the fold failed. */
  readonly error: string;
}

/** A document that receives no events for now, and its first parked event. */
export interface ParkedDocument extends ParkedEvent {
  /** Number of parked events, including the first. */
  readonly events: number;
}

export interface ParkedCounts {
  readonly documents: number;
  readonly events: number;
  /** Place of the event that is parked longest. */
  readonly oldest: { readonly position: Position; readonly recordedAt: string } | null;
}

export const NOTHING_PARKED: ParkedCounts = { documents: 0, events: 0, oldest: null };

export const parkedEvent = (
  document: string,
  { position, stream, revision, type, metadata }: Recorded,
  error: string,
): ParkedEvent => ({ document, position, stream, revision, type, recordedAt: metadata.recordedAt, error });

/** Ordered by the position of the first parked event: longest waiting first. */
export const listParked = (parked: Iterable<RecordedParking>): ParkedDocument[] =>
  [...parked].map(({ through: _through, ...document }) => document).sort((a, b) => (a.position < b.position ? -1 : 1));

export function countParked(parked: readonly RecordedParking[]): ParkedCounts {
  const [oldest] = listParked(parked);
  if (oldest === undefined) return NOTHING_PARKED;
  return {
    documents: parked.length,
    events: parked.reduce((sum, { events }) => sum + events, 0),
    oldest: { position: oldest.position, recordedAt: oldest.recordedAt },
  };
}

/**
 * The parked documents of one collection. One stream feeds each document, so the parked events can be read again from
 * the log; only their first position, last position and number are kept.
 */
export class ParkedDocuments {
  private readonly parked = new Map<string, RecordedParking>();
  /** Differs from what was last recorded. */
  private dirty = false;

  /** What is recorded now. */
  replace(recorded: readonly RecordedParking[]): void {
    this.parked.clear();
    for (const one of recorded) this.parked.set(one.document, one);
    this.dirty = false;
  }

  get size(): number {
    return this.parked.size;
  }

  get counts(): ParkedCounts {
    return this.parked.size === 0 ? NOTHING_PARKED : countParked([...this.parked.values()]);
  }

  list(): ParkedDocument[] {
    return listParked(this.parked.values());
  }

  get(document: string): RecordedParking | undefined {
    return this.parked.get(document);
  }

  /** Whether an event must be parked: it is the first parked event of the document or a later one. */
  holds(document: string, position: Position): boolean {
    const parked = this.parked.get(document);
    return parked !== undefined && position >= parked.position;
  }

  /** Parks the event behind those already parked for its document. */
  add(event: ParkedEvent): void {
    const before = this.parked.get(event.document);
    if (before === undefined) this.set({ ...event, events: 1, through: event.position });
    else if (event.position > before.through)
      this.set({ ...before, events: before.events + 1, through: event.position });
  }

  set(parked: RecordedParking): void {
    this.parked.set(parked.document, parked);
    this.dirty = true;
  }

  delete(document: string): void {
    if (this.parked.delete(document)) this.dirty = true;
  }

  /** The entries to record; undefined when they are recorded already. */
  unrecorded(): readonly RecordedParking[] | undefined {
    return this.dirty ? [...this.parked.values()] : undefined;
  }

  recorded(): void {
    this.dirty = false;
  }
}
