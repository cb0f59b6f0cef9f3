import { given, type History } from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  contentVerified,
  investigated,
  meritsAssessed,
  notUpheld,
  proposed,
  received,
  refund,
  reopened,
  responded,
  responseSent,
  saidByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as events from './events.js';
import { STAGE_LABELS, statusOf } from './status.js';
import { STAGES } from './terms/vocabulary.js';

const status = (...history: History) => {
  const { status, response, disputed } = statusOf(given(...history).state.progress, { satisfiedScore: 4 });
  return [status, response, disputed];
};
const score = (value: number, resolved?: 'no') =>
  events.FeedbackSubmitted({ score: value, ...(resolved && { resolved }) });
const done = (measureId: string) => events.RemedyMeasureCompleted({ remedyId: 'r1', measureId });
const withdrawn = events.ComplaintWithdrawn({ statedBy: saidByWang, continuedOnOwnInitiative: false });
const inadmissible = events.ComplaintDeclaredInadmissible({
  reasonCode: 'spam',
  nature: 'spam',
  reasons: 'Spam',
  addressees: [],
});
const undeliverable = events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'No contact' });
const undelivered = [...investigated(), upheld, responseSent(), undeliverable];
const acceptedEarlier = events.RemedyAccepted({
  remedyId: 'r1',
  statedBy: { ...saidByWang, at: instant('2026-10-31T09:00:00.000Z') },
});
const rejected = events.RemedyRejected({ remedyId: 'r1', statedBy: saidByWang, reason: 'Too little' });
const delivered = events.OutcomeCommunicated({ of: 'f1', channel: 'email', deliveredAt: saidByWang.at });

describe('the status map: the first matching row applies', () => {
  test.each([
    ['inadmissible', [received(), inadmissible], ['不予受理', 'Closed', null]],
    ['withdrawn', [received(), withdrawn], ['已撤回', 'Closed', null]],
    ['open, before Determined, episode 1', [received()], ['待处理', 'In progress', null]],
    ['investigated, episode 1', investigated(), ['待处理', 'In progress', null]],
    ['Determined', [...investigated(), upheld], ['处理中', 'In progress', null]],
    ['an offer refused, open', [...responded(), proposed(), rejected], ['未解决', 'In progress', true]],
    ['an offer refused, closed', [...responded(), proposed(), rejected, closed], ['未解决', 'Closed', true]],
    ['a low score', [...responded(), score(3), closed], ['未解决', 'Closed', true]],
    ['undeliverable', [...undelivered, closed], ['未解决', 'Closed', true]],
    ['re-opened, before Determined', [...responded(), closed, reopened()], ['未解决', 'In progress', true]],
    ['an offer accepted', [...responded(), proposed(), accepted], ['已解决', 'Closed', false]],
    ['a high score', [...responded(), score(4), closed], ['已解决', 'Closed', false]],
    ['a high score, but not resolved', [...responded(), score(5, 'no'), closed], ['未解决', 'Closed', true]],
    ['answered', responded(), ['已处理', 'Closed', null]],
    ['closed without feedback', [...responded(), closed], ['已处理', 'Closed', null]],
    [
      'a refusal, then an acceptance',
      [
        ...responded(),
        proposed(),
        rejected,
        proposed({ remedyId: 'r2' }),
        events.RemedyAccepted({ remedyId: 'r2', statedBy: saidByWang }),
      ],
      ['已解决', 'Closed', false],
    ],
    ['undeliverable, then a high score', [...undelivered, score(5), closed], ['已解决', 'Closed', false]],
    [
      'undeliverable, after an acceptance',
      [...investigated(), upheld, proposed(), acceptedEarlier, responseSent(), undeliverable],
      ['未解决', 'In progress', true],
    ],
    ['undeliverable, delivered after all', [...undelivered, delivered, closed], ['已处理', 'Closed', null]],
    [
      'a low score in an earlier episode',
      [...responded(), score(1), closed, reopened(), contentVerified, meritsAssessed, upheld],
      ['处理中', 'In progress', null],
    ],
  ] as const)('%s', (_title, history, expected) => expect(status(...history)).toEqual(expected));
});

describe('the company response of a complaint that is answered', () => {
  const both = proposed({ needsAcceptance: false, measures: [refund, apology] });

  test('monetary relief by a completed refund or a payment', () => {
    expect(status(...responded(), both, done('m1'))[1]).toBe('Closed with monetary relief');
    const paid = events.RedressPaid({ paymentId: 'y1', money: { amount: 100, currency: 'CNY' }, exGratia: true });
    expect(status(...responded(), paid)[1]).toBe('Closed with monetary relief');
  });
  test('non-monetary relief by any other completed measure', () =>
    expect(status(...responded(), both, done('m2'))[1]).toBe('Closed with non-monetary relief'));
  test('a measure that is not completed is not relief', () => expect(status(...responded(), both)[1]).toBe('Closed'));
  test('explanation when not upheld', () =>
    expect(status(...investigated(), notUpheld, responseSent({ kind: 'reject' }), delivered)[1]).toBe(
      'Closed with explanation',
    ));
  test('a resolution at first contact: the response follows from the remedy', () => {
    const resolved = events.RemedyImplemented({ remedyId: 'r1', whatWasDone: 'Replaced', statedBy: saidByWang });
    expect(status(received(), resolved, closed)).toEqual(['已解决', 'Closed', false]);
    const replaced = events.RemedyImplemented({ ...resolved.data, remedyType: 'replacement' });
    expect(status(received(), replaced, closed)[1]).toBe('Closed with non-monetary relief');
    const refunded = events.RemedyImplemented({ ...resolved.data, money: { amount: 100, currency: 'CNY' } });
    expect(status(received(), refunded, closed)[1]).toBe('Closed with monetary relief');
  });
  test('the register outcome is shown separately', () => {
    const said = events.ExternalOutcomeRecorded({ register: 'CFPB', response: 'Untimely response' });
    expect(statusOf(given(received(), said).state.progress, { satisfiedScore: 4 })).toEqual({
      status: '已处理',
      response: 'Closed',
      disputed: null,
      outcome: null,
      registerResponse: 'Untimely response',
    });
  });
});

test('every stage has a label', () => expect(Object.keys(STAGE_LABELS)).toEqual([...STAGES]));
