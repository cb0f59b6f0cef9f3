import { command, given, HANDLER, person, SUPERVISOR, withMetadata } from '../../test/support/given.js';
import { received } from '../../test/support/complaint-history.js';
import { directoryOf, REFERENCE, staffMember } from '../../test/support/directory.js';
import * as commands from './commands/ownership.js';
import * as events from './events.js';
import { instant } from '../platform/moment.js';
import { letThrough } from './policy-refs.js';

const assign = command(commands.AssignComplaint, { handler: 'handler-2', orgUnit: 'care' });
const assigned = events.ComplaintAssigned({ handler: 'handler-2', orgUnit: 'care' });
const assignedToUnit = events.ComplaintAssigned({ orgUnit: 'care' });
const accept = command(commands.AcceptAssignment);

describe('T5: assigning', () => {
  const aboutHandler2 = received({ points: [{ id: 'p1', subject: { employeeId: 'Handler-2' } }] });

  test('assigning implies admission', () =>
    given(received())
      .when(assign)
      .then(events.ComplaintAdmitted({ implied: true }), assigned));
  test('assigning an admitted complaint does not repeat the admission', () =>
    given(received(), events.ComplaintAdmitted({})).when(assign).then(assigned));
  test('a complaint is assigned to a person, to a unit or to both', () => {
    const admitted = events.ComplaintAdmitted({});
    given(received(), admitted)
      .when(command(commands.AssignComplaint, { handler: 'handler-2' }))
      .then(events.ComplaintAssigned({ handler: 'handler-2' }));
    given(received(), admitted)
      .when(command(commands.AssignComplaint, { orgUnit: 'care' }))
      .then(assignedToUnit);
    given(received()).when(command(commands.AssignComplaint)).thenRejected('handler_or_unit_missing', '/handler');
  });
  test('rejects a handler who is named in the complaint, in any case or width (I6)', () => {
    given(aboutHandler2).when(assign).thenRejected('conflict_of_interest', '/handler');
    given(aboutHandler2, events.ComplaintAssigned({ handler: 'handler-3' }))
      .when(command(commands.ReassignComplaint, { handler: 'HANDLER-2', reason: 'On leave' }))
      .thenRejected('conflict_of_interest', '/handler');
    given(received(), withMetadata(events.ConflictOfInterestDeclared({ person: 'ｈandler-2', reason: 'Cousin' })))
      .when(assign)
      .thenRejected('conflict_of_interest', '/handler');
  });
  test('rejects a handler who is not in the directory', () => {
    given(received())
      .when(command(commands.AssignComplaint, { handler: 'ghost-typo' }))
      .thenRejected('unknown_person', '/handler');
    given(received(), assigned)
      .when(command(commands.ReassignComplaint, { handler: 'ghost-typo', reason: 'On leave' }))
      .thenRejected('unknown_person', '/handler');
  });
  test('rejects a second assignment', () => given(received(), assigned).when(assign).thenRejected('already_assigned'));
});

describe('T5: reassigning', () => {
  const reassign = (fields: { readonly handler?: string; readonly to?: string; readonly orgUnit?: string } = {}) =>
    command(commands.ReassignComplaint, { reason: 'On leave', ...fields });

  test('a new handler keeps the unit', () => {
    const reassigned = events.ComplaintReassigned({ from: 'handler-2', to: 'handler-3', reason: 'On leave' });
    given(received(), assigned)
      .when(reassign({ handler: 'handler-3' }))
      .then(reassigned);
    expect(given(received(), assigned, reassigned).state.ownership).toMatchObject({
      status: 'Assigned',
      handler: 'handler-3',
      orgUnit: 'care',
    });
  });
  test('the unit changes for the same handler', () => {
    const reassigned = events.ComplaintReassigned({
      from: 'handler-2',
      to: 'handler-2',
      orgUnit: 'kitchen',
      reason: 'On leave',
    });
    given(received(), assigned)
      .when(reassign({ handler: 'handler-2', orgUnit: 'kitchen' }))
      .then(reassigned);
    expect(given(received(), assigned, reassigned).state.ownership).toMatchObject({ orgUnit: 'kitchen' });
  });
  test('a unit without a person takes the complaint from its handler', () => {
    const reassigned = events.ComplaintReassigned({ from: 'handler-2', orgUnit: 'kitchen', reason: 'On leave' });
    given(received(), assigned)
      .when(reassign({ orgUnit: 'kitchen' }))
      .then(reassigned);
    const { ownership } = given(received(), assigned, reassigned).state;
    expect([ownership.status, ownership.handler, ownership.orgUnit]).toEqual(['Assigned', undefined, 'kitchen']);
  });
  test('`to` is a former name of `handler`', () => {
    given(received(), assigned)
      .when(reassign({ to: 'handler-3' }))
      .then(events.ComplaintReassigned({ from: 'handler-2', to: 'handler-3', reason: 'On leave' }));
    given(received(), assigned)
      .when(reassign({ handler: 'handler-3', to: 'handler-4' }))
      .thenRejected('former_name_differs', '/to');
  });
  test('rejects a reassignment of an unassigned complaint, without an owner, and to the present owner', () => {
    given(received())
      .when(reassign({ handler: 'handler-2' }))
      .thenRejected('not_assigned');
    given(received(), assigned).when(reassign()).thenRejected('handler_or_unit_missing', '/handler');
    given(received(), assigned)
      .when(reassign({ handler: 'Handler-2' }))
      .thenRejected('nothing_to_change', '/handler');
    given(received(), assignedToUnit)
      .when(reassign({ orgUnit: 'care' }))
      .thenRejected('nothing_to_change', '/handler');
  });
});

describe('T5: accepting an assignment (签收)', () => {
  test('the handler accepts it once', () => {
    const accepted = events.AssignmentAccepted({ handler: 'handler-2' });
    given(received(), assigned)
      .when(accept, { by: person('handler-2') })
      .then(accepted);
    given(received(), assigned, accepted)
      .when(accept, { by: person('handler-2') })
      .thenRejected('nothing_to_change');
    given(received()).when(accept).thenRejected('not_assigned');
  });
  test('a person accepts only for themselves', () => {
    given(received(), assigned)
      .when(accept, { by: person('handler-3') })
      .thenRejected('not_the_assignee');
    given(received(), assigned).when(accept, { by: SUPERVISOR }).thenRejected('not_the_assignee');
    given(received(), assigned)
      .when(accept, { by: person('HANDLER-2') })
      .then(events.AssignmentAccepted({ handler: 'handler-2' }));
  });
  test('a person of the unit accepts what is assigned to the unit, and becomes the handler', () => {
    given(received(), assignedToUnit)
      .when(accept, { by: { ...HANDLER, orgUnit: 'care' } })
      .then(events.AssignmentAccepted({ handler: 'handler-1' }));
    given(received(), assignedToUnit)
      .when(accept, { by: { ...HANDLER, orgUnit: 'kitchen' } })
      .thenRejected('not_the_assignee');
    const reference = directoryOf([staffMember('handler-1', { units: ['kitchen'] })]);
    given(received(), assignedToUnit).when(accept, { reference }).thenRejected('not_the_assignee');
  });
  test('rejects a time before the assignment (I21)', () =>
    given(received(), withMetadata(assigned, { at: '2026-11-05T09:00:00.000Z' }))
      .when(command(commands.AcceptAssignment, { occurredAt: instant('2026-11-04T09:00:00.000Z') }), {
        by: person('handler-2'),
      })
      .thenRejected('before_what_it_answers', '/occurredAt'));
  test('rejects a handler with a conflict of interest', () =>
    given(received(), events.ConflictOfInterestDeclared({ person: 'handler-2', reason: 'Cousin' }), assigned)
      .when(accept, { by: person('handler-2') })
      .thenRejected('conflict_of_interest'));
});

describe('T5: conflicts of interest', () => {
  const declare = (of?: string) =>
    command(commands.DeclareConflictOfInterest, { reason: 'Was on shift', ...(of !== undefined && { person: of }) });
  const declared = (of = 'handler-1') => events.ConflictOfInterestDeclared({ person: of, reason: 'Was on shift' });

  test('is declared once, by default for the sender', () => {
    given(received()).when(declare()).then(declared());
    given(received(), declared()).when(declare()).thenRejected('nothing_to_change', '/person');
  });
  test('is declared by oneself or by a supervisor', () => {
    given(received()).when(declare('HANDLER-1')).then(declared('HANDLER-1'));
    given(received()).when(declare('handler-2'), { by: SUPERVISOR }).then(declared('handler-2'));
    given(received()).when(declare('handler-2')).thenRejected('not_for_this_role', '/person');
  });
  test('of the owner takes the complaint from them', () => {
    const unassigned = events.ComplaintUnassigned({ from: 'handler-2' });
    given(received(), assigned)
      .when(declare(), { by: person('Handler-2') })
      .then(declared('Handler-2'), unassigned);
    expect(given(received(), assigned, declared('handler-2'), unassigned).state.ownership).toEqual({
      status: 'Unassigned',
    });
    given(received(), assigned).when(declare()).then(declared());
  });

  const withdraw = (of = 'handler-1') =>
    command(commands.WithdrawConflictOfInterest, { person: of, reason: 'Was on leave' });
  const withdrawn = events.ConflictOfInterestWithdrawn({ person: 'handler-1', reason: 'Was on leave' });
  const bySupervisor = withMetadata(declared(), { by: SUPERVISOR });

  test('is withdrawn by a person who neither has nor declared it (I25)', () => {
    given(received(), bySupervisor)
      .when(withdraw('Handler-1'), { by: person('handler-3') })
      .then(withdrawn);
    given(received(), bySupervisor).when(withdraw()).thenRejected('needs_second_person', '/person');
    given(received(), bySupervisor).when(withdraw(), { by: SUPERVISOR }).thenRejected('needs_second_person', '/person');
  });
  test('is withdrawn by anybody without another conflict if the house has only one person', () =>
    given(received(), declared())
      .when(withdraw(), { house: { conflictByTwo: false } })
      .then(letThrough(withdrawn, { reference: REFERENCE }, 'conflictByTwo')));
  test('no longer stands after it is withdrawn', () => {
    const history = [received(), bySupervisor, withdrawn];
    given(...history)
      .when(command(commands.AssignComplaint, { handler: 'handler-1' }))
      .thenRecorded('ComplaintAdmitted', 'ComplaintAssigned');
    given(...history)
      .when(withdraw(), { by: person('handler-3') })
      .thenRejected('nothing_to_change');
    given(...history)
      .when(declare())
      .then(declared());
  });
  test('cannot be withdrawn if it is not declared, or by a person with another conflict', () => {
    const about = received({ points: [{ id: 'p1', subject: { employeeId: 'waiter-1' } }] });
    given(about)
      .when(withdraw('waiter-1'), { by: person('handler-3') })
      .thenRejected('no_conflict_declared');
    given(about, bySupervisor)
      .when(withdraw('waiter-1'), { by: person('handler-3') })
      .thenRejected('no_conflict_declared', '/person');
    given(about, bySupervisor)
      .when(withdraw(), { by: person('waiter-1') })
      .thenRejected('conflict_of_interest');
  });
});
