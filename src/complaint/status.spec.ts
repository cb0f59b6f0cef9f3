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
import { STAGE_LABELS, statusOf } from './status.js';
import { STAGES } from './terms/vocabulary.js';

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
const undeliverable = events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'No contact' });
const undelivered = [...eventsUntilInvestigated(), upheld, responseSent(), undeliverable];
const acceptedEarlier = events.RemedyAccepted({
  remedyId: 'r1',
  statedBy: { ...statedByWang, at: instant('2026-10-31T09:00:00.000Z') },
});
const rejected = events.RemedyRejected({ remedyId: 'r1', statedBy: statedByWang, reason: 'Too little' });
const delivered = events.OutcomeCommunicated({ of: 'f1', channel: 'email', deliveredAt: statedByWang.at });

describe('status, company response and dispute after a history', () => {
  test.each([
    ['inadmissible', [received(), inadmissible], ['不予受理', 'Closed', null]],
    ['withdrawn', [received(), withdrawn], ['已撤回', 'Closed', null]],
    ['received, first episode', [received()], ['待处理', 'In progress', null]],
    ['investigated, first episode', eventsUntilInvestigated(), ['待处理', 'In progress', null]],
    ['determined', [...eventsUntilInvestigated(), upheld], ['处理中', 'In progress', null]],
    [
      'an offer rejected, not closed',
      [...eventsUntilResponded(), proposed(), rejected],
      ['未解决', 'In progress', true],
    ],
    [
      'an offer rejected, closed',
      [...eventsUntilResponded(), proposed(), rejected, closed],
      ['未解决', 'Closed', true],
    ],
    ['a low score', [...eventsUntilResponded(), feedback(3), closed], ['未解决', 'Closed', true]],
    ['undeliverable', [...undelivered, closed], ['未解决', 'Closed', true]],
    [
      'reopened, before the determination',
      [...eventsUntilResponded(), closed, reopened()],
      ['未解决', 'In progress', true],
    ],
    ['an offer accepted', [...eventsUntilResponded(), proposed(), accepted], ['已解决', 'Closed', false]],
    ['a high score', [...eventsUntilResponded(), feedback(4), closed], ['已解决', 'Closed', false]],
    [
      'a high score, but not resolved',
      [...eventsUntilResponded(), feedback(5, 'no'), closed],
      ['未解决', 'Closed', true],
    ],
    ['responded', eventsUntilResponded(), ['已处理', 'Closed', null]],
    ['closed without feedback', [...eventsUntilResponded(), closed], ['已处理', 'Closed', null]],
    [
      'a rejection, then an acceptance',
      [
        ...eventsUntilResponded(),
        proposed(),
        rejected,
        proposed({ remedyId: 'r2' }),
        events.RemedyAccepted({ remedyId: 'r2', statedBy: statedByWang }),
      ],
      ['已解决', 'Closed', false],
    ],
    ['undeliverable, then a high score', [...undelivered, feedback(5), closed], ['已解决', 'Closed', false]],
    [
      'an acceptance, then undeliverable',
      [...eventsUntilInvestigated(), upheld, proposed(), acceptedEarlier, responseSent(), undeliverable],
      ['未解决', 'In progress', true],
    ],
    ['undeliverable, then delivered', [...undelivered, delivered, closed], ['已处理', 'Closed', null]],
    [
      'a low score in an earlier episode',
      [...eventsUntilResponded(), feedback(1), closed, reopened(), contentVerified, meritsAssessed, upheld],
      ['处理中', 'In progress', null],
    ],
  ] as const)('%s', (_title, history, expected) => expect(statusAfter(...history)).toEqual(expected));
});

describe('the company response after the final response', () => {
  const refundAndApology = proposed({ needsAcceptance: false, measures: [refund, apology] });

  test('states monetary relief after a completed refund or a payment', () => {
    expect(responseAfter(...eventsUntilResponded(), refundAndApology, completed('m1'))).toBe(
      'Closed with monetary relief',
    );
    const paid = events.RedressPaid({ paymentId: 'y1', money: { amount: 100, currency: 'CNY' }, exGratia: true });
    expect(responseAfter(...eventsUntilResponded(), paid)).toBe('Closed with monetary relief');
  });
  test('states non-monetary relief after any other completed measure', () =>
    expect(responseAfter(...eventsUntilResponded(), refundAndApology, completed('m2'))).toBe(
      'Closed with non-monetary relief',
    ));
  test('states no relief for a measure that is not completed', () =>
    expect(responseAfter(...eventsUntilResponded(), refundAndApology)).toBe('Closed'));
  test('states an explanation if the complaint is not upheld', () =>
    expect(responseAfter(...eventsUntilInvestigated(), notUpheld, responseSent({ kind: 'reject' }), delivered)).toBe(
      'Closed with explanation',
    ));
  test('follows from the remedy after a resolution at first contact', () => {
    const resolved = events.RemedyImplemented({ remedyId: 'r1', whatWasDone: 'Replaced', statedBy: statedByWang });
    expect(statusAfter(received(), resolved, closed)).toEqual(['已解决', 'Closed', false]);
    const replaced = events.RemedyImplemented({ ...resolved.data, remedyType: 'replacement' });
    expect(responseAfter(received(), replaced, closed)).toBe('Closed with non-monetary relief');
    const refunded = events.RemedyImplemented({ ...resolved.data, money: { amount: 100, currency: 'CNY' } });
    expect(responseAfter(received(), refunded, closed)).toBe('Closed with monetary relief');
  });
  test('is separate from the outcome in a register', () => {
    const registerOutcome = events.ExternalOutcomeRecorded({ register: 'CFPB', response: 'Untimely response' });
    expect(statusOf(given(received(), registerOutcome).state.progress, { satisfiedScore: 4 })).toEqual({
      status: '已处理',
      response: 'Closed',
      disputed: null,
      outcome: null,
      registerResponse: 'Untimely response',
    });
  });
});

test('every stage has a label', () => expect(Object.keys(STAGE_LABELS)).toEqual([...STAGES]));
