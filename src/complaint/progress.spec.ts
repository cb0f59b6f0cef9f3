import { given, type History } from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  delivered,
  eventsUntilInvestigated,
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
import { outcomeOf, reliefOf, type Progress } from './progress.js';
import { lastWordOf } from './satisfaction.js';
import type { Outcome, RemedyType } from './terms/vocabulary.js';

const progressOf = (...history: History): Progress => given(...history).state.progress;
const scoreOf = ({ satisfaction, parties }: Progress) => lastWordOf(satisfaction.words, parties)?.score;
const time = (day: number, hour = 9) =>
  `2026-11-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00.000Z`;
const at = (day: number, hour = 9) => instant(time(day, hour));
const statedOn = (day: number) => ({ ...statedByWang, at: at(day) });
const accept = (remedyId: string, day: number) => events.RemedyAccepted({ remedyId, statedBy: statedOn(day) });
const reject = (remedyId: string, day: number) =>
  events.RemedyRejected({ remedyId, statedBy: statedOn(day), reason: 'Too little' });
const feedback = (score: number, day: number) => events.FeedbackSubmitted({ score, statedBy: statedOn(day) });
const completed = (measureId: string) => events.RemedyMeasureCompleted({ remedyId: 'r1', measureId });
const undeliverable = events.OutcomeUndeliverable({
  of: 'f1',
  to: 'a1',
  attempts: [{ at: instant('2026-11-01T09:00:00.000Z'), channel: 'email', reason: 'Moved' }],
});

describe('the latest statement', () => {
  const scoreAfter = (...history: History) => scoreOf(progressOf(...eventsUntilResponded(), ...history));
  const offers = [proposed(), proposed({ remedyId: 'r2' })];

  test('is the latest answer to any offer', () => {
    expect(scoreAfter(...offers, reject('r2', 2), accept('r1', 3))).toBe(5);
    expect(scoreAfter(...offers, accept('r2', 2), reject('r1', 3))).toBe(0);
  });
  test('is the last one by the time of the statement, not by the time of recording', () => {
    expect(scoreAfter(...offers, reject('r2', 3), accept('r1', 2))).toBe(0);
    expect(scoreAfter(feedback(5, 4), feedback(1, 3))).toBe(5);
  });
  test('is the last recorded one if only the day of a statement is known', () => {
    const day = { precision: 'day', day: '2026-11-03', zone: 'UTC' } as const;
    const acceptedOnDay = events.RemedyAccepted({ remedyId: 'r1', statedBy: { ...statedByWang, at: day } });
    expect(scoreAfter(...offers, reject('r2', 3), acceptedOnDay)).toBe(5);
    expect(scoreAfter(...offers, acceptedOnDay, reject('r2', 3))).toBe(0);
  });
  test('may be feedback, with score 0 if the complaint is not resolved', () => {
    expect(scoreAfter(...offers, reject('r2', 2), feedback(4, 3))).toBe(4);
    expect(scoreAfter(events.FeedbackSubmitted({ score: 5, resolved: 'no' }))).toBe(0);
    expect(scoreAfter(events.FeedbackSubmitted({ score: 5, resolved: 'partly' }))).toBe(5);
  });
  test('is null in a new episode', () =>
    expect(progressOf(...eventsUntilResponded(), feedback(1, 2), closed, reopened())).toMatchObject({
      satisfaction: { words: [], reopenedAs: 'dissatisfied' },
      latestFeedback: null,
    }));
});

describe('relief', () => {
  const reliefAfter = (...history: History) => reliefOf(progressOf(...eventsUntilResponded(), ...history));
  const refundAndApology = proposed({ needsAcceptance: false, measures: [refund, apology] });
  const firstContact = (overrides: { remedyType?: RemedyType; money?: { amount: number; currency: string } }) =>
    events.RemedyImplemented({ remedyId: 'r1', whatWasDone: 'Explained', statedBy: statedByWang, ...overrides });

  test('follows from completed measures, not from promised or waived ones', () => {
    expect(reliefAfter(refundAndApology)).toBe('none');
    expect(reliefAfter(refundAndApology, completed('m2'))).toBe('non_monetary');
    expect(reliefAfter(refundAndApology, completed('m2'), completed('m1'))).toBe('monetary');
    const waived = events.RemedyMeasureWaived({ remedyId: 'r1', measureId: 'm1', reason: 'No', responsible: 'b' });
    expect(reliefAfter(refundAndApology, waived)).toBe('none');
  });
  test('is monetary after a payment of more than 0', () => {
    const paid = (amount: number) =>
      events.RedressPaid({ paymentId: 'y1', money: { amount, currency: 'CNY' }, exGratia: true });
    expect(reliefAfter(paid(100))).toBe('monetary');
    expect(reliefAfter(paid(0))).toBe('none');
  });
  test('at first contact follows from the type of the remedy and from the money', () => {
    expect(reliefAfter(firstContact({}))).toBe('none');
    expect(reliefAfter(firstContact({ remedyType: 'replacement' }))).toBe('non_monetary');
    expect(reliefAfter(firstContact({ remedyType: 'waiver_of_charge' }))).toBe('monetary');
    expect(reliefAfter(firstContact({ money: { amount: 500, currency: 'CNY' } }))).toBe('monetary');
    expect(reliefAfter(firstContact({ money: { amount: 0, currency: 'CNY' } }))).toBe('none');
  });
  test('does not change when the complaint is reopened', () =>
    expect(reliefAfter(refundAndApology, completed('m2'), closed, reopened())).toBe('non_monetary'));
});

describe('the outcome of a complaint', () => {
  const outcomeOfPoints = (...outcomes: readonly Outcome[]) =>
    outcomeOf({
      externalOutcomes: {},
      outcomes: Object.fromEntries(outcomes.map((outcome, index) => [`p${index}`, outcome])),
    });

  test('is the outcome of all points if they are equal', () =>
    expect([outcomeOfPoints('upheld', 'upheld'), outcomeOfPoints('not_upheld')]).toEqual(['upheld', 'not_upheld']));
  test('is partly upheld if the points have different outcomes', () =>
    expect(outcomeOfPoints('upheld', 'not_upheld')).toBe('partly_upheld'));
  test('is null without a decision', () => expect(outcomeOfPoints()).toBeNull());
  test('is null after the determination is returned', () =>
    expect(
      outcomeOf(
        progressOf(...eventsUntilInvestigated(), upheld, events.ReturnedToInvestigation({ reason: 'New evidence' })),
      ),
    ).toBeNull());
});

describe('the time of resolution', () => {
  const resolutionAfter = (...history: History) => progressOf(...history).resolution;
  const responseIsSent = [...eventsUntilInvestigated(), upheld, responseSent()];
  const responseDelivered = delivered('2026-11-01T10:00:00.000Z');
  const measureCompletedOn = (day: number) => ({ event: completed('m1'), at: time(day) });

  test('is the delivery of the response if nothing is owed', () =>
    expect(resolutionAfter(...responseIsSent, responseDelivered)).toEqual(at(1, 10)));
  test('is the time when the outcome is found undeliverable if nothing is owed', () =>
    expect(resolutionAfter(...responseIsSent, { event: undeliverable, at: time(2) })).toEqual(at(2)));
  test('is null before the communication', () => {
    const early = [...eventsUntilInvestigated(), upheld, proposed(), accepted, measureCompletedOn(3)];
    expect(resolutionAfter(...early)).toBeNull();
    expect(resolutionAfter(...early, responseSent(), responseDelivered)).toEqual(at(3));
  });
  test('is null while an offer is open or a measure is owed', () => {
    expect(resolutionAfter(...responseIsSent, proposed(), responseDelivered)).toBeNull();
    expect(resolutionAfter(...responseIsSent, proposed(), responseDelivered, accepted)).toBeNull();
    expect(resolutionAfter(...responseIsSent, proposed(), responseDelivered, accepted, measureCompletedOn(4))).toEqual(
      at(4),
    );
    expect(resolutionAfter(...responseIsSent, proposed(), responseDelivered, reject('r1', 5))).toEqual(at(5));
    const lapsed = { event: events.RemedyOfferLapsed({ remedyId: 'r1' }), at: time(6) };
    expect(resolutionAfter(...responseIsSent, proposed(), responseDelivered, lapsed)).toEqual(at(6));
  });
  test('does not change with a later offer', () =>
    expect(resolutionAfter(...responseIsSent, responseDelivered, proposed(), accepted, measureCompletedOn(4))).toEqual(
      at(1, 10),
    ));
  test('is null in a new episode, also after a delivery of the earlier response', () => {
    const secondEpisode = [...responseIsSent, responseDelivered, closed, reopened()];
    expect(resolutionAfter(...secondEpisode)).toBeNull();
    expect(resolutionAfter(...secondEpisode, responseDelivered)).toBeNull();
  });
});

describe('the time of the final response', () => {
  const notice = events.ComplaintDeclaredInadmissible({
    noticeId: 'i1',
    reasonCode: 'out_of_time',
    nature: 'complaint',
    reasons: 'Late',
    addressees: ['a1'],
  });
  test('is that of the first final response of all episodes', () =>
    expect(progressOf(...eventsUntilResponded(), closed, reopened()).finalResponse).toEqual(at(1)));
  test('is null after a late delivery of a notice of an earlier episode', () =>
    expect(
      progressOf(
        received(),
        notice,
        reopened(),
        upheld,
        events.OutcomeCommunicated({ of: 'i1', channel: 'letter', deliveredAt: at(9) }),
      ),
    ).toMatchObject({ stage: 'Determined', finalResponse: null, firstResponse: null }));
  test('is the time stated by a register whose outcome ended the complaint', () => {
    const registerOutcome = (response: string) =>
      events.ExternalOutcomeRecorded({
        register: 'CFPB',
        response,
        final: response !== 'In Progress',
        statedOn: at(7),
      });
    expect(progressOf(received(), registerOutcome('Closed'))).toMatchObject({
      stage: 'Closed',
      finalResponse: at(7),
      endedAt: at(7),
    });
    expect(progressOf(received(), registerOutcome('In Progress'))).toMatchObject({
      stage: 'Received',
      finalResponse: null,
    });
    expect(progressOf(...eventsUntilResponded(), registerOutcome('Closed'))).toMatchObject({
      stage: 'Responded',
      endedAt: null,
    });
  });
});
