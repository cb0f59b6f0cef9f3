import type { ComplaintCommand } from '../../src/complaint/commands/parts.js';
import type { Complaint } from '../../src/complaint/complaint.js';
import { foldHistory } from '../../src/complaint/corrected-history.js';
import {
  decide,
  isRejection,
  unmetGuards,
  type Context,
  type Decision,
  type Unmet,
} from '../../src/complaint/decision.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import { rowOf } from '../../src/complaint/table.js';
import { checkOccurredAt } from '../../src/complaint/time.js';
import type { Actor } from '../../src/access/actor.js';
import type { HouseRules } from '../../src/house-policy/rules.js';
import type { ReferenceData } from '../../src/reference/reference-data.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import { instant, type Moment } from '../../src/platform/moment.js';
import { REFERENCE } from './directory.js';

/*
 * `given(events).when(command).then(events)`, as in Emmett, for tests of deciders. The fold, the table of commands and
 * the deciders are the real ones.
 */

/** Time, actor, house rules and reference data of a command (default: {@link NOON}, {@link HANDLER} and {@link REFERENCE}). */
export interface Circumstances {
  readonly now?: string;
  readonly by?: Actor;
  readonly house?: Partial<HouseRules>;
  readonly reference?: ReferenceData;
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
export const given = (...history: History): Given => {
  const events = recordedHistory(history);
  return new Given(foldHistory(COMPLAINT_ID, events), events);
};

/**
 * The state of a complaint after this history.
 * @param commandId of the command that recorded all events; without it each event has its own command
 */
export const fold = (history: History, commandId?: string): Complaint =>
  foldHistory(COMPLAINT_ID, recordedHistory(history, commandId));

const recordedHistory = (history: History, commandId?: string): Recorded<ComplaintEvent>[] =>
  history.map((entry, index) => {
    const { event, by, at = '2026-11-01T09:00:00.000Z' }: PastEvent = 'event' in entry ? entry : { event: entry };
    return recorded(event, index, {
      now: at,
      by: by ?? HANDLER,
      occurredAt: instant(at),
      commandId: commandId ?? `g${index}`,
    });
  });

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
      ...(event.policyRefs && { policyRefs: event.policyRefs }),
      prevHash: '0'.repeat(64),
      hash: '0'.repeat(64),
    },
  };
}

/** The given reference data (default {@link REFERENCE}), with some house rules changed. */
const referenceFor = ({ house, reference = REFERENCE }: Pick<Circumstances, 'house' | 'reference'>): ReferenceData => ({
  ...reference,
  house: { ...reference.house, ...house },
});

class Given {
  constructor(
    readonly state: Complaint,
    private readonly history: readonly Recorded<ComplaintEvent>[],
  ) {}

  when(submitted: ComplaintCommand, { now = NOON, by = HANDLER, ...rest }: Circumstances = {}): When {
    const { history } = this;
    return new When(decideAsTheServiceDoes(submitted, this.state, { now, by, reference: referenceFor(rest), history }));
  }

  /** The message of the first reason for the rejection of this command. */
  rejectionMessage(submitted: ComplaintCommand): string | undefined {
    const { decision } = this.when(submitted);
    return isRejection(decision) ? decision.unmet[0].message : undefined;
  }

  /** The guards that reject this command; its fields are not checked. */
  unmetFor(submitted: ComplaintCommand, { now = NOON, by = HANDLER, ...rest }: Circumstances = {}): Unmet[] {
    const context: Context = {
      now,
      occurredAt: instant(now),
      actor: by,
      reference: referenceFor(rest),
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
  {
    now,
    by,
    reference,
    history = [],
  }: {
    readonly now: string;
    readonly by: Actor;
    readonly reference: ReferenceData;
    readonly history?: readonly Recorded<ComplaintEvent>[];
  },
): Decision {
  const time = timeOf(submitted, state, now);
  if ('unmet' in time) return time;
  const { name, decider, events } = rowOf(submitted);
  const decision = decide(decider, submitted, state, { ...time, now, actor: by, reference, history });
  const unlisted = isRejection(decision) ? undefined : decision.find(({ type }) => !events.includes(type));
  if (unlisted !== undefined) throw new Error(`${name} emits ${unlisted.type}, which its row does not list`);
  return decision;
}

/** The time of occurrence that the command service uses for the command, or its rejection of that time. */
export function timeOf(submitted: ComplaintCommand, state: Complaint, now: string): ReturnType<typeof checkOccurredAt> {
  const receivedAt = 'receivedAt' in submitted ? (submitted.receivedAt as Moment | undefined) : undefined;
  return checkOccurredAt(submitted.occurredAt ?? receivedAt ?? instant(now), state, now, rowOf(submitted).name);
}
