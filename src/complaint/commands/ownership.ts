import { Identifier, Schema, Text, When } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { ComplaintCommand } from './parts.js';

@Schema({
  summary: 'Assign the complaint to a person, to a unit or to both; also admits it',
  example: { handler: 'handler-1', orgUnit: 'care' },
})
export class AssignComplaint extends ComplaintCommand {
  @Identifier({
    optional: true,
    example: 'handler-1',
    description: 'Id of the handler; when absent, a person of `orgUnit` accepts the assignment',
  })
  readonly handler?: string;
  @Text({ max: 200, optional: true, description: 'Organisational unit that handles the complaint' })
  readonly orgUnit?: string;
}

@Schema({
  summary: 'Assign the complaint to another person, to another unit or to both',
  example: { handler: 'handler-2', reason: 'On leave' },
})
export class ReassignComplaint extends ComplaintCommand {
  @Identifier({
    optional: true,
    example: 'handler-2',
    description: 'Id of the new handler; when absent, a person of `orgUnit` accepts the assignment',
  })
  readonly handler?: string;
  @Identifier({ optional: true, description: 'Former name of `handler`' })
  readonly to?: string;
  @Text({
    max: 200,
    optional: true,
    description: 'Organisational unit that handles the complaint from now on; the earlier one stays when absent',
  })
  readonly orgUnit?: string;
  @Text({ max: 2000, description: 'Why the complaint is assigned again' })
  readonly reason!: string;
}

@Schema({ summary: 'Accept the assignment to oneself or to one’s unit (签收)', example: {} })
export class AcceptAssignment extends ComplaintCommand {}

@Schema({
  summary: 'Declare a conflict of interest: one’s own or, as a supervisor, that of another person',
  example: { person: 'handler-1', reason: 'Was on shift that evening' },
})
export class DeclareConflictOfInterest extends ComplaintCommand {
  @Identifier({
    optional: true,
    description: 'The person with the conflict; the sender when absent',
    example: 'handler-1',
  })
  readonly person?: string;
  @Text({ max: 2000, description: 'What the conflict is' })
  readonly reason!: string;
}

@Schema({
  summary: 'Withdraw a declared conflict of interest; a person who neither has nor declared it does this',
  example: { person: 'handler-1', reason: 'Was on leave that evening, as the roster shows' },
})
export class WithdrawConflictOfInterest extends ComplaintCommand {
  @Identifier({ description: 'The person whose conflict is withdrawn', example: 'handler-1' })
  readonly person!: string;
  @Text({ max: 2000, description: 'Why there is no conflict' })
  readonly reason!: string;
}

@Schema({
  summary: 'Request a task from a department; the lead owner stays responsible for the complaint',
  example: { orgUnit: 'kitchen', task: 'Check the log of that evening', dueAt: '2027-01-05T17:00:00+08:00' },
})
export class RequestDepartmentTask extends ComplaintCommand {
  @Identifier({ optional: true, description: 'Generated as t1, t2, … when absent' })
  readonly taskId?: string;
  @Text({ max: 200, description: 'Department that carries out the task' })
  readonly orgUnit!: string;
  @Identifier({ optional: true, description: 'Id of the person in the department', example: 'cook-2' })
  readonly person?: string;
  @Text({ max: 5000, description: 'What is to be done' })
  readonly task!: string;
  @When({ optional: true, description: 'When the result is due' })
  readonly dueAt?: Moment;
  @Identifier({ each: true, max: 100, optional: true, description: 'Ids of the points that the task concerns' })
  readonly pointIds?: string[];
}

/** Fields of the commands for one task. */
abstract class TaskCommand extends ComplaintCommand {
  @Identifier({ description: 'Id of the task', example: 't1' })
  readonly taskId!: string;
}

@Schema({ summary: 'Accept a task for the department', example: { taskId: 't1' } })
export class AcceptTask extends TaskCommand {}

@Schema({
  summary: 'Return a task to the lead owner, with a reason',
  example: { taskId: 't1', reason: 'The log is kept by the hotel.' },
})
export class ReturnTask extends TaskCommand {
  @Text({ max: 2000, description: 'Why the department does not carry out the task' })
  readonly reason!: string;
}

@Schema({
  summary: 'Record the result of a task',
  example: { taskId: 't1', result: 'The dish waited 25 minutes at the pass.' },
})
export class CompleteTask extends TaskCommand {
  @Text({ max: 10_000, description: 'Result of the task' })
  readonly result!: string;
  @Identifier({ each: true, max: 100, optional: true, description: 'Ids of the evidence for the result' })
  readonly evidenceIds?: string[];
}

@Schema({
  summary: 'Cancel a task that is not completed',
  example: { taskId: 't1', reason: 'The complainant sent the log.' },
})
export class CancelTask extends TaskCommand {
  @Text({ max: 2000, description: 'Why the task is cancelled' })
  readonly reason!: string;
}
