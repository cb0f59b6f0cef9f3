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
  @AnyText({ optional: true, description: 'External recourse', example: 'The consumer ombudsman' })
  readonly recourse?: string;
  @AnyText({ optional: true, description: 'The deciding body of an external decision', example: 'Ombudsman' })
  readonly decidedBy?: string;
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
  ['Drafted', 'Returned', 'Proposed', 'Accepted', 'Rejected', 'Lapsed', 'InProgress', 'Implemented', 'Waived'],
  'Status of a remedy, from draft to implementation',
);

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
  @RecordedWhen({ optional: true, description: 'Until when the offer can be accepted' })
  readonly validUntil?: Moment;
  @ListOf(() => MeasureFile, { description: 'The measures; none for a remedy at first contact' })
  readonly measures!: readonly MeasureFile[];
  @ListOf(() => PolicyRef, { optional: true, description: 'The policies that the remedy follows' })
  readonly policyRefs?: readonly PolicyRef[];
  @Nested(() => RecordedStatement, {
    optional: true,
    description: 'The statement with which the complainant accepted or rejected the offer',
  })
  readonly answered?: RecordedStatement;
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
}

@Schema({ summary: 'A payment' })
export class Payment extends Attribution implements state.Payment {
  @AnyText({ description: 'Id of the payment', example: 'y1' })
  readonly paymentId!: string;
  @AnyText({ optional: true, description: 'Id of the remedy', example: 'r1' })
  readonly remedyId?: string;
  @AnyText({ optional: true, description: 'Id of the measure', example: 'm1' })
  readonly measureId?: string;
  @Nested(() => Money)
  readonly money!: Money;
  @Flag({ description: 'True if the payment was made without an obligation', example: false })
  readonly exGratia!: boolean;
  @AnyText({ optional: true, description: 'Reference of the payment in the payment system', example: 'PAY-1' })
  readonly paymentRef?: string;
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
  [...RESPONSE_KINDS, 'inadmissible'],
  'Kind of a final response, or inadmissible for a notice of inadmissibility',
);

@Schema({ summary: 'A final response or a notice of inadmissibility, with its deliveries' })
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
  @ListOf(() => Delivery, { description: 'The deliveries, in the order of recording' })
  readonly deliveries!: readonly Delivery[];
}

const COMMUNICATION_STATUSES = enumeration(
  'CommunicationStatus',
  ['None', 'Communicated', 'Undeliverable'],
  'Whether the outcome reached the complainant',
);

@Schema({ summary: 'Whether the outcome of the current episode reached the complainant' })
export class Communication implements state.Communication {
  @Code(COMMUNICATION_STATUSES)
  readonly status!: state.Communication['status'];
  @AnyText({ optional: true, description: 'Id of the letter, or of the determination at first contact', example: 'f1' })
  readonly of?: string;
  @RecordedWhen({ optional: true, description: 'When the outcome was delivered or found undeliverable' })
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
}
