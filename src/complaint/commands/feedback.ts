import { Code, Flag, Identifier, List, Nested, Schema, Text, When, Whole } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { CHANNELS, REOPEN_KINDS, type Channel, type ReopenKind } from '../terms/vocabulary.js';
import { ComplaintCommand, PointDecision, StatedBy } from './parts.js';

@Schema({
  summary: 'Plan the follow-up (T16, R48)',
  example: { windowEndsAt: '2027-01-05T17:00:00+08:00', channel: 'phone' },
})
export class ScheduleFollowUp extends ComplaintCommand {
  @When({ optional: true, description: 'The configured window from the start of after-care when absent' })
  readonly windowEndsAt?: Moment;
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
}

@Schema({ summary: 'Ask for feedback (T16, R49)', example: { channel: 'sms', to: 'a1' } })
export class RequestFeedback extends ComplaintCommand {
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Identifier({ optional: true })
  readonly to?: string;
}

@Schema({
  summary: 'Record what the complainant thinks of the outcome (T16, R49)',
  example: { score: 5, resolved: 'yes', comment: '处理得很快' },
})
export class SubmitFeedback extends ComplaintCommand {
  @Whole({ min: 1, max: 5 })
  readonly score!: number;
  @Code(['yes', 'partly', 'no'] as const, { optional: true })
  readonly resolved?: 'yes' | 'partly' | 'no';
  @Text({ max: 10_000, optional: true })
  readonly comment?: string;
  @Whole({ min: 0, max: 10, optional: true, description: 'Would recommend us, 0 to 10 (R71)' })
  readonly nps?: number;
  @Nested(() => StatedBy, { optional: true })
  readonly statedBy?: StatedBy;
}

@Schema({ summary: 'Record how the follow-up went (T16)', example: { result: 'done', channel: 'phone' } })
export class RecordFollowUp extends ComplaintCommand {
  @Code(['done', 'unreachable', 'declined'] as const)
  readonly result!: 'done' | 'unreachable' | 'declined';
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Whole({ min: 1, max: 1000, optional: true, description: 'Tries made; 1 when absent' })
  readonly attempts?: number;
  @Text({ max: 5000, optional: true })
  readonly note?: string;
}

@Schema({ summary: 'Close it (T17, I4, ISO 10002 7.9)', example: {} })
export class CloseComplaint extends ComplaintCommand {
  @Text({ max: 2000, optional: true })
  readonly note?: string;
}

@Schema({
  summary: 'Take it up again in a new episode (T18, I9)',
  example: { kind: 'dissatisfied', reason: 'Scored 1: the refund never arrived' },
})
export class ReopenComplaint extends ComplaintCommand {
  @Code(REOPEN_KINDS)
  readonly kind!: ReopenKind;
  @Text({ max: 5000 })
  readonly reason!: string;
  @Nested(() => StatedBy, { optional: true })
  readonly statedBy?: StatedBy;
  @Text({ max: 200, optional: true, description: 'The body, for an external decision' })
  readonly decidedBy?: string;
  @List(() => PointDecision, { max: 100, optional: true, description: 'The body’s outcome, for an external decision' })
  readonly points?: PointDecision[];
}

@Schema({
  summary: 'Record that the complainant withdraws; silence never is (T19)',
  example: { statedBy: { party: 'a1', medium: 'phone', at: '2026-11-22T09:00:00+08:00' }, reason: 'Found the parcel' },
})
export class WithdrawComplaint extends ComplaintCommand {
  @Nested(() => StatedBy)
  readonly statedBy!: StatedBy;
  @Text({ max: 2000, optional: true })
  readonly reason?: string;
}

@Schema({
  summary: 'Record what a public register says came of it (T25); importer and upstream only',
  example: { register: 'CFPB', response: 'Closed with explanation', timely: true, disputed: false },
})
export class RecordExternalOutcome extends ComplaintCommand {
  @Text({ max: 100 })
  readonly register!: string;
  @Text({ max: 200 })
  readonly response!: string;
  @Text({ max: 1000, optional: true })
  readonly publicResponse?: string;
  @Flag({ optional: true })
  readonly timely?: boolean;
  @Flag({ optional: true, description: 'Absent is unknown, not no' })
  readonly disputed?: boolean;
  @When({ optional: true, description: 'When the register says so; unknown when absent' })
  readonly statedOn?: Moment;
}
