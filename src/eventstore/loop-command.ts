import type { Actor, OnBehalfOf } from '../access/actor.js';
import type { Moment } from '../platform/moment.js';
import type { DomainEvent } from './envelope.js';
import type { Folded } from './fold.js';
import type { RecordedCommand } from './known-commands.js';

/** One command for the loop: its stream, its metadata and its decision. */
export interface LoopCommand<State, Event extends DomainEvent, Refusal> {
  /** The stream is the prefix of the aggregate followed by this id. */
  readonly id: string;
  readonly commandId: string;
  readonly commandDigest: string;
  readonly actor: Actor;
  readonly onBehalfOf?: OnBehalfOf;
  readonly correlationId: string;
  readonly causationId: string;
  readonly channel?: string;
  readonly taxonomyVersion?: number;
  /** The revision that the stream must have (`If-Match`). */
  readonly ifRevision?: number;
  /** The stream is expected not to exist. It is read only if it does exist, or if the command is refused. */
  readonly startsStream?: boolean;
  /** Pure. `now` (UTC RFC 3339) is never earlier than `recordedAt` of the last event of the stream. */
  readonly decide: (folded: Folded<State>, now: string) => LoopDecision<Event, Refusal>;
  /**
   * Pure. Returns the refusal if the stream has no room for the decided events; undefined if it has.
   * @param held stored bytes of the stream
   * @param added stored bytes of the decided events
   */
  readonly checkRoom?: (held: number, added: number) => Refusal | undefined;
}

/** Events to record, a refusal, or a command that was already recorded under another command id. */
export type LoopDecision<Event extends DomainEvent, Refusal> =
  | {
      readonly events: readonly [Event, ...Event[]];
      readonly occurredAt: Moment;
      readonly occurredAtBasis?: 'recorded';
    }
  | { readonly refusal: Refusal }
  | { readonly known: RecordedCommand };

export type LoopOutcome<State, Refusal> =
  | {
      readonly kind: 'recorded';
      readonly command: RecordedCommand;
      readonly folded: Folded<State>;
      readonly alreadyThere: boolean;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly folded: Folded<State> }
  | { readonly kind: 'key_reused' | 'precondition_failed'; readonly folded: Folded<State> }
  | { readonly kind: 'busy' }
  /** The store was unavailable or the outcome is unknown: the client can send the same command again. */
  | { readonly kind: 'unavailable' };
