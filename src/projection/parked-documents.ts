import type { Recorded } from '../eventstore/envelope.js';
import type { Position } from '../eventstore/event-store.js';
import type { RecordedParking } from '../readmodels/read-models.js';

/**
 * So many documents may stand parked. More is no poison event but a fault of the projection: then it halts, and the
 * record that keeps them stays small.
 */
export const MAX_PARKED_DOCUMENTS = 1000;

/** One event that waits to be folded into one document. Says where it stands and nothing of what is in it. */
export interface ParkedEvent {
  readonly document: string;
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly recordedAt: string;
  /** Why it could not be folded. */
  readonly error: string;
}

/** A document that takes no events for now, and the first that it did not take. */
export interface ParkedDocument extends ParkedEvent {
  /** Events that wait, the first among them. */
  readonly events: number;
}

export interface ParkedCounts {
  readonly documents: number;
  readonly events: number;
  /** Where the event stands that has waited longest. */
  readonly oldest: { readonly position: Position; readonly recordedAt: string } | null;
}

export const NOTHING_PARKED: ParkedCounts = { documents: 0, events: 0, oldest: null };

export const parkedEvent = (
  document: string,
  { position, stream, revision, type, metadata }: Recorded,
  error: string,
): ParkedEvent => ({ document, position, stream, revision, type, recordedAt: metadata.recordedAt, error });

/** By the position of their first event: the one that has waited longest comes first. */
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
 * The documents of one collection that take no events for now. Each is fed by one stream, so that what waits for it is
 * read again from there; only where it begins, where it ends and how much it is are kept.
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

  /** Whether an event of the document has to wait: it is the one parked or comes after it. */
  holds(document: string, position: Position): boolean {
    const parked = this.parked.get(document);
    return parked !== undefined && position >= parked.position;
  }

  /** Parks the event, behind what waits for its document already. */
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

  /** What is to be recorded, when it is not yet. */
  unrecorded(): readonly RecordedParking[] | undefined {
    return this.dirty ? [...this.parked.values()] : undefined;
  }

  recorded(): void {
    this.dirty = false;
  }
}
