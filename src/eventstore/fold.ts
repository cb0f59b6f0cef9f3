import { GENESIS_HASH } from './chain.js';
import type { EventDecoder } from './codec.js';
import type { DomainEvent, Recorded } from './envelope.js';
import { storedBytes, type EventStore, type StoredEvent } from './event-store.js';
import { KnownCommands } from './known-commands.js';
import { streamPages } from './stream-pages.js';

/** How the events of one kind of stream fold into a state. `evolve` is total: any subsequence of a history folds. */
export interface Aggregate<State, Event extends DomainEvent> {
  readonly prefix: string;
  readonly decoder: EventDecoder<Event>;
  initial(id: string): State;
  evolve(state: State, event: Recorded<Event>): State;
}

/**
 * A stream folded up to `revision` (-1: no such stream), with what the next append needs to know. Does not change when
 * more is folded onto it.
 */
export interface Folded<State> {
  readonly state: State;
  readonly revision: number;
  readonly lastHash: string;
  readonly lastRecordedAt: string;
  /** Data and metadata of its events, as stored. */
  readonly bytes: number;
  readonly commands: KnownCommands;
}

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

/** Folds more events of the stream onto what is folded already. @throws DecodeError */
export function foldOnto<State, Event extends DomainEvent>(
  aggregate: Aggregate<State, Event>,
  folded: Folded<State>,
  stored: readonly StoredEvent[],
): Folded<State> {
  const events = stored.map((event) => aggregate.decoder.decode(event));
  const last = events.at(-1);
  if (last === undefined) return folded;
  const state = events.reduce((before, event) => aggregate.evolve(before, event), folded.state);
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
 * Reads what the stream holds after `folded` and folds it. Where the stream does not hold the event that was folded
 * last, the store was put back to an older copy: then all of it is read again.
 */
export async function foldSuffix<State, Event extends DomainEvent>(
  store: EventStore,
  aggregate: Aggregate<State, Event>,
  stream: string,
  folded: Folded<State>,
): Promise<Folded<State>> {
  const isNew = folded.revision < 0;
  let current: Folded<State> | undefined = isNew ? folded : undefined;
  for await (const page of streamPages(store, stream, isNew ? 0 : folded.revision)) {
    if (current !== undefined) current = foldOnto(aggregate, current, page);
    else {
      const [same, ...suffix] = page; // it begins with the event that was folded last
      if (same === undefined || aggregate.decoder.decode(same).metadata.hash !== folded.lastHash) break;
      current = foldOnto(aggregate, folded, suffix);
    }
  }
  const id = stream.slice(aggregate.prefix.length);
  return current ?? foldSuffix(store, aggregate, stream, unfolded(aggregate, id));
}
