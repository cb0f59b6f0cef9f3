import type { RecordedEvent } from './recorded-event.js';
import type { StreamHistory } from './stream-history.js';

/** What a writer expects of the stream: a revision, or one of the server's three words. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | bigint;

export type AppendVerdict =
  | { readonly kind: 'write' }
  /** Every event is there already: the answer names the last of them, not the head. */
  | { readonly kind: 'known'; readonly last: RecordedEvent }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'deleted' };

const WRITE: AppendVerdict = { kind: 'write' };
const CONFLICT: AppendVerdict = { kind: 'conflict' };
const DELETED: AppendVerdict = { kind: 'deleted' };

/**
 * The server's rule for an append, as 23.10.6 was seen to follow it. Below the head only positions count: the ids
 * must stand at exactly the revisions after the expected one. At the head nothing is compared and everything is
 * written, known ids too. `any` and `stream_exists` ask the memory of recent ids instead, and only for membership.
 */
export function checkAppend(
  stream: StreamHistory,
  expected: ExpectedRevision,
  ids: readonly string[],
  recent: RecentIds,
): AppendVerdict {
  if (stream.tombstone) return DELETED;
  if (expected === 'stream_exists') {
    if (stream.isSoftDeleted) return DELETED;
    if (stream.head < 0 && !stream.hasMetadata) return CONFLICT;
  }
  if (expected === 'any' || expected === 'stream_exists') return checkMembership(stream, ids, recent);

  const revision = expected === 'no_stream' ? -1 : Number(expected);
  if (revision > stream.head) return CONFLICT;
  if (revision === stream.head) return WRITE;
  return checkPositions(stream, revision, ids);
}

function checkMembership(stream: StreamHistory, ids: readonly string[], recent: RecentIds): AppendVerdict {
  let last: RecordedEvent | undefined;
  for (const [index, id] of ids.entries()) {
    const known = recent.find(id);
    if (!known || stream.events[Number(known.revision)] !== known) return index === 0 ? WRITE : CONFLICT;
    last = known;
  }
  return last ? { kind: 'known', last } : WRITE;
}

function checkPositions(stream: StreamHistory, revision: number, ids: readonly string[]): AppendVerdict {
  const startsAnew = revision === -1 && stream.isSoftDeleted;
  for (const [index, id] of ids.entries()) {
    if (stream.events[revision + 1 + index]?.id === id) continue;
    return index === 0 && startsAnew ? WRITE : CONFLICT;
  }
  const last = stream.events[revision + ids.length];
  if (ids.length === 0 || !last) return startsAnew ? WRITE : CONFLICT;
  return { kind: 'known', last };
}

/** The server's memory of ids: it forgets after about 100,000 other events and with every restart. */
export class RecentIds {
  readonly #events = new Map<string, RecordedEvent>();
  readonly #capacity: number;

  constructor(capacity = 100_000) {
    this.#capacity = capacity;
  }

  add(event: RecordedEvent): void {
    this.#events.delete(event.id);
    this.#events.set(event.id, event);
    if (this.#events.size <= this.#capacity) return;
    const oldest = this.#events.keys().next();
    if (!oldest.done) this.#events.delete(oldest.value);
  }

  find(id: string): RecordedEvent | undefined {
    return this.#events.get(id);
  }
}
