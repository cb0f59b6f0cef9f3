import { command, given, person, type Fields, type History } from '../../test/support/given.js';
import {
  closed,
  coldDish,
  eventsUntilInvestigated,
  eventsUntilResponded,
  received,
  upheld,
} from '../../test/support/complaint-history.js';
import { REFERENCE } from '../../test/support/directory.js';
import { instant, type Moment } from '../platform/moment.js';
import { RecordExternalDecision } from './commands/external.js';
import { MakeDetermination, SendFinalResponse } from './commands/resolution.js';
import { complaintFileOf } from './complaint-view.js';
import type { Complaint } from './complaint.js';
import * as events from './events.js';
import { outcomeOf, ownOutcomeOf } from './progress.js';

const decidedOn = instant('2026-11-05T09:00:00.000Z');
const complyBy: Moment = { precision: 'day', day: '2026-12-01', zone: 'Asia/Shanghai' };
const points = [{ id: 'p1', outcome: 'not_upheld', reasons: 'The contract allows it.' }] as const;
const refund = {
  type: 'refund',
  pointIds: ['p1'],
  action: 'Refund the dish',
  owner: 'handler-1',
  provider: 'self',
  amount: { amount: 5_000_000, currency: 'CNY' },
} as const;
const decide = (fields: Fields<RecordExternalDecision> = {}) =>
  command(RecordExternalDecision, { body: 'Ombudsman', ref: 'O-7', decidedOn, points, ...fields });

const recorded = (more = {}) => ({
  ...events.ExternalDecisionRecorded({ decisionId: 'x1', body: 'Ombudsman', ref: 'O-7', decidedOn, ...more }),
  occurredAt: decidedOn,
});
const determined = (determinationId = 'd1') => ({
  ...events.DeterminationMade({ determinationId, points, decidedBy: 'Ombudsman' }),
  occurredAt: decidedOn,
});
const ordered = {
  ...events.RemedyProposed({
    remedyId: 'r1',
    needsAcceptance: false,
    orderedBy: 'Ombudsman',
    measures: [{ id: 'm1', ...refund, dueAt: complyBy }],
  }),
  occurredAt: decidedOn,
};

describe('T21: the decision of an external body', () => {
  test('is recorded in every stage, without verification and without recourse (I5)', () => {
    given(received()).when(decide()).then(recorded(), determined());
    given(...eventsUntilResponded(), closed)
      .when(decide())
      .then(recorded(), determined('d2'));
    given().when(decide()).thenRejected('not_received');
  });
  test('leads to Determined from before it, and changes no later stage', () => {
    const stageAfter = (...history: History) => given(...history, recorded(), determined()).state.stage;
    expect(stageAfter(received())).toBe('Determined');
    expect(stageAfter(...eventsUntilInvestigated())).toBe('Determined');
    expect(stageAfter(...eventsUntilResponded())).toBe('Responded');
    expect(stageAfter(...eventsUntilResponded(), closed)).toBe('Closed');
  });
  test('is the outcome of the complaint, with ours beside it', () => {
    const { state } = given(...eventsUntilResponded(), recorded(), determined('d2'));
    expect([outcomeOf(state.progress), ownOutcomeOf(state.progress)]).toEqual(['not_upheld', 'upheld']);
    const file = complaintFileOf<Complaint>(state, REFERENCE, 'en');
    expect(file).toMatchObject({ outcome: 'not_upheld', ownOutcome: 'upheld' });
    expect(file.points).toMatchObject([{ id: 'p1', outcome: 'not_upheld', ownOutcome: 'upheld' }]);
    expect(state.externalDecisions).toMatchObject([{ decisionId: 'x1', body: 'Ombudsman', at: decidedOn }]);
  });
  test('of one of two points is mixed with our outcome of the other', () => {
    const two = received({ points: [coldDish, { id: 'p2', subject: {} }] });
    const ours = events.DeterminationMade({
      determinationId: 'd1',
      points: [
        { id: 'p1', outcome: 'upheld', reasons: 'Cold' },
        { id: 'p2', outcome: 'upheld', reasons: 'Late' },
      ],
    });
    const { state } = given(...eventsUntilInvestigated(two), ours, determined('d2'));
    expect([outcomeOf(state.progress), ownOutcomeOf(state.progress)]).toEqual(['partly_upheld', 'upheld']);
  });
  test('is not taken back by a return of our determination', () => {
    const { state } = given(
      ...eventsUntilInvestigated(),
      upheld,
      recorded(),
      determined('d2'),
      events.ReturnedToInvestigation({ reason: 'A new photo' }),
    );
    expect([state.progress.outcomes, state.progress.externalOutcomes]).toEqual([{}, { p1: 'not_upheld' }]);
    expect(state.determinations.map(({ returned }) => returned)).toEqual([true, false]);
  });
  test('is answered by us only where we have decided nothing ourselves', () => {
    const respond = command(SendFinalResponse, { kind: 'accept', addressees: ['a1'], channel: 'email', text: 'Done' });
    given(...eventsUntilInvestigated(), upheld, recorded(), determined('d2'))
      .when(respond)
      .thenRecorded('FinalResponseSent');
    given(received(), recorded(), determined()).when(respond).thenRejected('kind_contradicts_outcome');
  });
  test('recorded by a person is not a decision of that person: they may decide in an internal review', () => {
    const review = events.ComplaintReopened({
      episode: 2,
      kind: 'internal_review',
      reason: 'Asked',
      standingOffers: [],
    });
    expect(
      given(received(), recorded(), determined(), closed, review)
        .unmetFor(command(MakeDetermination, { points: [] }))
        .map(({ code }) => code),
    ).not.toContain('decided_before');
  });
  test('names points of the complaint, each once, and evidence of it', () => {
    given(received())
      .when(decide({ points: [{ ...points[0], id: 'p9' }] }))
      .thenRejected('unknown_point', '/points/0/id');
    given(received())
      .when(decide({ points: [points[0], points[0]] }))
      .thenRejected('point_repeated', '/points/1/id');
    given(received())
      .when(decide({ points: [{ ...points[0], findings: [{ text: 'Seen', evidenceIds: ['e9'] }] }] }))
      .thenRejected('unknown_evidence', '/points/0/findings/0/evidenceIds/0');
  });
  test('was made after the receipt and before now (I21)', () => {
    given(received())
      .when(decide({ decidedOn: instant('2026-10-01T00:00:00.000Z') }))
      .thenRejected('occurred_before_receipt', '/decidedOn');
    given(received())
      .when(decide({ decidedOn: instant('2027-01-01T00:00:00.000Z') }))
      .thenRejected('in_future', '/decidedOn');
  });
});

describe('T21: the orders of an external body', () => {
  test('are owed at once and due when the decision says, whatever the limit of the recorder', () => {
    given(received())
      .when(decide({ orders: [refund], complyBy }), { by: person('clerk-1', 'intake_officer') })
      .then(recorded({ complyBy }), determined(), ordered);
    const { state } = given(...eventsUntilResponded(), closed, recorded({ complyBy }), determined('d2'), ordered);
    expect(state.remedies).toMatchObject([{ remedyId: 'r1', status: 'InProgress', orderedBy: 'Ombudsman' }]);
  });
  test('need a due time, which is not before the decision', () => {
    given(received())
      .when(decide({ orders: [refund] }))
      .thenRejected('due_time_missing', '/complyBy');
    given(received())
      .when(decide({ orders: [refund], complyBy: instant('2026-11-04T00:00:00.000Z') }))
      .thenRejected('ends_before_it_begins', '/complyBy');
  });
  test('name points of the complaint, and an owner without an interest in it (I6)', () => {
    given(received())
      .when(decide({ orders: [{ ...refund, pointIds: ['p9'] }], complyBy }))
      .thenRejected('unknown_point', '/orders/0/pointIds/0');
    given(received({ points: [{ id: 'p1', subject: { employeeId: 'waiter-1' } }] }))
      .when(decide({ orders: [{ ...refund, owner: 'waiter-1' }], complyBy }))
      .thenRejected('conflict_of_interest', '/orders/0/owner');
  });
});
