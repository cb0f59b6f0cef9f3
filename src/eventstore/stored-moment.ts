import type { Recorded } from './envelope.js';
import type { Moment } from '../platform/moment.js';

/*
 * A moment that the client did not give is the time of recording. It differs between two runs of one history, so content
 * digests leave it out. Documents store such a moment as `{precision: 'instant', recorded: <time>}` instead of
 * `{precision: 'instant', at: <time>}`, so that one list of paths finds all of them at any depth.
 */

/** Paths of all moments that are times of recording, up to depth 8, for `nonDeterministicFields`. */
export const RECORDED_TIME_PATHS: readonly string[] = Array.from(
  { length: 8 },
  (_, depth) => `${'*.'.repeat(depth)}recorded`,
);

/** A moment as stored in a document. */
export type StoredMoment = Moment | { readonly precision: 'instant'; readonly recorded: string };

/**
 * Replaces every moment that is the time of recording by its stored form: `occurredAt`, and the copies of it in the data.
 * If the client gave the time of the event, returns the event unchanged.
 */
export function markRecordedTimes<E extends Recorded>(event: E): E {
  const { occurredAt, occurredAtBasis } = event.metadata;
  if (occurredAtBasis !== 'recorded' || occurredAt.precision !== 'instant') return event;
  const cached = markedEvents.get(event) as E | undefined;
  if (cached !== undefined) return cached;
  const result = markEvent(event, occurredAt.at);
  markedEvents.set(event, result);
  return result;
}

/** Cache, because several projections receive the same event. */
const markedEvents = new WeakMap<Recorded, Recorded>();

function markEvent<E extends Recorded>(event: E, at: string): E {
  const data = mark(event.data, at) as E['data'];
  return { ...event, data, metadata: { ...event.metadata, occurredAt: asRecorded(at) } };
}

// a fold copies moments and never reads their fields, so a StoredMoment can replace a Moment
const asRecorded = (at: string): Moment => ({ precision: 'instant', recorded: at }) as unknown as Moment;

function mark(value: unknown, at: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => mark(element, at));
  if ('precision' in value && 'at' in value && value.at === at) return asRecorded(at);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mark(member, at)]));
}

/** The moment without the mark, for computations. */
export const plainMoment = (stored: StoredMoment): Moment =>
  'recorded' in stored ? { precision: 'instant', at: stored.recorded } : stored;

/** The document without marks on its moments, as queries return it. */
export function withPlainTimes<T>(document: T): T {
  return unmark(document) as T;
}

function unmark(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unmark);
  if ('precision' in value && 'recorded' in value) return { precision: 'instant', at: value.recorded };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unmark(member)]));
}
