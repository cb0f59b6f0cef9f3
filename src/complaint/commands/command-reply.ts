import { AnyText, Count, Uuid } from '../../platform/answer-fields.js';
import { Code, Flag, Schema } from '../../platform/fields.js';
import { EVENT_TYPES } from './codes.js';
import type { Accepted } from '../submission.js';

@Schema({ summary: 'The result of a recorded command' })
export class CommandReply implements Omit<Accepted, 'accepted'> {
  @Uuid({ description: 'Id of the complaint' })
  readonly id!: string;
  @AnyText({ description: 'Short reference for people', example: '7K3QX-9M2VD-4TB8W' })
  readonly reference!: string;
  @Count({ description: 'Revision of the last event of this command', example: 0 })
  readonly revision!: number;
  @AnyText({
    description: 'Send it as `minPosition` with a query that must include this command',
    example: '00000000000000000002',
  })
  readonly position!: string;
  @Code(EVENT_TYPES, { each: true, description: 'Types of the recorded events' })
  readonly events!: readonly string[];
  @Flag({ description: 'True if the command had been recorded before; nothing was added', example: false })
  readonly alreadyThere!: boolean;
}
