import type { Recorded } from '../eventstore/envelope.js';
import type { Position } from '../eventstore/event-store.js';
import type { RecordedParking } from '../readmodels/read-models.js';

/**
 * Maximum number of parked documents; one more halts the projection. So many failures indicate a fault of the
 * projection, not poison events. The limit also keeps the model record small, which stores the parked documents.
 */
export const MAX_PARKED_DOCUMENTS = 1000;

/** One event that is parked for one document: its place in the log, without its content. */
export interface ParkedEvent {
  readonly document: string;
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly recordedAt: string;
  /** The error message of the fold. */
  readonly error: string;
}

/** A document with parked events, described by the first of them. It receives no events until they are retried. */
export interface ParkedDocument extends ParkedEvent {
  /** Number of parked events, including the first. */
  readonly events: number;
}

export interface ParkedCounts {
  readonly documents: number;
  readonly events: number;
  /** The parked event with the lowest position. */
  readonly oldest: { readonly position: Position; readonly recordedAt: string } | null;
}

export const NOTHING_PARKED: ParkedCounts = { documents: 0, events: 0, oldest: null };

export const parkedEvent = (
  document: string,
  { position, stream, revision, type, metadata }: Recorded,
  error: string,
): ParkedEvent => ({ document, position, stream, revision, type, recordedAt: metadata.recordedAt, error });

/** The parked documents in the order of their first parked events. */
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
 * The parked documents of one collection. Only the first event, the last position and the number of events are kept:
 * all parked events of a document are in one stream, and a retry reads them from the log again.
 */
export class ParkedDocuments {
  private readonly parked = new Map<string, RecordedParking>();
  /** Whether the entries differ from those in the model record. */
  private isDirty = false;

  /** Replaces all entries with those of the model record. */
  replace(stored: readonly RecordedParking[]): void {
    this.parked.clear();
    for (const entry of stored) this.parked.set(entry.document, entry);
    this.isDirty = false;
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

  /** Whether an event must be parked: it is the first parked event of the document, or comes after it. */
  mustPark(document: string, position: Position): boolean {
    const parked = this.parked.get(document);
    return parked !== undefined && position >= parked.position;
  }

  /** Adds an event to the parked events of its document. An event that is parked already is not counted again. */
  add(event: ParkedEvent): void {
    const parked = this.parked.get(event.document);
    if (parked === undefined) this.set({ ...event, events: 1, through: event.position });
    else if (event.position > parked.through)
      this.set({ ...parked, events: parked.events + 1, through: event.position });
  }

  set(parked: RecordedParking): void {
    this.parked.set(parked.document, parked);
    this.isDirty = true;
  }

  delete(document: string): void {
    if (this.parked.delete(document)) this.isDirty = true;
  }

  /** All entries, to be stored in the model record; undefined when they have not changed since they were stored. */
  unsaved(): readonly RecordedParking[] | undefined {
    return this.isDirty ? [...this.parked.values()] : undefined;
  }

  /** Marks the current entries as stored in the model record. */
  markSaved(): void {
    this.isDirty = false;
  }
}
