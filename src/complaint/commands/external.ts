import { Code, Identifier, List, Name, Nested, Schema, Text, When, Whole } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import type * as facts from '../terms/facts.js';
import {
  CHANNELS,
  ESCALATION_LEVELS,
  REMEDY_TYPES,
  type Channel,
  type EscalationLevel,
  type RemedyType,
} from '../terms/vocabulary.js';
import { PROVIDERS } from './codes.js';
import { ComplaintCommand, Money, PointDecision } from './parts.js';

@Schema({
  summary: 'Escalate the complaint, or record that an external body returned it',
  example: { to: 'supervisor', reason: 'The kitchen does not answer.' },
})
export class EscalateComplaint extends ComplaintCommand {
  @Code(ESCALATION_LEVELS)
  readonly to!: EscalationLevel;
  @Whole({ min: 1, max: 9, optional: true, description: 'Level within the organisation; the next one when absent' })
  readonly level?: number;
  @Name({ max: 200, optional: true, description: 'The external body', example: 'Consumer association' })
  readonly body?: string;
  @Text({ max: 2000, description: 'Why the complaint is escalated or was returned' })
  readonly reason!: string;
}

@Schema({
  summary: 'Refer points to an external body, and tell it by letter; the complaint ends when no point stays here',
  example: {
    pointIds: ['p1'],
    body: 'Consumer association',
    addressees: ['a1'],
    channel: 'email',
    text: 'We have passed your complaint on to the consumer association.',
  },
})
export class ReferExternally extends ComplaintCommand {
  @Identifier({ each: true, min: 1, max: 100, description: 'Ids of the points', example: 'p1' })
  readonly pointIds!: readonly string[];
  @Name({ max: 200, description: 'The body that handles them from now on', example: 'Consumer association' })
  readonly body!: string;
  @Identifier({ each: true, max: 50, description: 'Everybody who may be told; empty where nobody may be' })
  readonly addressees!: readonly string[];
  @Code(CHANNELS, { optional: true, description: 'Required with addressees' })
  readonly channel?: Channel;
  @Text({ max: 20_000, optional: true, description: 'Text of the letter' })
  readonly text?: string;
  @Text({ max: 5000, optional: true, description: 'Recourse, if a response policy asks for it' })
  readonly recourse?: string;
}

@Schema({ summary: 'A measure that an external body orders; it is due when the decision says' })
export class Order implements Omit<facts.Measure, 'id' | 'dueAt'> {
  @Code(REMEDY_TYPES)
  readonly type!: RemedyType;
  @Identifier({
    each: true,
    min: 1,
    max: 100,
    example: 'p1',
    description: 'Ids of the points that the measure concerns',
  })
  readonly pointIds!: readonly string[];
  @Text({ max: 2000, example: 'Refund the dish', description: 'What is to be done' })
  readonly action!: string;
  @Identifier({ description: 'Id of the person who carries the measure out', example: 'handler-1' })
  readonly owner!: string;
  @Code(PROVIDERS, { formerCodes: { thirdParty: 'third_party' } })
  readonly provider!: facts.Measure['provider'];
  @Nested(() => Money, { optional: true, description: 'Amount, if the measure is a payment' })
  readonly amount?: Money;
}

@Schema({
  summary: 'Record the decision of an external body; it is the outcome of the complaint, beside our own',
  example: {
    body: 'Consumer association',
    ref: '2026-114',
    decidedOn: { day: '2026-11-20', zone: 'Asia/Shanghai' },
    points: [{ id: 'p1', outcome: 'upheld', reasons: 'The dish was not hot.' }],
    orders: [
      {
        type: 'refund',
        pointIds: ['p1'],
        action: 'Refund the dish',
        owner: 'handler-1',
        provider: 'self',
        amount: { amount: 6800, currency: 'CNY' },
      },
    ],
    complyBy: { day: '2026-12-20', zone: 'Asia/Shanghai' },
  },
})
export class RecordExternalDecision extends ComplaintCommand {
  @Name({ max: 200, description: 'The deciding body', example: 'Consumer association' })
  readonly body!: string;
  @Name({ max: 200, optional: true, description: 'Reference of the decision', example: '2026-114' })
  readonly ref?: string;
  @When({ description: 'When the body decided' })
  readonly decidedOn!: Moment;
  @List(() => PointDecision, { min: 1, max: 100, description: 'The decision on each point that it concerns' })
  readonly points!: readonly PointDecision[];
  @List(() => Order, { max: 50, optional: true, description: 'What the body orders' })
  readonly orders?: readonly Order[];
  @When({ optional: true, description: 'When the orders must be carried out; required with orders' })
  readonly complyBy?: Moment;
}
