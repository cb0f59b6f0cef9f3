import { Flag, Identifier, Nested, Schema, Text, When, Whole } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import type * as facts from '../terms/facts.js';
import { ComplaintCommand } from './parts.js';

@Schema({ summary: 'A value; give exactly one field' })
export class RecordedValue implements facts.RecordedValue {
  @Text({ max: 50_000, optional: true, description: 'A text or a code', example: 'serious' })
  readonly text?: string;
  @Whole({ min: 0, max: 1e15, optional: true, description: 'A whole number; money in minor units', example: 6800 })
  readonly number?: number;
  @Flag({ optional: true, description: 'Yes or no' })
  readonly flag?: boolean;
  @When({ optional: true, description: 'A time' })
  readonly time?: Moment;
}

@Schema({
  summary:
    'Correct a recorded value; the event stays as it was recorded. A time, an outcome, an amount, a party or a severity needs the approval of a second person',
  example: { revision: 3, field: 'severity', newValue: { text: 'serious' }, basis: 'The form says so.' },
})
export class ProposeCorrection extends ComplaintCommand {
  @Whole({ min: 0, max: 1e9, description: 'Revision of the event, as the history shows it', example: 3 })
  readonly revision!: number;
  @Text({
    max: 200,
    form: { pattern: /^[A-Za-z0-9]+(\.[A-Za-z0-9]+)*$/, name: 'a path such as points.0.outcome' },
    description: 'Path of the value in the data of the event, or `occurredAt`',
    example: 'points.0.outcome',
  })
  readonly field!: string;
  @Nested(() => RecordedValue)
  readonly newValue!: RecordedValue;
  @Text({ max: 5000, description: 'What the correction rests on' })
  readonly basis!: string;
}

@Schema({ summary: 'Approve a correction that another person proposed', example: { correctionId: 'k1' } })
export class ApproveCorrection extends ComplaintCommand {
  @Identifier({ description: 'Id of the correction', example: 'k1' })
  readonly correctionId!: string;
}

@Schema({
  summary: 'Reject a proposed correction',
  example: { correctionId: 'k1', reason: 'The letter says otherwise.' },
})
export class RejectCorrection extends ComplaintCommand {
  @Identifier({ description: 'Id of the correction', example: 'k1' })
  readonly correctionId!: string;
  @Text({ max: 5000, description: 'Why it is rejected' })
  readonly reason!: string;
}

@Schema({
  summary: 'Confirm the time of an event that another person recorded late',
  example: { revision: 3, basis: 'The postmark' },
})
export class ConfirmTime extends ComplaintCommand {
  @Whole({ min: 0, max: 1e9, description: 'Revision of the event, as the history shows it', example: 3 })
  readonly revision!: number;
  @Text({ max: 2000, optional: true, description: 'What the confirmation rests on' })
  readonly basis?: string;
}
