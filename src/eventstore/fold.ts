import { GENESIS_HASH } from './chain.js';
import type { EventDecoder } from './codec.js';
import type { DomainEvent, Recorded } from './envelope.js';
import type { EventStore } from './event-store.js';

/** How the events of one kind of stream fold into a state. `evolve` is total: any subsequence of a history folds. */
export interface Aggregate<State, Event extends DomainEvent> {
  readonly prefix: string;
  readonly decoder: EventDecoder<Event>;
  initial(id: string): State;
  evolve(state: State, event: Recorded<Event>): State;
}

/** What one command left behind: enough to answer it again (correctness.md §3.2a). */
export interface RecordedCommand {
  readonly digest: string;
  readonly revision: number;
  readonly position: string;
  readonly events: readonly string[];
}

/** A stream folded up to `revision` (-1: no such stream), with what the next append needs to know. */
export interface Folded<State> {
  readonly state: State;
  readonly revision: number;
  readonly lastHash: string;
  readonly lastRecordedAt: string;
  readonly commands: ReadonlyMap<string, RecordedCommand>;
}

const PAGE = 1000;

export const unfolded = <State, Event extends DomainEvent>(
  aggregate: Aggregate<State, Event>,
  id: string,
): Folded<State> => ({
  state: aggregate.initial(id),
  revision: -1,
  lastHash: GENESIS_HASH,
  lastRecordedAt: '',
  commands: new Map(),
});

/** Folds more events of the stream onto what is folded already. */
export function foldOnto<State, Event extends DomainEvent>(
  aggregate: Aggregate<State, Event>,
  folded: Folded<State>,
  events: readonly Recorded<Event>[],
): Folded<State> {
  const last = events.at(-1);
  if (last === undefined) return folded;
  const commands = new Map(folded.commands);
  let state = folded.state;
  for (const event of events) {
    state = aggregate.evolve(state, event);
    const { commandId, commandDigest } = event.metadata;
    const known = commands.get(commandId);
    commands.set(commandId, {
      digest: commandDigest,
      revision: event.revision,
      position: event.position,
      events: [...(known?.events ?? []), event.type],
    });
  }
  return {
    state,
    revision: last.revision,
    lastHash: last.metadata.hash,
    lastRecordedAt: last.metadata.recordedAt,
    commands,
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
  const known = folded.revision >= 0;
  let current = folded;
  for (let from = known ? folded.revision : 0; ; from = current.revision + 1) {
    const page = await store.read(stream, { from, limit: PAGE });
    let events = page.map((event) => aggregate.decoder.decode(event));
    if (known && from === folded.revision) {
      const [same, ...suffix] = events;
      if (same?.metadata.hash !== folded.lastHash)
        return foldSuffix(store, aggregate, stream, unfolded(aggregate, stream.slice(aggregate.prefix.length)));
      events = suffix;
    }
    current = foldOnto(aggregate, current, events);
    if (page.length < PAGE) return current;
  }
}
