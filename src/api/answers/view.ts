import { AnyText, Timestamp } from '../../platform/answer-fields.js';
import { Schema } from '../../platform/fields.js';
import type * as gate from '../read-gate.js';

@Schema({ summary: 'How fresh the answer is' })
export class View implements gate.View {
  @AnyText({
    nullable: true,
    description: 'The answer includes every event up to this position',
    example: '00000000000000000042',
  })
  readonly position!: string | null;
  @Timestamp({
    nullable: true,
    description:
      'Latest time at which the read model is known to have included all recorded events; earlier than now if it is behind',
  })
  readonly currentAt!: string | null;
}
