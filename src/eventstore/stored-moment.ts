import type { Recorded } from './envelope.js';
import type { Moment } from '../platform/moment.js';

/*
 * A time that the client did not give differs from run to run and is excluded from content digests. Documents store
 * such a moment as `{precision: 'instant', recorded: <at>}`, so that one list of paths matches all of them at any
 * depth.
 */

/** Paths of all times that were not given, for `nonDeterministicFields`. */
export const RUN_TIME_PATHS: readonly string[] = Array.from(
  { length: 8 },
  (_, depth) => `${'*.'.repeat(depth)}recorded`,
);

/** A moment as stored in a document. */
export type StoredMoment = Moment | { readonly precision: 'instant'; readonly recorded: string };

/**
 * Marks every moment that is the time of recording, in the envelope and in the data to which deciders copy it. Returns
 * events with a time given by the client unchanged.
 */
export function markRunTimes<E extends Recorded>(event: E): E {
  const { occurredAt, occurredAtBasis } = event.metadata;
  if (occurredAtBasis !== 'recorded' || occurredAt.precision !== 'instant') return event;
  let result = alreadyMarked.get(event) as E | undefined;
  if (result === undefined) alreadyMarked.set(event, (result = markedEvent(event, occurredAt.at)));
  return result;
}

/** Cache: several projections read one event. */
const alreadyMarked = new WeakMap<Recorded, Recorded>();

function markedEvent<E extends Recorded>(event: E, at: string): E {
  const data = marked(event.data, at) as E['data'];
  return { ...event, data, metadata: { ...event.metadata, occurredAt: asRecorded(at) } };
}

// folds copy moments and never read their fields, so a StoredMoment can replace a Moment
const asRecorded = (at: string): Moment => ({ precision: 'instant', recorded: at }) as unknown as Moment;

function marked(value: unknown, at: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => marked(element, at));
  if ('precision' in value && 'at' in value && value.at === at) return asRecorded(at);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, marked(member, at)]));
}

/** The time as a plain moment, given or not: for arithmetic. */
export const plain = (kept: StoredMoment): Moment =>
  'recorded' in kept ? { precision: 'instant', at: kept.recorded } : kept;

/** The document with plain moments everywhere, as queries return it. */
export function withPlainTimes<T>(document: T): T {
  return unmarked(document) as T;
}

function unmarked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unmarked);
  if ('precision' in value && 'recorded' in value) return { precision: 'instant', at: value.recorded };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unmarked(member)]));
}
