import {
  ComplaintClassified,
  ComplaintReceived,
  ComplaintReopened,
  ComplaintWithdrawn,
  FeedbackSubmitted,
  PointAdded,
  PointsSplitOff,
  RemedyImplemented,
} from '../../src/complaint/events.js';
import type { Outcome } from '../../src/complaint/terms/vocabulary.js';
import type { DomainEvent } from '../../src/eventstore/envelope.js';
import { instant } from '../../src/platform/moment.js';
import { COMPLAINT, given, ofComplaint } from '../../test/support/projections/given.js';
import {
  day,
  nineOClock,
  received,
  determined,
  responded,
  communicated,
  closed,
  remedy,
  registered,
} from '../../test/support/projections/trend-events.js';
import { trends, type TrendFact } from './projection.js';

const factAfter = async (...events: readonly DomainEvent[]): Promise<TrendFact> => {
  const documents = await given(trends, ofComplaint(...events), { numberOfTimes: 2 });
  return documents.get(COMPLAINT) as unknown as TrendFact;
};

describe('the trend fact of one complaint', () => {
  test('product, issue, region and category are those of the first point', async () => {
    const classified = ComplaintClassified({
      nature: 'complaint',
      points: [
        { id: 'p2', category: 'staff_attitude' },
        { id: 'p1', category: 'product_quality' },
      ],
      taxonomyVersion: 1,
    });
    expect(await factAfter(received(), classified)).toMatchObject({
      product: 'dinner',
      issue: 'cold dish',
      region: 'North',
      category: 'product_quality',
      open: 1,
      response: 'In progress',
    });
  });

  test('are those of the next point after the first was split off (T27)', async () => {
    const split = PointsSplitOff({ pointIds: ['p1'], nature: 'report', complaintId: 'c2' });
    const added = PointAdded({
      point: { id: 'p3', issue: 'rude waiter', subject: { product: 'bar', region: 'South' } },
    });
    const onlyFirst = ComplaintReceived({ ...received().data, points: received().data.points.slice(0, 1) });
    expect(await factAfter(onlyFirst, added, split)).toMatchObject({
      product: 'bar',
      issue: 'rude waiter',
      region: 'South',
      category: null,
      respondent: null,
    });
  });

  test.each<[Outcome[], Outcome]>([
    [['upheld', 'upheld'], 'upheld'],
    [['not_upheld'], 'not_upheld'],
    [['upheld', 'not_upheld'], 'partly_upheld'],
    [['upheld', 'resolved_without_finding'], 'partly_upheld'],
  ])('points with the outcomes %j give the complaint the outcome %s', async (outcomes, outcome) => {
    expect((await factAfter(received(), determined(...outcomes))).outcome).toBe(outcome);
  });

  test('days to response are whole elapsed days between instants', async () => {
    const fact = await factAfter(received(), determined('upheld'), responded('2026-01-07T08:59:00.000Z'));
    expect(fact).toMatchObject({ daysToResponse: 1, responded: '2026-01-07T08:45Z', open: 1 });
  });

  test('days to response are calendar days if times are days, and null if the register states no date', async () => {
    const withDate = registered('Closed with explanation', { statedOn: day('2016-03-14') });
    expect((await factAfter(received(day('2016-03-12')), withDate)).daysToResponse).toBe(2);
    const fact = await factAfter(received(day('2016-03-12')), registered('Closed with explanation'));
    expect(fact).toMatchObject({ daysToResponse: null, responded: null, ended: null, open: 0, received: '2016-03-12' });
  });

  test('register values are stored unchanged; both flags of a missing value are 0', async () => {
    expect(await factAfter(received(), registered('Untimely response', { timely: false }))).toMatchObject({
      response: 'Untimely response',
      outcome: null,
      timelyYes: 0,
      timelyNo: 1,
      disputedYes: 0,
      disputedNo: 0,
    });
    expect((await factAfter(received(), registered('In progress'))).open).toBe(1);
  });

  test('the register response "In progress" is not a final response', async () => {
    const inProgress = await factAfter(
      received(),
      registered('In progress', { timely: true, statedOn: instant('2026-01-06T09:00:00.000Z') }),
    );
    expect(inProgress).toMatchObject({ response: 'In progress', responded: null, daysToResponse: null, open: 1 });
  });

  test.each<[string, DomainEvent[], string]>([
    ['a paid refund', [...remedy('refund'), closed], 'Closed with monetary relief'],
    ['a replacement', [...remedy('replacement'), closed], 'Closed with non-monetary relief'],
    ['no remedy', [closed], 'Closed'],
  ])(
    'the derived response of an upheld complaint with %s uses the terms of the register',
    async (_remedy, events, response) => {
      const fact = await factAfter(
        received(),
        determined('upheld'),
        responded('2026-01-06T09:00:00.000Z'),
        communicated,
        ...events,
      );
      expect(fact.response).toBe(response);
    },
  );

  test('the derived response of a complaint that is not upheld is "Closed with explanation"', async () => {
    const fact = await factAfter(
      received(),
      determined('not_upheld'),
      responded('2026-01-06T09:00:00.000Z'),
      communicated,
      closed,
    );
    expect(fact).toMatchObject({ response: 'Closed with explanation', outcome: 'not_upheld' });
  });

  test('a reopened complaint is open, without outcome and counted as reopened; it keeps its days to response', async () => {
    const fact = await factAfter(
      received(),
      determined('upheld'),
      responded('2026-01-06T09:00:00.000Z'),
      communicated,
      closed,
      ComplaintReopened({ episode: 2, kind: 'dissatisfied', reason: 'again' }),
    );
    expect(fact).toMatchObject({
      open: 1,
      reopened: 1,
      outcome: null,
      ended: null,
      daysToResponse: 1,
      response: 'In progress',
    });
  });

  test('first contact, withdrawal and feedback set their columns; feedback "not resolved" counts as score 0', async () => {
    const statedBy = { party: 'a1', medium: 'phone', at: nineOClock } as const;
    const settled = RemedyImplemented({ remedyId: 'r1', whatWasDone: 'a new dish', statedBy });
    expect((await factAfter(received(), determined('resolved_without_finding'), settled)).firstContact).toBe(1);
    const withdrawn = ComplaintWithdrawn({ statedBy, continuedOnOwnInitiative: false });
    expect(await factAfter(received(), withdrawn)).toMatchObject({ withdrawn: 1, open: 0, response: 'Closed' });
    const notResolved = FeedbackSubmitted({ score: 2, resolved: 'no' });
    expect(await factAfter(received(), notResolved)).toMatchObject({ feedback: 0 });
    expect(await factAfter(received(), FeedbackSubmitted({ score: 2 }))).toMatchObject({ feedback: 2 });
  });
});

describe('names of a complaint in trends', () => {
  test('are the same if they look the same, and stay different in case', async () => {
    const subject = (product: string) => ({ product, region: product, respondent: product });
    const factOf = (product: string, system: string) =>
      factAfter(
        ComplaintReceived({
          ...received().data,
          points: [{ id: 'p1', subject: subject(product), issue: product, category: product }],
          sources: [{ system, ref: '1' }],
        }),
      );
    const composed = { product: 'Caf\u00e9 au lait', issue: 'Caf\u00e9 au lait', source: 'crm' };
    for (const product of ['Caf\u00e9 au lait', 'Cafe\u0301 au lait', ' Caf\u00e9\u00a0 au lait\u200b'])
      expect(await factOf(product, 'crm\u2060')).toMatchObject({
        ...composed,
        category: composed.product,
        region: composed.product,
        respondent: composed.product,
      });
    expect(await factOf('CAF\u00c9', 'crm')).toMatchObject({ product: 'CAF\u00c9' });
    expect(await factOf('\u200b', 'crm')).toMatchObject({ product: null });
  });

  test.each([
    ['In Progress', 'In progress'],
    [' closed  with explanation', 'Closed with explanation'],
    ['Untimely response', 'Untimely response'],
  ])('the register response %j counts as %j', async (response, expected) => {
    expect(await factAfter(received(), registered(response))).toMatchObject({
      response: expected,
    });
  });
});
