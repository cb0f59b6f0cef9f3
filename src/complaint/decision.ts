import type { Actor } from '../access/actor.js';
import type { Moment } from '../platform/moment.js';
import { evolve, type Complaint } from './complaint.js';
import type { ComplaintEvent } from './events.js';

/** Input of a decider besides command and state. A decider reads nothing else. */
export interface Context {
  /** UTC RFC 3339 with milliseconds, from the Clock port. */
  readonly now: string;
  /** When the command happened: the time that it states, or now. */
  readonly occurredAt: Moment;
  readonly actor: Actor;
  readonly settings: ComplaintSettings;
}

/** Configurable rules of the organisation. */
export interface ComplaintSettings {
  /** Length of the follow-up window in days, from the start of after-care (T17). */
  readonly followUpDays: number;
  /** Length of the reopen window in days, from the end of the complaint (T18). */
  readonly reopenDays: number;
  /** A score at or above this value counts as satisfied. */
  readonly satisfiedScore: number;
  /** Number of failed attempts after which an outcome is undeliverable (I4). */
  readonly deliveryAttempts: number;
}

export const DEFAULT_SETTINGS: ComplaintSettings = {
  followUpDays: 7,
  reopenDays: 90,
  satisfiedScore: 4,
  deliveryAttempts: 3,
};

/** An unmet condition: a stable code, a message, and a JSON pointer if one field of the command is the cause. */
export interface Unmet {
  readonly code: string;
  readonly message: string;
  readonly pointer?: string;
}

export interface Rejection {
  readonly unmet: readonly [Unmet, ...Unmet[]];
}

export type Decision<Event extends ComplaintEvent = ComplaintEvent> = readonly Event[] | Rejection;

/**
 * A condition on state, actor and time that does not depend on the fields of the command. The guards of a command
 * determine whether the command is listed as allowed; when the command is sent, the same guards reject it.
 */
export type Guard = (complaint: Complaint, context: Context) => Unmet | undefined;

/**
 * The rules of one command. Declare a decider with `satisfies Decider<Command>`, so that the compiler infers from
 * `decide` which events the decider may emit.
 */
export interface Decider<Command, Event extends ComplaintEvent = ComplaintEvent> {
  readonly guards: readonly Guard[];
  readonly decide: (command: Command, complaint: Complaint, context: Context) => Decision<Event>;
}

/** The events that a decider may emit. */
export type EmittedBy<D extends Decider<never>> = Extract<ReturnType<D['decide']>, readonly ComplaintEvent[]>[number];

export const unmet = (code: string, message: string, pointer?: string): Unmet =>
  pointer === undefined ? { code, message } : { code, message, pointer };

export const reject = (code: string, message: string, pointer?: string): Rejection => ({
  unmet: [unmet(code, message, pointer)],
});

export const isRejection = (decision: Decision): decision is Rejection => 'unmet' in decision;

/** The unmet conditions of a command in this state; empty if the command is allowed now. */
export const unmetGuards = (decider: Pick<Decider<never>, 'guards'>, complaint: Complaint, context: Context): Unmet[] =>
  decider.guards.flatMap((guard) => guard(complaint, context) ?? []);

/** Checks the guards. If all are met, decides with the fields of the command. */
export function decide<Command, Event extends ComplaintEvent>(
  decider: Decider<Command, Event>,
  command: Command,
  complaint: Complaint,
  context: Context,
): Decision<Event> {
  const [first, ...rest] = unmetGuards(decider, complaint, context);
  return first === undefined ? decider.decide(command, complaint, context) : { unmet: [first, ...rest] };
}

/** A rejection with all given problems; undefined if there are none. */
export function rejectionOf(...problems: readonly (Unmet | undefined | readonly Unmet[])[]): Rejection | undefined {
  const [first, ...rest] = problems.flatMap((problem) => problem ?? []);
  return first === undefined ? undefined : { unmet: [first, ...rest] };
}

/**
 * The rejection of a command that is nested in another, with pointers relative to the outer command.
 * @param prefix pointer to the nested command
 */
export const withPointerPrefix = (prefix: string, { unmet: [first, ...rest] }: Rejection): Rejection => {
  const prefixed = (problem: Unmet): Unmet => ({ ...problem, pointer: `${prefix}${problem.pointer ?? ''}` });
  return { unmet: [prefixed(first), ...rest.map(prefixed)] };
};

export const nothingToChange = (message: string, pointer?: string): Unmet =>
  unmet('nothing_to_change', message, pointer);

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

type MaybeUndefinedKeys<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];
type WithoutUndefined<T> = { [K in Exclude<keyof T, MaybeUndefinedKeys<T>>]: T[K] } & {
  [K in MaybeUndefinedKeys<T>]?: Exclude<T[K], undefined>;
};

/** A copy without the properties that are undefined, because an event omits unknown values. */
export const withoutUndefined = <T extends object>(properties: T): WithoutUndefined<T> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as WithoutUndefined<T>;
