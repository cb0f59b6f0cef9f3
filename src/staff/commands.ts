import { ROLES, type Role } from '../access/actor.js';
import { Code, Identifier, List, Schema, Text, When } from '../platform/fields.js';
import type { Moment } from '../platform/moment.js';

/** An absence with times as the command gives them. */
@Schema({ summary: 'A time in which a person is absent' })
export class AbsencePeriod {
  @When({ description: 'Start of the absence', example: '2026-12-24T00:00:00+08:00' })
  readonly from!: Moment;
  @When({ description: 'End of the absence', example: '2027-01-02T00:00:00+08:00' })
  readonly to!: Moment;
}

@Schema({
  summary: 'Record a person of the staff, or what has changed about the person',
  example: { name: '王芳', units: [], roles: ['handler'], skills: ['legal'] },
})
export class RecordStaff {
  @When({ optional: true, description: 'When it happened; default: now' })
  readonly occurredAt?: Moment;
  @Text({ max: 200, optional: true, description: 'Name of the person', example: '王芳' })
  readonly name?: string;
  @Identifier({ each: true, optional: true, description: 'Ids of the units of the person' })
  readonly units?: readonly string[];
  @Code(ROLES, { each: true, optional: true, description: 'What the person may do' })
  readonly roles?: readonly Role[];
  @Identifier({ each: true, optional: true, description: 'Skills, such as legal' })
  readonly skills?: readonly string[];
  @List(() => AbsencePeriod, { max: 100, optional: true, description: 'When the person is absent' })
  readonly absences?: readonly AbsencePeriod[];
}

@Schema({ summary: 'Record that a person has left the staff', example: { reason: 'Moved to another company' } })
export class RetireStaff {
  @When({ optional: true, description: 'When the person left; default: now' })
  readonly occurredAt?: Moment;
  @Text({ max: 2000, optional: true, description: 'Why the person left' })
  readonly reason?: string;
}
