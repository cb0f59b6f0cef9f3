import { Code, Flag, Identifier, Nested, Schema, Text, When, Whole } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { CHANNELS, REOPEN_KINDS, type Channel, type ReopenKind } from '../terms/vocabulary.js';
import { EXTENTS, FOLLOW_UP_RESULTS } from './codes.js';
import { RecordExternalDecision } from './external.js';
import { ComplaintCommand, StatedBy } from './parts.js';

@Schema({
  summary: 'Schedule the follow-up',
  example: { windowEndsAt: '2027-01-05T17:00:00+08:00', channel: 'phone' },
})
export class ScheduleFollowUp extends ComplaintCommand {
  @When({
    optional: true,
    description:
      'End of the follow-up window; when absent, the configured number of days after the start of after-care',
  })
  readonly windowEndsAt?: Moment;
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
}

@Schema({ summary: 'Request feedback', example: { channel: 'sms', to: 'a1' } })
export class RequestFeedback extends ComplaintCommand {
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Identifier({ optional: true, description: 'Id of the party who is asked for feedback' })
  readonly to?: string;
}

@Schema({
  summary: 'Record the feedback of the complainant',
  example: { score: 5, resolved: 'yes', comment: '处理得很快' },
})
export class SubmitFeedback extends ComplaintCommand {
  @Whole({ min: 1, max: 5, description: 'Satisfaction of the complainant, from 1 (lowest) to 5 (highest)' })
  readonly score!: number;
  @Code(EXTENTS, {
    optional: true,
    description: 'Whether the complaint is resolved in the view of the complainant',
  })
  readonly resolved?: 'yes' | 'partly' | 'no';
  @Text({ max: 10_000, optional: true, description: 'In the words of the complainant' })
  readonly comment?: string;
  @Whole({ min: 0, max: 10, optional: true, description: 'Likelihood to recommend the organisation, 0 to 10' })
  readonly nps?: number;
  @Code(EXTENTS, { optional: true, description: 'Whether the complainant would buy again' })
  readonly repurchase?: 'yes' | 'partly' | 'no';
  @Nested(() => StatedBy, { optional: true })
  readonly statedBy?: StatedBy;
}

@Schema({ summary: 'Record the result of the follow-up', example: { result: 'done', channel: 'phone' } })
export class RecordFollowUp extends ComplaintCommand {
  @Code(FOLLOW_UP_RESULTS)
  readonly result!: 'done' | 'unreachable' | 'declined';
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Whole({ min: 1, max: 1000, optional: true, description: 'Number of attempts; 1 when absent' })
  readonly attempts?: number;
  @Text({ max: 5000, optional: true, description: 'Internal note on the follow-up' })
  readonly note?: string;
}

@Schema({ summary: 'Close the complaint', example: {} })
export class CloseComplaint extends ComplaintCommand {
  @Text({ max: 2000, optional: true, description: 'Internal note on the closing' })
  readonly note?: string;
}

@Schema({
  summary: 'Reopen the complaint in a new episode',
  example: { kind: 'dissatisfied', reason: 'Scored 1: the refund never arrived' },
})
export class ReopenComplaint extends ComplaintCommand {
  @Code(REOPEN_KINDS)
  readonly kind!: ReopenKind;
  @Text({ max: 5000, description: 'Why the complaint is reopened' })
  readonly reason!: string;
  @Nested(() => StatedBy, { optional: true })
  readonly statedBy?: StatedBy;
  @When({ optional: true, description: 'When reopening was asked for; the time of the statement when absent' })
  readonly requestedAt?: Moment;
  @Nested(() => RecordExternalDecision, {
    optional: true,
    description: 'What the external body decided; only for the kind external_decision',
  })
  readonly decision?: RecordExternalDecision;
}

@Schema({
  summary: 'Record that the complainant withdraws the complaint; silence is not a withdrawal',
  example: { statedBy: { party: 'a1', medium: 'phone', at: '2026-11-22T09:00:00+08:00' }, reason: 'Found the parcel' },
})
export class WithdrawComplaint extends ComplaintCommand {
  @Nested(() => StatedBy)
  readonly statedBy!: StatedBy;
  @Text({ max: 2000, optional: true, description: 'Reason that the complainant gives' })
  readonly reason?: string;
}

@Schema({
  summary: 'Record the outcome in a public register; only importers and upstream systems may send it',
  example: { register: 'CFPB', response: 'Closed with explanation', timely: true, disputed: false },
})
export class RecordExternalOutcome extends ComplaintCommand {
  @Text({ max: 100, description: 'Name of the register' })
  readonly register!: string;
  @Text({ max: 200, description: 'Response of the company, in the words of the register' })
  readonly response!: string;
  @Flag({
    optional: true,
    description: 'True if the register has ended the case; may be absent if the register has a list of responses',
  })
  readonly final?: boolean;
  @Flag({
    optional: true,
    description: 'True if the case was handled elsewhere: a final outcome then ends it from any open stage',
  })
  readonly handledElsewhere?: boolean;
  @Text({ max: 1000, optional: true, description: 'Public response of the company, in the words of the register' })
  readonly publicResponse?: string;
  @Flag({
    optional: true,
    description: 'True if the company answered in time according to the register; unknown when absent',
  })
  readonly timely?: boolean;
  @Flag({ optional: true, description: 'Absent means unknown, not false' })
  readonly disputed?: boolean;
  @When({ optional: true, description: 'When the register stated the outcome; unknown when absent' })
  readonly statedOn?: Moment;
}
