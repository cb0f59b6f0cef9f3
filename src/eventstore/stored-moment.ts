import type { Recorded } from './envelope.js';
import type { Moment } from '../platform/moment.js';

/*
 * A time that the sender did not give belongs to the run and stays out of content digests. Documents keep such a
 * moment as `{precision: 'instant', recorded: <at>}`, so that one list of paths names all of them wherever they stand.
 */

/** Paths of all times that were not given, for `nonDeterministicFields`. */
export const RUN_TIME_PATHS: readonly string[] = Array.from(
  { length: 8 },
  (_, depth) => `${'*.'.repeat(depth)}recorded`,
);

/** A moment as a document keeps it. */
export type StoredMoment = Moment | { readonly precision: 'instant'; readonly recorded: string };

/**
 * The event with every moment that is its time of recording marked as such, in the envelope and in the data, where
 * deciders copy it to. Events whose sender gave the time are handed back as they are.
 */
export function markRunTimes<E extends Recorded>(event: E): E {
  const { occurredAt, occurredAtBasis } = event.metadata;
  if (occurredAtBasis !== 'recorded' || occurredAt.precision !== 'instant') return event;
  let result = alreadyMarked.get(event) as E | undefined;
  if (result === undefined) alreadyMarked.set(event, (result = markedEvent(event, occurredAt.at)));
  return result;
}

/** Several projections read one event. */
const alreadyMarked = new WeakMap<Recorded, Recorded>();

function markedEvent<E extends Recorded>(event: E, at: string): E {
  const data = marked(event.data, at) as E['data'];
  return { ...event, data, metadata: { ...event.metadata, occurredAt: asRecorded(at) } };
}

// folds copy moments and never look into them, so that the mark can stand where the type says Moment
const asRecorded = (at: string): Moment => ({ precision: 'instant', recorded: at }) as unknown as Moment;

function marked(value: unknown, at: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => marked(element, at));
  if ('precision' in value && 'at' in value && value.at === at) return asRecorded(at);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, marked(member, at)]));
}

/** When it was, given or not: for arithmetic. */
export const plain = (kept: StoredMoment): Moment =>
  'recorded' in kept ? { precision: 'instant', at: kept.recorded } : kept;

/** The document with plain moments everywhere, as queries answer it. */
export function withPlainTimes<T>(document: T): T {
  return unmarked(document) as T;
}

function unmarked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unmarked);
  if ('precision' in value && 'recorded' in value) return { precision: 'instant', at: value.recorded };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unmarked(member)]));
}
