import type { EventStore, Position, StoredEvent } from '../eventstore/event-store.js';
import type { Checkpoint } from '../readmodels/read-models.js';
import { historyChanged } from './failures.js';
import type { Projection } from './projection.js';

/** The stream-name prefixes that any projection reads: positions of every model refer to this part of the log. */
export const prefixesOf = (catalogue: readonly Projection[]): string[] => [
  ...new Set(catalogue.flatMap(({ streams }) => streams)),
];

/** Position of the last event of streams with these prefixes; null when there is none. */
export async function lastPosition(store: EventStore, prefixes: readonly string[]): Promise<Position | null> {
  const [last] = await store.readAll({ prefixes, direction: 'backwards', limit: 1 });
  return last?.position ?? null;
}

/** Position of the last event that any projection reads; null when there is none. */
export const lastProjected = (store: EventStore, catalogue: readonly Projection[]): Promise<Position | null> =>
  lastPosition(store, prefixesOf(catalogue));

/**
 * Proves that the log is the one that the checkpoint belongs to: same store, and the same event at that position.
 * `checkpoint > head` alone is not sufficient: it stops being true once new events pass it.
 * Returns recordedAt of the event at the checkpoint.
 * @throws ProjectionHalted (`history_changed`)
 */
export async function checkHistory(store: EventStore, checkpoint: Checkpoint): Promise<string | null> {
  if (checkpoint.storeId !== store.storeId)
    throw historyChanged(`the read model was folded from store ${checkpoint.storeId}, this one is ${store.storeId}`);
  for (;;) {
    const [next] = await store.readAll({ after: checkpoint.position, limit: 1 }).catch((error: unknown) => {
      if (error instanceof RangeError) throw historyChanged(`${checkpoint.position} is not a position of this store`);
      throw error;
    });
    const [found] = await store.readAll({ direction: 'backwards', limit: 1, ...(next && { after: next.position }) });
    if (found?.position === checkpoint.position && found.eventId === checkpoint.eventId)
      return (JSON.parse(found.metadata) as { readonly recordedAt?: string }).recordedAt ?? null;
    // an event appended between the two reads is at the end: read again
    if (next === undefined && found !== undefined && found.position > checkpoint.position) continue;
    const there = found?.position === checkpoint.position ? `event ${found.eventId}` : 'no event';
    throw historyChanged(`at position ${checkpoint.position} stood event ${checkpoint.eventId}, now there is ${there}`);
  }
}

/**
 * Reads the event of a stream at an expected position.
 * @throws ProjectionHalted (`history_changed`) when it is not there
 */
export async function eventAt(
  store: EventStore,
  { stream, revision, position }: Pick<StoredEvent, 'stream' | 'revision' | 'position'>,
): Promise<StoredEvent> {
  const [event] = await store.read(stream, { from: revision, limit: 1 });
  if (event?.position === position && event.revision === revision) return event;
  throw historyChanged(`expected event ${String(revision)} of ${stream} at position ${position}; it is not there`);
}
