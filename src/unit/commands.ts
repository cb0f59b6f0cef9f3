import { Identifier, Schema, Text, When } from '../platform/fields.js';
import type { Moment } from '../platform/moment.js';

@Schema({
  summary: 'Record a unit of the organisation, or what has changed about it',
  example: { name: 'Complaints office' },
})
export class RecordUnit {
  @When({ optional: true, description: 'When it happened; default: now' })
  readonly occurredAt?: Moment;
  @Text({ max: 200, optional: true, description: 'Name of the unit', example: 'Complaints office' })
  readonly name?: string;
  @Identifier({ optional: true, description: 'Id of the unit to which it belongs' })
  readonly parent?: string;
  @Identifier({ optional: true, description: 'Id of its business calendar' })
  readonly calendar?: string;
}

@Schema({ summary: 'Record that a unit was dissolved', example: { reason: 'Joined with another unit' } })
export class RetireUnit {
  @When({ optional: true, description: 'When it was dissolved; default: now' })
  readonly occurredAt?: Moment;
  @Text({ max: 2000, optional: true, description: 'Why it was dissolved' })
  readonly reason?: string;
}
