import { given, type History } from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  delivered,
  investigated,
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
import { outcomeOf, reliefOf, type Progress } from './progress.js';
import type { Outcome, RemedyType } from './terms/vocabulary.js';

const progressOf = (...history: History): Progress => given(...history).state.progress;
const time = (day: number, hour = 9) =>
  `2026-11-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00.000Z`;
const at = (day: number, hour = 9) => instant(time(day, hour));
const saidOn = (day: number) => ({ ...saidByWang, at: at(day) });
const accept = (remedyId: string, day: number) => events.RemedyAccepted({ remedyId, statedBy: saidOn(day) });
const reject = (remedyId: string, day: number) =>
  events.RemedyRejected({ remedyId, statedBy: saidOn(day), reason: 'Too little' });
const feedback = (score: number, day: number) => events.FeedbackSubmitted({ score, statedBy: saidOn(day) });
const done = (measureId: string) => events.RemedyMeasureCompleted({ remedyId: 'r1', measureId });
const undeliverable = events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'Moved' });

describe('the latest statement', () => {
  const scoreAfter = (...history: History) => progressOf(...responded(), ...history).lastWord?.score;
  const offers = [proposed(), proposed({ remedyId: 'r2' })];

  test('is the latest answer to any offer', () => {
    expect(scoreAfter(...offers, reject('r2', 2), accept('r1', 3))).toBe(5);
    expect(scoreAfter(...offers, accept('r2', 2), reject('r1', 3))).toBe(0);
  });
  test('is ordered by statement time, not by recording time', () => {
    expect(scoreAfter(...offers, reject('r2', 3), accept('r1', 2))).toBe(0);
    expect(scoreAfter(feedback(5, 4), feedback(1, 3))).toBe(5);
  });
  test('is ordered by recording time if only the day is known', () => {
    const day = { precision: 'day', day: '2026-11-03', zone: 'UTC' } as const;
    const onTheDay = events.RemedyAccepted({ remedyId: 'r1', statedBy: { ...saidByWang, at: day } });
    expect(scoreAfter(...offers, reject('r2', 3), onTheDay)).toBe(5);
    expect(scoreAfter(...offers, onTheDay, reject('r2', 3))).toBe(0);
  });
  test('may be feedback; not resolved means unsatisfied', () => {
    expect(scoreAfter(...offers, reject('r2', 2), feedback(4, 3))).toBe(4);
    expect(scoreAfter(events.FeedbackSubmitted({ score: 5, resolved: 'no' }))).toBe(0);
    expect(scoreAfter(events.FeedbackSubmitted({ score: 5, resolved: 'partly' }))).toBe(5);
  });
  test('belongs to its episode', () =>
    expect(progressOf(...responded(), feedback(1, 2), closed, reopened())).toMatchObject({
      lastWord: null,
      latestFeedback: null,
    }));
});

describe('relief', () => {
  const reliefAfter = (...history: History) => reliefOf(progressOf(...responded(), ...history));
  const both = proposed({ needsAcceptance: false, measures: [refund, apology] });
  const firstContact = (more: { remedyType?: RemedyType; money?: { amount: number; currency: string } }) =>
    events.RemedyImplemented({ remedyId: 'r1', whatWasDone: 'Explained', statedBy: saidByWang, ...more });

  test('counts completed measures, not promised or waived ones', () => {
    expect(reliefAfter(both)).toBe('none');
    expect(reliefAfter(both, done('m2'))).toBe('non_monetary');
    expect(reliefAfter(both, done('m2'), done('m1'))).toBe('monetary');
    const waived = events.RemedyMeasureWaived({ remedyId: 'r1', measureId: 'm1', reason: 'No', responsible: 'b' });
    expect(reliefAfter(both, waived)).toBe('none');
  });
  test('counts every payment', () => {
    const paid = (amount: number) =>
      events.RedressPaid({ paymentId: 'y1', money: { amount, currency: 'CNY' }, exGratia: true });
    expect(reliefAfter(paid(100))).toBe('monetary');
    expect(reliefAfter(paid(0))).toBe('none');
  });
  test('at first contact is the remedy that was named or the money that was paid (C15)', () => {
    expect(reliefAfter(firstContact({}))).toBe('none');
    expect(reliefAfter(firstContact({ remedyType: 'replacement' }))).toBe('non_monetary');
    expect(reliefAfter(firstContact({ remedyType: 'waiver_of_charge' }))).toBe('monetary');
    expect(reliefAfter(firstContact({ money: { amount: 500, currency: 'CNY' } }))).toBe('monetary');
    expect(reliefAfter(firstContact({ money: { amount: 0, currency: 'CNY' } }))).toBe('none');
  });
  test('stays when the complaint is re-opened', () =>
    expect(reliefAfter(both, done('m2'), closed, reopened())).toBe('non_monetary'));
});

describe('the outcome of a case', () => {
  const of = (...outcomes: readonly Outcome[]) =>
    outcomeOf({ outcomes: Object.fromEntries(outcomes.map((outcome, n) => [`p${n}`, outcome])) });

  test('equal outcomes give that outcome', () =>
    expect([of('upheld', 'upheld'), of('not_upheld')]).toEqual(['upheld', 'not_upheld']));
  test('any mix is partly upheld', () => expect(of('upheld', 'not_upheld')).toBe('partly_upheld'));
  test('no decision gives null', () => expect(of()).toBeNull());
  test('a determination that is sent back no longer counts', () =>
    expect(
      outcomeOf(progressOf(...investigated(), upheld, events.ReturnedToInvestigation({ reason: 'New evidence' }))),
    ).toBeNull());
});

describe('the resolution', () => {
  const resolutionAfter = (...history: History) => progressOf(...history).resolution;
  const answered = [...investigated(), upheld, responseSent()];
  const told = delivered('2026-11-01T10:00:00.000Z');
  const doneOn = (day: number) => ({ event: done('m1'), at: time(day) });

  test('is the time when the outcome is communicated and nothing is owed', () =>
    expect(resolutionAfter(...answered, told)).toEqual(at(1, 10)));
  test('is also the time when the outcome is undeliverable', () =>
    expect(resolutionAfter(...answered, { event: undeliverable, at: time(2) })).toEqual(at(2)));
  test('is not before the communication', () => {
    const early = [...investigated(), upheld, proposed(), accepted, doneOn(3)];
    expect(resolutionAfter(...early)).toBeNull();
    expect(resolutionAfter(...early, responseSent(), told)).toEqual(at(3));
  });
  test('is not while an offer is open or owed', () => {
    expect(resolutionAfter(...answered, proposed(), told)).toBeNull();
    expect(resolutionAfter(...answered, proposed(), told, accepted)).toBeNull();
    expect(resolutionAfter(...answered, proposed(), told, accepted, doneOn(4))).toEqual(at(4));
    expect(resolutionAfter(...answered, proposed(), told, reject('r1', 5))).toEqual(at(5));
    const lapsed = { event: events.RemedyOfferLapsed({ remedyId: 'r1' }), at: time(6) };
    expect(resolutionAfter(...answered, proposed(), told, lapsed)).toEqual(at(6));
  });
  test('does not change with a later offer', () =>
    expect(resolutionAfter(...answered, told, proposed(), accepted, doneOn(4))).toEqual(at(1, 10)));
  test('each episode has its own', () => {
    const again = [...answered, told, closed, reopened()];
    expect(resolutionAfter(...again)).toBeNull();
    // a delivery of the earlier answer is none of this episode
    expect(resolutionAfter(...again, told)).toBeNull();
  });
});

describe('the final response', () => {
  const notice = events.ComplaintDeclaredInadmissible({
    noticeId: 'i1',
    reasonCode: 'out_of_time',
    nature: 'complaint',
    reasons: 'Late',
    addressees: ['a1'],
  });
  test('is the first one of all episodes', () =>
    expect(progressOf(...responded(), closed, reopened()).finalResponse).toEqual(at(1)));
  test('is not a late notice of an earlier episode', () =>
    expect(
      progressOf(
        received(),
        notice,
        reopened(),
        upheld,
        events.OutcomeCommunicated({ of: 'i1', channel: 'letter', deliveredAt: at(9) }),
      ),
    ).toMatchObject({ stage: 'Determined', finalResponse: null, firstResponse: null }));
  test('is that of a register that ended the complaint, on the day that it states', () => {
    const said = (response: string) => events.ExternalOutcomeRecorded({ register: 'CFPB', response, statedOn: at(7) });
    expect(progressOf(received(), said('Closed'))).toMatchObject({
      stage: 'Closed',
      finalResponse: at(7),
      endedAt: at(7),
    });
    expect(progressOf(received(), said('In Progress'))).toMatchObject({ stage: 'Received', finalResponse: null });
    expect(progressOf(...responded(), said('Closed'))).toMatchObject({ stage: 'Responded', endedAt: null });
  });
});
