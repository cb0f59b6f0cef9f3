import { remainingMs } from '../platform/timeout.js';
import { GENESIS_HASH } from './chain.js';
import type { EventDecoder } from './codec.js';
import type { DomainEvent, Recorded } from './envelope.js';
import { storedBytes, type EventStore, type StoredEvent } from './event-store.js';
import { KnownCommands } from './known-commands.js';
import type { Rewriting } from './rewriting.js';
import { streamPages } from './stream-pages.js';

/** How the events of a stream fold into a state. `evolve` never throws, for any subsequence of a history. */
export interface Aggregate<State, Event extends DomainEvent> {
  /** Prefix of the stream names; the rest of the name is the id. */
  readonly prefix: string;
  readonly decoder: EventDecoder<Event>;
  initial(id: string): State;
  evolve(state: State, event: Recorded<Event>): State;
  /** Set it if events can rewrite earlier events of their stream. */
  readonly rewriting?: Rewriting;
}

/**
 * A stream folded up to `revision` (-1: the stream does not exist), with the values that the next append needs. Immutable:
 * folding further events returns a new value.
 */
export interface Folded<State> {
  readonly state: State;
  readonly revision: number;
  readonly lastHash: string;
  readonly lastRecordedAt: string;
  /** Stored bytes of data and metadata of all its events. */
  readonly bytes: number;
  readonly commands: KnownCommands;
}

/** A stream without events. */
export const unfolded = <State, Event extends DomainEvent>(
  aggregate: Aggregate<State, Event>,
  id: string,
): Folded<State> => ({
  state: aggregate.initial(id),
  revision: -1,
  lastHash: GENESIS_HASH,
  lastRecordedAt: '',
  bytes: 0,
  commands: KnownCommands.none(),
});

/** Folds further events of the stream onto a folded stream. @throws DecodeError */
export function foldOnto<State, Event extends DomainEvent>(
  aggregate: Aggregate<State, Event>,
  folded: Folded<State>,
  stored: readonly StoredEvent[],
): Folded<State> {
  const events = stored.map((event) => aggregate.decoder.decode(event));
  const last = events.at(-1);
  if (last === undefined) return folded;
  const state = events.reduce((current, event) => aggregate.evolve(current, event), folded.state);
  return {
    state,
    revision: last.revision,
    lastHash: last.metadata.hash,
    lastRecordedAt: last.metadata.recordedAt,
    bytes: stored.reduce((bytes, event) => bytes + storedBytes(event), folded.bytes),
    commands: folded.commands.with(events),
  };
}

/**
 * Reads the events after `folded` and folds them. If the stream does not contain the last folded event, the store was
 * restored from an older copy; then this function reads and folds the whole stream.
 * @param deadline time limit, by `performance.now()`
 * @throws DecodeError, StoreUnavailable
 */
export async function foldSuffix<State, Event extends DomainEvent>(
  store: EventStore,
  aggregate: Aggregate<State, Event>,
  stream: string,
  folded: Folded<State>,
  deadline?: number,
): Promise<Folded<State>> {
  const isNew = folded.revision < 0;
  let current: Folded<State> | undefined = isNew ? folded : undefined;
  for await (const page of streamPages(store, stream, isNew ? 0 : folded.revision, deadline)) {
    const later = isNew ? page : page.filter(({ revision }) => revision > folded.revision);
    if (hasRewriting(aggregate, later)) return foldRewritten(store, aggregate, stream, deadline);
    if (current !== undefined) current = foldOnto(aggregate, current, page);
    else {
      const [lastFolded, ...later] = page; // the first page starts with the last folded event
      if (!isLastOf(aggregate, folded, lastFolded)) break;
      current = foldOnto(aggregate, folded, later);
    }
  }
  const id = stream.slice(aggregate.prefix.length);
  return current ?? foldSuffix(store, aggregate, stream, unfolded(aggregate, id), deadline);
}

/** Whether one of the events rewrites earlier ones, so that the stream must be folded from its start. */
export const hasRewriting = <State, Event extends DomainEvent>(
  { rewriting }: Pick<Aggregate<State, Event>, 'rewriting'>,
  events: readonly { readonly type: string }[],
): boolean => rewriting !== undefined && events.some(({ type }) => rewriting.isRewriting(type));

/** Reads the whole stream and folds its rewritten history. @throws DecodeError, StoreUnavailable */
async function foldRewritten<State, Event extends DomainEvent>(
  store: EventStore,
  aggregate: Aggregate<State, Event>,
  stream: string,
  deadline?: number,
): Promise<Folded<State>> {
  const stored: StoredEvent[] = [];
  for await (const page of streamPages(store, stream, 0, deadline)) stored.push(...page);
  const id = stream.slice(aggregate.prefix.length);
  const folded = foldOnto(aggregate, unfolded(aggregate, id), stored);
  const events = stored.map((event) => aggregate.decoder.decode(event));
  const rewritten = aggregate.rewriting?.rewrite(events) ?? events;
  return {
    ...folded,
    state: rewritten.reduce((state, event) => aggregate.evolve(state, event), aggregate.initial(id)),
  };
}

/**
 * Whether the stream still contains the last folded event. It may not if the store was restored from an older copy.
 * @param deadline time limit, by `performance.now()`
 * @throws DecodeError, StoreUnavailable
 */
export async function containsFold<State, Event extends DomainEvent>(
  store: EventStore,
  aggregate: Aggregate<State, Event>,
  stream: string,
  folded: Folded<State>,
  deadline: number,
): Promise<boolean> {
  if (folded.revision < 0) return true;
  const [last] = await store.read(stream, { from: folded.revision, limit: 1, timeoutMs: remainingMs(deadline) });
  return isLastOf(aggregate, folded, last);
}

const isLastOf = <State, Event extends DomainEvent>(
  aggregate: Aggregate<State, Event>,
  folded: Folded<State>,
  event: StoredEvent | undefined,
): boolean => event !== undefined && aggregate.decoder.decode(event).metadata.hash === folded.lastHash;
