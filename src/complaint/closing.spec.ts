import { command, given, NOON, person, SUPERVISOR, withMetadata, type Fields } from '../../test/support/given.js';
import {
  accepted,
  closed,
  identified,
  eventsUntilInvestigated,
  proposed,
  received,
  reopened,
  eventsUntilResponded,
  responseSent,
  statedByWang,
  upheld,
  complainantWang,
} from '../../test/support/complaint-history.js';
import { instant, plusDays } from '../platform/moment.js';
import * as commands from './commands/feedback.js';
import * as events from './events.js';

const feedback = events.FeedbackSubmitted({ score: 5 });
const withdrawn = events.ComplaintWithdrawn({ statedBy: statedByWang, continuedOnOwnInitiative: false });

describe('T17: closing', () => {
  const close = command(commands.CloseComplaint);

  test('closes after communication of the outcome and feedback', () =>
    given(...eventsUntilResponded(), feedback)
      .when(close)
      .then(closed));
  test.each([
    ['done', events.FollowUpCompleted({ channel: 'phone' })],
    ['unreachable', events.FollowUpUnreachable({ channel: 'phone', attempts: 1 })],
    ['declined', events.FollowUpDeclined({ channel: 'phone' })],
  ] as const)('closes after a recorded follow-up: %s', (_result, followUp) =>
    given(...eventsUntilResponded(), followUp)
      .when(close)
      .then(closed),
  );
  test('closes without feedback once the follow-up window has ended', () => {
    given(...eventsUntilResponded())
      .when(close, { now: '2026-11-08T09:59:59.999Z' })
      .thenRejected('follow_up_open');
    given(...eventsUntilResponded())
      .when(close, { now: '2026-11-08T10:00:00.000Z' })
      .then(closed);
    given(...eventsUntilResponded())
      .when(close, { now: '2026-11-03T10:00:00.000Z', settings: { followUpDays: 2 } })
      .then(closed);
  });
  test('the planned follow-up window overrides the configured one', () => {
    const planned = events.FollowUpScheduled({ windowEndsAt: instant('2026-11-20T00:00:00.000Z') });
    given(...eventsUntilResponded(), planned)
      .when(close)
      .thenRejected('follow_up_open');
    given(...eventsUntilResponded(), planned)
      .when(close, { now: '2026-11-20T00:00:00.000Z' })
      .then(closed);
  });
  test('the follow-up window starts when the last remedy is carried out, also one of an earlier episode', () => {
    const reopenedAndAnswered = [
      ...eventsUntilResponded(),
      proposed(),
      accepted,
      closed,
      reopened(),
      upheld,
      responseSent({ responseId: 'f2' }),
      events.OutcomeCommunicated({ of: 'f2', channel: 'email', deliveredAt: instant('2026-11-02T10:00:00.000Z') }),
      withMetadata(events.RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm1' }), {
        at: '2026-11-05T10:00:00.000Z',
      }),
      withMetadata(events.RemedyImplemented({ remedyId: 'r1' }), { at: '2026-11-05T10:00:00.000Z' }),
    ];
    given(...reopenedAndAnswered)
      .when(close, { now: '2026-11-12T09:59:59.999Z' })
      .thenRejected('follow_up_open');
    given(...reopenedAndAnswered)
      .when(close, { now: '2026-11-12T10:00:00.000Z' })
      .then(closed);
  });
  test('is rejected before the outcome is communicated or undeliverable (I4)', () => {
    const sent = [...eventsUntilInvestigated(), upheld, responseSent(), feedback];
    given(...sent)
      .when(close)
      .thenRejected('outcome_not_communicated');
    given(...sent, events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'No contact' }))
      .when(close)
      .then(closed);
  });
  test('is rejected if only the outcome of an earlier episode was communicated', () =>
    given(...eventsUntilResponded(), feedback, closed, reopened(), upheld, responseSent({ responseId: 'f2' }))
      .when(close)
      .thenRejected('outcome_not_communicated'));
  test('is rejected while a measure of an accepted remedy is owed, also one of an earlier episode', () => {
    given(...eventsUntilResponded(), proposed(), accepted, feedback)
      .when(close)
      .thenRejected('measures_open');
    given(
      ...eventsUntilResponded(),
      proposed(),
      accepted,
      closed,
      reopened(),
      upheld,
      responseSent({ responseId: 'f2' }),
      events.OutcomeUndeliverable({ of: 'f2', attempts: [], reason: 'No' }),
      feedback,
    )
      .when(close)
      .thenRejected('measures_open');
  });
  test('is rejected while an offer awaits an answer', () =>
    given(...eventsUntilResponded(), proposed(), feedback)
      .when(close)
      .thenRejected('offer_open'));
  test('is rejected before the final response and after the end', () => {
    given(...eventsUntilInvestigated(), upheld)
      .when(close)
      .thenRejected('wrong_stage');
    given(...eventsUntilResponded(), feedback, closed)
      .when(close)
      .thenRejected('nothing_to_change');
    given(...eventsUntilResponded(), withdrawn)
      .when(close)
      .thenRejected('not_open');
  });
});

describe('T18: reopening', () => {
  const reopen = (overrides: Fields<commands.ReopenComplaint> = {}) =>
    command(commands.ReopenComplaint, { kind: 'dissatisfied', reason: 'The refund never arrived.', ...overrides });
  const decisionFields = { kind: 'external_decision', reason: 'Decided', decidedBy: 'Ombudsman' } as const;
  const points = [{ id: 'p1', outcome: 'upheld', reasons: 'Contract' }] as const;

  test('starts the next episode', () =>
    given(...eventsUntilResponded(), closed)
      .when(reopen())
      .then(reopened()));
  test('is allowed in stage Responded and after the end, but not while the complaint is being handled', () => {
    given(...eventsUntilResponded())
      .when(reopen())
      .then(reopened());
    given(received(), withdrawn).when(reopen()).then(reopened());
    given(received(), closed, reopened()).when(reopen()).thenRejected('wrong_stage');
  });
  test('is rejected after the reopen window, which starts at the end of the complaint', () => {
    const end = '2026-11-01T09:00:00.000Z';
    given(...eventsUntilResponded(), withMetadata(closed, { at: end }))
      .when(reopen(), { now: plusDays(end, 90) })
      .thenRecorded('ComplaintReopened');
    given(...eventsUntilResponded(), withMetadata(closed, { at: end }))
      .when(reopen(), { now: plusDays(end, 91) })
      .thenRejected('reopen_window_over');
    given(...eventsUntilResponded(), withMetadata(closed, { at: end }))
      .when(reopen(), { now: plusDays(end, 40), settings: { reopenDays: 30 } })
      .thenRejected('reopen_window_over');
  });
  test('the reopen window starts at the recording of the end if the register states no time', () => {
    const registerOutcome = events.ExternalOutcomeRecorded({ register: 'CFPB', response: 'Closed with explanation' });
    const at = '2026-11-05T00:00:00.000Z';
    const { state } = given(received(), withMetadata(registerOutcome, { at }));
    expect([state.stage, state.endedAt, state.endRecordedAt]).toEqual(['Closed', null, at]);
    given(received(), withMetadata(registerOutcome, { at }))
      .when(reopen(), { now: plusDays(at, 91) })
      .thenRejected('reopen_window_over');
  });
  test('a supervisor may reopen after the reopen window', () =>
    given(...eventsUntilResponded(), closed)
      .when(reopen(), { now: '2028-01-01T00:00:00.000Z', by: SUPERVISOR })
      .then(reopened()));
  test('an external decision is allowed at any time and leads to Determined with its outcome', () => {
    const decided = events.DeterminationMade({ determinationId: 'd2', points, decidedBy: 'Ombudsman' });
    given(...eventsUntilResponded(), closed)
      .when(reopen({ ...decisionFields, points }), { now: '2028-01-01T00:00:00.000Z' })
      .then(events.ComplaintReopened({ episode: 2, ...decisionFields }), decided);
    const { state } = given(
      ...eventsUntilResponded(),
      closed,
      events.ComplaintReopened({ episode: 2, ...decisionFields }),
      decided,
    );
    expect([state.stage, state.progress.outcomes.p1]).toEqual(['Determined', 'upheld']);
  });
  test('an external decision requires the deciding body and an outcome for each point', () => {
    const ended = given(...eventsUntilResponded(), closed);
    ended.when(reopen({ kind: 'external_decision', points })).thenRejected('body_missing', '/decidedBy');
    ended.when(reopen(decisionFields)).thenRejected('outcome_missing', '/points');
    ended.when(reopen({ ...decisionFields, points: [] })).thenRejected('point_undecided', '/points');
  });
  test('other kinds reject a deciding body and an outcome', () => {
    given(...eventsUntilResponded(), closed)
      .when(reopen({ decidedBy: 'Ombudsman' }))
      .thenRejected('not_an_external_decision', '/decidedBy');
    given(...eventsUntilResponded(), closed)
      .when(reopen({ points }))
      .thenRejected('not_an_external_decision', '/points');
  });
  test('rejects a statement by an unknown party', () =>
    given(...eventsUntilResponded(), closed)
      .when(reopen({ statedBy: { ...statedByWang, party: 'a9' } }))
      .thenRejected('unknown_party', '/statedBy/party'));
  test('keeps verified identity and the records of the first episode; content and merits are unchecked again (I9)', () => {
    const before = given(...eventsUntilResponded(), proposed(), feedback, closed).state;
    const { state } = given(...eventsUntilResponded(), proposed(), feedback, closed, reopened());
    expect([state.episode, state.endedAt, state.acknowledgement, state.communication.status]).toEqual([
      2,
      null,
      null,
      'None',
    ]);
    expect(state.parties[0]?.identity.status).toBe('Done');
    expect([state.verification.content.status, state.verification.merits.status]).toEqual(['None', 'None']);
    expect(state.remedies[0]?.status).toBe('Lapsed');
    expect([state.determinations, state.letters, state.feedback]).toEqual([
      before.determinations,
      before.letters,
      before.feedback,
    ]);
  });
  test('keeps a verified identity, and requires a new check after a waiver', () => {
    const waived = events.IdentityWaived({ party: 'a1', cause: 'not_needed', reason: 'No', responsible: 'handler-1' });
    expect(given(received(), waived, withdrawn, reopened()).state.parties[0]?.identity.status).toBe('None');
    expect(given(received(), identified, withdrawn, reopened()).state.parties[0]?.identity.status).toBe('Done');
  });
});

describe('T19: withdrawing', () => {
  const withdraw = (overrides: Fields<commands.WithdrawComplaint> = {}) =>
    command(commands.WithdrawComplaint, { statedBy: statedByWang, ...overrides });

  test('is recorded before and after the final response', () => {
    given(received()).when(withdraw()).then(withdrawn);
    given(...eventsUntilResponded())
      .when(withdraw())
      .then(withdrawn);
  });
  test('a safety-critical complaint continues on own initiative, and is withdrawn only once', () => {
    const safetyCritical = events.SeverityAssessed({ severity: 'serious', safetyCritical: true });
    const continued = events.ComplaintWithdrawn({ statedBy: statedByWang, continuedOnOwnInitiative: true });
    given(received(), safetyCritical).when(withdraw()).then(continued);
    given(received(), safetyCritical, continued).when(withdraw()).thenRejected('nothing_to_change');
  });
  test('rejects a statement by an unknown party or one without authority', () => {
    given(received())
      .when(withdraw({ statedBy: { ...statedByWang, party: 'a9' } }))
      .thenRejected('unknown_party', '/statedBy/party');
    given(
      received({ parties: [{ ...complainantWang, role: 'representative' }] }),
      events.AuthorityRejected({ party: 'a1', reason: 'No' }),
    )
      .when(withdraw())
      .thenRejected('authority_rejected', '/statedBy/party');
  });
  test('rejects an ended complaint', () =>
    given(...eventsUntilResponded(), closed)
      .when(withdraw())
      .thenRejected('not_open'));
  test('rejects a withdrawal recorded by the employee complained about', () =>
    given(received({ points: [{ id: 'p1', subject: { employeeId: 'waiter-1' } }] }))
      .when(withdraw(), { by: person('waiter-1') })
      .thenRejected('conflict_of_interest'));
  test('does not change the status of an accepted remedy', () =>
    expect(
      given(...eventsUntilResponded(), proposed(), accepted, withMetadata(withdrawn, { at: NOON })).state.remedies[0]
        ?.status,
    ).toBe('Accepted'));
});
