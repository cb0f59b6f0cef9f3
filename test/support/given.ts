import type { ComplaintCommand } from '../../src/complaint/commands/parts.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import {
  decide,
  DEFAULT_SETTINGS,
  isRejection,
  unmetGuards,
  type ComplaintSettings,
  type Context,
  type Decision,
  type Unmet,
} from '../../src/complaint/decision.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import { rowOf } from '../../src/complaint/table.js';
import { checkOccurredAt } from '../../src/complaint/time.js';
import type { Actor } from '../../src/access/actor.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import { instant, type Moment } from '../../src/platform/moment.js';

/*
 * `given(events).when(command).then(events)`, as in Emmett, for tests of deciders. The fold, the table of commands and
 * the deciders are the real ones.
 */

/** Time, actor and settings of a command (default: {@link NOON}, {@link HANDLER} and the default settings). */
export interface Circumstances {
  readonly now?: string;
  readonly by?: Actor;
  readonly settings?: Partial<ComplaintSettings>;
}

export const COMPLAINT_ID = '0b6b2f5e-5c1f-5f0e-9a55-3f0e8f2d7a61';
export const NOON = '2026-11-10T12:00:00.000Z';

export const person = (id: string, role: Actor['role'] = 'handler'): Actor => ({ type: 'person', id, role });
export const HANDLER = person('handler-1');
export const SUPERVISOR = person('supervisor-1', 'supervisor');
export const UPSTREAM: Actor = { type: 'upstream', id: 'importer', role: 'upstream' };

/** A command in the form in which the command service receives it: an instance of its class with these fields. */
export function command<Command extends ComplaintCommand>(
  type: new () => Command,
  fields: Fields<Command> = {},
): Command {
  return Object.assign(new type(), fields);
}

/** Some fields of a command, as read-only values. */
export type Fields<T> = { readonly [K in keyof T]?: DeepReadonly<T[K]> };
type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** A recorded event with the actor and time of its metadata. */
export interface PastEvent {
  readonly event: ComplaintEvent;
  readonly by?: Actor;
  /** When it happened and was recorded; default: 09:00 UTC on 1 November 2026. */
  readonly at?: string;
}

export const withMetadata = (event: ComplaintEvent, metadata: Omit<PastEvent, 'event'> = {}): PastEvent => ({
  event,
  ...metadata,
});

export type History = readonly (ComplaintEvent | PastEvent)[];

/** A complaint with this history. */
export const given = (...history: History): Given => new Given(fold(history));

/**
 * The state of a complaint after this history.
 * @param commandId of the command that recorded all events; without it each event has its own command
 */
export function fold(history: History, commandId?: string): Complaint {
  return history.reduce((state, entry, index) => {
    const { event, by, at = '2026-11-01T09:00:00.000Z' }: PastEvent = 'event' in entry ? entry : { event: entry };
    return evolve(
      state,
      recorded(event, index, {
        now: at,
        by: by ?? HANDLER,
        occurredAt: instant(at),
        commandId: commandId ?? `g${index}`,
      }),
    );
  }, initial(COMPLAINT_ID));
}

/** The event in the form in which the event store returns it. */
export function recorded(
  event: ComplaintEvent,
  revision: number,
  metadata: { readonly now: string; readonly by: Actor; readonly occurredAt: Moment; readonly commandId: string },
): Recorded<ComplaintEvent> {
  return {
    stream: `complaint-${COMPLAINT_ID}`,
    revision,
    position: String(revision).padStart(12, '0'),
    eventId: `00000000-0000-8000-8000-${String(revision).padStart(12, '0')}`,
    type: event.type,
    data: JSON.parse(JSON.stringify(event.data)) as ComplaintEvent['data'],
    metadata: {
      schemaVersion: 1,
      occurredAt: event.occurredAt ?? metadata.occurredAt,
      recordedAt: metadata.now,
      actor: metadata.by,
      commandId: metadata.commandId,
      commandDigest: 'd'.repeat(64),
      $correlationId: metadata.commandId,
      $causationId: metadata.commandId,
      prevHash: '0'.repeat(64),
      hash: '0'.repeat(64),
    },
  };
}

class Given {
  constructor(readonly state: Complaint) {}

  when(submitted: ComplaintCommand, { now = NOON, by = HANDLER, settings }: Circumstances = {}): When {
    return new When(
      decideAsTheServiceDoes(submitted, this.state, { now, by, settings: { ...DEFAULT_SETTINGS, ...settings } }),
    );
  }

  /** The guards that reject this command; its fields are not checked. */
  unmetFor(submitted: ComplaintCommand, { now = NOON, by = HANDLER, settings }: Circumstances = {}): Unmet[] {
    const context: Context = {
      now,
      occurredAt: instant(now),
      actor: by,
      settings: { ...DEFAULT_SETTINGS, ...settings },
    };
    return unmetGuards(rowOf(submitted).decider, this.state, context);
  }
}

class When {
  constructor(readonly decision: Decision) {}

  /** Expects exactly these events, in this order. */
  then(...events: readonly ComplaintEvent[]): void {
    expect(this.events()).toEqual(events);
  }

  /** Expects exactly these event types, in this order; the data is not checked. */
  thenRecorded(...types: readonly ComplaintEvent['type'][]): void {
    expect(this.events().map(({ type }) => type)).toEqual(types);
  }

  /** Expects a rejection whose first reason has this code and, if given, this JSON pointer. */
  thenRejected(code: string, pointer?: string): void {
    if (!isRejection(this.decision))
      throw new Error(
        `expected a rejection with ${code}, but the command was accepted: ${JSON.stringify(this.decision)}`,
      );
    const [first] = this.decision.unmet;
    expect({ code: first.code, ...(pointer !== undefined && { pointer: first.pointer }) }).toEqual({
      code,
      ...(pointer !== undefined && { pointer }),
    });
  }

  private events(): readonly ComplaintEvent[] {
    if (isRejection(this.decision))
      throw new Error(`expected events, but the command was rejected: ${JSON.stringify(this.decision.unmet)}`);
    return JSON.parse(JSON.stringify(this.decision)) as readonly ComplaintEvent[];
  }
}

/**
 * Decides in the same order as the command service: checks the time of occurrence, then the guards, then the fields.
 * @throws Error if the decider emits an event that the row of the command does not list: the compiler finds this unless
 * a type cast hides it
 */
export function decideAsTheServiceDoes(
  submitted: ComplaintCommand,
  state: Complaint,
  { now, by, settings }: { readonly now: string; readonly by: Actor; readonly settings: ComplaintSettings },
): Decision {
  const time = timeOf(submitted, state, now);
  if ('unmet' in time) return time;
  const { name, decider, events } = rowOf(submitted);
  const decision = decide(decider, submitted, state, { ...time, now, actor: by, settings });
  const unlisted = isRejection(decision) ? undefined : decision.find(({ type }) => !events.includes(type));
  if (unlisted !== undefined) throw new Error(`${name} emits ${unlisted.type}, which its row does not list`);
  return decision;
}

/** The time of occurrence that the command service uses for the command, or its rejection of that time. */
export function timeOf(submitted: ComplaintCommand, state: Complaint, now: string): ReturnType<typeof checkOccurredAt> {
  const receivedAt = 'receivedAt' in submitted ? (submitted.receivedAt as Moment | undefined) : undefined;
  return checkOccurredAt(submitted.occurredAt ?? receivedAt ?? instant(now), state, now, rowOf(submitted).name);
}
