import { given, type History } from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  contentVerified,
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
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as events from './events.js';
import { statusOf } from './status.js';

const statusAfter = (...history: History) => {
  const { status, response, disputed } = statusOf(given(...history).state.progress, { satisfiedScore: 4 });
  return [status, response, disputed];
};
const responseAfter = (...history: History) =>
  statusOf(given(...history).state.progress, { satisfiedScore: 4 }).response;
const feedback = (value: number, resolved?: 'no') =>
  events.FeedbackSubmitted({ score: value, ...(resolved && { resolved }) });
const completed = (measureId: string) => events.RemedyMeasureCompleted({ remedyId: 'r1', measureId });
const withdrawn = events.ComplaintWithdrawn({ statedBy: statedByWang, continuedOnOwnInitiative: false });
const inadmissible = events.ComplaintDeclaredInadmissible({
  reasonCode: 'spam',
  nature: 'spam',
  reasons: 'Spam',
  addressees: [],
});
const undeliverable = events.OutcomeUndeliverable({
  of: 'f1',
  to: 'a1',
  attempts: [{ at: instant('2026-11-01T09:00:00.000Z'), channel: 'email', reason: 'Bounced' }],
});
const undelivered = [...eventsUntilInvestigated(), upheld, responseSent(), undeliverable];
const acceptedEarlier = events.RemedyAccepted({
  remedyId: 'r1',
  statedBy: { ...statedByWang, at: instant('2026-10-31T09:00:00.000Z') },
});
const rejected = events.RemedyRejected({ remedyId: 'r1', statedBy: statedByWang, reason: 'Too little' });
const delivered = events.OutcomeCommunicated({ of: 'f1', channel: 'email', deliveredAt: statedByWang.at });

describe('status, company response and dispute after a history', () => {
  test.each([
    ['inadmissible', [received(), inadmissible], ['inadmissible', 'Closed', null]],
    ['withdrawn', [received(), withdrawn], ['withdrawn', 'Closed', null]],
    ['received, first episode', [received()], ['pending', 'In progress', null]],
    ['investigated, first episode', eventsUntilInvestigated(), ['in_progress', 'In progress', null]],
    ['determined', [...eventsUntilInvestigated(), upheld], ['in_progress', 'In progress', null]],
    [
      'an offer rejected, not closed',
      [...eventsUntilResponded(), proposed(), rejected],
      ['unresolved', 'In progress', true],
    ],
    [
      'an offer rejected, closed',
      [...eventsUntilResponded(), proposed(), rejected, closed],
      ['unresolved', 'Closed', true],
    ],
    ['a low score', [...eventsUntilResponded(), feedback(3), closed], ['unresolved', 'Closed', true]],
    ['undeliverable', [...undelivered, closed], ['unresolved', 'Closed', null]],
    [
      'reopened, before the determination',
      [...eventsUntilResponded(), closed, reopened()],
      ['unresolved', 'In progress', true],
    ],
    [
      'an offer accepted',
      [...eventsUntilResponded(), proposed(), accepted],
      ['commitment_outstanding', 'In progress', false],
    ],
    [
      'an offer accepted and carried out',
      [...eventsUntilResponded(), proposed(), accepted, completed('m1')],
      ['resolved', 'Closed with monetary relief', false],
    ],
    ['a high score', [...eventsUntilResponded(), feedback(4), closed], ['resolved', 'Closed', false]],
    [
      'a high score, but not resolved',
      [...eventsUntilResponded(), feedback(5, 'no'), closed],
      ['unresolved', 'Closed', true],
    ],
    ['responded', eventsUntilResponded(), ['handled', 'Closed', null]],
    ['closed without feedback', [...eventsUntilResponded(), closed], ['handled', 'Closed', null]],
    [
      'a rejection, then an acceptance',
      [
        ...eventsUntilResponded(),
        proposed(),
        rejected,
        proposed({ remedyId: 'r2' }),
        events.RemedyAccepted({ remedyId: 'r2', statedBy: statedByWang }),
        events.RemedyMeasureCompleted({ remedyId: 'r2', measureId: 'm1' }),
      ],
      ['resolved', 'Closed with monetary relief', false],
    ],
    ['undeliverable, then a high score', [...undelivered, feedback(5), closed], ['resolved', 'Closed', false]],
    [
      'an acceptance, then undeliverable',
      [...eventsUntilInvestigated(), upheld, proposed(), acceptedEarlier, responseSent(), undeliverable],
      ['unresolved', 'In progress', false],
    ],
    ['undeliverable, then delivered', [...undelivered, delivered, closed], ['handled', 'Closed', null]],
    [
      'a low score in an earlier episode',
      [...eventsUntilResponded(), feedback(1), closed, reopened(), contentVerified, meritsAssessed, upheld],
      ['in_progress', 'In progress', true],
    ],
  ] as const)('%s', (_title, history, expected) => expect(statusAfter(...history)).toEqual(expected));
});

describe('the company response after the final response', () => {
  const refundAndApology = proposed({ needsAcceptance: false, measures: [refund, apology] });

  test('states monetary relief after a completed refund or a payment', () => {
    expect(responseAfter(...eventsUntilResponded(), refundAndApology, completed('m1'), closed)).toBe(
      'Closed with monetary relief',
    );
    const paid = events.RedressPaid({ paymentId: 'y1', money: { amount: 100, currency: 'CNY' }, exGratia: true });
    expect(responseAfter(...eventsUntilResponded(), paid)).toBe('Closed with monetary relief');
  });
  test('states non-monetary relief after any other completed measure', () =>
    expect(responseAfter(...eventsUntilResponded(), refundAndApology, completed('m2'), closed)).toBe(
      'Closed with non-monetary relief',
    ));
  test('states no relief for a measure that is not completed', () =>
    expect(responseAfter(...eventsUntilResponded(), refundAndApology, closed)).toBe('Closed'));
  test('is In progress while something is owed and the complaint is open', () =>
    expect(responseAfter(...eventsUntilResponded(), refundAndApology, completed('m1'))).toBe('In progress'));
  test('of a withdrawn complaint states the relief if it was determined', () => {
    expect(responseAfter(...eventsUntilInvestigated(), notUpheld, withdrawn)).toBe('Closed with explanation');
    expect(responseAfter(...eventsUntilResponded(), refundAndApology, completed('m1'), withdrawn)).toBe(
      'Closed with monetary relief',
    );
  });
  test('states an explanation if the complaint is not upheld', () =>
    expect(responseAfter(...eventsUntilInvestigated(), notUpheld, responseSent({ kind: 'reject' }), delivered)).toBe(
      'Closed with explanation',
    ));
  test('follows from the remedy after a resolution at first contact', () => {
    const resolved = events.RemedyImplemented({ remedyId: 'r1', whatWasDone: 'Replaced', statedBy: statedByWang });
    expect(statusAfter(received(), resolved, closed)).toEqual(['resolved', 'Closed', false]);
    const replaced = events.RemedyImplemented({ ...resolved.data, remedyType: 'replacement' });
    expect(responseAfter(received(), replaced, closed)).toBe('Closed with non-monetary relief');
    const refunded = events.RemedyImplemented({ ...resolved.data, money: { amount: 100, currency: 'CNY' } });
    expect(responseAfter(received(), refunded, closed)).toBe('Closed with monetary relief');
  });
  test('is separate from the outcome in a register', () => {
    const registerOutcome = events.ExternalOutcomeRecorded({
      register: 'CFPB',
      response: 'Untimely response',
      final: true,
    });
    expect(statusOf(given(received(), registerOutcome).state.progress, { satisfiedScore: 4 })).toEqual({
      status: 'handled',
      response: 'Closed',
      disputed: null,
      outcome: null,
      registerResponse: 'Untimely response',
    });
  });
});
