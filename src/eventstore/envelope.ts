import type { JsonObject } from '../platform/json.js';
import { actingFor, type Actor, type OnBehalfOf } from '../access/actor.js';
import type { Moment } from '../platform/moment.js';

/** Stored metadata of an event. Stream, revision and position are not part of it: the store has them. */
export interface EventMetadata {
  readonly schemaVersion: number;
  /** When the event happened. */
  readonly occurredAt: Moment;
  /** `recorded` if the client gave no time, so that occurredAt is the time of recording; otherwise absent. */
  readonly occurredAtBasis?: 'recorded';
  /** When the event was recorded: UTC with milliseconds; within a stream never earlier than the event before it. */
  readonly recordedAt: string;
  readonly actor: Actor;
  /** For whom the actor acted; only a sending system states it. */
  readonly onBehalfOf?: OnBehalfOf;
  readonly channel?: string;
  readonly commandId: string;
  /** HMAC-SHA-256 (hex) of the canonical request body under the key of the installation. */
  readonly commandDigest: string;
  readonly $correlationId: string;
  readonly $causationId: string;
  /** The versions of the policies with which the event was decided. */
  readonly policyRefs?: readonly PolicyVersionRef[];
  readonly taxonomyVersion?: number;
  readonly personalKeyIds?: readonly string[];
  readonly reasonText?: string;
  /** Hash of the previous event in the stream; 64 zeros for the first. */
  readonly prevHash: string;
  /** Hash of this event, see docs/event-format.md. */
  readonly hash: string;
}

/** Id of the person whose act the event records: the one for whom a sending system acted, otherwise the actor. */
export const personOf = ({ actor, onBehalfOf }: Pick<EventMetadata, 'actor' | 'onBehalfOf'>): string =>
  actingFor(actor, onBehalfOf).id;

/** A version of a policy. */
export interface PolicyVersionRef {
  /** Name of the stream of the policy. */
  readonly id: string;
  readonly version: number;
  /** The rules of the policy that would have needed a second person for this event if they were on. */
  readonly off?: readonly string[];
}

/** A recorded event, decoded and converted to the newest schema version, with its place in stream and log. */
export interface Recorded<E extends DomainEvent = DomainEvent> {
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly eventId: string;
  readonly type: E['type'];
  readonly data: E['data'];
  readonly metadata: EventMetadata;
  /** The data as recorded, if `data` has corrected values (see rewriting.ts). */
  readonly uncorrected?: E['data'];
}

/** An event that is not yet recorded, as a decider returns it. */
export interface DomainEvent<Type extends string = string, Data extends object = object> {
  readonly type: Type;
  readonly data: Data;
  /** When the event happened; default: the time of the command. */
  readonly occurredAt?: Moment;
  /** Set if the client gave no time, so that `occurredAt` of this event is the time of recording. */
  readonly occurredAtBasis?: 'recorded';
  /** The versions of the policies with which the event was decided. */
  readonly policyRefs?: readonly PolicyVersionRef[];
}

/**
 * An event type: name, schema version, and the paths of its string fields (`*` stands for every element of an array).
 * Each string field is listed as personal or as open. Personal fields have free text and contact data: they will be
 * encrypted with a key of their data subject. Open fields have ids, codes and the values by which trends group: product,
 * issue, region, company, response of a register. Times and fields with a fixed list of values are in neither list.
 */
export interface EventType<Type extends string, Data extends object> {
  readonly type: Type;
  readonly version: number;
  readonly personal: readonly string[];
  readonly open: readonly string[];
  /** Creates an event of this type. */
  (data: Data): DomainEvent<Type, Data>;
}

export type EventOf<T> = T extends EventType<infer Type, infer Data> ? DomainEvent<Type, Data> : never;

/** Defines an event type, for example `defineEvent<Data>()('ComplaintReceived', { version: 1, personal: ['narrative'] })`. */
export const defineEvent =
  <Data extends object>() =>
  <const Type extends string>(
    type: Type,
    options: {
      readonly version?: number;
      readonly personal?: readonly string[];
      readonly open?: readonly string[];
    } = {},
  ): EventType<Type, Data> =>
    Object.assign((data: Data) => ({ type, data }), {
      type,
      version: options.version ?? 1,
      personal: options.personal ?? [],
      open: options.open ?? [],
    });

export type EventData = JsonObject;
