import { AnyText } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Nested, Schema, type FieldOptions } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';

const PRECISIONS = enumeration('Precision', ['instant', 'day'], 'How precisely a time is known');

@Schema({
  summary: 'A time as it is recorded: an instant (`at`), or a day in a time zone (`day`, `zone`)',
  example: { precision: 'instant', at: '2026-11-22T01:30:00.000Z' },
  rules: {
    if: { properties: { precision: { const: 'day' } } },
    then: { required: ['day', 'zone'] },
    else: { required: ['at'] },
  },
})
export class RecordedMoment {
  @Code(PRECISIONS)
  readonly precision!: Moment['precision'];
  @AnyText({ optional: true, description: 'The instant, UTC with milliseconds', example: '2026-11-22T01:30:00.000Z' })
  readonly at?: string;
  @AnyText({ optional: true, description: 'The day, as YYYY-MM-DD', example: '2026-11-22' })
  readonly day?: string;
  @AnyText({ optional: true, description: 'The time zone of the day', example: 'Asia/Shanghai' })
  readonly zone?: string;
}

/** A time of an answer. */
export const RecordedWhen = (options: FieldOptions): PropertyDecorator => Nested(() => RecordedMoment, options);

/** When a fact happened and who recorded it. */
export abstract class Attribution {
  @RecordedWhen({ description: 'When it happened' })
  readonly at!: Moment;
  @AnyText({ description: 'Id of the person or system that recorded it', example: 'handler-1' })
  readonly by!: string;
}
