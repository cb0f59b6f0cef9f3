import type { Actor } from '../access/actor.js';
import type { DomainEvent } from '../eventstore/envelope.js';
import type { Moment } from '../platform/moment.js';

/** Input of a decider besides command and state. A decider reads nothing else. */
export interface DecisionContext {
  /** UTC RFC 3339 with milliseconds, from the Clock port. */
  readonly now: string;
  /** When the command happened: the time that it states, or now. */
  readonly occurredAt: Moment;
  readonly actor: Actor;
}

/** An unmet condition: a stable code, a message, and a JSON pointer if one field of the command is the cause. */
export interface Unmet {
  readonly code: string;
  readonly message: string;
  readonly pointer?: string;
}

export interface Rejection {
  readonly unmet: readonly [Unmet, ...Unmet[]];
}

export type DecisionOf<Event extends DomainEvent> = readonly Event[] | Rejection;

/**
 * A condition on state, actor and time that does not depend on the fields of the command. The guards of a command
 * determine whether the command is listed as allowed; when the command is sent, the same guards reject it.
 */
export type GuardOf<State, Context> = (state: State, context: Context) => Unmet | undefined;

/** The rules of one command of an aggregate. */
export interface DeciderOf<Command, State, Event extends DomainEvent, Context> {
  readonly guards: readonly GuardOf<State, Context>[];
  readonly decide: (command: Command, state: State, context: Context) => DecisionOf<Event>;
}

export const unmet = (code: string, message: string, pointer?: string): Unmet =>
  pointer === undefined ? { code, message } : { code, message, pointer };

export const reject = (code: string, message: string, pointer?: string): Rejection => ({
  unmet: [unmet(code, message, pointer)],
});

export const nothingToChange = (message: string, pointer?: string): Unmet =>
  unmet('nothing_to_change', message, pointer);

export const isRejection = (decision: DecisionOf<DomainEvent>): decision is Rejection => 'unmet' in decision;

/** A rejection with all given problems; undefined if there are none. */
export function rejectionOf(...problems: readonly (Unmet | undefined | readonly Unmet[])[]): Rejection | undefined {
  const [first, ...rest] = problems.flatMap((problem) => problem ?? []);
  return first === undefined ? undefined : { unmet: [first, ...rest] };
}

type MaybeUndefinedKeys<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];
type WithoutUndefined<T> = { [K in Exclude<keyof T, MaybeUndefinedKeys<T>>]: T[K] } & {
  [K in MaybeUndefinedKeys<T>]?: Exclude<T[K], undefined>;
};

/** A copy without the properties that are undefined, because an event omits unknown values. */
export const withoutUndefined = <T extends object>(properties: T): WithoutUndefined<T> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as WithoutUndefined<T>;

/** The unmet conditions of a command in this state; empty if the command is allowed now. */
export const unmetGuards = <State, Context>(
  { guards }: { readonly guards: readonly GuardOf<State, Context>[] },
  state: State,
  context: Context,
): Unmet[] => guards.flatMap((guard) => guard(state, context) ?? []);

/** Checks the guards. If all are met, decides with the fields of the command. */
export function decide<Command, State, Event extends DomainEvent, Context>(
  decider: DeciderOf<Command, State, Event, Context>,
  command: Command,
  state: State,
  context: Context,
): DecisionOf<Event> {
  const [first, ...rest] = unmetGuards(decider, state, context);
  return first === undefined ? decider.decide(command, state, context) : { unmet: [first, ...rest] };
}
