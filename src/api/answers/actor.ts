import { ACTOR_ROLES, type Actor as RecordedActor } from '../../access/actor.js';
import { AnyText } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Schema } from '../../platform/fields.js';

export const ACTOR_TYPES = enumeration(
  'ActorType',
  ['person', 'self_service', 'upstream', 'automation', 'scheduler'],
  'Kind of an actor',
);
enumeration('Role', ACTOR_ROLES, 'Role of a credential, or of the timers (scheduler)');
@Schema({ summary: 'Who caused an event' })
export class Actor implements RecordedActor {
  @Code(ACTOR_TYPES)
  readonly type!: RecordedActor['type'];
  @AnyText({ description: 'Id of the person or system', example: 'handler-1' })
  readonly id!: string;
  @Code(ACTOR_ROLES)
  readonly role!: RecordedActor['role'];
  @AnyText({ optional: true, description: 'Organisational unit of the person', example: 'care' })
  readonly orgUnit?: string;
  @AnyText({ optional: true, description: 'Shift of the person', example: 'night' })
  readonly shift?: string;
}
