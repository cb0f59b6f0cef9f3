import type * as communication from '../../complaint/communication.js';
import type * as state from '../../complaint/state-types.js';
import { DELIVERY_RESULTS, EXTENTS, REVIEW_DECISIONS } from '../../complaint/commands/codes.js';
import { Measure, Money, PointDecision, PolicyRef } from '../../complaint/commands/parts.js';
import {
  CHANNELS,
  REMEDY_TYPES,
  RESPONSE_KINDS,
  type Channel,
  type RemedyType,
} from '../../complaint/terms/vocabulary.js';
import { AnyText, Count, ListOf } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Flag, Nested, Schema } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { Attribution, RecordedWhen } from './moment.js';
import { RecordedStatement } from './parties.js';

/* Determinations, remedies, letters and after-care in the complaint file. */

@Schema({ summary: 'A review of a determination' })
export class Review extends Attribution implements state.Review {
  @Code(REVIEW_DECISIONS)
  readonly decision!: state.Review['decision'];
  @AnyText({ description: 'Role of the reviewer', example: 'legal' })
  readonly capacity!: string;
  @AnyText({
    optional: true,
    description: 'Why the determination is returned',
    example: 'The till records are missing',
  })
  readonly reasons?: string;
}

@Schema({ summary: 'A decision on every point' })
export class Determination extends Attribution implements state.Determination {
  @AnyText({ description: 'Id of the determination', example: 'd1' })
  readonly determinationId!: string;
  @Count({ description: 'Number of the episode', example: 1 })
  readonly episode!: number;
  @ListOf(() => PointDecision, { description: 'The decision on each point' })
  readonly points!: readonly PointDecision[];
  @ListOf(() => RecordedStatement, {
    optional: true,
    description: 'The statements with which the complainants agreed to a resolution without finding',
  })
  readonly agreedBy?: readonly RecordedStatement[];
  @AnyText({ optional: true, description: 'External recourse', example: 'The consumer ombudsman' })
  readonly recourse?: string;
  @AnyText({ optional: true, description: 'The deciding body of an external decision', example: 'Ombudsman' })
  readonly decidedBy?: string;
  @Flag({ optional: true, description: 'True if made at first contact', example: true })
  readonly firstContact?: boolean;
  @Flag({
    description: 'True if returned to investigation; the determination is then no longer in force',
    example: false,
  })
  readonly returned!: boolean;
  @ListOf(() => Review, { description: 'Reviews of the determination' })
  readonly reviews!: readonly Review[];
}

const MEASURE_STATUSES = enumeration('MeasureStatus', ['Open', 'Done', 'Waived'], 'Whether a measure is carried out');

@Schema({ summary: 'A measure of a remedy, with its status' })
export class MeasureFile extends Measure implements state.MeasureFile {
  @AnyText({ description: 'Id of the measure in this remedy', example: 'm1' })
  override readonly id!: string;
  @RecordedWhen({ description: 'When the measure is due' })
  override readonly dueAt!: Moment;
  @Code(MEASURE_STATUSES)
  readonly status!: state.MeasureStatus;
  @RecordedWhen({ optional: true, description: 'When the measure was done or waived' })
  readonly doneAt?: Moment;
}

const REMEDY_STATUSES = enumeration(
  'RemedyStatus',
  [
    'Drafted',
    'Returned',
    'Discarded',
    'Proposed',
    'Accepted',
    'Rejected',
    'Lapsed',
    'Withdrawn',
    'InProgress',
    'Implemented',
    'Waived',
  ],
  'Status of a remedy, from draft to implementation',
);
const OFFER_ENDS = enumeration(
  'OfferEndCause',
  ['validity', 'ended', 'withdrawn'],
  'Why an offer no longer waits: its validity is over, the complaint ended, or the offer was withdrawn',
);

@Schema({ summary: 'How an offer ended that nobody answered' })
export class OfferEnd extends Attribution implements state.OfferEnd {
  @Code(OFFER_ENDS)
  readonly cause!: state.OfferEnd['cause'];
  @AnyText({ optional: true, description: 'Id of the letter that tells the withdrawal', example: 'o1' })
  readonly noticeId?: string;
}

@Schema({ summary: 'A remedy' })
export class Remedy extends Attribution implements state.Remedy {
  @AnyText({ description: 'Id of the remedy', example: 'r1' })
  readonly remedyId!: string;
  @Code(REMEDY_STATUSES)
  readonly status!: state.RemedyStatus;
  @Count({ description: 'Number of the episode', example: 1 })
  readonly episode!: number;
  @Flag({ description: 'True if the complainant must accept the remedy before it is carried out' })
  readonly needsAcceptance!: boolean;
  @AnyText({ each: true, optional: true, description: 'The complainants to whom it is offered', example: 'a1' })
  readonly to?: readonly string[];
  @AnyText({
    each: true,
    optional: true,
    description: 'The complainants who have not accepted yet, once another has',
    example: 'a2',
  })
  readonly awaiting?: readonly string[];
  @AnyText({ optional: true, description: 'The body that ordered it', example: 'Ombudsman' })
  readonly orderedBy?: string;
  @AnyText({ optional: true, description: 'Who approved the draft', example: 'supervisor-1' })
  readonly approvedBy?: string;
  @RecordedWhen({ optional: true, description: 'Until when the offer can be accepted' })
  readonly validUntil?: Moment;
  @ListOf(() => MeasureFile, { description: 'The measures; none for a remedy at first contact' })
  readonly measures!: readonly MeasureFile[];
  @ListOf(() => PolicyRef, { optional: true, description: 'The policies that the remedy follows' })
  readonly policyRefs?: readonly PolicyRef[];
  @ListOf(() => RecordedStatement, {
    optional: true,
    description: 'The acceptances, if the offer was made to several complainants',
  })
  readonly acceptances?: readonly RecordedStatement[];
  @Nested(() => RecordedStatement, {
    optional: true,
    description: 'The statement that settled the offer: a rejection, or the last acceptance',
  })
  readonly answered?: RecordedStatement;
  @Nested(() => OfferEnd, { optional: true, description: 'How the offer ended, if nobody answered it' })
  readonly over?: OfferEnd;
  @RecordedWhen({ optional: true, description: 'When the last measure was done or waived' })
  readonly dischargedAt?: Moment;
  @AnyText({
    optional: true,
    description: 'What was done; only for a remedy at first contact',
    example: 'Replaced the dish and apologised',
  })
  readonly whatWasDone?: string;
  @Code(REMEDY_TYPES, { optional: true, description: 'Only for a remedy at first contact' })
  readonly remedyType?: RemedyType;
  @Nested(() => Money, { optional: true, description: 'Only for a remedy at first contact' })
  readonly money?: Money;
  @AnyText({ optional: true, description: 'Who received the money at first contact', example: 'a1' })
  readonly payee?: string;
}

@Schema({ summary: 'Who recorded the return of a payment, when, and why it came back' })
export class PaymentReturn extends Attribution {
  @AnyText({ description: 'Why the payment came back', example: 'Account closed' })
  readonly reason!: string;
}

@Schema({ summary: 'A payment' })
export class Payment extends Attribution implements state.Payment {
  @AnyText({ description: 'Id of the payment', example: 'y1' })
  readonly paymentId!: string;
  @AnyText({ optional: true, description: 'Id of the remedy', example: 'r1' })
  readonly remedyId?: string;
  @AnyText({ optional: true, description: 'Id of the measure', example: 'm1' })
  readonly measureId?: string;
  @AnyText({
    optional: true,
    description: 'Who received the money; absent for money that others receive in place of the complainant',
    example: 'a1',
  })
  readonly payee?: string;
  @Nested(() => Money)
  readonly money!: Money;
  @RecordedWhen({ optional: true, description: 'When it was paid' })
  readonly paidAt?: Moment;
  @Flag({ description: 'True if the payment was made without an obligation', example: false })
  readonly exGratia!: boolean;
  @AnyText({ optional: true, description: 'Reference of the payment in the payment system', example: 'PAY-1' })
  readonly paymentRef?: string;
  @Nested(() => PaymentReturn, { optional: true, description: 'Set if the payment came back: it no longer counts' })
  readonly returned?: PaymentReturn;
}

const WAIVER_STATUSES = enumeration(
  'MeasureWaiverStatus',
  ['Drafted', 'Waived', 'Discarded'],
  'Whether a waiver waits for a second person, is in force, or was discarded',
);

@Schema({ summary: 'The waiver of a measure' })
export class MeasureWaiver extends Attribution implements state.MeasureWaiver {
  @AnyText({ description: 'Id of the waiver and of the letter that tells it', example: 'w1' })
  readonly waiverId!: string;
  @Code(WAIVER_STATUSES)
  readonly status!: state.MeasureWaiver['status'];
  @AnyText({ description: 'Id of the remedy', example: 'r1' })
  readonly remedyId!: string;
  @AnyText({ description: 'Id of the measure', example: 'm1' })
  readonly measureId!: string;
  @AnyText({ description: 'Why the measure is waived', example: 'The guest does not want it any more' })
  readonly reason!: string;
  @AnyText({ description: 'Who is responsible for the waiver', example: 'supervisor-1' })
  readonly responsible!: string;
  @AnyText({ each: true, optional: true, description: 'Ids of the parties that receive the letter', example: 'a1' })
  readonly addressees?: readonly string[];
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
  @ListOf(() => RecordedStatement, {
    optional: true,
    description: 'The statements of the complainants who do not want the measure',
  })
  readonly statedBy?: readonly RecordedStatement[];
  @AnyText({ optional: true, description: 'Who approved the draft', example: 'supervisor-1' })
  readonly approvedBy?: string;
}

const RELIEF_STATUSES = enumeration(
  'ReliefStatus',
  ['Drafted', 'Provided', 'Discarded'],
  'Whether interim relief waits for a second person, is provided, or was discarded',
);

@Schema({ summary: 'Help before the determination' })
export class Relief extends Attribution implements state.Relief {
  @AnyText({ description: 'Id of the relief', example: 'l1' })
  readonly reliefId!: string;
  @Code(RELIEF_STATUSES)
  readonly status!: state.Relief['status'];
  @Code(REMEDY_TYPES)
  readonly type!: RemedyType;
  @Nested(() => Money, { optional: true })
  readonly amount?: Money;
  @AnyText({
    optional: true,
    description: 'Who received the money; absent for what others receive in place of the complainant',
    example: 'a1',
  })
  readonly payee?: string;
  @AnyText({ description: 'Why the relief is given', example: 'The guest had no room for the night' })
  readonly reason!: string;
  @AnyText({ optional: true, description: 'Who approved the draft', example: 'supervisor-1' })
  readonly approvedBy?: string;
}

@Schema({ summary: 'An attempt to deliver a letter' })
export class Delivery implements state.Delivery {
  @Code(DELIVERY_RESULTS)
  readonly result!: state.Delivery['result'];
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
  @AnyText({ optional: true, description: 'Id of the addressee', example: 'a1' })
  readonly to?: string;
  @RecordedWhen({ description: 'When the letter was delivered or the delivery failed' })
  readonly at!: Moment;
  @AnyText({ optional: true, description: 'Why the delivery failed', example: 'Mailbox full' })
  readonly reason?: string;
}

const LETTER_KINDS = enumeration(
  'LetterKind',
  [...RESPONSE_KINDS, 'summary', 'inadmissible', 'referral', 'withdrawal_of_offer', 'waiver'],
  'Kind of a final response, or what another letter tells: inadmissibility, a referral, the withdrawal of an offer, a waiver',
);

@Schema({ summary: 'A final response, a notice or another letter, with its deliveries' })
export class Letter extends Attribution implements state.Letter {
  @AnyText({ description: 'Id of the letter', example: 'f1' })
  readonly id!: string;
  @Code(LETTER_KINDS)
  readonly kind!: state.Letter['kind'];
  @Count({ description: 'Number of the episode', example: 1 })
  readonly episode!: number;
  @AnyText({ each: true, description: 'Ids of the parties that receive it', example: 'a1' })
  readonly addressees!: readonly string[];
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
  @AnyText({ description: 'Text of the letter', example: 'You are right, and we are sorry.' })
  readonly text!: string;
  @AnyText({ optional: true, description: 'External recourse', example: 'The consumer ombudsman' })
  readonly recourse?: string;
  @AnyText({ optional: true, description: 'Id of the letter that it replaces', example: 'f1' })
  readonly supersedes?: string;
  @AnyText({ optional: true, description: 'Why it replaces that letter', example: 'The amount was wrong' })
  readonly reason?: string;
  @RecordedWhen({ optional: true, description: 'Until when the complainant may turn to an external body' })
  readonly referUntil?: Moment;
  @AnyText({ each: true, optional: true, description: 'Codes of the leaflets that went with it', example: 'leaflet-1' })
  readonly leaflets?: readonly string[];
  @AnyText({ optional: true, description: 'Language of the letter', example: 'en' })
  readonly language?: string;
  @ListOf(() => Delivery, { description: 'The deliveries, in the order of recording' })
  readonly deliveries!: readonly Delivery[];
}

const UPDATE_KINDS = enumeration('UpdateKind', ['holding', 'progress'], 'A holding response or a progress update');

@Schema({ summary: 'News for the complainant before the final response' })
export class Update extends Attribution implements state.Update {
  @AnyText({ description: 'Id of the update', example: 'u1' })
  readonly updateId!: string;
  @Code(UPDATE_KINDS)
  readonly kind!: state.Update['kind'];
  @Count({ description: 'Number of the episode', example: 1 })
  readonly episode!: number;
  @AnyText({ each: true, description: 'Ids of the parties that receive it', example: 'a1' })
  readonly addressees!: readonly string[];
  @Code(CHANNELS)
  readonly channel!: Channel;
  @AnyText({ description: 'What was told', example: 'We have asked the kitchen for its records.' })
  readonly text!: string;
  @RecordedWhen({ description: 'When the next news or the final response is expected' })
  readonly until!: Moment;
  @AnyText({ optional: true, description: 'External recourse', example: 'The consumer ombudsman' })
  readonly recourse?: string;
  @RecordedWhen({ optional: true, description: 'Until when the complainant may turn to an external body' })
  readonly referUntil?: Moment;
  @AnyText({ each: true, optional: true, description: 'Codes of the leaflets that went with it', example: 'leaflet-1' })
  readonly leaflets?: readonly string[];
  @AnyText({ optional: true, description: 'Language of the letter', example: 'en' })
  readonly language?: string;
}

const COMMUNICATION_STATUSES = enumeration(
  'CommunicationStatus',
  ['None', 'Sent', 'Contested', 'Communicated', 'Undeliverable'],
  'Whether the outcome reached everybody who may be told',
);

@Schema({ summary: 'Whether the outcome of the current episode reached the complainant' })
export class Communication implements communication.Communication {
  @Code(COMMUNICATION_STATUSES)
  readonly status!: communication.CommunicationStatus;
  @AnyText({ optional: true, description: 'Id of the letter, or of the determination at first contact', example: 'f1' })
  readonly of?: string;
  @RecordedWhen({
    optional: true,
    description: 'When the last of those who may be told was told or found undeliverable',
  })
  readonly at?: Moment;
}

const AFTER_CARE_STATUSES = enumeration(
  'AfterCareStatus',
  ['None', 'Scheduled', 'Requested', 'Answered', 'Unreachable', 'Lapsed'],
  'Status of the follow-up',
);
const AFTER_CARE_RESULTS = enumeration(
  'AfterCareResult',
  ['feedback', 'done', 'unreachable', 'declined', 'accepted'],
  'Result of the follow-up; accepted if the acceptance at first contact replaces it',
);

@Schema({ summary: 'The follow-up after the response' })
export class AfterCare implements state.AfterCare {
  @Code(AFTER_CARE_STATUSES)
  readonly status!: state.AfterCare['status'];
  @RecordedWhen({ optional: true, description: 'End of the follow-up window' })
  readonly windowEndsAt?: Moment;
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
  @Code(AFTER_CARE_RESULTS, { optional: true })
  readonly result?: (typeof AFTER_CARE_RESULTS)[number];
  @RecordedWhen({ optional: true, description: 'When the follow-up ended' })
  readonly at?: Moment;
}

@Schema({ summary: 'Feedback of the complainant' })
export class Feedback extends Attribution implements state.Feedback {
  @Count({ description: 'Number of the episode', example: 1 })
  readonly episode!: number;
  @Count({ description: 'Satisfaction of the complainant, from 1 (lowest) to 5 (highest)', example: 5 })
  readonly score!: number;
  @Code(EXTENTS, { optional: true, description: 'Whether the complaint is resolved in the view of the complainant' })
  readonly resolved?: (typeof EXTENTS)[number];
  @AnyText({ optional: true, description: 'In the words of the complainant', example: '处理得很快' })
  readonly comment?: string;
  @Count({ optional: true, description: 'Likelihood to recommend the organisation, 0 to 10', example: 9 })
  readonly nps?: number;
  @Code(EXTENTS, { optional: true, description: 'Whether the complainant would buy again' })
  readonly repurchase?: 'yes' | 'partly' | 'no';
}
