import type { EventStore, Position, StoredEvent } from '../eventstore/event-store.js';
import type { Checkpoint } from '../readmodels/read-models.js';
import { historyChanged } from './failures.js';
import type { Projection } from './projection.js';

/** The stream-name prefixes that any projection of the catalogue reads, each once. */
export const prefixesOf = (catalogue: readonly Projection[]): string[] => [
  ...new Set(catalogue.flatMap(({ streams }) => streams)),
];

/** Position of the last event of streams with these prefixes; null when there is none. */
export async function lastPosition(store: EventStore, prefixes: readonly string[]): Promise<Position | null> {
  const [last] = await store.readAll({ prefixes, direction: 'backwards', limit: 1 });
  return last?.position ?? null;
}

/** Position of the last event that any projection reads; null when there is none. */
export const headForProjections = (store: EventStore, catalogue: readonly Projection[]): Promise<Position | null> =>
  lastPosition(store, prefixesOf(catalogue));

/**
 * Checks that the log is the one that the checkpoint belongs to: the store has the same id, and the same event is at
 * the position of the checkpoint. Comparing the position with the end of the log is not sufficient, because a restored
 * log may have grown past it. Returns recordedAt of the event at the checkpoint; null if the event has none.
 * @throws ProjectionHalted (`history_changed`) when the log is another one
 */
export async function checkHistory(store: EventStore, checkpoint: Checkpoint): Promise<string | null> {
  if (checkpoint.storeId !== store.storeId)
    throw historyChanged(`the read model was folded from store ${checkpoint.storeId}; this store is ${store.storeId}`);
  for (;;) {
    // finds the event at the checkpoint as the last one before the next event
    const [next] = await store.readAll({ after: checkpoint.position, limit: 1 }).catch((error: unknown) => {
      if (error instanceof RangeError) throw historyChanged(`${checkpoint.position} is not a position of this store`);
      throw error;
    });
    const [found] = await store.readAll({ direction: 'backwards', limit: 1, ...(next && { after: next.position }) });
    if (found?.position === checkpoint.position && found.eventId === checkpoint.eventId)
      return (JSON.parse(found.metadata) as { readonly recordedAt?: string }).recordedAt ?? null;
    // an event was appended between the two reads, and the second one found it: read again
    if (next === undefined && found !== undefined && found.position > checkpoint.position) continue;
    const actual = found?.position === checkpoint.position ? `event ${found.eventId}` : 'no event';
    throw historyChanged(`expected event ${checkpoint.eventId} at position ${checkpoint.position}, found ${actual}`);
  }
}

/**
 * Reads one event of a stream by its revision.
 * @throws ProjectionHalted (`history_changed`) when the stream has no such event or it is at another position
 */
export async function eventAt(
  store: EventStore,
  { stream, revision, position }: Pick<StoredEvent, 'stream' | 'revision' | 'position'>,
): Promise<StoredEvent> {
  const [event] = await store.read(stream, { from: revision, limit: 1 });
  if (event?.position === position && event.revision === revision) return event;
  throw historyChanged(`expected event ${String(revision)} of ${stream} at position ${position}, found none`);
}
