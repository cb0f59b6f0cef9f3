import { halted, type ProjectionHalted } from './failures.js';
import type { Page } from './page.js';
import type { Projection } from './projection.js';

/** The events of a page that a projection folds, each with the ids of its documents. */
export interface PlacedEvents {
  readonly events: readonly (readonly [index: number, ids: readonly string[]])[];
  /** Index after the last event examined. */
  readonly end: number;
  /** Why the event at `end` could not be decoded or placed; absent when all succeeded. */
  readonly failure?: ProjectionHalted;
}

export const readsStream = ({ streams }: Projection, stream: string): boolean =>
  streams.some((prefix) => stream.startsWith(prefix));

/** Determines the documents of the events from an index, up to the first event that cannot be decoded or placed. */
export function placeEvents(projection: Projection, page: Page, from: number): PlacedEvents {
  const events: [index: number, ids: readonly string[]][] = [];
  for (let index = from; index < page.length; index++) {
    const stored = page.at(index);
    if (!readsStream(projection, stored.stream)) continue;
    let reason: 'undecodable' | 'keys_failed' = 'undecodable';
    try {
      const event = page.recorded(index);
      reason = 'keys_failed';
      const ids = projection.keys(event);
      if (ids.length > 0) events.push([index, ids.length === 1 ? ids : [...new Set(ids)]]);
    } catch (error) {
      return { events, end: index, failure: halted(reason, stored, error) };
    }
  }
  return { events, end: page.length };
}
