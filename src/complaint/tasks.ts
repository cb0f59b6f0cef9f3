import type { AcceptTask, CancelTask, CompleteTask, RequestDepartmentTask, ReturnTask } from './commands/ownership.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
  rejectionOf,
  unmet,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import {
  DepartmentTaskAccepted,
  DepartmentTaskCancelled,
  DepartmentTaskCompleted,
  DepartmentTaskRequested,
  DepartmentTaskReturned,
} from './events.js';
import {
  conflictOfInterest,
  duplicateId,
  nextId,
  open,
  unknownEvidence,
  unknownPoints,
  withoutConflictOfInterest,
} from './guards.js';
import { assigned } from './ownership.js';
import { beforeWhatItAnswers } from './order.js';
import { unknownPerson } from './people.js';
import type { DepartmentTask } from './state-types.js';

/** Tasks of departments beside the lead owner (T6, R25, R26). */

/** True for a task that is neither completed nor cancelled. The complaint cannot be closed while there is one (T17). */
export const isOpenTask = ({ status }: DepartmentTask): boolean => status !== 'Completed' && status !== 'Cancelled';

const hasOpenTask: Guard = ({ tasks }) =>
  tasks.some(isOpenTask)
    ? undefined
    : tasks.length > 0
      ? nothingToChange('every task is already completed or cancelled')
      : unmet('no_task', 'the complaint has no department task; request one with `request-department-task`');

export const requestDepartmentTask = {
  guards: [open, withoutConflictOfInterest, assigned],
  decide: ({ taskId: requestedId, orgUnit, person, task, dueAt, pointIds }, complaint, context) => {
    const usedIds = complaint.tasks.map(({ taskId }) => taskId);
    return (
      rejectionOf(
        duplicateId(requestedId, usedIds, '/taskId'),
        person === undefined ? undefined : conflictOfInterest(complaint, person, '/person'),
        unknownPerson(person, context, '/person'),
        unknownPoints(complaint, pointIds, '/pointIds'),
      ) ?? [
        DepartmentTaskRequested(
          withoutUndefined({ taskId: requestedId ?? nextId('t', usedIds), orgUnit, person, task, dueAt, pointIds }),
        ),
      ]
    );
  },
} satisfies Decider<RequestDepartmentTask>;

/** A department may accept a task that it returned. */
export const acceptTask = {
  guards: [open, withoutConflictOfInterest, hasOpenTask],
  decide: ({ taskId }, complaint, context) =>
    rejectionOf(
      taskProblems(complaint, taskId, context),
      taskOf(complaint, taskId)?.status === 'Accepted'
        ? nothingToChange(`task ${taskId} is already accepted`, '/taskId')
        : undefined,
    ) ?? [DepartmentTaskAccepted({ taskId })],
} satisfies Decider<AcceptTask>;

export const returnTask = {
  guards: [open, withoutConflictOfInterest, hasOpenTask],
  decide: ({ taskId, reason }, complaint, context) =>
    rejectionOf(
      taskProblems(complaint, taskId, context),
      taskOf(complaint, taskId)?.status === 'Returned'
        ? nothingToChange(`task ${taskId} is already returned`, '/taskId')
        : undefined,
    ) ?? [DepartmentTaskReturned({ taskId, reason })],
} satisfies Decider<ReturnTask>;

/** Also records the acceptance that completing the task implies. */
export const completeTask = {
  guards: [open, withoutConflictOfInterest, hasOpenTask],
  decide: ({ taskId, result, evidenceIds }, complaint, context) =>
    rejectionOf(taskProblems(complaint, taskId, context), unknownEvidence(complaint, evidenceIds, '/evidenceIds')) ?? [
      ...(taskOf(complaint, taskId)?.status === 'Accepted' ? [] : [DepartmentTaskAccepted({ taskId })]),
      DepartmentTaskCompleted(withoutUndefined({ taskId, result, evidenceIds })),
    ],
} satisfies Decider<CompleteTask>;

export const cancelTask = {
  guards: [open, withoutConflictOfInterest, hasOpenTask],
  decide: ({ taskId, reason }, complaint, context) =>
    rejectionOf(taskProblems(complaint, taskId, context)) ?? [DepartmentTaskCancelled({ taskId, reason })],
} satisfies Decider<CancelTask>;

const taskOf = ({ tasks }: Complaint, id: string): DepartmentTask | undefined =>
  tasks.find(({ taskId }) => taskId === id);

/** The problem of a task that is unknown, completed or cancelled, or of a time before its request (I21). */
function taskProblems(complaint: Complaint, taskId: string, context: Context): Unmet | undefined {
  const task = taskOf(complaint, taskId);
  if (task === undefined) return unmet('unknown_task', `the complaint has no task ${taskId}`, '/taskId');
  if (task.status === 'Completed') return unmet('task_completed', `task ${taskId} is already completed`, '/taskId');
  if (task.status === 'Cancelled') return nothingToChange(`task ${taskId} is already cancelled`, '/taskId');
  const requested = { event: 'DepartmentTaskRequested', at: task.at };
  return beforeWhatItAnswers(context.occurredAt, requested, context, '/occurredAt');
}
