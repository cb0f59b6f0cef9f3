import { command, given, type Fields, person, SUPERVISOR } from '../../test/support/given.js';
import {
  closed,
  coldDish,
  contentVerified,
  identified,
  eventsUntilInvestigated,
  meritsAssessed,
  notUpheld,
  received,
  reopened,
  eventsUntilResponded,
  upheld,
} from '../../test/support/complaint-history.js';
import * as commands from './commands/resolution.js';
import * as events from './events.js';
import type { PointDecision } from './terms/facts.js';

const decision: PointDecision = { id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows 25 minutes.' };
const determine = (overrides: Fields<commands.MakeDetermination> = {}) =>
  command(commands.MakeDetermination, { points: [decision], ...overrides });
const determinePoints = (...decisions: readonly PointDecision[]) => determine({ points: decisions });
const assigned = events.ComplaintAssigned({ handler: 'handler-1' });

describe('T10: making a determination', () => {
  test('records a decision with reasons for every point', () =>
    given(...eventsUntilInvestigated())
      .when(determine())
      .then(upheld));
  test('is allowed after a waiver of investigation and identity', () =>
    given(
      received(),
      assigned,
      events.InvestigationWaived({ reason: 'Same batch', responsible: 'supervisor-1' }),
      events.IdentityWaived({ party: 'a1', cause: 'not_needed', reason: 'No', responsible: 'handler-1' }),
    )
      .when(determine())
      .then(upheld));
  test('is allowed after a failed identity check with a reason', () =>
    given(
      received(),
      contentVerified,
      meritsAssessed,
      events.IdentityVerificationFailed({ party: 'a1', method: 'call', reason: 'No' }),
    )
      .when(determine())
      .then(upheld));
  test('requires that content, merits and the identity of each party are checked', () => {
    given(received(), assigned, identified, meritsAssessed).when(determine()).thenRejected('content_not_verified');
    given(received(), assigned, identified, contentVerified).when(determine()).thenRejected('merits_not_assessed');
    given(received(), contentVerified, meritsAssessed).when(determine()).thenRejected('identity_not_checked');
  });
  test('lists all unmet conditions at once', () => {
    const codes = given(received(), assigned)
      .unmetFor(determine())
      .map(({ code }) => code);
    expect(codes).toEqual(['content_not_verified', 'merits_not_assessed', 'identity_not_checked']);
  });
  test('is rejected in stages Received and Determined and after the end', () => {
    given(received()).when(determine()).thenRejected('wrong_stage');
    given(...eventsUntilInvestigated(), upheld)
      .when(determine())
      .thenRejected('wrong_stage');
    given(...eventsUntilInvestigated(), closed)
      .when(determine())
      .thenRejected('not_open');
  });
  test('requires recourse if a point is not upheld (I5)', () => {
    const { points } = notUpheld.data;
    given(...eventsUntilInvestigated())
      .when(determine({ points }))
      .thenRejected('recourse_missing', '/recourse');
    given(...eventsUntilInvestigated())
      .when(determine({ points, recourse: 'Consumer association, 12315' }))
      .then(notUpheld);
  });
  test('rejects empty reasons (I5)', () =>
    given(...eventsUntilInvestigated())
      .when(determinePoints({ ...decision, reasons: ' ' }))
      .thenRejected('reasons_missing', '/points/0/reasons'));
  test('requires exactly one decision for each point', () => {
    const twoPoints = received({ points: [coldDish, { id: 'p2', subject: {} }] });
    given(...eventsUntilInvestigated(twoPoints))
      .when(determine())
      .thenRejected('point_undecided', '/points');
    given(...eventsUntilInvestigated())
      .when(determinePoints(decision, decision))
      .thenRejected('point_repeated', '/points/1/id');
    given(...eventsUntilInvestigated())
      .when(determinePoints(decision, { ...decision, id: 'p2' }))
      .thenRejected('unknown_point', '/points/1/id');
  });
  test('rejects a finding on unknown evidence', () =>
    given(...eventsUntilInvestigated())
      .when(determinePoints({ ...decision, findings: [{ text: 'Log', evidenceIds: ['e1'] }] }))
      .thenRejected('unknown_evidence', '/points/0/findings/0/evidenceIds/0'));
  test('rejects a person with a conflict of interest (I6)', () =>
    given(...eventsUntilInvestigated(received({ points: [{ ...coldDish, subject: { employeeId: 'cook-1' } }] })))
      .when(determine(), { by: person('cook-1') })
      .thenRejected('conflict_of_interest'));
  test('rejects the earlier decider after reopening for an internal review (核查), but not for another reason', () => {
    const inInternalReview = [
      ...eventsUntilResponded(),
      closed,
      reopened('internal_review'),
      events.InvestigationWaived({ reason: 'As before', responsible: 'supervisor-1' }),
    ];
    given(...inInternalReview)
      .when(determine())
      .thenRejected('decided_before');
    given(...inInternalReview)
      .when(determine(), { by: SUPERVISOR })
      .thenRecorded('DeterminationMade');
    given(
      ...eventsUntilResponded(),
      closed,
      reopened(),
      events.InvestigationWaived({ reason: 'As before', responsible: 'supervisor-1' }),
    )
      .when(determine())
      .thenRecorded('DeterminationMade');
  });
});

describe('T10: reviewing a determination', () => {
  const review = (overrides: Fields<commands.ReviewDetermination> = {}) =>
    command(commands.ReviewDetermination, { decision: 'approve', capacity: 'legal', ...overrides });
  const approved = events.DeterminationReviewed({ determinationId: 'd1', decision: 'approve', capacity: 'legal' });

  test('requires another person than the one who made the determination', () => {
    given(...eventsUntilInvestigated(), upheld)
      .when(review(), { by: SUPERVISOR })
      .then(approved);
    given(...eventsUntilInvestigated(), upheld)
      .when(review())
      .thenRejected('needs_second_person');
  });
  test('requires reasons for a return, which leads back to stage UnderInvestigation', () => {
    const returnWithReasons = review({ decision: 'return', reasons: 'Ask the cook' });
    given(...eventsUntilInvestigated(), upheld)
      .when(returnWithReasons, { by: SUPERVISOR })
      .thenRecorded('DeterminationReviewed');
    given(...eventsUntilInvestigated(), upheld)
      .when(review({ decision: 'return' }), { by: SUPERVISOR })
      .thenRejected('reasons_missing', '/reasons');
    const { state } = given(
      ...eventsUntilInvestigated(),
      upheld,
      events.DeterminationReviewed({ determinationId: 'd1', decision: 'return', capacity: 'legal', reasons: 'Ask' }),
    );
    expect([state.stage, state.determinations[0]?.returned, state.progress.outcomes.p1]).toEqual([
      'UnderInvestigation',
      true,
      undefined,
    ]);
  });
  test('rejects a repeated approval', () => {
    const approvedBySupervisor = { event: approved, by: SUPERVISOR };
    given(...eventsUntilInvestigated(), upheld, approvedBySupervisor)
      .when(review(), { by: SUPERVISOR })
      .thenRejected('nothing_to_change');
  });
  test('is rejected before the determination', () =>
    given(...eventsUntilInvestigated())
      .when(review())
      .thenRejected('wrong_stage'));
});

describe('T10: returning to investigation', () => {
  const returnToInvestigation = command(commands.ReturnToInvestigation, { reason: 'The till records arrived.' });

  test('records the return with its reason', () =>
    given(...eventsUntilInvestigated(), upheld)
      .when(returnToInvestigation)
      .then(events.ReturnedToInvestigation({ reason: 'The till records arrived.' })));
  test('is only allowed in stage Determined', () => {
    given(...eventsUntilInvestigated())
      .when(returnToInvestigation)
      .thenRejected('wrong_stage');
    given(...eventsUntilResponded())
      .when(returnToInvestigation)
      .thenRejected('wrong_stage');
  });
});
