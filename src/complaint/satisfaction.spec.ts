import { given, type History } from '../../test/support/given.js';
import {
  accepted,
  complainantWang,
  eventsUntilInvestigated,
  eventsUntilResponded,
  proposed,
  received,
  reopened,
  closed,
  responseSent,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { coComplainantLi, lawyerZhao } from '../../test/support/parties.js';
import { instant } from '../platform/moment.js';
import * as events from './events.js';
import { lastWordOf } from './satisfaction.js';
import { statusOf } from './status.js';

const on = (day: number) => instant(`2026-11-0${String(day)}T09:00:00.000Z`);
const says = (party: string | undefined, score: number, day: number) => ({
  ...events.FeedbackSubmitted({
    score,
    ...(party !== undefined && { statedBy: { ...statedByWang, party, at: on(day) } }),
  }),
  occurredAt: on(day),
});
const wordAfter = (...history: History) => {
  const { satisfaction, parties } = given(...history).state.progress;
  const word = lastWordOf(satisfaction.words, parties);
  return word && [word.score, word.isPartial];
};
const both = received({ parties: [complainantWang, coComplainantLi, lawyerZhao] });
const withdrawnByLi = events.ComplaintWithdrawn({
  statedBy: { ...statedByWang, party: 'a2' },
  continuedOnOwnInitiative: true,
});

describe('2.4: the last word of several complainants', () => {
  test('is that of the least satisfied', () => {
    expect(wordAfter(both, says('a1', 5, 2), says('a2', 2, 3))).toEqual([2, false]);
    expect(wordAfter(both, says('a2', 2, 3), says('a1', 5, 4))).toEqual([2, false]);
    expect(wordAfter(both, says('a2', 2, 3), says('a2', 4, 4), says('a1', 5, 4))).toEqual([4, false]);
  });
  test('is partial while one of them is silent', () => {
    expect(wordAfter(both)).toBeNull();
    expect(wordAfter(both, says('a1', 5, 2))).toEqual([5, true]);
    expect(wordAfter(both, says('a1', 5, 2), withdrawnByLi)).toEqual([5, false]);
  });
  test('of a representative counts for those they act for', () =>
    expect(wordAfter(both, says('a3', 5, 2))).toEqual([5, false]));
  test('of a person who is not named counts until everybody has spoken since', () => {
    expect(wordAfter(both, says(undefined, 1, 2))).toEqual([1, true]);
    expect(wordAfter(both, says(undefined, 1, 2), says('a1', 5, 3))).toEqual([1, true]);
    expect(wordAfter(both, says(undefined, 1, 2), says('a1', 5, 3), says('a2', 5, 3))).toEqual([5, false]);
  });
  test('of a single complainant is the one given last, by anybody named or not', () => {
    expect(wordAfter(received(), says('a1', 5, 2), says(undefined, 1, 3))).toEqual([1, false]);
    expect(wordAfter(received(), says('a1', 5, 3), says(undefined, 1, 2))).toEqual([5, false]);
  });
});

describe('2.4: the status after the response', () => {
  const statusAfter = (...history: History) => {
    const { status, disputed } = statusOf(given(...history).state.progress, { satisfiedScore: 4 });
    return [status, disputed];
  };
  const respondedToBoth = [
    ...eventsUntilInvestigated(both),
    upheld,
    responseSent({ addressees: ['a1', 'a2'] }),
    events.OutcomeCommunicated({ of: 'f1', channel: 'email', deliveredAt: on(1) }),
  ];
  const waived = {
    ...events.RemedyMeasureWaived({ remedyId: 'r1', measureId: 'm1', reason: 'Too dear', responsible: 'boss' }),
    occurredAt: on(4),
  };

  test('is handled while one of several complainants is silent, and unresolved if one is dissatisfied', () => {
    expect(statusAfter(...respondedToBoth, says('a1', 5, 2))).toEqual(['handled', null]);
    expect(statusAfter(...respondedToBoth, says('a1', 5, 2), says('a2', 4, 2))).toEqual(['resolved', false]);
    expect(statusAfter(...respondedToBoth, says('a1', 5, 2), says('a2', 3, 2))).toEqual(['unresolved', true]);
  });
  test('is unresolved after the house alone waived an accepted measure, until the complainant says otherwise', () => {
    const history = [...eventsUntilResponded(), proposed(), accepted, waived];
    expect(statusAfter(...history)).toEqual(['unresolved', false]);
    expect(statusAfter(...history, says('a1', 5, 5))).toEqual(['resolved', false]);
    const agreed = events.RemedyMeasureWaived({ ...waived.data, statedBy: [statedByWang] });
    expect(statusAfter(...eventsUntilResponded(), proposed(), accepted, agreed)).toEqual(['resolved', false]);
  });
  test('is unresolved while a party that may be told contests the delivery', () => {
    const contested = events.DeliveryContested({ of: 'f1', to: 'a1', at: on(3), reason: 'It went to the neighbour' });
    expect(statusAfter(...eventsUntilResponded(), contested)).toEqual(['unresolved', null]);
    const again = events.OutcomeCommunicated({ of: 'f1', channel: 'phone', to: 'a1', deliveredAt: on(4) });
    expect(statusAfter(...eventsUntilResponded(), contested, again)).toEqual(['handled', null]);
  });
  test('is unresolved only after a re-opening as dissatisfied, until the determination', () => {
    const ended = [...eventsUntilResponded(), closed];
    expect(statusAfter(...ended, reopened())).toEqual(['unresolved', true]);
    expect(statusAfter(...ended, reopened('new_evidence'))).toEqual(['in_progress', null]);
    expect(statusAfter(...ended, reopened(), upheld)).toEqual(['in_progress', true]);
  });
});
