import type * as state from '../../complaint/state-types.js';
import { AnyText } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Schema } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { Attribution, RecordedWhen } from './moment.js';

const TASK_STATUSES = enumeration(
  'TaskStatus',
  ['Requested', 'Accepted', 'Returned', 'Completed', 'Cancelled'],
  'Status of a department task',
);

@Schema({ summary: 'A task of a department beside the lead owner' })
export class DepartmentTask extends Attribution implements state.DepartmentTask {
  @AnyText({ description: 'Id of the task', example: 't1' })
  readonly taskId!: string;
  @Code(TASK_STATUSES)
  readonly status!: state.DepartmentTask['status'];
  @AnyText({ description: 'Department that carries out the task', example: 'kitchen' })
  readonly orgUnit!: string;
  @AnyText({ optional: true, description: 'Id of the person in the department', example: 'cook-2' })
  readonly person?: string;
  @AnyText({ description: 'What is to be done', example: 'Check the log of that evening' })
  readonly task!: string;
  @RecordedWhen({ optional: true, description: 'When the result is due' })
  readonly dueAt?: Moment;
  @AnyText({ each: true, optional: true, description: 'Ids of the points that the task concerns', example: 'p1' })
  readonly pointIds?: readonly string[];
  @AnyText({ optional: true, description: 'Id of the person who accepted the task', example: 'cook-2' })
  readonly acceptedBy?: string;
  @AnyText({ optional: true, description: 'Result of the task', example: 'The dish waited 25 minutes at the pass.' })
  readonly result?: string;
  @AnyText({ each: true, optional: true, description: 'Ids of the evidence for the result', example: 'e1' })
  readonly evidenceIds?: readonly string[];
  @AnyText({
    optional: true,
    description: 'Why the task was returned or cancelled',
    example: 'The log is kept by the hotel.',
  })
  readonly reason?: string;
  @RecordedWhen({ optional: true, description: 'When the task was completed or cancelled' })
  readonly endedAt?: Moment;
}
