import { Code, Flag, Identifier, List, Nested, Schema, Text, When } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import {
  CATEGORIES,
  CHANNELS,
  REMEDY_TYPES,
  RESPONSE_KINDS,
  type Category,
  type Channel,
  type RemedyType,
  type ResponseKind,
} from '../terms/vocabulary.js';
import { DELIVERY_RESULTS, REVIEW_DECISIONS } from './codes.js';
import { ComplaintCommand, Measure, Money, PointDecision, PolicyRef, StatedBy } from './parts.js';

@Schema({
  summary: 'Decide every point, with reasons',
  example: { points: [{ id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows the dish waited 25 minutes.' }] },
})
export class MakeDetermination extends ComplaintCommand {
  @List(() => PointDecision, { min: 1, max: 100, description: 'The decision on each point' })
  readonly points!: PointDecision[];
  @Text({ max: 5000, optional: true, description: 'External recourse; required if a point is not upheld' })
  readonly recourse?: string;
}

@Schema({
  summary: 'Approve a determination or return it',
  example: { decision: 'approve', capacity: 'legal' },
})
export class ReviewDetermination extends ComplaintCommand {
  @Code(REVIEW_DECISIONS)
  readonly decision!: 'approve' | 'return';
  @Text({ max: 100, description: 'Role of the reviewer, for example legal or supervisor' })
  readonly capacity!: string;
  @Text({ max: 10_000, optional: true, description: 'Required if the determination is returned' })
  readonly reasons?: string;
}

@Schema({
  summary: 'Return the determined complaint to investigation',
  example: { reason: 'The till records arrived today.' },
})
export class ReturnToInvestigation extends ComplaintCommand {
  @Text({ max: 5000, description: 'Why the complaint returns to investigation' })
  readonly reason!: string;
}

@Schema({
  summary: 'Propose a remedy: measures with owner and due time',
  example: {
    needsAcceptance: true,
    measures: [
      {
        type: 'refund',
        pointIds: ['p1'],
        action: 'Refund the dish',
        owner: 'handler-1',
        provider: 'self',
        dueAt: '2027-01-05T17:00:00+08:00',
        amount: { amount: 6800, currency: 'CNY' },
      },
    ],
  },
})
export class ProposeRemedy extends ComplaintCommand {
  @Identifier({ optional: true, description: 'Generated as r1, r2, … when absent' })
  readonly remedyId?: string;
  @Flag({ description: 'True if the complainant must accept the remedy before it is carried out' })
  readonly needsAcceptance!: boolean;
  @List(() => Measure, { min: 1, max: 50, description: 'What is done, by whom and until when' })
  readonly measures!: Measure[];
  @When({ optional: true, description: 'Until when the offer can be accepted' })
  readonly validUntil?: Moment;
  @List(() => PolicyRef, { max: 20, optional: true, description: 'Policies that were applied' })
  readonly policyRefs?: PolicyRef[];
  @Flag({ optional: true, description: 'A draft requires the approval of another person' })
  readonly draft?: boolean;
}

@Schema({ summary: 'Approve a drafted remedy; not allowed for its author', example: { remedyId: 'r1' } })
export class ApproveRemedy extends ComplaintCommand {
  @Identifier({ example: 'r1', description: 'Id of the remedy' })
  readonly remedyId!: string;
  @Text({ max: 2000, optional: true, description: 'Internal note on the approval' })
  readonly note?: string;
}

@Schema({ summary: 'Return a drafted remedy', example: { remedyId: 'r1', reason: 'Too little' } })
export class ReturnRemedy extends ComplaintCommand {
  @Identifier({ example: 'r1', description: 'Id of the remedy' })
  readonly remedyId!: string;
  @Text({ max: 2000, description: 'Why the draft is returned' })
  readonly reason!: string;
}

@Schema({
  summary: 'Record that the complainant accepts the offer',
  example: { remedyId: 'r1', statedBy: { party: 'a1', medium: 'phone', at: '2026-11-22T09:00:00+08:00' } },
})
export class AcceptRemedy extends ComplaintCommand {
  @Identifier({ example: 'r1', description: 'Id of the remedy' })
  readonly remedyId!: string;
  @Nested(() => StatedBy)
  readonly statedBy!: StatedBy;
}

@Schema({
  summary: 'Record that the complainant rejects the offer',
  example: {
    remedyId: 'r1',
    reason: 'Wants the full price',
    statedBy: { party: 'a1', medium: 'phone', at: '2026-11-22T09:00:00+08:00' },
  },
})
export class RejectRemedy extends ComplaintCommand {
  @Identifier({ example: 'r1', description: 'Id of the remedy' })
  readonly remedyId!: string;
  @Nested(() => StatedBy)
  readonly statedBy!: StatedBy;
  @Text({ max: 5000, description: 'Why the complainant rejects the offer' })
  readonly reason!: string;
}

@Schema({ summary: 'Record that an offer has lapsed because its validity ended', example: { remedyId: 'r1' } })
export class LapseRemedyOffer extends ComplaintCommand {
  @Identifier({ example: 'r1', description: 'Id of the remedy' })
  readonly remedyId!: string;
}

@Schema({ summary: 'Record that a measure is done', example: { remedyId: 'r1', measureId: 'm1' } })
export class CompleteMeasure extends ComplaintCommand {
  @Identifier({ example: 'r1', description: 'Id of the remedy' })
  readonly remedyId!: string;
  @Identifier({ example: 'm1', description: 'Id of the measure' })
  readonly measureId!: string;
  @Text({ max: 2000, optional: true, description: 'Required if a third party provides the measure' })
  readonly confirmation?: string;
  @Identifier({ each: true, max: 100, optional: true, description: 'Ids of the evidence that the measure is done' })
  readonly evidenceIds?: string[];
}

@Schema({
  summary: 'Waive a measure, with a reason and a responsible person',
  example: {
    remedyId: 'r1',
    measureId: 'm2',
    reason: 'The guest does not want it any more',
    responsible: 'supervisor-1',
  },
})
export class WaiveMeasure extends ComplaintCommand {
  @Identifier({ example: 'r1', description: 'Id of the remedy' })
  readonly remedyId!: string;
  @Identifier({ example: 'm2', description: 'Id of the measure' })
  readonly measureId!: string;
  @Text({ max: 2000, description: 'Why the measure is waived' })
  readonly reason!: string;
  @Identifier({ description: 'Id of the person who is responsible for the waiver' })
  readonly responsible!: string;
}

@Schema({
  summary: 'Record a payment; requires a verified identity',
  example: { remedyId: 'r1', measureId: 'm1', money: { amount: 6800, currency: 'CNY' }, exGratia: false },
})
export class RecordRedressPayment extends ComplaintCommand {
  @Identifier({ optional: true, example: 'r1', description: 'Id of the remedy' })
  readonly remedyId?: string;
  @Identifier({ optional: true, example: 'm1', description: 'Id of the measure' })
  readonly measureId?: string;
  @Nested(() => Money)
  readonly money!: Money;
  @Flag({ description: 'True if the payment is made without an obligation' })
  readonly exGratia!: boolean;
  @Text({ max: 200, optional: true, description: 'Reference of the payment in the payment system' })
  readonly paymentRef?: string;
}

@Schema({
  summary: 'Send the final response',
  example: { kind: 'accept', addressees: ['a1'], channel: 'email', text: 'You are right, and we are sorry.' },
})
export class SendFinalResponse extends ComplaintCommand {
  @Code(RESPONSE_KINDS)
  readonly kind!: ResponseKind;
  @Identifier({
    each: true,
    max: 50,
    description: 'Ids of parties; empty if no party has contact details',
    example: 'a1',
  })
  readonly addressees!: string[];
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Text({ max: 50_000, description: 'Text of the response' })
  readonly text!: string;
  @Text({ max: 5000, optional: true, description: 'External recourse; required unless the kind is accept' })
  readonly recourse?: string;
  @Text({ max: 100, optional: true, description: 'Version of the template that the text uses' })
  readonly templateVersion?: string;
}

@Schema({
  summary: 'Record whether a response or notice was delivered',
  example: { of: 'f1', result: 'delivered', channel: 'email', to: 'a1' },
})
export class RecordDelivery extends ComplaintCommand {
  @Identifier({ description: 'Id of the final response or notice', example: 'f1' })
  readonly of!: string;
  @Code(DELIVERY_RESULTS)
  readonly result!: 'delivered' | 'failed' | 'undeliverable';
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Identifier({ optional: true, example: 'a1', description: 'Id of the addressee' })
  readonly to?: string;
  @When({ optional: true, description: 'occurredAt when absent' })
  readonly at?: Moment;
  @Text({ max: 2000, optional: true, description: 'Required unless the result is delivered' })
  readonly reason?: string;
  @Text({ max: 2000, optional: true, description: 'Proof of the delivery' })
  readonly proof?: string;
}

@Schema({
  summary: 'Resolve and close the complaint at first contact, in one request',
  example: {
    category: 'product_quality',
    whatWasDone: 'Replaced the dish and apologised',
    channel: 'in_person',
    statedBy: { party: 'a1', medium: 'in_person', at: '2026-11-22T12:30:00+08:00' },
  },
})
export class ResolveAtFirstContact extends ComplaintCommand {
  @Code(CATEGORIES)
  readonly category!: Category;
  @Text({ max: 5000, description: 'What was done for the complainant' })
  readonly whatWasDone!: string;
  @Code(REMEDY_TYPES, { optional: true })
  readonly remedyType?: RemedyType;
  @Nested(() => Money, { optional: true })
  readonly amount?: Money;
  @Nested(() => StatedBy, { description: 'The complainant’s acceptance' })
  readonly statedBy!: StatedBy;
  @Code(CHANNELS, {
    optional: true,
    description: 'Channel on which the outcome was communicated; the intake channel when absent',
  })
  readonly channel?: Channel;
  @Flag({ optional: true, description: 'True to keep the complaint open after the resolution' })
  readonly keepOpen?: boolean;
}
