import { remainingMs } from '../platform/timeout.js';
import { storedBytes, type EventStore, type StoredEvent } from './event-store.js';

/** Events of the first page: enough for most streams; at most 28 MiB, as an event has at most 900 KiB. */
const FIRST_PAGE_EVENTS = 32;
const MAX_PAGE_EVENTS = 1000;
/** Target size of later pages in bytes; the number of events follows from the mean size of the previous events. */
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a stream in pages from a revision to its end. Large events make smaller pages, which limits the memory.
 * @param deadline time limit for all pages together, by `performance.now()`
 * @throws StoreUnavailable
 */
export async function* streamPages(
  store: EventStore,
  stream: string,
  from = 0,
  deadline?: number,
): AsyncGenerator<StoredEvent[]> {
  let events = 0;
  let bytes = 0;
  for (let limit = FIRST_PAGE_EVENTS; ;) {
    const timeLimit = deadline === undefined ? {} : { timeoutMs: remainingMs(deadline) };
    const page = await store.read(stream, { from: from + events, limit, ...timeLimit });
    if (page.length > 0) yield page;
    if (page.length < limit) return;
    events += page.length;
    for (const event of page) bytes += storedBytes(event);
    const fitting = Math.floor((PAGE_BYTES * events) / bytes);
    limit = Math.max(1, Math.min(fitting, limit * 4, MAX_PAGE_EVENTS));
  }
}
