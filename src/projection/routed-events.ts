import { eventFailure, type ProjectionHalted } from './failures.js';
import type { Page } from './page.js';
import type { Projection } from './projection.js';

/**
 * The events of a page that change documents of a projection. To route an event is to determine the ids of the
 * documents that it changes.
 */
export interface RoutedEvents {
  /** The index of each event in the page, and the ids of the documents that it changes. */
  readonly events: readonly (readonly [index: number, ids: readonly string[]])[];
  /** The result covers the events of the page before this index. */
  readonly end: number;
  /** Why the event at `end` could not be decoded, or its document ids not determined; absent when no event failed. */
  readonly failure?: ProjectionHalted;
}

/** Whether the projection reads the stream. */
export const readsStream = ({ streams }: Projection, stream: string): boolean =>
  streams.some((prefix) => stream.startsWith(prefix));

/**
 * Decodes the events of the page from an index on and determines which documents each of them changes. Stops at the
 * first event that fails.
 */
export function routeEvents(projection: Projection, page: Page, from: number): RoutedEvents {
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
      return { events, end: index, failure: eventFailure(reason, stored, error) };
    }
  }
  return { events, end: page.length };
}
