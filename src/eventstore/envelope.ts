import type { JsonObject } from '../platform/json.js';
import type { Actor } from '../access/actor.js';
import type { Moment } from '../platform/moment.js';

/** Envelope metadata of every event, as stored; stream, revision and position belong to the store. */
export interface EventMetadata {
  readonly schemaVersion: number;
  /** When it happened. */
  readonly occurredAt: Moment;
  /** Present when the client gave no time: `recorded` means that occurredAt is the time of recording. */
  readonly occurredAtBasis?: 'recorded';
  /** When it was recorded: UTC with milliseconds, never decreasing within a stream. */
  readonly recordedAt: string;
  readonly actor: Actor;
  readonly onBehalfOf?: string;
  readonly channel?: string;
  readonly commandId: string;
  /** HMAC-SHA-256 (hex) of the canonical request body under the key of the installation. */
  readonly commandDigest: string;
  readonly $correlationId: string;
  readonly $causationId: string;
  readonly policyRefs?: readonly { readonly id: string; readonly version: number }[];
  readonly taxonomyVersion?: number;
  readonly personalKeyIds?: readonly string[];
  readonly reasonText?: string;
  /** Hash of the previous event in the stream; 64 zeros for the first. */
  readonly prevHash: string;
  readonly hash: string;
}

/** An event as the domain sees it: decoded, upcast, with its place in the log. */
export interface Recorded<E extends DomainEvent = DomainEvent> {
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly eventId: string;
  readonly type: E['type'];
  readonly data: E['data'];
  readonly metadata: EventMetadata;
}

/** What a decider returns: an event that is not yet recorded. */
export interface DomainEvent<Type extends string = string, Data extends object = object> {
  readonly type: Type;
  readonly data: Data;
  /** Default: the value of the command. */
  readonly occurredAt?: Moment;
  /** Set when occurredAt of this event is the time of recording because the client gave none. */
  readonly occurredAtBasis?: 'recorded';
}

/**
 * One event type is one constant: name, schema version, and the paths of its string fields (`*` stands for every element
 * of an array). Each string is named as personal or as open. Free text and contact data are personal: they will be
 * encrypted with a key of their data subject. Open are ids, codes and what trends group by: product, issue, region, the
 * company complained about, the words of a register. Times and fields with a closed list of values are not named.
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

/** `defineEvent<Data>()('ComplaintReceived', { version: 1, personal: ['narrative'] })` */
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
