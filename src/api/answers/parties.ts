import type * as facts from '../../complaint/terms/facts.js';
import type * as complaint from '../../complaint/complaint.js';
import type * as state from '../../complaint/state-types.js';
import {
  Answer,
  Contact,
  ContactAttempt,
  IncidentTime,
  Party,
  Point,
  Source,
  StatedBy,
  Subject,
} from '../../complaint/commands/parts.js';
import {
  AUTHORITIES,
  CHANNELS,
  OUTCOMES,
  SCOPES,
  type Authority,
  type Scope,
  type Channel,
  type Outcome,
} from '../../complaint/terms/vocabulary.js';
import { AnyObject, AnyText, ListOf, TextMap, Timestamp, Uuid } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Nested, Schema } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { RecordedWhen } from './moment.js';

/* Parties, points and the lodging in the complaint file. */

const CHECK_STATUSES = enumeration(
  'CheckStatus',
  ['None', 'Done', 'Failed', 'Waived'],
  'Result of a check; None before it is made',
);

@Schema({ summary: 'A check, such as that of an identity, and its result' })
export class Check implements state.Check {
  @Code(CHECK_STATUSES)
  readonly status!: state.Check['status'];
  @AnyText({ optional: true, description: 'Grounds, or reason of a failure or waiver', example: 'Called back' })
  readonly reason?: string;
  @AnyText({ optional: true, description: 'Id of the person who is responsible for a waiver', example: 'supervisor-1' })
  readonly responsible?: string;
  @AnyText({ optional: true, description: 'How the check was made', example: 'call_back' })
  readonly method?: string;
  @AnyText({ optional: true, description: 'Level of assurance of an identity check', example: 'basic' })
  readonly level?: string;
  @AnyText({ each: true, optional: true, description: 'Ids of the evidence of the check', example: 'e1' })
  readonly evidenceIds?: readonly string[];
  @RecordedWhen({ optional: true, description: 'When the check was made' })
  readonly at?: Moment;
  @AnyText({ optional: true, description: 'Id of the person or system that recorded it', example: 'handler-1' })
  readonly by?: string;
}

@Schema({ summary: 'A party of the complaint' })
export class RecordedParty extends Party {
  @AnyText({ description: 'Id of the party in this complaint', example: 'a1' })
  override readonly id!: string;
  @Code(AUTHORITIES)
  override readonly authority!: Authority;
  @Code(SCOPES, { each: true, optional: true, description: 'What the verified authority covers' })
  readonly scope?: readonly Scope[];
}

@Schema({ summary: 'Contact details of a party' })
export class ContactDetails extends Contact implements state.ContactDetails {
  @AnyText({ description: 'Id of the contact details of this party', example: 'k1' })
  readonly id!: string;
  @AnyText({ optional: true, description: 'Why they are no longer used', example: 'The number is wrong' })
  readonly retired?: string;
}

@Schema({ summary: 'A party of the complaint, with its checks' })
export class PartyFile extends RecordedParty implements state.PartyFile {
  @ListOf(() => ContactDetails, { optional: true, description: 'Contact details of the party' })
  override readonly contacts?: readonly ContactDetails[];
  @Nested(() => Check, { description: 'Check of the identity' })
  readonly identity!: Check;
  @Nested(() => Check, { description: 'The check that determined `authority`' })
  readonly authorityCheck!: Check;
}

@Schema({ summary: 'A point of the complaint' })
export class RecordedPoint extends Point implements facts.Point {
  @AnyText({ description: 'Id of the point in this complaint', example: 'p1' })
  override readonly id!: string;
  @Nested(() => Subject)
  override readonly subject!: Subject;
}

const LEAVINGS = enumeration('Leaving', ['split_off', 'referred'], 'How a point left the complaint');

@Schema({ summary: 'Where a point went; it no longer counts here' })
export class Left {
  @Code(LEAVINGS)
  readonly how!: (typeof LEAVINGS)[number];
  @AnyText({ description: 'Id of the other complaint, or the external body', example: 'The market regulator' })
  readonly to!: string;
}

@Schema({ summary: 'A point of the complaint, with its outcome' })
export class PointFile extends RecordedPoint implements state.PointFile {
  @Nested(() => Left, { optional: true })
  readonly left?: Left;
  @TextMap({
    optional: true,
    description: 'Codes of the point as the taxonomy in force reads them, if it reads them in another way',
    example: { issue: 'minibar' },
  })
  readonly readNow?: Readonly<Record<string, string>>;
  @Code(OUTCOMES, {
    optional: true,
    description: 'Decision on the point in the current episode: that of an external body, otherwise our own',
  })
  readonly outcome?: Outcome;
  @Code(OUTCOMES, { optional: true, description: 'Our own decision on the point, if an external body decided it too' })
  readonly ownOutcome?: Outcome;
}

@Schema({ summary: 'Where a complaint comes from' })
export class RecordedSource extends Source {
  @RecordedWhen({ optional: true, description: 'When that system received the complaint' })
  override readonly receivedAt?: Moment;
  @RecordedWhen({ optional: true, description: 'When this source expects the reply' })
  override readonly replyDue?: Moment;
}

@Schema({ summary: 'Who made a statement, how and when' })
export class RecordedStatement extends StatedBy {
  @RecordedWhen({ description: 'When the statement was made' })
  override readonly at!: Moment;
}

@Schema({ summary: 'An attempt of the complainant to reach the organisation before the complaint' })
export class RecordedContactAttempt extends ContactAttempt {
  @RecordedWhen({ description: 'When the attempt was made' })
  override readonly at!: Moment;
}

@Schema({ summary: 'When the incident happened' })
export class RecordedIncidentTime extends IncidentTime {
  @RecordedWhen({ description: 'Beginning of the incident' })
  override readonly from!: Moment;
  @RecordedWhen({ optional: true, description: 'End of the incident' })
  override readonly to?: Moment;
}

@Schema({ summary: 'What the lodging stated; it never changes' })
export class LodgingFacts implements complaint.DataOf<'ComplaintReceived'> {
  @AnyText({ description: 'Short reference for people', example: '7K3QX-9M2VD-4TB8W' })
  readonly reference!: string;
  @RecordedWhen({ description: 'When the organisation received the complaint' })
  readonly receivedAt!: Moment;
  @Nested(() => RecordedIncidentTime, { optional: true })
  readonly incidentAt?: RecordedIncidentTime;
  @Code(CHANNELS)
  readonly channel!: Channel;
  @AnyText({ optional: true, description: 'The app, page or counter that received the complaint', example: 'Web shop' })
  readonly channelAccount?: string;
  @AnyText({ optional: true, description: 'Place at which the complaint was received', example: 'Front desk' })
  readonly intakePoint?: string;
  @ListOf(() => RecordedSource, { description: 'Where the complaint comes from' })
  readonly sources!: readonly RecordedSource[];
  @ListOf(() => RecordedParty, { description: 'Empty for an anonymous complaint' })
  readonly parties!: readonly RecordedParty[];
  @ListOf(() => RecordedPoint, { description: 'At least one point' })
  readonly points!: readonly RecordedPoint[];
  @AnyText({ optional: true, description: 'In the words of the complainant', example: '菜是凉的，等了四十分钟。' })
  readonly narrative?: string;
  @AnyText({ optional: true, description: 'What the complainant asks for', example: 'A refund' })
  readonly remedySought?: string;
  @AnyText({ optional: true, description: 'Language tag of BCP 47', example: 'zh' })
  readonly language?: string;
  @AnyText({ optional: true, description: 'How the complainant wants the complaint handled', example: 'in writing' })
  readonly handlingMethod?: string;
  @ListOf(() => Answer, { optional: true, description: 'Answers to the questions of the intake form' })
  readonly answers?: readonly Answer[];
  @ListOf(() => RecordedContactAttempt, {
    optional: true,
    description: 'Attempts of the complainant to reach the organisation before',
  })
  readonly contactAttempts?: readonly RecordedContactAttempt[];
  @AnyText({
    optional: true,
    description: 'How long the complainant has been a customer or has had the product',
    example: 'five years',
  })
  readonly tenure?: string;
  @AnyText({
    optional: true,
    description: 'Whether the complainant agrees to a publication, in the words of the register',
    example: 'Consent provided',
  })
  readonly consentToPublish?: string;
  @RecordedWhen({ optional: true, description: 'When the register sent the complaint to the company' })
  readonly sentToRespondentAt?: Moment;
  @AnyText({
    each: true,
    optional: true,
    description: 'Circumstances that make the complainant vulnerable',
    example: 'older person',
  })
  readonly vulnerabilityTags?: readonly string[];
  @Uuid({ optional: true, description: 'Id of the complaint from which this file was split off' })
  readonly splitFrom?: string;
}

@Schema({ summary: 'The first lodging; later lodgings with the same source reference are compared with it' })
export class Lodging implements complaint.Lodging {
  @Uuid({ description: 'Id of the command' })
  readonly commandId!: string;
  @Timestamp({ description: 'When the lodging was recorded' })
  readonly recordedAt!: string;
  @Nested(() => LodgingFacts)
  readonly facts!: LodgingFacts;
  @Nested(() => LodgingFacts, { optional: true, description: 'The facts as stated, if some were corrected later' })
  readonly stated?: LodgingFacts;
  @AnyObject({
    description: 'Data of the other events of the lodging, by event type',
    example: { ComplaintAcknowledged: { channel: 'phone' } },
  })
  readonly carried!: complaint.Lodging['carried'];
}
