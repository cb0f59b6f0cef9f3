import { directoryOf, KNOWN_PEOPLE, REFERENCE } from '../../test/support/directory.js';
import {
  command,
  given,
  HANDLER,
  NOON,
  person,
  SUPERVISOR,
  withMetadata,
  type Fields,
  type History,
} from '../../test/support/given.js';
import {
  accepted,
  closed,
  coldDish,
  complainantWang,
  contentVerified,
  identified,
  eventsUntilInvestigated,
  meritsAssessed,
  notUpheld,
  proposed,
  received,
  reopened,
  responseSent,
  eventsUntilResponded,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import type { Actor } from '../access/actor.js';
import type { HouseRules } from '../house-policy/rules.js';
import { instant } from '../platform/moment.js';
import { HOUSE_RESPONSE_POLICY } from '../response-policy/response-policy.js';
import * as commands from './commands/resolution.js';
import * as events from './events.js';
import { missingReviews } from './reviews.js';
import type { PointDecision } from './terms/facts.js';

const decision: PointDecision = { id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows 25 minutes.' };
const determine = (overrides: Fields<commands.MakeDetermination> = {}) =>
  command(commands.MakeDetermination, { points: [decision], ...overrides });
const determinePoints = (...decisions: readonly PointDecision[]) => determine({ points: decisions });
const assigned = events.ComplaintAssigned({ handler: 'handler-1' });

const admitted = events.ComplaintAdmitted({ implied: true });
/** The investigation is waived by this actor, with this responsible person; the identity is waived too. */
const waivedBy = (by: Actor, responsible: string) => [
  received(),
  assigned,
  withMetadata(events.InvestigationWaived({ reason: 'Same batch', responsible }), { by }),
  events.IdentityWaived({ party: 'a1', cause: 'not_needed', reason: 'No', responsible: 'handler-1' }),
];

describe('T10: making a determination', () => {
  test('records a decision with reasons for every point', () =>
    given(...eventsUntilInvestigated())
      .when(determine())
      .then(upheld));
  test('is allowed after a waiver of investigation by another person, and of identity', () =>
    given(...waivedBy(SUPERVISOR, 'supervisor-1'))
      .when(determine())
      .then(admitted, upheld));
  test('whoever waived the investigation, or is responsible for the waiver, does not decide (I25)', () => {
    given(...waivedBy(HANDLER, 'supervisor-1'))
      .when(determine())
      .thenRejected('needs_second_person');
    given(...waivedBy(SUPERVISOR, 'Handler-1'))
      .when(determine())
      .thenRejected('needs_second_person');
    const { decision: withRuleOff } = given(...waivedBy(HANDLER, 'supervisor-1')).when(determine(), {
      house: { investigationWaiverByTwo: false },
    });
    expect(withRuleOff).toMatchObject([
      { type: 'ComplaintAdmitted' },
      { type: 'DeterminationMade', policyRefs: [{ off: ['investigationWaiverByTwo'] }] },
    ]);
  });
  test('is allowed after a failed identity check with a reason', () =>
    given(
      received(),
      contentVerified,
      meritsAssessed,
      events.IdentityVerificationFailed({ party: 'a1', method: 'call', reason: 'No' }),
    )
      .when(determine())
      .then(admitted, upheld));
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
  test('is allowed from stage Received, and implies the admission', () =>
    given(received(), identified, contentVerified, meritsAssessed).when(determine()).then(admitted, upheld));
  test('is rejected in stage Determined and after the end', () => {
    given(...eventsUntilInvestigated(), upheld)
      .when(determine())
      .thenRejected('wrong_stage');
    given(...eventsUntilInvestigated(), closed)
      .when(determine())
      .thenRejected('not_open');
  });
  test('requires no recourse if the response policy asks for none (I5)', () => {
    const { points } = notUpheld.data;
    const policy = { ...HOUSE_RESPONSE_POLICY, letters: {} };
    given(...eventsUntilInvestigated())
      .when(determine({ points }), { reference: directoryOf(KNOWN_PEOPLE, { responsePolicies: [policy] }) })
      .thenRecorded('DeterminationMade');
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
  test('decides the points that have no outcome yet', () => {
    const twoPoints = received({ points: [coldDish, { id: 'p2', subject: {} }] });
    const atFirstContact = [
      events.DeterminationMade({
        determinationId: 'd1',
        points: [{ id: 'p1', outcome: 'resolved_without_finding', reasons: 'Replaced' }],
      }),
      events.RemedyImplemented({ remedyId: 'r1', whatWasDone: 'Replaced', statedBy: statedByWang }),
      events.ReturnedToInvestigation({ reason: 'One point is left' }),
    ];
    given(...eventsUntilInvestigated(twoPoints), ...atFirstContact)
      .when(determinePoints({ ...decision, id: 'p2' }))
      .then(events.DeterminationMade({ determinationId: 'd2', points: [{ ...decision, id: 'p2' }] }));
    given(...eventsUntilInvestigated(twoPoints), ...atFirstContact)
      .when(determinePoints(decision, { ...decision, id: 'p2' }))
      .thenRejected('point_decided', '/points/0/id');
  });
  test('a resolution without finding needs the agreement of every complainant (I22)', () => {
    const resolved: PointDecision = { ...decision, outcome: 'resolved_without_finding' };
    const joint = eventsUntilInvestigated(received({ parties: [complainantWang, { ...complainantWang, id: 'a2' }] }));
    const known = [...joint, events.IdentityVerified({ party: 'a2', method: 'card', level: 'basic' })];
    const saidByOther = { ...statedByWang, party: 'a2' };
    given(...eventsUntilInvestigated())
      .when(determine({ points: [resolved] }))
      .thenRejected('agreement_missing', '/agreedBy');
    given(...known)
      .when(determine({ points: [resolved], agreedBy: [statedByWang] }))
      .thenRejected('agreement_missing', '/agreedBy');
    given(...known)
      .when(determine({ points: [resolved], agreedBy: [statedByWang, saidByOther] }))
      .then(
        events.DeterminationMade({
          determinationId: 'd1',
          points: [resolved],
          agreedBy: [statedByWang, saidByOther],
        }),
      );
    given(...known)
      .when(determine({ points: [resolved], agreedBy: [{ ...statedByWang, party: 'a9' }] }))
      .thenRejected('unknown_party', '/agreedBy/0/party');
    const anonymous = [received({ parties: [] }), events.ComplaintAdmitted({}), contentVerified, meritsAssessed];
    given(...anonymous)
      .when(determine({ points: [resolved] }))
      .thenRejected('agreement_missing', '/agreedBy');
    given(...anonymous)
      .when(
        determine({ points: [resolved], agreedBy: [{ ...statedByWang, party: 'unidentified', medium: 'in_person' }] }),
      )
      .thenRecorded('DeterminationMade');
  });
  test('answers only what is no complaint', () => {
    const answered: PointDecision = { ...decision, outcome: 'answered' };
    given(...eventsUntilInvestigated())
      .when(determine({ points: [answered] }))
      .thenRejected('outcome_contradicts_nature', '/points/0/outcome');
    const enquiry = events.ComplaintClassified({ nature: 'enquiry', points: [], taxonomyVersion: 1 });
    given(...eventsUntilInvestigated(), enquiry)
      .when(determine({ points: [answered] }))
      .thenRecorded('DeterminationMade');
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
      contentVerified,
      meritsAssessed,
    ];
    given(...inInternalReview)
      .when(determine())
      .thenRejected('decided_before');
    // reviewByOther off: the act says which rule let it through (I25)
    const { decision } = given(...inInternalReview).when(determine(), { house: { reviewByOther: false } });
    expect(decision).toContainEqual(
      expect.objectContaining({ policyRefs: [expect.objectContaining({ off: ['reviewByOther'] })] }),
    );
    given(...inInternalReview)
      .when(determine(), { by: SUPERVISOR })
      .thenRecorded('DeterminationMade');
    given(...eventsUntilResponded(), closed, reopened(), contentVerified, meritsAssessed)
      .when(determine())
      .thenRecorded('DeterminationMade');
  });
});

describe('T10: reviewing a determination', () => {
  const review = (overrides: Fields<commands.ReviewDetermination> = {}) =>
    command(commands.ReviewDetermination, { decision: 'approve', capacity: 'supervisor', ...overrides });
  const approved = (capacity: 'supervisor' | 'legal' | 'reviewer' = 'supervisor') =>
    events.DeterminationReviewed({ determinationId: 'd1', decision: 'approve', capacity });
  const determined = [...eventsUntilInvestigated(), upheld];

  test('requires another person than the one who made the determination', () => {
    given(...determined)
      .when(review(), { by: SUPERVISOR })
      .then(approved());
    given(...eventsUntilInvestigated(), withMetadata(upheld, { by: SUPERVISOR }))
      .when(review(), { by: person('Supervisor-1', 'supervisor') })
      .thenRejected('needs_second_person');
    const { decision: withRuleOff } = given(
      ...eventsUntilInvestigated(),
      withMetadata(upheld, { by: SUPERVISOR }),
    ).when(review(), { by: SUPERVISOR, house: { reviewByOther: false } });
    expect(withRuleOff).toMatchObject([{ type: 'DeterminationReviewed', policyRefs: [{ off: ['reviewByOther'] }] }]);
  });
  test('requires the capacity: legal is a skill in the directory, the others are roles', () => {
    given(...determined)
      .when(review({ capacity: 'legal' }), { by: person('lawyer-1', 'reviewer') })
      .then(approved('legal'));
    given(...determined)
      .when(review({ capacity: 'legal' }), { by: SUPERVISOR })
      .thenRejected('capacity_not_held', '/capacity');
    given(...determined)
      .when(review({ capacity: 'reviewer' }), { by: SUPERVISOR })
      .thenRejected('capacity_not_held', '/capacity');
    given(...determined)
      .when(review({ capacity: 'reviewer' }), { by: person('reviewer-1', 'reviewer') })
      .then(approved('reviewer'));
  });
  test('requires reasons for a return, which leads back to stage UnderInvestigation', () => {
    given(...determined)
      .when(review({ decision: 'return', reasons: 'Ask the cook' }), { by: SUPERVISOR })
      .thenRecorded('DeterminationReviewed');
    given(...determined)
      .when(review({ decision: 'return' }), { by: SUPERVISOR })
      .thenRejected('reasons_missing', '/reasons');
    const { state } = given(
      ...determined,
      events.DeterminationReviewed({ determinationId: 'd1', decision: 'return', capacity: 'legal', reasons: 'Ask' }),
    );
    expect([state.stage, state.determinations[0]?.returned, state.progress.outcomes.p1]).toEqual([
      'UnderInvestigation',
      true,
      undefined,
    ]);
  });
  test('rejects a repeated approval', () =>
    given(...determined, withMetadata(approved(), { by: SUPERVISOR }))
      .when(review(), { by: SUPERVISOR })
      .thenRejected('nothing_to_change'));
  test('is rejected before the determination', () =>
    given(...eventsUntilInvestigated())
      .when(review())
      .thenRejected('wrong_stage'));

  const missing = (rules: Partial<HouseRules>, ...history: History) =>
    missingReviews(given(...determined, ...history).state, {
      now: NOON,
      occurredAt: instant(NOON),
      actor: HANDLER,
      reference: { ...REFERENCE, house: { ...REFERENCE.house, ...rules } },
    }).map(({ code, message }) => [code, /capacity (\w+)/.exec(message)?.[1]]);

  test('the final response needs the approval that the house rules ask for', () => {
    expect(missing({})).toEqual([]);
    expect(missing({ determinationReview: 'reviewer' })).toEqual([['review_missing', 'reviewer']]);
    expect(missing({ determinationReview: 'reviewer' }, approved('reviewer'))).toEqual([]);
    expect(missing({ determinationReview: 'reviewer' }, approved('legal'))).toEqual([['review_missing', 'reviewer']]);
    expect(missing({ determinationReview: 'legal' }, approved('reviewer'))).toEqual([['review_missing', 'legal']]);
    expect(missing({ determinationReview: 'legal' }, approved('legal'))).toEqual([]);
  });
  test('a legal flag always needs a legal review, until it is cleared (R14)', () => {
    const flagged = events.RiskFlagged({ flag: 'legal', reason: 'A lawyer wrote' });
    const cleared = events.RiskFlagCleared({ flag: 'legal', reason: 'Settled' });
    expect(missing({}, flagged)).toEqual([['review_missing', 'legal']]);
    expect(missing({ determinationReview: 'reviewer' }, flagged)).toEqual([
      ['review_missing', 'legal'],
      ['review_missing', 'reviewer'],
    ]);
    expect(missing({}, flagged, approved('legal'))).toEqual([]);
    expect(missing({}, flagged, cleared)).toEqual([]);
  });
});

describe('T10: returning to investigation', () => {
  const returnToInvestigation = command(commands.ReturnToInvestigation, { reason: 'The till records arrived.' });
  const returned = events.ReturnedToInvestigation({ reason: 'The till records arrived.' });

  test('records the return with its reason', () =>
    given(...eventsUntilInvestigated(), upheld)
      .when(returnToInvestigation)
      .then(returned));
  test('after the response, only a supervisor or reviewer returns', () => {
    given(...eventsUntilResponded())
      .when(returnToInvestigation)
      .thenRejected('needs_supervisor');
    given(...eventsUntilResponded())
      .when(returnToInvestigation, { by: SUPERVISOR })
      .then(returned);
    given(...eventsUntilResponded())
      .when(returnToInvestigation, { by: person('reviewer-1', 'reviewer') })
      .then(returned);
    given(...eventsUntilResponded(), closed)
      .when(returnToInvestigation, { by: SUPERVISOR })
      .thenRejected('not_open');
  });
  test('after the response, no offer of this episode may be accepted', () => {
    given(...eventsUntilResponded(), proposed(), accepted)
      .when(returnToInvestigation, { by: SUPERVISOR })
      .thenRejected('offer_accepted');
    given(...eventsUntilResponded(), proposed())
      .when(returnToInvestigation, { by: SUPERVISOR })
      .then(returned);
    const inSecondEpisode = [
      contentVerified,
      meritsAssessed,
      { ...upheld, data: { ...upheld.data, determinationId: 'd2' } },
    ];
    given(
      ...eventsUntilResponded(),
      proposed(),
      accepted,
      reopened(),
      ...inSecondEpisode,
      responseSent({ responseId: 'f2' }),
    )
      .when(returnToInvestigation, { by: SUPERVISOR })
      .then(returned);
  });
  test('takes back the outcomes of this episode, but not those at first contact or of an external body', () => {
    const twoPoints = received({ points: [coldDish, { id: 'p2', subject: {} }] });
    const atFirstContact = [
      events.DeterminationMade({
        determinationId: 'd1',
        points: [{ id: 'p1', outcome: 'resolved_without_finding', reasons: 'Replaced' }],
      }),
      events.RemedyImplemented({ remedyId: 'r1', whatWasDone: 'Replaced', statedBy: statedByWang }),
    ];
    const ours = events.DeterminationMade({
      determinationId: 'd2',
      points: [{ id: 'p2', outcome: 'upheld', reasons: 'Log' }],
    });
    const { state } = given(...eventsUntilInvestigated(twoPoints), ...atFirstContact, ours, returned);
    expect(state.progress.outcomes).toEqual({ p1: 'resolved_without_finding' });
    expect(state.determinations.map((made) => [made.determinationId, made.returned])).toEqual([
      ['d1', false],
      ['d2', true],
    ]);
    given(...eventsUntilInvestigated(), ...atFirstContact)
      .when(returnToInvestigation, { by: SUPERVISOR })
      .thenRejected('no_determination_to_return');
    const external = events.DeterminationMade({ ...upheld.data, decidedBy: 'Ombudsman' });
    given(...eventsUntilInvestigated(), external)
      .when(returnToInvestigation)
      .thenRejected('no_determination_to_return');
    const { progress } = given(...eventsUntilInvestigated(), external, returned).state;
    expect(progress.externalOutcomes).toEqual({ p1: 'upheld' });
  });
  test('is rejected before the determination', () =>
    given(...eventsUntilInvestigated())
      .when(returnToInvestigation)
      .thenRejected('wrong_stage'));
});
