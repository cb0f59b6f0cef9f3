import { fold } from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  delivered,
  eventsUntilInvestigated,
  eventsUntilResponded,
  proposed,
  received,
  refund,
  responseSent,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import {
  FeedbackRequested,
  FollowUpScheduled,
  InformationReceived,
  InformationRequested,
  RedressPaid,
  RedressReturned,
  RemedyDrafted,
  RemedyMeasureCompleted,
} from './events.js';
import { owedItems, type OwedItem } from './owed.js';

const item = (kind: OwedItem['kind'], rest: Partial<OwedItem>): OwedItem => ({
  kind,
  id: null,
  by: null,
  text: null,
  money: null,
  dueAt: null,
  ...rest,
});
const determined = [...eventsUntilInvestigated(), upheld];

describe('what is owed', () => {
  test('is nothing after the receipt, and after the end if all is done', () => {
    expect(owedItems(fold([received()]))).toEqual([]);
    expect(owedItems(fold([...eventsUntilResponded(), closed]))).toEqual([]);
  });

  test('is the reply that a source expects, until the final response', () => {
    const replyDue = instant('2026-11-08T09:00:00.000Z');
    const first = received({
      sources: [
        { system: 'crm', ref: 'T-1', replyDue },
        { system: 'shop', ref: 'S-1' },
      ],
    });
    expect(owedItems(fold([first]))).toEqual([item('reply_to_source', { text: 'crm T-1', dueAt: replyDue })]);
    const answered = [...eventsUntilInvestigated(first), upheld, responseSent(), delivered()];
    expect(owedItems(fold(answered))).toEqual([]);
  });

  test('is the answer to an information request, until it is received', () => {
    const asked = InformationRequested({ requestId: 'q1', from: 'a1', question: 'Which dish?' });
    expect(owedItems(fold([received(), asked]))).toEqual([
      item('information', { id: 'q1', by: 'a1', text: 'Which dish?' }),
    ]);
    const answered = InformationReceived({ requestId: 'q1', from: 'a1', content: 'The soup.' });
    expect(owedItems(fold([received(), asked, answered]))).toEqual([]);
  });

  test('is the answer to an offer, then each open measure, also after the end', () => {
    const offer = proposed({ measures: [refund, apology], validUntil: instant('2026-11-15T09:00:00.000Z') });
    expect(owedItems(fold([...determined, offer]))).toEqual([
      item('answer_to_offer', { id: 'r1', dueAt: instant('2026-11-15T09:00:00.000Z') }),
    ]);
    const refundOwed = item('measure', {
      id: 'r1 m1',
      by: 'handler-1',
      text: 'Refund the dish',
      money: { amount: 6800, currency: 'CNY' },
      dueAt: refund.dueAt,
    });
    const apologyOwed = item('measure', {
      id: 'r1 m2',
      by: 'handler-1',
      text: 'Apologise by letter',
      dueAt: apology.dueAt,
    });
    expect(owedItems(fold([...determined, offer, accepted]))).toEqual([refundOwed, apologyOwed]);
    const refunded = RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm1' });
    expect(owedItems(fold([...determined, offer, accepted, refunded]))).toEqual([apologyOwed]);
    expect(owedItems(fold([...eventsUntilResponded(), offer, accepted, refunded, closed]))).toEqual([apologyOwed]);
  });

  test('is what the payments that stand leave of a measure', () => {
    const money = { amount: 5000, currency: 'CNY' };
    const part = RedressPaid({ paymentId: 'y1', remedyId: 'r1', measureId: 'm1', payee: 'a1', money, exGratia: false });
    const returned = RedressReturned({ paymentId: 'y1', reason: 'Account closed' });
    const moneyOwed = (...more: Parameters<typeof fold>[0]) =>
      owedItems(fold([...determined, proposed(), accepted, ...more])).map((owed) => owed.money?.amount);
    expect(moneyOwed()).toEqual([6800]);
    expect(moneyOwed(part)).toEqual([1800]);
    expect(moneyOwed(part, returned)).toEqual([6800]);
  });

  test('is the approval of each draft, in every stage', () => {
    const drafted = RemedyDrafted({ remedyId: 'r1', measures: [refund], needsAcceptance: true });
    expect(owedItems(fold([...determined, drafted]))).toEqual([item('approval', { id: 'r1', text: 'remedy' })]);
  });

  test('is the result of a delivery, until the outcome is communicated', () => {
    expect(owedItems(fold([...determined, responseSent()]))).toEqual([
      item('delivery', { id: 'f1', by: 'handler-1', text: 'a1' }),
    ]);
    expect(owedItems(fold([...determined, responseSent(), delivered()]))).toEqual([]);
  });

  test('is the follow-up while its window is open and the complaint has not ended', () => {
    const windowEndsAt = instant('2026-11-09T09:00:00.000Z');
    const planned = FollowUpScheduled({ windowEndsAt });
    const asked = FeedbackRequested({ channel: 'phone' });
    expect(owedItems(fold([...eventsUntilResponded(), planned]))).toEqual([item('follow_up', { dueAt: windowEndsAt })]);
    expect(owedItems(fold([...eventsUntilResponded(), planned, asked]))).toHaveLength(1);
    expect(owedItems(fold([...eventsUntilResponded(), planned, closed]))).toEqual([]);
  });

  test('is ordered by the due time; what has none comes last', () => {
    const early = { ...refund, dueAt: instant('2026-11-12T09:00:00.000Z') };
    const asked = InformationRequested({ requestId: 'q1', from: 'a1', question: 'Which account?' });
    const history = [...determined, asked, proposed({ measures: [apology, { ...early, id: 'm9' }] }), accepted];
    expect(owedItems(fold(history)).map(({ id }) => id)).toEqual(['r1 m9', 'r1 m2', 'q1']);
  });
});
