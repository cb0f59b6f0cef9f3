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
 * A stream folded up to `revision` (-1: the stream does not exist), with what the next append needs. Immutable: folding
 * more events gives a new value.
 */
export interface Folded<State> {
  readonly state: State;
  readonly revision: number;
  readonly lastHash: string;
  readonly lastRecordedAt: string;
  /** Stored bytes of the data and metadata of its events. */
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

/** Folds further events of the stream onto a folded state. @throws DecodeError */
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
 * Reads the events after `folded` and folds them. When the stream does not contain the last folded event, the store was
 * restored from an older copy: then it reads the whole stream again.
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
      const [same, ...suffix] = page; // the page starts with the last folded event
      if (same === undefined || aggregate.decoder.decode(same).metadata.hash !== folded.lastHash) break;
      current = foldOnto(aggregate, folded, suffix);
    }
  }
  const id = stream.slice(aggregate.prefix.length);
  return current ?? foldSuffix(store, aggregate, stream, unfolded(aggregate, id));
}
