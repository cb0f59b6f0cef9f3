import type { ComplaintEvent } from '../../src/complaint/events.js';
import * as events from '../../src/complaint/events.js';
import { evolve, initial } from '../../src/complaint/complaint.js';
import { statusOf, type Status } from '../../src/complaint/status.js';
import { instant } from '../../src/platform/moment.js';
import {
  accepted,
  apology,
  closed,
  contentVerified,
  delivered,
  eventsUntilInvestigated,
  meritsAssessed,
  notUpheld,
  proposed,
  received,
  refund,
  reopened,
  eventsUntilResponded,
  responseSent,
  statedByWang,
  upheld,
} from '../support/complaint-history.js';
import { COMPLAINT_ID, HANDLER, recorded } from '../support/given.js';
import { NO_VIEWS, trendsOfOne, viewsAfter } from '../support/projections/views.js';

// Histories for which complaint file, queue and trends of an earlier version gave different or wrong answers.

/** A statement of the complainant on a day of November 2026. */
const statedOn = (day: number) => ({ ...statedByWang, at: instant(`2026-11-0${day}T09:00:00.000Z`) });
const offerAccepted = (remedyId: string, day: number) => events.RemedyAccepted({ remedyId, statedBy: statedOn(day) });
const offerRejected = (remedyId: string, day: number) =>
  events.RemedyRejected({ remedyId, statedBy: statedOn(day), reason: 'Too little' });
const remedyImplemented = (remedyId: string) => [
  events.RemedyMeasureCompleted({ remedyId, measureId: 'm1' }),
  events.RemedyImplemented({ remedyId }),
];
const paid = events.RedressPaid({ paymentId: 'y1', money: { amount: 5000, currency: 'CNY' }, exGratia: true });
const respondedNotUpheld = [...eventsUntilInvestigated(), notUpheld, responseSent({ kind: 'reject' }), delivered()];
const respondedWithTwoOffers = [
  ...eventsUntilResponded(),
  proposed(),
  proposed({ remedyId: 'r2', measures: [apology] }),
];
const responseUndeliverable = [
  ...eventsUntilInvestigated(),
  upheld,
  responseSent(),
  events.OutcomeUndeliverable({
    of: 'f1',
    attempts: [{ at: statedByWang.at, channel: 'email', reason: 'Mailbox full' }],
    reason: 'Moved',
  }),
];
const feedback = (score: number, resolved?: 'no') =>
  events.FeedbackSubmitted({ score, ...(resolved !== undefined && { resolved }) });
const resolvedAtFirstContact = (fields: Partial<ReturnType<typeof events.RemedyImplemented>['data']> = {}) => [
  received(),
  events.DeterminationMade({
    determinationId: 'd1',
    points: [{ id: 'p1', outcome: 'resolved_without_finding', reasons: 'Explained' }],
  }),
  events.RemedyImplemented({ remedyId: 'r1', whatWasDone: 'Explained', statedBy: statedByWang, ...fields }),
  events.OutcomeCommunicated({ of: 'd1', channel: 'phone', deliveredAt: statedByWang.at }),
];
const reopenedAndInvestigated = [closed, reopened(), contentVerified, meritsAssessed];
const secondResponse = [
  events.DeterminationMade({ ...upheld.data, determinationId: 'd2' }),
  responseSent({ responseId: 'f2' }),
  events.OutcomeCommunicated({ of: 'f2', channel: 'email', deliveredAt: statedByWang.at }),
];

type Expected = readonly [status: Status['status'], response: Status['response'], disputed: boolean | null];
const RESOLVED = 'resolved';
const UNRESOLVED = 'unresolved';
const HANDLED = 'handled';
const COMMITMENT_OUTSTANDING = 'commitment_outstanding';

describe('status, response and dispute', () => {
  test.each<[string, readonly ComplaintEvent[], Expected]>([
    [
      'not upheld, then paid ex gratia',
      [...respondedNotUpheld, paid, closed],
      [HANDLED, 'Closed with monetary relief', null],
    ],
    [
      'the second offer rejected, then the first accepted and implemented',
      [...respondedWithTwoOffers, offerRejected('r2', 2), offerAccepted('r1', 3), ...remedyImplemented('r1')],
      [RESOLVED, 'Closed with monetary relief', false],
    ],
    [
      'the second offer accepted, then the first rejected',
      [...respondedWithTwoOffers, offerAccepted('r2', 2), offerRejected('r1', 3)],
      [UNRESOLVED, 'In progress', true],
    ],
    [
      'a rejection that is recorded after a later acceptance',
      [...respondedWithTwoOffers, offerAccepted('r1', 3), offerRejected('r2', 2)],
      [COMMITMENT_OUTSTANDING, 'In progress', false],
    ],
    [
      'an offer rejected, then feedback with a high score',
      [...respondedWithTwoOffers, offerRejected('r2', 1), feedback(5)],
      [RESOLVED, 'Closed', false],
    ],
    ['a low score before closing', [...eventsUntilResponded(), feedback(2)], [UNRESOLVED, 'In progress', true]],
    [
      'a high score with the answer "not resolved" before closing',
      [...eventsUntilResponded(), feedback(5, 'no')],
      [UNRESOLVED, 'In progress', true],
    ],
    [
      'the low score of an earlier episode, reopened as dissatisfied',
      [...eventsUntilResponded(), feedback(1, 'no'), ...reopenedAndInvestigated, ...secondResponse],
      [HANDLED, 'Closed', true],
    ],
    [
      'an undeliverable response, then an offer accepted',
      [...responseUndeliverable, proposed(), offerAccepted('r1', 4)],
      [COMMITMENT_OUTSTANDING, 'In progress', false],
    ],
    [
      'an offer rejected, then resolved at first contact after a return to investigation',
      [
        ...eventsUntilInvestigated(),
        upheld,
        proposed(),
        offerRejected('r1', 1),
        events.ReturnedToInvestigation({ reason: 'Till records' }),
        ...resolvedAtFirstContact({ remedyId: 'r2' }).slice(1),
      ],
      [RESOLVED, 'Closed', false],
    ],
    ['resolved at first contact without a remedy', [...resolvedAtFirstContact(), closed], [RESOLVED, 'Closed', false]],
    [
      'resolved at first contact with a waived charge',
      [...resolvedAtFirstContact({ remedyType: 'waiver_of_charge' }), closed],
      [RESOLVED, 'Closed with monetary relief', false],
    ],
    [
      'resolved at first contact with an amount of 0',
      [...resolvedAtFirstContact({ money: { amount: 0, currency: 'CNY' } }), closed],
      [RESOLVED, 'Closed', false],
    ],
    [
      'one measure done, another paid in part',
      [
        ...eventsUntilResponded(),
        proposed({ needsAcceptance: false, measures: [apology, { ...refund, id: 'm3' }] }),
        events.RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm2' }),
        events.RedressPaid({ ...paid.data, remedyId: 'r1', measureId: 'm3', exGratia: false }),
      ],
      [COMMITMENT_OUTSTANDING, 'In progress', null],
    ],
  ])('are the same in the complaint file and in trends: %s', async (_title, history, [status, response, disputed]) => {
    const { state, fact } = foldHistory(history);
    expect(statusOf(state.progress, { satisfiedScore: 4 })).toMatchObject({ status, response, disputed });
    const row = await trendsOfOne(fact, {});
    expect(row?.key.response).toBe(response);
    expect(row?.disputed).toEqual({
      numerator: disputed === true ? 1 : 0,
      denominator: disputed === null ? 0 : 1,
      unknown: disputed === null ? 1 : 0,
    });
  });

  test('in trends, the dispute that a register states takes precedence over feedback', async () => {
    const registerOutcome = events.ExternalOutcomeRecorded({
      register: 'CFPB',
      response: 'Closed',
      final: true,
      disputed: false,
    });
    const { state, fact } = foldHistory([...eventsUntilResponded(), feedback(1), registerOutcome]);
    expect(statusOf(state.progress, { satisfiedScore: 4 }).disputed).toBe(true);
    expect((await trendsOfOne(fact, {}))?.disputed.numerator).toBe(0);
  });

  test('feedback of an earlier episode does not count in the current episode', async () => {
    const { fact } = foldHistory([...eventsUntilResponded(), feedback(1), ...reopenedAndInvestigated]);
    expect((await trendsOfOne(fact, {}))?.dissatisfied).toEqual({ numerator: 0, denominator: 0, unknown: 1 });
  });

  test('trends apply the lowest satisfied score of the query to `response`, also in a filter', async () => {
    const { fact } = foldHistory([...eventsUntilResponded(), feedback(3)]);
    const responseAt = async (satisfiedScore: number) => (await trendsOfOne(fact, { satisfiedScore }))?.key.response;
    expect([await responseAt(3), await responseAt(4)]).toEqual(['Closed', 'In progress']);
    const matches = async (satisfiedScore: number, response: string) =>
      (await trendsOfOne(fact, { satisfiedScore, filter: { response } })) !== undefined;
    expect([await matches(3, 'Closed'), await matches(4, 'Closed')]).toEqual([true, false]);
    expect([await matches(3, 'In progress'), await matches(4, 'In progress')]).toEqual([false, true]);
  });
});

describe('the resolution target of the queue', () => {
  test.each<[string, readonly ComplaintEvent[], boolean]>([
    ['met if the response is undeliverable', responseUndeliverable, true],
    [
      'not met if the outcome is communicated and an offer is awaiting an answer',
      [...eventsUntilInvestigated(), upheld, proposed(), responseSent(), delivered()],
      false,
    ],
    [
      'not met if the remedy is implemented and the outcome is not communicated',
      [...eventsUntilInvestigated(), upheld, proposed(), accepted, ...remedyImplemented('r1')],
      false,
    ],
    [
      'met if the outcome is communicated and the offer is rejected',
      [...eventsUntilInvestigated(), upheld, proposed(), responseSent(), delivered(), offerRejected('r1', 2)],
      true,
    ],
  ])('is %s', (_title, history, settled) => expect(foldHistory(history).entry.settled).toBe(settled));
});

describe('the final response of trends', () => {
  test('is not a notice of an earlier episode that is delivered late', () => {
    const notice = events.ComplaintDeclaredInadmissible({
      noticeId: 'i1',
      reasonCode: 'out_of_time',
      nature: 'complaint',
      reasons: 'Late',
      addressees: ['a1'],
    });
    const lateDelivery = events.OutcomeCommunicated({ of: 'i1', channel: 'letter', deliveredAt: statedByWang.at });
    const { state, fact } = foldHistory([received(), notice, reopened('new_evidence'), upheld, lateDelivery]);
    expect([state.stage, fact.responded]).toEqual(['Determined', null]);
  });
});

describe('the organisational unit of a complaint', () => {
  test('does not change when a reassignment names only a person', () => {
    const { state, entry } = foldHistory([
      received(),
      events.ComplaintAssigned({ handler: 'handler-1', orgUnit: 'kitchen' }),
      events.ComplaintReassigned({ from: 'handler-1', to: 'handler-2', reason: 'On leave' }),
    ]);
    expect([state.ownership.orgUnit, entry.orgUnit]).toEqual(['kitchen', 'kitchen']);
  });
});

/**
 * Folds a history into the state, the list entry and the trends document of a complaint. Each event is recorded a minute
 * after the one before.
 */
function foldHistory(history: readonly ComplaintEvent[]) {
  let state = initial(COMPLAINT_ID);
  let views = NO_VIEWS;
  for (const [index, event] of history.entries()) {
    const now = new Date(Date.parse('2026-11-03T09:00:00.000Z') + index * 60_000).toISOString();
    const stored = recorded(event, index, { now, by: HANDLER, occurredAt: instant(now), commandId: `k${index}` });
    state = evolve(state, stored);
    views = viewsAfter(views, stored, COMPLAINT_ID);
  }
  const { entry, fact } = views;
  if (entry === null || fact === null) throw new Error('the history does not begin with the receipt of the complaint');
  return { state, entry, fact };
}
