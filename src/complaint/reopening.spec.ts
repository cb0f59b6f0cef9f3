import { command, given, SUPERVISOR, UPSTREAM, withMetadata, type Fields } from '../../test/support/given.js';
import {
  accepted,
  closed,
  identified,
  proposed,
  received,
  reopened,
  eventsUntilResponded,
  statedByWang,
} from '../../test/support/complaint-history.js';
import { instant, plusDays } from '../platform/moment.js';
import { ReopenComplaint } from './commands/feedback.js';
import { RecordExternalDecision } from './commands/external.js';
import * as events from './events.js';

const feedback = events.FeedbackSubmitted({ score: 5 });
const withdrawn = events.ComplaintWithdrawn({ statedBy: statedByWang, continuedOnOwnInitiative: false });
const reopen = (overrides: Fields<ReopenComplaint> = {}) =>
  command(ReopenComplaint, { kind: 'dissatisfied', reason: 'The refund never arrived.', ...overrides });

describe('T18: reopening', () => {
  const begun = events.ComplaintReopened({
    episode: 2,
    kind: 'dissatisfied',
    reason: 'The refund never arrived.',
    standingOffers: [],
  });

  test('starts the next episode', () =>
    given(...eventsUntilResponded(), closed)
      .when(reopen())
      .then(begun));
  test('is allowed in stage Responded and after the end, but not while the complaint is being handled', () => {
    given(...eventsUntilResponded())
      .when(reopen())
      .then(begun);
    given(received(), events.ComplaintAdmitted({}), withdrawn).when(reopen()).then(begun);
    given(received(), closed, reopened()).when(reopen()).thenRejected('wrong_stage');
  });
  test('records the missing admission', () =>
    given(received(), withdrawn)
      .when(reopen())
      .then(begun, events.ComplaintAdmitted({ implied: true })));
  test('keeps verified identity and the records of the first episode; content and merits are unchecked again (I9)', () => {
    const before = given(...eventsUntilResponded(), proposed(), feedback, closed).state;
    const { state } = given(...eventsUntilResponded(), proposed(), feedback, closed, begun);
    expect([state.episode, state.endedAt, state.acknowledgement, state.communication.status]).toEqual([
      2,
      null,
      null,
      'None',
    ]);
    expect(state.parties[0]?.identity.status).toBe('Done');
    expect([state.verification.content.status, state.verification.merits.status]).toEqual(['None', 'None']);
    expect([state.determinations, state.letters, state.feedback]).toEqual([
      before.determinations,
      before.letters,
      before.feedback,
    ]);
  });
  test('keeps a verified identity, and requires a new check after a waiver', () => {
    const waived = events.IdentityWaived({ party: 'a1', cause: 'not_needed', reason: 'No', responsible: 'handler-1' });
    expect(given(received(), waived, withdrawn, begun).state.parties[0]?.identity.status).toBe('None');
    expect(given(received(), identified, withdrawn, begun).state.parties[0]?.identity.status).toBe('Done');
  });
  test('rejects a statement by an unknown party', () =>
    given(...eventsUntilResponded(), closed)
      .when(reopen({ statedBy: { ...statedByWang, party: 'a9' } }))
      .thenRejected('unknown_party', '/statedBy/party'));
  test('as our own procedure follows the outcome of a register', () => {
    const ownProcedure = reopen({ kind: 'own_procedure', reason: 'Passed on to us' });
    given(...eventsUntilResponded(), closed)
      .when(ownProcedure)
      .thenRejected('no_register_outcome', '/kind');
    given(received(), events.ExternalOutcomeRecorded({ register: 'CFPB', response: 'Closed', final: true }))
      .when(ownProcedure)
      .thenRecorded('ComplaintReopened', 'ComplaintAdmitted');
  });
});

describe('T18, I24: the reopen window', () => {
  const end = '2026-11-01T09:00:00.000Z';
  const ended = given(...eventsUntilResponded(), withMetadata(closed, { at: end }));

  test('starts at the end of the complaint and lasts as long as the setting says', () => {
    ended.when(reopen(), { now: plusDays(end, 90) }).thenRecorded('ComplaintReopened');
    ended.when(reopen(), { now: plusDays(end, 91) }).thenRejected('reopen_window_over');
    ended.when(reopen(), { now: plusDays(end, 40), house: { reopenDays: 30 } }).thenRejected('reopen_window_over');
  });
  test('is judged by when reopening was asked for, not by when it was typed', () => {
    const inTime = instant(plusDays(end, 89));
    ended.when(reopen({ requestedAt: inTime }), { now: plusDays(end, 95) }).thenRecorded('ComplaintReopened');
    ended
      .when(reopen({ statedBy: { ...statedByWang, at: inTime } }), { now: plusDays(end, 95) })
      .thenRecorded('ComplaintReopened');
    ended
      .when(reopen({ requestedAt: instant(plusDays(end, 91)) }), { now: plusDays(end, 95) })
      .thenRejected('reopen_window_over');
  });
  test('starts at the recording of the end if the register states no time', () => {
    const registerOutcome = events.ExternalOutcomeRecorded({
      register: 'CFPB',
      response: 'Closed with explanation',
      final: true,
    });
    const at = '2026-11-05T00:00:00.000Z';
    const { state } = given(received(), withMetadata(registerOutcome, { at }));
    expect([state.stage, state.endedAt, state.endRecordedAt]).toEqual(['Closed', null, at]);
    given(received(), withMetadata(registerOutcome, { at }))
      .when(reopen(), { now: plusDays(at, 91) })
      .thenRejected('reopen_window_over');
  });
  test('starts at the recording of an end that was recorded late, until its time is proven (I24)', () => {
    const recordedAt = '2026-12-01T09:00:00.000Z';
    const lateEnd = { ...closed, occurredAt: instant(end) };
    const after = { now: plusDays(end, 100) };
    given(...eventsUntilResponded(), withMetadata(lateEnd, { at: recordedAt }))
      .when(reopen(), after)
      .thenRecorded('ComplaintReopened');
    given(...eventsUntilResponded(), withMetadata(lateEnd, { at: recordedAt, by: UPSTREAM }))
      .when(reopen(), after)
      .thenRejected('reopen_window_over');
    given(...eventsUntilResponded(), withMetadata(lateEnd, { at: plusDays(end, 0.9) }))
      .when(reopen(), after)
      .thenRejected('reopen_window_over');
  });
  test('binds neither a supervisor, nor a reopening for our own error, nor one for an external decision', () => {
    const now = '2028-01-01T00:00:00.000Z';
    ended.when(reopen(), { now, by: SUPERVISOR }).thenRecorded('ComplaintReopened');
    ended.when(reopen({ kind: 'own_error' }), { now }).thenRecorded('ComplaintReopened');
  });
  test('needs a time of the request that is neither before the end nor in the future (I21)', () => {
    ended
      .when(reopen({ requestedAt: instant(plusDays(end, -1)) }))
      .thenRejected('before_what_it_answers', '/requestedAt');
    ended
      .when(reopen({ statedBy: { ...statedByWang, at: instant(plusDays(end, -1)) } }))
      .thenRejected('before_what_it_answers', '/statedBy/at');
    ended.when(reopen({ requestedAt: instant('2027-01-01T00:00:00.000Z') })).thenRejected('in_future', '/requestedAt');
  });
});

describe('I9: offers at a reopening', () => {
  const draft = events.RemedyDrafted({ remedyId: 'r2', needsAcceptance: true, measures: [] });
  const history = [...eventsUntilResponded(), proposed(), draft];
  const begun = (standingOffers?: readonly string[]) =>
    events.ComplaintReopened({
      episode: 2,
      kind: 'new_evidence',
      reason: 'A photo',
      ...(standingOffers !== undefined && { standingOffers }),
    });
  const statusesAfter = (reopening: events.ComplaintEvent) =>
    given(...history, reopening).state.remedies.map(({ status }) => status);

  test('that wait for an answer stand, and drafts stay', () => {
    given(...history)
      .when(reopen({ kind: 'new_evidence', reason: 'A photo' }))
      .then(begun(['r1']));
    expect(statusesAfter(begun(['r1']))).toEqual(['Proposed', 'Drafted']);
  });
  test('that are accepted stay accepted', () =>
    expect(
      given(...eventsUntilResponded(), proposed(), accepted, begun([])).state.remedies.map(({ status }) => status),
    ).toEqual(['Accepted']));
  test('lapsed with all drafts in events of earlier versions', () =>
    expect(statusesAfter(begun())).toEqual(['Lapsed', 'Lapsed']));
});

describe('T18: reopening for an external decision', () => {
  const points = [{ id: 'p1', outcome: 'upheld', reasons: 'Contract' }] as const;
  const decision = command(RecordExternalDecision, {
    body: 'Ombudsman',
    decidedOn: instant('2026-11-05T09:00:00.000Z'),
    points,
  });
  const byDecision = { kind: 'external_decision', reason: 'Decided' } as const;
  const ended = given(...eventsUntilResponded(), closed);

  test('carries what the body decided, at any time, and leads to Determined', () => {
    ended.when(reopen({ ...byDecision, decision }), { now: '2028-01-01T00:00:00.000Z' }).then(
      events.ComplaintReopened({ episode: 2, ...byDecision, decidedBy: 'Ombudsman', standingOffers: [] }),
      {
        ...events.ExternalDecisionRecorded({
          decisionId: 'x1',
          body: 'Ombudsman',
          decidedOn: decision.decidedOn,
        }),
        occurredAt: decision.decidedOn,
      },
      {
        ...events.DeterminationMade({ determinationId: 'd2', points, decidedBy: 'Ombudsman' }),
        occurredAt: decision.decidedOn,
      },
    );
    const { state } = given(
      ...eventsUntilResponded(),
      closed,
      events.ComplaintReopened({ episode: 2, ...byDecision, decidedBy: 'Ombudsman', standingOffers: [] }),
      events.DeterminationMade({ determinationId: 'd2', points, decidedBy: 'Ombudsman' }),
    );
    expect([state.stage, state.progress.externalOutcomes.p1]).toEqual(['Determined', 'upheld']);
  });
  test('needs the decision, and its problems point into it', () => {
    ended.when(reopen(byDecision)).thenRejected('decision_missing', '/decision');
    ended
      .when(reopen({ ...byDecision, decision: { ...decision, points: [{ ...points[0], id: 'p9' }] } }))
      .thenRejected('unknown_point', '/decision/points/0/id');
  });
  test('is the only kind with a decision', () =>
    ended.when(reopen({ decision })).thenRejected('not_an_external_decision', '/decision'));
});
