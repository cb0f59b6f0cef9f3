import type * as audit from '../../audit/history.js';
import { EVENT_TYPES } from '../../complaint/commands/codes.js';
import { OnBehalfOf } from '../../complaint/commands/parts.js';
import type * as envelope from '../../eventstore/envelope.js';
import { AnyObject, AnyText, Count, ListOf, Timestamp, Uuid } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Nested, Schema } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { Actor } from './actor.js';
import { RecordedWhen } from './moment.js';

const OCCURRED_AT_BASES = enumeration(
  'OccurredAtBasis',
  ['recorded'],
  'Origin of `occurredAt`, if the client gave no time: the time of recording',
);

const HASH = '32fc4611cb22cadcdccbce0ac0b9769f96fb48373c71976196dd414089e749a0';

@Schema({ summary: 'A version of a policy with which an event was decided' })
export class PolicyVersionRef implements envelope.PolicyVersionRef {
  @AnyText({ description: 'Name of the stream of the policy', example: 'house-policy-house' })
  readonly id!: string;
  @Count({ description: 'Version of the policy', example: 1 })
  readonly version!: number;
  @AnyText({
    each: true,
    optional: true,
    description: 'Its rules for two people that let the event through because they were off',
    example: 'remedyByTwo',
  })
  readonly off?: readonly string[];
}

@Schema({ summary: 'Metadata of an event, exactly as stored', open: true })
export class EventMetadata implements envelope.EventMetadata {
  @Count({ description: 'Version of the form of `data` for this type', example: 1 })
  readonly schemaVersion!: number;
  @RecordedWhen({ description: 'When the event happened' })
  readonly occurredAt!: Moment;
  @Code(OCCURRED_AT_BASES, { optional: true })
  readonly occurredAtBasis?: 'recorded';
  @Timestamp({ description: 'When the event was recorded' })
  readonly recordedAt!: string;
  @Nested(() => Actor)
  readonly actor!: Actor;
  @Nested(() => OnBehalfOf, { optional: true, description: 'For whom the actor, a sending system, acted' })
  readonly onBehalfOf?: OnBehalfOf;
  @AnyText({ optional: true, description: 'Channel of the command', example: 'phone' })
  readonly channel?: string;
  @Uuid({ description: 'Id of the command' })
  readonly commandId!: string;
  @AnyText({ description: 'HMAC-SHA-256 of the body of the command, hex', example: HASH })
  readonly commandDigest!: string;
  @AnyText({ description: 'Id of the request', example: '30f7b586-d62c-44fa-9721-5ea8dc54362e' })
  readonly $correlationId!: string;
  @AnyText({ description: 'Id of the cause', example: '30f7b586-d62c-44fa-9721-5ea8dc54362e' })
  readonly $causationId!: string;
  @ListOf(() => PolicyVersionRef, { optional: true, description: 'Policies that the decision applied' })
  readonly policyRefs?: readonly PolicyVersionRef[];
  @Count({ optional: true, description: 'Version of the taxonomy', example: 1 })
  readonly taxonomyVersion?: number;
  @AnyText({ each: true, optional: true, description: 'Ids of the keys of personal fields', example: 'key-1' })
  readonly personalKeyIds?: readonly string[];
  @AnyText({ optional: true, description: 'Reason in words', example: 'Third call in two days' })
  readonly reasonText?: string;
  @AnyText({ description: 'Hash of the previous event of the stream; 64 zeros for the first', example: '0'.repeat(64) })
  readonly prevHash!: string;
  @AnyText({ description: 'Hash of this event', example: HASH })
  readonly hash!: string;
}

@Schema({
  summary:
    'An event, with its place in the log. `stream`, `revision`, `type`, `data` and `metadata` are as stored, so that hash and id can be computed from them (docs/event-format.md)',
})
export class HistoryEntry implements audit.HistoryEntry {
  @AnyText({ description: 'Name of the stream', example: 'complaint-37367fd5-6616-5286-a6fe-c4735ea7036c' })
  readonly stream!: string;
  @Count({ description: 'Place in the stream, from 0', example: 0 })
  readonly revision!: number;
  @AnyText({ description: 'Place in the log', example: '00000000000000000002' })
  readonly position!: string;
  @Uuid({ description: 'Id of the event, computed from its hash', example: '32fc4611-cb22-8adc-9ccb-ce0ac0b9769f' })
  readonly eventId!: string;
  @Code(EVENT_TYPES)
  readonly type!: string;
  @RecordedWhen({ description: 'When the event happened' })
  readonly occurredAt!: Moment;
  @Code(OCCURRED_AT_BASES, { optional: true })
  readonly occurredAtBasis?: 'recorded';
  @Timestamp({ description: 'When the event was recorded' })
  readonly recordedAt!: string;
  @Nested(() => Actor)
  readonly actor!: Actor;
  @AnyText({ description: 'SHA-256 of the event, hex', example: HASH })
  readonly hash!: string;
  @AnyObject({
    description: 'Data of the event, in the form of its type and `metadata.schemaVersion`',
    example: { channel: 'phone', message: 'We have it and will call tomorrow.' },
  })
  readonly data!: object;
  @Nested(() => EventMetadata)
  readonly metadata!: EventMetadata;
}

@Schema({ summary: 'The events of a complaint' })
export class ComplaintHistory {
  @Uuid({ description: 'Id of the complaint' })
  readonly id!: string;
  @ListOf(() => HistoryEntry, { description: 'The events in the order of their revisions' })
  readonly events!: readonly HistoryEntry[];
}
