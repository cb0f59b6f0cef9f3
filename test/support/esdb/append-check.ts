import type { RecordedEvent } from './recorded-event.js';
import type { StreamHistory } from './stream-history.js';

/** What a writer expects of the stream: the revision of its last event, or one of three keywords of the protocol. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | bigint;

export type AppendVerdict =
  | { readonly kind: 'write' }
  /** All events are already stored. `last`: the last of them, which may be before the last event of the stream. */
  | { readonly kind: 'already stored'; readonly last: RecordedEvent }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'deleted' };

const WRITE: AppendVerdict = { kind: 'write' };
const CONFLICT: AppendVerdict = { kind: 'conflict' };
const DELETED: AppendVerdict = { kind: 'deleted' };

/**
 * Decides an append by the rules that were observed on EventStoreDB 23.10.6:
 * - If the expected revision is the head (the revision of the stream's last event), the events are written, even if
 *   events with these ids are already stored.
 * - If the expected revision is before the head, the events are already stored if the stream has their ids at exactly
 *   the next revisions. Otherwise the append is a conflict.
 * - With `any` and `stream_exists`, the events are already stored if all their ids are recent ids of the stream, at any
 *   revision. If the first id is not a recent id, the events are written. If only a later id is not, it is a conflict.
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
  if (expected === 'any' || expected === 'stream_exists') return checkRecentIds(stream, ids, recent);

  const revision = expected === 'no_stream' ? -1 : Number(expected);
  if (revision > stream.head) return CONFLICT;
  if (revision === stream.head) return WRITE;
  return checkNextRevisions(stream, revision, ids);
}

function checkRecentIds(stream: StreamHistory, ids: readonly string[], recent: RecentIds): AppendVerdict {
  let last: RecordedEvent | undefined;
  for (const [index, id] of ids.entries()) {
    const known = recent.find(id);
    const isInStream = known !== undefined && stream.events[Number(known.revision)] === known;
    if (!isInStream) return index === 0 ? WRITE : CONFLICT;
    last = known;
  }
  return last ? { kind: 'already stored', last } : WRITE;
}

function checkNextRevisions(stream: StreamHistory, revision: number, ids: readonly string[]): AppendVerdict {
  // `no_stream` also accepts a soft-deleted stream, unless the append repeats the first events of the stream
  const canRecreate = revision === -1 && stream.isSoftDeleted;
  for (const [index, id] of ids.entries()) {
    if (stream.events[revision + 1 + index]?.id === id) continue;
    return index === 0 && canRecreate ? WRITE : CONFLICT;
  }
  const last = stream.events[revision + ids.length];
  if (ids.length === 0 || !last) return canRecreate ? WRITE : CONFLICT;
  return { kind: 'already stored', last };
}

/** The event ids that the server remembers: about the last 100,000, and none after a restart. */
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
