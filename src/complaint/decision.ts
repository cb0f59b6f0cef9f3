import type { Actor } from '../access/actor.js';
import type { Moment } from '../platform/moment.js';
import { evolve, type Complaint } from './complaint.js';
import type { ComplaintEvent } from './events.js';

/** What a decider knows besides command and state; everything is an argument, nothing is looked up. */
export interface Context {
  /** UTC RFC 3339 with milliseconds, from the Clock port. */
  readonly now: string;
  /** The command's occurredAt, or now. */
  readonly occurredAt: Moment;
  readonly actor: Actor;
  readonly settings: ComplaintSettings;
}

/** House rules that are configuration. */
export interface ComplaintSettings {
  /** Days after the start of after-care in which feedback is awaited (T17). */
  readonly followUpDays: number;
  /** Days after the end in which the complainant may have it re-opened (T18). */
  readonly reopenDays: number;
  /** This score and above counts as satisfied (2.4). */
  readonly satisfiedScore: number;
  /** Failed attempts after which an outcome is undeliverable (I4). */
  readonly deliveryAttempts: number;
}

export const DEFAULT_SETTINGS: ComplaintSettings = {
  followUpDays: 7,
  reopenDays: 90,
  satisfiedScore: 4,
  deliveryAttempts: 3,
};

/** One reason why not: a stable code, a sentence, and the field at fault where there is one (JSON pointer). */
export interface Unmet {
  readonly code: string;
  readonly message: string;
  readonly pointer?: string;
}

export interface Rejection {
  readonly unmet: readonly [Unmet, ...Unmet[]];
}

export type Decision = readonly ComplaintEvent[] | Rejection;

/** A condition on the state alone: the same code answers "may I?" and refuses the command. */
export type Guard = (complaint: Complaint, context: Context) => Unmet | undefined;

/** Everything the domain knows about one command. */
export interface Decider<Command> {
  readonly guards: readonly Guard[];
  readonly decide: (command: Command, complaint: Complaint, context: Context) => Decision;
}

export const unmet = (code: string, message: string, pointer?: string): Unmet =>
  pointer === undefined ? { code, message } : { code, message, pointer };

export const reject = (code: string, message: string, pointer?: string): Rejection => ({
  unmet: [unmet(code, message, pointer)],
});

export const isRejection = (decision: Decision): decision is Rejection => 'unmet' in decision;

/** The unmet guards of a command in this state: empty means that it is allowed now. */
export const unmetGuards = (decider: Pick<Decider<never>, 'guards'>, complaint: Complaint, context: Context): Unmet[] =>
  decider.guards.flatMap((guard) => guard(complaint, context) ?? []);

/** Guards first, then the decision on the particulars. */
export function decide<Command>(
  decider: Decider<Command>,
  command: Command,
  complaint: Complaint,
  context: Context,
): Decision {
  const [first, ...rest] = unmetGuards(decider, complaint, context);
  return first === undefined ? decider.decide(command, complaint, context) : { unmet: [first, ...rest] };
}

/** A rejection with everything that is wrong; undefined when nothing is. */
export function refusal(...problems: readonly (Unmet | undefined | readonly Unmet[])[]): Rejection | undefined {
  const [first, ...rest] = problems.flatMap((problem) => problem ?? []);
  return first === undefined ? undefined : { unmet: [first, ...rest] };
}

/** The same rejection, of a command that is the part `under` of a larger one. */
export const rejectionUnder = (under: string, { unmet: [first, ...rest] }: Rejection): Rejection => {
  const moved = (one: Unmet): Unmet => ({ ...one, pointer: `${under}${one.pointer ?? ''}` });
  return { unmet: [moved(first), ...rest.map(moved)] };
};

export const nothingToChange = (message: string, pointer?: string): Unmet =>
  unmet('nothing_to_change', message, pointer);

/** The state as it will be when these events are recorded. */
export const after = (complaint: Complaint, events: readonly ComplaintEvent[], context: Context): Complaint =>
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

type Absent<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];
type Present<T> = { [K in Exclude<keyof T, Absent<T>>]: T[K] } & { [K in Absent<T>]?: Exclude<T[K], undefined> };

/** Without the properties that are undefined: an event says nothing about what is not known. */
export const present = <T extends object>(properties: T): Present<T> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as Present<T>;
