import type { Recorded } from '../eventstore/envelope.js';
import type { EventStore } from '../eventstore/event-store.js';
import { streamPages } from '../eventstore/stream-pages.js';
import { evolveTraced } from './evolve-traced.js';
import type { Decode } from './page.js';
import type { Projection } from './projection.js';
import type { SkippedEvents } from './skipped-events.js';

/**
 * The rewritten history of a stream up to an event that rewrites earlier ones; undefined if the event does not.
 * @throws errors of the store and of the decoder
 */
export async function rewrittenHistory(
  { rewriting }: Projection,
  store: EventStore,
  decode: Decode,
  event: Pick<Recorded, 'type' | 'stream' | 'revision'>,
): Promise<readonly Recorded[] | undefined> {
  if (rewriting?.isRewriting(event.type) !== true) return undefined;
  const history: Recorded[] = [];
  for await (const page of streamPages(store, event.stream)) {
    for (const stored of page) if (stored.revision <= event.revision) history.push(decode(stored));
    if (history.at(-1)?.revision === event.revision) break;
  }
  return rewriting.rewrite(history);
}

/** The document after an event: folded onto its content or, if the event rewrites earlier ones, from the start. */
export function evolveDocument(
  projection: Projection,
  content: object | null,
  event: Recorded,
  id: string,
  { history, skips }: { readonly history: readonly Recorded[] | undefined; readonly skips: SkippedEvents },
): object | null {
  if (history === undefined) return evolveTraced(projection, content, event, id);
  return history
    .filter((earlier) => !skips.has(id, earlier.eventId) && projection.keys(earlier).includes(id))
    .reduce<object | null>((document, earlier) => evolveTraced(projection, document, earlier, id), null);
}
