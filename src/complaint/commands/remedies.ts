import { Code, Flag, Identifier, List, Nested, Schema, Text, When } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { CHANNELS, REMEDY_TYPES, type Channel, type RemedyType } from '../terms/vocabulary.js';
import { ComplaintCommand, Measure, Money, PolicyRef, StatedBy } from './parts.js';

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
  @Identifier({
    each: true,
    min: 1,
    max: 50,
    optional: true,
    description: 'Ids of the complainants to whom the remedy is offered; all of them when absent',
    example: 'a1',
  })
  readonly to?: string[];
  @Flag({ description: 'True if the complainant must accept the remedy before it is carried out' })
  readonly needsAcceptance!: boolean;
  @List(() => Measure, { min: 1, max: 50, description: 'What is done, by whom and until when' })
  readonly measures!: Measure[];
  @When({
    optional: true,
    description: 'Until when the offer can be accepted; when absent, as many days as the house rules say',
  })
  readonly validUntil?: Moment;
  @List(() => PolicyRef, { max: 20, optional: true, description: 'Policies that were applied' })
  readonly policyRefs?: PolicyRef[];
  @Flag({
    optional: true,
    description: 'True for a draft, which requires the approval of another person; above the limit it always is one',
  })
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
  summary: 'Take back an offer that waits for an answer, with a letter',
  example: { remedyId: 'r1', reason: 'The dish was refunded by the bank', addressees: ['a1'], channel: 'email' },
})
export class WithdrawOffer extends ComplaintCommand {
  @Identifier({ example: 'r1', description: 'Id of the remedy' })
  readonly remedyId!: string;
  @Text({ max: 5000, description: 'Why the offer is withdrawn; the text of the letter' })
  readonly reason!: string;
  @Identifier({ each: true, max: 50, example: 'a1', description: 'Ids of the parties that receive the letter' })
  readonly addressees!: string[];
  @Code(CHANNELS)
  readonly channel!: Channel;
}

@Schema({
  summary: 'Discard a draft that waits for a second person',
  example: { draftId: 'r1', reason: 'The guest was refunded by the bank' },
})
export class DiscardDraft extends ComplaintCommand {
  @Identifier({ example: 'r1', description: 'Id of the drafted remedy, waiver, relief or notice' })
  readonly draftId!: string;
  @Text({ max: 2000, description: 'Why the draft is discarded' })
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

@Schema({ summary: 'Record that a measure other than a payment is done', example: { remedyId: 'r1', measureId: 'm1' } })
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
    statedBy: [{ party: 'a1', medium: 'phone', at: '2026-11-22T09:00:00+08:00' }],
  },
})
export class WaiveMeasure extends ComplaintCommand {
  @Identifier({ example: 'r1', description: 'Id of the remedy' })
  readonly remedyId!: string;
  @Identifier({ example: 'm2', description: 'Id of the measure' })
  readonly measureId!: string;
  @Text({ max: 2000, description: 'Why the measure is waived; the text of the letter' })
  readonly reason!: string;
  @Identifier({ description: 'Id of the person who is responsible for the waiver' })
  readonly responsible!: string;
  @List(() => StatedBy, {
    max: 50,
    optional: true,
    description: 'That everybody to whom the measure is owed does not want it; no letter is needed then',
  })
  readonly statedBy?: StatedBy[];
  @Identifier({
    each: true,
    max: 50,
    optional: true,
    example: 'a1',
    description: 'Ids of the parties that receive the letter; required without statements',
  })
  readonly addressees?: string[];
  @Code(CHANNELS, { optional: true, description: 'Channel of the letter; required without statements' })
  readonly channel?: Channel;
}

@Schema({ summary: 'Approve a drafted waiver; not allowed for its author', example: { waiverId: 'w1' } })
export class ApproveWaiver extends ComplaintCommand {
  @Identifier({ example: 'w1', description: 'Id of the waiver' })
  readonly waiverId!: string;
}

@Schema({
  summary: 'Record a payment to a payee whose identity is checked',
  example: { remedyId: 'r1', measureId: 'm1', payee: 'a1', money: { amount: 6800, currency: 'CNY' }, exGratia: false },
})
export class RecordRedressPayment extends ComplaintCommand {
  @Identifier({ optional: true, example: 'y1', description: 'Generated as y1, y2, … when absent' })
  readonly paymentId?: string;
  @Identifier({ optional: true, example: 'r1', description: 'Id of the remedy' })
  readonly remedyId?: string;
  @Identifier({ optional: true, example: 'm1', description: 'Id of the measure that is paid; absent for more than it' })
  readonly measureId?: string;
  @Identifier({
    optional: true,
    example: 'a1',
    description:
      'Who received the money: a party or `unidentified`. Absent for what others receive in place of the complainant, such as a taxi or a hotel',
  })
  readonly payee?: string;
  @Nested(() => Money)
  readonly money!: Money;
  @When({ optional: true, description: 'When it was paid; occurredAt when absent' })
  readonly paidAt?: Moment;
  @Flag({ description: 'True if the payment is made without an obligation' })
  readonly exGratia!: boolean;
  @Text({ max: 200, optional: true, description: 'Reference of the payment in the payment system' })
  readonly paymentRef?: string;
}

@Schema({
  summary: 'Record that a payment came back; its measure is owed again',
  example: { paymentId: 'y1', reason: 'The account is closed' },
})
export class RecordPaymentReturned extends ComplaintCommand {
  @Identifier({ example: 'y1', description: 'Id of the payment' })
  readonly paymentId!: string;
  @Text({ max: 2000, description: 'Why the payment came back' })
  readonly reason!: string;
}

@Schema({
  summary: 'Record help that is given before the determination, without admission of liability',
  example: {
    type: 'assistance',
    amount: { amount: 42000, currency: 'CNY' },
    reason: 'A room in another hotel for the night',
  },
})
export class ProvideInterimRelief extends ComplaintCommand {
  @Code(REMEDY_TYPES)
  readonly type!: RemedyType;
  @Nested(() => Money, { optional: true, description: 'Amount; required if money is paid' })
  readonly amount?: Money;
  @Identifier({
    optional: true,
    example: 'a1',
    description: 'Who received the money: a party or `unidentified`. Absent for what others receive in their place',
  })
  readonly payee?: string;
  @Text({ max: 5000, description: 'What is given, and why' })
  readonly reason!: string;
}

@Schema({ summary: 'Approve drafted interim relief; not allowed for its author', example: { reliefId: 'l1' } })
export class ApproveRelief extends ComplaintCommand {
  @Identifier({ example: 'l1', description: 'Id of the relief' })
  readonly reliefId!: string;
}
