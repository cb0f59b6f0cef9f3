import type { Actor } from '../access/actor.js';
import type { Moment } from '../platform/moment.js';
import type { DomainEvent } from './envelope.js';
import type { Folded } from './fold.js';
import type { RecordedCommand } from './known-commands.js';

/** One command as the loop sees it: its stream, its identity, and its decision against a state. */
export interface LoopCommand<State, Event extends DomainEvent, Refusal> {
  readonly id: string;
  readonly commandId: string;
  readonly commandDigest: string;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId: string;
  readonly channel?: string;
  readonly taxonomyVersion?: number;
  readonly ifRevision?: number;
  /** The stream is expected not to exist yet. It is read only if it does exist, or if the command is refused. */
  readonly startsStream?: boolean;
  /**
   * Pure. `now` is never earlier than the last recorded time. Result: rejected, decided, or known under another
   * commandId.
   */
  readonly decide: (folded: Folded<State>, now: string) => LoopDecision<Event, Refusal>;
  /**
   * Pure. Why the stream has no room for the decided events; undefined when it has.
   * @param held bytes of the stream
   * @param added bytes of the decided events
   */
  readonly checkRoom?: (held: number, added: number) => Refusal | undefined;
}

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
  /** The outcome is unknown or the store was unavailable: the client may send the same command again. */
  | { readonly kind: 'unavailable' };
