import { command, given, type Fields, HANDLER, person, SUPERVISOR, withMetadata } from '../../test/support/given.js';
import { closed, received } from '../../test/support/complaint-history.js';
import * as commands from './commands/assessment.js';
import * as events from './events.js';

describe('T4: classifying', () => {
  const classify = (overrides: Fields<commands.ClassifyComplaint> = {}) =>
    command(commands.ClassifyComplaint, {
      nature: 'complaint',
      points: [{ id: 'p1', category: 'price' }],
      ...overrides,
    });
  const classified = events.ComplaintClassified({
    nature: 'complaint',
    points: [{ id: 'p1', category: 'price' }],
    taxonomyVersion: 1,
  });

  test('records the classification', () => given(received()).when(classify()).then(classified));
  test('records a changed classification', () =>
    given(received(), classified)
      .when(classify({ suspectedCause: 'pricing' }))
      .thenRecorded('ComplaintClassified'));
  test('rejects an unchanged classification', () =>
    given(received(), classified).when(classify()).thenRejected('nothing_to_change'));
  test('rejects an unknown point and a repeated point', () => {
    given(received())
      .when(classify({ points: [{ id: 'p9', category: 'price' }] }))
      .thenRejected('unknown_point', '/points/0/id');
    given(received())
      .when(
        classify({
          points: [
            { id: 'p1', category: 'price' },
            { id: 'p1', category: 'other' },
          ],
        }),
      )
      .thenRejected('point_repeated', '/points/1/id');
  });
  test('keeps the suspected cause if a later classification omits it', () => {
    const first = events.ComplaintClassified({
      nature: 'complaint',
      points: [{ id: 'p1', category: 'price' }],
      suspectedCause: 'pricing',
      taxonomyVersion: 1,
    });
    const second = events.ComplaintClassified({
      nature: 'complaint',
      points: [{ id: 'p1', category: 'disclosure' }],
      taxonomyVersion: 1,
    });
    expect(given(received(), first, second).state.classification).toMatchObject({ suspectedCause: 'pricing' });
  });
  test('requires the current taxonomy version', () =>
    given(received())
      .when(classify({ taxonomyVersion: 2 }))
      .thenRejected('taxonomy_not_current', '/taxonomyVersion'));
  test('requires an open complaint', () => given(received(), closed).when(classify()).thenRejected('not_open'));
});

describe('T4: severity', () => {
  const assess = (overrides: Fields<commands.AssessSeverity> = {}) =>
    command(commands.AssessSeverity, { severity: 'moderate', ...overrides });
  const safetyCritical = events.SeverityAssessed({ severity: 'serious', safetyCritical: true });

  test('records the assessment', () =>
    given(received())
      .when(assess({ impactScope: 'single', complexity: 'simple' }))
      .then(
        events.SeverityAssessed({
          severity: 'moderate',
          impactScope: 'single',
          safetyCritical: false,
          complexity: 'simple',
        }),
      ));
  test('rejects an unchanged assessment', () =>
    given(received(), events.SeverityAssessed({ severity: 'moderate', safetyCritical: false }))
      .when(assess())
      .thenRejected('nothing_to_change'));
  test('rejects a downgrade by the person who assessed the complaint as safety-critical (I16)', () => {
    given(received(), withMetadata(safetyCritical, { by: HANDLER }))
      .when(assess({ safetyCritical: false }))
      .thenRejected('needs_second_person', '/safetyCritical');
    given(received(), withMetadata(safetyCritical, { by: HANDLER }))
      .when(assess({ severity: 'minor', safetyCritical: true }))
      .thenRejected('needs_second_person', '/severity');
  });
  test('keeps the values that a later assessment omits', () => {
    const first = events.SeverityAssessed({ severity: 'serious', impactScope: 'many', safetyCritical: true });
    given(received(), withMetadata(first, { by: HANDLER }))
      .when(assess({ severity: 'serious', complexity: 'complex' }), { by: SUPERVISOR })
      .then(events.SeverityAssessed({ severity: 'serious', safetyCritical: true, complexity: 'complex' }));
    const second = events.SeverityAssessed({ severity: 'serious', safetyCritical: true, complexity: 'complex' });
    expect(given(received(), first, second).state.severity).toMatchObject({
      impactScope: 'many',
      complexity: 'complex',
    });
  });
  test('allows another person to downgrade a safety-critical complaint', () =>
    given(received(), withMetadata(safetyCritical, { by: HANDLER }))
      .when(assess({ safetyCritical: false }), { by: SUPERVISOR })
      .thenRecorded('SeverityAssessed'));
});

describe('T4: priority', () => {
  const set = (fields: Fields<commands.SetPriority> = {}) => command(commands.SetPriority, fields);
  const rule = { id: 'house-priority', version: 1 };

  test.each([
    ['safety-critical is P1', { severity: 'minor', safetyCritical: true }, [], 'P1'],
    ['serious is P2', { severity: 'serious', safetyCritical: false }, [], 'P2'],
    ['minor is P4', { severity: 'minor', safetyCritical: false }, [], 'P4'],
    ['minor with many affected is P3', { severity: 'minor', impactScope: 'many', safetyCritical: false }, [], 'P3'],
    [
      'serious with a vulnerable complainant is P1',
      { severity: 'serious', safetyCritical: false },
      ['Older American'],
      'P1',
    ],
  ] as const)('%s by the priority rule', (_title, assessment, vulnerabilityTags, priority) => {
    given(received({ vulnerabilityTags }), events.SeverityAssessed(assessment))
      .when(set())
      .then(
        events.ComplaintPrioritised({
          priority,
          rule,
          inputs: { ...assessment, vulnerable: vulnerabilityTags.length > 0 },
        }),
      );
  });
  test('treats an unassessed severity as moderate', () =>
    given(received())
      .when(set())
      .then(
        events.ComplaintPrioritised({ priority: 'P3', rule, inputs: { safetyCritical: false, vulnerable: false } }),
      ));
  test('requires a reason if a manual value differs from the rule', () => {
    given(received())
      .when(set({ priority: 'P1' }))
      .thenRejected('reason_missing', '/reason');
    given(received())
      .when(set({ priority: 'P1', reason: 'Third call' }))
      .thenRecorded('ComplaintPrioritised');
  });
  test('rejects an unchanged priority', () =>
    given(
      received(),
      events.ComplaintPrioritised({ priority: 'P3', rule, inputs: { safetyCritical: false, vulnerable: false } }),
    )
      .when(set())
      .thenRejected('nothing_to_change', '/priority'));
  test('rejects a lower priority by the person who assessed the complaint as safety-critical', () =>
    given(
      received(),
      withMetadata(events.SeverityAssessed({ severity: 'serious', safetyCritical: true }), { by: HANDLER }),
    )
      .when(set({ priority: 'P3', reason: 'Busy' }))
      .thenRejected('needs_second_person', '/priority'));
});

describe('T5: ownership', () => {
  const assign = command(commands.AssignComplaint, { handler: 'handler-2', orgUnit: 'care' });
  const assigned = events.ComplaintAssigned({ handler: 'handler-2', orgUnit: 'care' });
  const accept = command(commands.AcceptAssignment);
  const aboutHandler2 = received({ points: [{ id: 'p1', subject: { employeeId: 'handler-2' } }] });

  test('assigning implies admission', () =>
    given(received()).when(assign).then(events.ComplaintAdmitted({}), assigned));
  test('assigning an admitted complaint does not repeat the admission', () =>
    given(received(), events.ComplaintAdmitted({})).when(assign).then(assigned));
  test('rejects a handler who is named in the complaint (I6)', () => {
    given(aboutHandler2).when(assign).thenRejected('conflict_of_interest', '/handler');
    given(aboutHandler2, events.ComplaintAssigned({ handler: 'handler-3' }))
      .when(command(commands.ReassignComplaint, { to: 'handler-2', reason: 'On leave' }))
      .thenRejected('conflict_of_interest', '/to');
  });
  test('rejects a second assignment and records a reassignment', () => {
    given(received(), assigned).when(assign).thenRejected('already_assigned');
    given(received(), assigned)
      .when(command(commands.ReassignComplaint, { to: 'handler-3', reason: 'On leave' }))
      .then(events.ComplaintReassigned({ from: 'handler-2', to: 'handler-3', reason: 'On leave' }));
  });
  test('rejects a reassignment of an unassigned complaint, and one to the present handler', () => {
    const reassign = command(commands.ReassignComplaint, { to: 'handler-2', reason: 'On leave' });
    given(received()).when(reassign).thenRejected('not_assigned');
    given(received(), assigned).when(reassign).thenRejected('nothing_to_change', '/to');
  });
  test('an assignment is accepted once (签收)', () => {
    given(received(), assigned)
      .when(accept, { by: person('handler-2') })
      .then(events.AssignmentAccepted({ handler: 'handler-2' }));
    given(received(), assigned, events.AssignmentAccepted({ handler: 'handler-2' }))
      .when(accept)
      .thenRejected('nothing_to_change');
    given(received()).when(accept).thenRejected('not_assigned');
  });
  test('a conflict of interest is declared once, by default for the sender', () => {
    const declare = command(commands.DeclareConflictOfInterest, { reason: 'Was on shift' });
    given(received())
      .when(declare)
      .then(events.ConflictOfInterestDeclared({ person: 'handler-1', reason: 'Was on shift' }));
    given(received(), events.ConflictOfInterestDeclared({ person: 'handler-1', reason: 'Was on shift' }))
      .when(declare)
      .thenRejected('nothing_to_change', '/person');
  });
  test('rejects the acceptance of an assignment if its handler has a conflict of interest', () =>
    given(received(), assigned, events.ConflictOfInterestDeclared({ person: 'handler-2', reason: 'Cousin' }))
      .when(accept)
      .thenRejected('conflict_of_interest'));
});
