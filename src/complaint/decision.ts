import {
  decide as decideWithGuards,
  unmetGuards as unmetOf,
  type DeciderOf,
  type DecisionContext,
  type DecisionOf,
  type GuardOf,
  type Rejection,
  type Unmet,
} from '../command/decision.js';
import type { Recorded } from '../eventstore/envelope.js';
import type { Moment } from '../platform/moment.js';
import type { ReferenceData } from '../reference/reference-data.js';
import { evolve, type Complaint } from './complaint.js';
import type { ComplaintEvent } from './events.js';
import { unknownActor } from './people.js';

export {
  isRejection,
  nothingToChange,
  reject,
  rejectionOf,
  unmet,
  withoutUndefined,
  type Rejection,
  type Unmet,
} from '../command/decision.js';

/** Input of a decider besides command and state. A decider reads nothing else. */
export interface Context extends DecisionContext {
  /** The people, units and rules that are known now. */
  readonly reference: ReferenceData;
  /** The recorded events of the complaint, for commands that refer to one of them. */
  readonly history?: readonly Recorded<ComplaintEvent>[];
}

export type Decision<Event extends ComplaintEvent = ComplaintEvent> = DecisionOf<Event>;

/** A condition on complaint, actor and time that does not depend on the fields of the command. */
export type Guard = GuardOf<Complaint, Context>;

/**
 * The rules of one command. Declare a decider with `satisfies Decider<Command>`, so that the compiler infers from
 * `decide` which events the decider may emit.
 */
export type Decider<Command, Event extends ComplaintEvent = ComplaintEvent> = DeciderOf<
  Command,
  Complaint,
  Event,
  Context
>;

/** Whoever sends a command with the credential of a person is on the staff (I6). */
const knownActor: Guard = (_complaint, { actor, reference, now }) => unknownActor(actor, reference, now);

/** The unmet conditions of a command in this state; empty if the command is allowed now. */
export const unmetGuards = (decider: Pick<Decider<never>, 'guards'>, complaint: Complaint, context: Context): Unmet[] =>
  unmetOf({ guards: [knownActor, ...decider.guards] }, complaint, context);

/** Checks the guards. If all are met, decides with the fields of the command. */
export const decide = <Command, Event extends ComplaintEvent>(
  decider: Decider<Command, Event>,
  command: Command,
  complaint: Complaint,
  context: Context,
): Decision<Event> =>
  decideWithGuards({ ...decider, guards: [knownActor, ...decider.guards] }, command, complaint, context);

/** The events that a decider may emit. */
export type EmittedBy<D extends Decider<never>> = Extract<ReturnType<D['decide']>, readonly ComplaintEvent[]>[number];

/**
 * The rejection of a command that is nested in another, with pointers relative to the outer command.
 * @param prefix pointer to the nested command
 */
export const withPointerPrefix = (prefix: string, { unmet: [first, ...rest] }: Rejection): Rejection => {
  const prefixed = (problem: Unmet): Unmet => ({ ...problem, pointer: `${prefix}${problem.pointer ?? ''}` });
  return { unmet: [prefixed(first), ...rest.map(prefixed)] };
};

/** The event with the time that its data has, if the command states it; otherwise the event has the time of the command. */
export const happenedAt = <Event extends ComplaintEvent>(event: Event, at: Moment | undefined): Event =>
  at === undefined ? event : { ...event, occurredAt: at };

/** The state after events that are not recorded yet. The envelope fields that only the store knows are empty. */
export const stateAfter = (complaint: Complaint, events: readonly ComplaintEvent[], context: Context): Complaint =>
  events.reduce(
    (state, event, index) =>
      evolve(state, {
        stream: '',
        revision: index,
        position: '',
        eventId: '',
        type: event.type,
        data: event.data,
        metadata: {
          schemaVersion: 1,
          occurredAt: event.occurredAt ?? context.occurredAt,
          recordedAt: context.now,
          actor: context.actor,
          commandId: '',
          commandDigest: '',
          $correlationId: '',
          $causationId: '',
          prevHash: '',
          hash: '',
        },
      }),
    complaint,
  );
