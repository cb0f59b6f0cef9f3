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
import { DELIVERY_RESULTS, REVIEW_CAPACITIES, REVIEW_DECISIONS } from './codes.js';
import { ComplaintCommand, Money, PointDecision, StatedBy } from './parts.js';

@Schema({
  summary: 'Decide every point, with reasons',
  example: { points: [{ id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows the dish waited 25 minutes.' }] },
})
export class MakeDetermination extends ComplaintCommand {
  @List(() => PointDecision, { min: 1, max: 100, description: 'The decision on each point' })
  readonly points!: PointDecision[];
  @List(() => StatedBy, {
    max: 50,
    optional: true,
    description: 'The statements of the complainants who agree; required for a resolution without finding',
  })
  readonly agreedBy?: StatedBy[];
  @Text({
    max: 5000,
    optional: true,
    description: 'External recourse; required if a point is not upheld and the response policy asks for it',
  })
  readonly recourse?: string;
}

@Schema({
  summary: 'Approve a determination or return it',
  example: { decision: 'approve', capacity: 'legal' },
})
export class ReviewDetermination extends ComplaintCommand {
  @Code(REVIEW_DECISIONS)
  readonly decision!: 'approve' | 'return';
  @Code(REVIEW_CAPACITIES, { description: 'In which capacity the reviewer decides; legal is a skill in the directory' })
  readonly capacity!: (typeof REVIEW_CAPACITIES)[number];
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
  summary: 'Send the final response',
  example: { kind: 'accept', addressees: ['a1'], channel: 'email', text: 'You are right, and we are sorry.' },
})
export class SendFinalResponse extends ComplaintCommand {
  @Code(RESPONSE_KINDS)
  readonly kind!: ResponseKind;
  @Identifier({
    each: true,
    max: 50,
    description:
      'Ids of all parties that may be told; empty if nobody may be told. `unidentified`: a person who is told in person',
    example: 'a1',
  })
  readonly addressees!: string[];
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Text({ max: 50_000, description: 'Text of the response' })
  readonly text!: string;
  @Text({ max: 5000, optional: true, description: 'External recourse; required if a response policy asks for it' })
  readonly recourse?: string;
  @Text({ max: 100, optional: true, description: 'Version of the template that the text uses' })
  readonly templateVersion?: string;
  @Identifier({ optional: true, example: 'f1', description: 'Id of the response that this one replaces' })
  readonly supersedes?: string;
  @Text({ max: 2000, optional: true, description: 'Why it replaces that response; required with `supersedes`' })
  readonly reason?: string;
  @When({
    optional: true,
    description: 'Until when the complainant may turn to an external body; by default as long as the policy says',
  })
  readonly referUntil?: Moment;
  @Identifier({ each: true, max: 20, optional: true, description: 'Codes of the leaflets that go with it' })
  readonly leaflets?: string[];
  @Text({ max: 35, optional: true, description: 'Language of the letter, as a language tag', example: 'en' })
  readonly language?: string;
}

@Schema({
  summary: 'Record what became of a letter for one addressee',
  example: { of: 'f1', result: 'delivered', channel: 'email', to: 'a1' },
})
export class RecordDelivery extends ComplaintCommand {
  @Identifier({ description: 'Id of the letter, or of the determination at first contact', example: 'f1' })
  readonly of!: string;
  @Code(DELIVERY_RESULTS)
  readonly result!: 'delivered' | 'failed' | 'undeliverable' | 'contested';
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Identifier({
    optional: true,
    example: 'a1',
    description:
      'Id of the addressee, or of a party that may be told by now; may be absent if only one comes into question',
  })
  readonly to?: string;
  @When({ optional: true, description: 'occurredAt when absent' })
  readonly at?: Moment;
  @Text({ max: 2000, optional: true, description: 'Required unless the result is delivered' })
  readonly reason?: string;
  @Text({ max: 2000, optional: true, description: 'Proof of the delivery' })
  readonly proof?: string;
}

@Schema({ summary: 'A point that was resolved at first contact' })
export class ResolvedPoint {
  @Identifier({ example: 'p1', description: 'Id of the point' })
  readonly id!: string;
  @Code(CATEGORIES, { optional: true, description: 'Category of the point; that of the command when absent' })
  readonly category?: Category;
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
  @List(() => ResolvedPoint, {
    min: 1,
    max: 100,
    optional: true,
    description: 'The points that were resolved; required if the complaint has several',
  })
  readonly points?: ResolvedPoint[];
  @Code(CATEGORIES, { optional: true, description: 'Category of the points; required if they are not classified' })
  readonly category?: Category;
  @Text({ max: 5000, description: 'What was done for the complainant' })
  readonly whatWasDone!: string;
  @Code(REMEDY_TYPES, { optional: true })
  readonly remedyType?: RemedyType;
  @Nested(() => Money, { optional: true })
  readonly amount?: Money;
  @Identifier({
    optional: true,
    example: 'a1',
    description: 'Who received the amount: a party, or `unidentified`; by default whoever accepted',
  })
  readonly payee?: string;
  @Nested(() => StatedBy, { description: 'The complainant’s acceptance; `unidentified` for a guest who gives no name' })
  readonly statedBy!: StatedBy;
  @List(() => StatedBy, { max: 50, optional: true, description: 'The acceptances of the other complainants' })
  readonly agreedBy?: StatedBy[];
  @Code(CHANNELS, {
    optional: true,
    description: 'Channel on which the outcome was communicated; the intake channel when absent',
  })
  readonly channel?: Channel;
  @Flag({ optional: true, description: 'True to keep the complaint open after the resolution' })
  readonly keepOpen?: boolean;
}
