import { command, given, person, withMetadata, type Fields } from '../../test/support/given.js';
import { closed, received } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/ownership.js';
import * as events from './events.js';

const assigned = events.ComplaintAssigned({ handler: 'handler-1' });
const requested = events.DepartmentTaskRequested({ taskId: 't1', orgUnit: 'kitchen', task: 'Check the log' });
const accepted = events.DepartmentTaskAccepted({ taskId: 't1' });
const returned = events.DepartmentTaskReturned({ taskId: 't1', reason: 'The hotel keeps the log' });
const completed = events.DepartmentTaskCompleted({ taskId: 't1', result: '25 minutes' });
const cancelled = events.DepartmentTaskCancelled({ taskId: 't1', reason: 'Not needed' });
const withTask = [received(), assigned, requested];

describe('T6: requesting a department task', () => {
  const request = (overrides: Fields<commands.RequestDepartmentTask> = {}) =>
    command(commands.RequestDepartmentTask, { orgUnit: 'kitchen', task: 'Check the log', ...overrides });

  test('records the request beside the lead owner, with counted ids', () => {
    given(received(), assigned).when(request()).then(requested);
    given(...withTask)
      .when(request({ person: 'cook-2', dueAt: instant('2026-11-12T09:00:00.000Z'), pointIds: ['p1'] }))
      .then(
        events.DepartmentTaskRequested({
          taskId: 't2',
          orgUnit: 'kitchen',
          person: 'cook-2',
          task: 'Check the log',
          dueAt: instant('2026-11-12T09:00:00.000Z'),
          pointIds: ['p1'],
        }),
      );
  });
  test('requires a lead owner', () => given(received()).when(request()).thenRejected('not_assigned'));
  test('rejects an id that is taken, an unknown point, and a person with a conflict of interest (I6)', () => {
    given(...withTask)
      .when(request({ taskId: 't1' }))
      .thenRejected('id_taken', '/taskId');
    given(...withTask)
      .when(request({ pointIds: ['p9'] }))
      .thenRejected('unknown_point', '/pointIds/0');
    given(...withTask)
      .when(request({ person: 'ghost-typo' }))
      .thenRejected('unknown_person', '/person');
    given(received({ points: [{ id: 'p1', subject: { employeeId: 'cook-2' } }] }), assigned)
      .when(request({ person: 'Cook-2' }))
      .thenRejected('conflict_of_interest', '/person');
  });
  test('requires an open complaint', () =>
    given(received(), assigned, closed).when(request()).thenRejected('not_open'));
});

describe('T6: carrying out a department task', () => {
  const byCook = { by: person('cook-2', 'department') };
  const accept = command(commands.AcceptTask, { taskId: 't1' });
  const giveBack = command(commands.ReturnTask, { taskId: 't1', reason: 'The hotel keeps the log' });
  const complete = command(commands.CompleteTask, { taskId: 't1', result: '25 minutes' });
  const cancel = command(commands.CancelTask, { taskId: 't1', reason: 'Not needed' });

  test('a task is accepted, completed and shown with its result', () => {
    given(...withTask)
      .when(accept, byCook)
      .then(accepted);
    given(...withTask, accepted)
      .when(complete, byCook)
      .then(completed);
    expect(given(...withTask, withMetadata(accepted, byCook), completed).state.tasks).toMatchObject([
      { taskId: 't1', status: 'Completed', acceptedBy: 'cook-2', result: '25 minutes' },
    ]);
  });
  test('completing implies the acceptance', () =>
    given(...withTask)
      .when(complete, byCook)
      .then(accepted, completed));
  test('a returned task can be accepted after all, or cancelled', () => {
    given(...withTask, accepted)
      .when(giveBack, byCook)
      .then(returned);
    given(...withTask, returned)
      .when(accept, byCook)
      .then(accepted);
    given(...withTask, returned)
      .when(cancel)
      .then(cancelled);
  });
  test('rejects what is already so', () => {
    given(...withTask, accepted)
      .when(accept, byCook)
      .thenRejected('nothing_to_change', '/taskId');
    given(...withTask, returned)
      .when(giveBack, byCook)
      .thenRejected('nothing_to_change', '/taskId');
    given(...withTask, cancelled)
      .when(cancel)
      .thenRejected('nothing_to_change');
  });
  test('rejects commands for a task that is unknown, completed or cancelled', () => {
    const second = events.DepartmentTaskRequested({ taskId: 't2', orgUnit: 'bar', task: 'Check the till' });
    given(received(), assigned).when(accept, byCook).thenRejected('no_task');
    given(...withTask)
      .when(command(commands.CancelTask, { taskId: 't9', reason: 'Not needed' }))
      .thenRejected('unknown_task', '/taskId');
    given(...withTask, completed, second)
      .when(cancel)
      .thenRejected('task_completed', '/taskId');
    given(...withTask, cancelled, second)
      .when(complete, byCook)
      .thenRejected('nothing_to_change', '/taskId');
  });
  test('rejects a time before the request (I21)', () =>
    given(received(), assigned, withMetadata(requested, { at: '2026-11-05T09:00:00.000Z' }))
      .when(command(commands.AcceptTask, { taskId: 't1', occurredAt: instant('2026-11-04T09:00:00.000Z') }), byCook)
      .thenRejected('before_what_it_answers', '/occurredAt'));
  test('rejects unknown evidence, and a person with a conflict of interest (I6)', () => {
    given(...withTask)
      .when(command(commands.CompleteTask, { taskId: 't1', result: '25 minutes', evidenceIds: ['e9'] }), byCook)
      .thenRejected('unknown_evidence', '/evidenceIds/0');
    given(received({ points: [{ id: 'p1', subject: { employeeId: 'cook-2' } }] }), assigned, requested)
      .when(complete, byCook)
      .thenRejected('conflict_of_interest');
  });
});
