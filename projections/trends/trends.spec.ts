import { Temporal } from 'temporal-polyfill';
import {
  ComplaintClassified,
  ComplaintClosed,
  ComplaintReceived,
  ComplaintReopened,
  ComplaintWithdrawn,
  DeterminationMade,
  ExternalOutcomeRecorded,
  FeedbackSubmitted,
  FinalResponseSent,
  OutcomeCommunicated,
  RemedyImplemented,
  RemedyMeasureCompleted,
  RemedyProposed,
} from '../../src/complaint/events.js';
import type { DomainEvent } from '../../src/eventstore/envelope.js';
import { instant, type Moment } from '../../src/platform/moment.js';
import type { Outcome, RemedyType } from '../../src/complaint/terms/vocabulary.js';
import { COMPLAINT, given, ofComplaint } from '../../test/support/projections/given.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { fact } from '../../test/support/projections/memory-log.js';
import { replaceLiveDocuments } from '../../test/support/read-models/serve.js';
import { timeBucketOf, trends, type TrendFact } from './projection.js';
import { trendsBy, TrendsRefused } from './query.js';
import { ZoneCalendar } from './calendar.js';

const day = (text: string, zone = 'America/New_York'): Moment => ({ precision: 'day', day: text, zone });
const nineOClock = instant('2026-01-05T09:00:00.000Z');

const received = (receivedAt: Moment = nineOClock, product = 'dinner', source?: string) =>
  ComplaintReceived({
    reference: 'ABCDEFGHJKMNPQR',
    receivedAt,
    channel: 'phone',
    sources: source === undefined ? [] : [{ system: source, ref: '1' }],
    parties: [],
    points: [
      { id: 'p1', issue: 'cold dish', subject: { product, region: 'North' } },
      { id: 'p2', issue: 'rude waiter', subject: { product: 'service' } },
    ],
  });
const determined = (...outcomes: readonly Outcome[]) =>
  DeterminationMade({
    determinationId: 'd1',
    points: outcomes.map((outcome, n) => ({ id: `p${String(n + 1)}`, outcome, reasons: 'as found' })),
  });
const responded = (at: string): DomainEvent => ({
  ...FinalResponseSent({ responseId: 'f1', kind: 'accept', addressees: [], channel: 'phone', text: 'sorry' }),
  occurredAt: instant(at),
});
const communicated = OutcomeCommunicated({
  of: 'f1',
  channel: 'phone',
  deliveredAt: instant('2026-01-07T12:00:00.000Z'),
});
const closed = ComplaintClosed({ reason: 'handled' });
const remedy = (type: RemedyType) => [
  RemedyProposed({
    remedyId: 'r1',
    needsAcceptance: false,
    measures: [
      { id: 'm1', type, pointIds: ['p1'], action: 'do it', owner: 'amy', provider: 'self', dueAt: nineOClock },
    ],
  }),
  RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm1' }),
  RemedyImplemented({ remedyId: 'r1' }),
];
const registered = (
  response: string,
  details: { readonly timely?: boolean; readonly disputed?: boolean; readonly statedOn?: Moment } = {},
) => ExternalOutcomeRecorded({ register: 'cfpb', response, ...details });

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

describe('the calendar of a time zone', () => {
  test.each([
    ['2026-01-05T16:30:00.000Z', 'Asia/Shanghai', '2026-01-06'],
    ['2026-01-05T16:30:00.000Z', 'UTC', '2026-01-05'],
    ['2026-01-05T18:29:59.999Z', 'Asia/Kolkata', '2026-01-05'],
    ['2026-01-05T18:30:00.000Z', 'Asia/Kolkata', '2026-01-06'],
    ['2026-01-05T18:15:00.000Z', 'Asia/Kathmandu', '2026-01-06'],
    // zones whose offsets were not whole quarter hours: UTC-10:40 until 1979, UTC-0:44:30 until 1972
    ['1978-06-01T10:39:59.999Z', 'Pacific/Kiritimati', '1978-05-31'],
    ['1978-06-01T10:40:00.000Z', 'Pacific/Kiritimati', '1978-06-01'],
    ['1971-06-01T00:44:29.999Z', 'Africa/Monrovia', '1971-05-31'],
    ['1971-06-01T00:44:30.000Z', 'Africa/Monrovia', '1971-06-01'],
    // New York changes from UTC-4 to UTC-5 between the next two times
    ['2026-11-01T03:59:00.000Z', 'America/New_York', '2026-10-31'],
    ['2026-11-02T04:59:00.000Z', 'America/New_York', '2026-11-01'],
  ])('%s is in %s on the day %s', (at, zone, expected) => {
    expect(new ZoneCalendar(zone).dayOf(timeBucketOf(instant(at)))).toBe(expected);
  });

  test('since 1980, the offset of every zone is a whole number of quarter hours', () => {
    const offsetOf = (year: number, zone: string) =>
      Temporal.Instant.from(`${String(year)}-07-01T00:00:00Z`).toZonedDateTimeISO(zone).offsetNanoseconds / 900e9;
    const others = Intl.supportedValuesOf('timeZone').flatMap((zone) => {
      const years = [1980, 1981, 1984, 1985, 1988, 1990, 1995, 2000, 2008, 2015, 2020, 2026, 2100, 2200];
      return years.filter((year) => !Number.isInteger(offsetOf(year, zone))).map((year) => `${zone} ${String(year)}`);
    });
    expect(others).toEqual([]);
  });

  test('a day stays unchanged; weeks are those of ISO 8601, months those of the calendar', () => {
    const calendar = new ZoneCalendar('Asia/Shanghai');
    expect(calendar.dayOf(timeBucketOf(day('2026-01-05')))).toBe('2026-01-05');
    expect(calendar.periodOf('2027-01-01', 'week')).toBe('2026-W53');
    expect(calendar.periodOf('2027-01-01', 'month')).toBe('2027-01');
  });
});

describe('the trends query', () => {
  const readModels = new FaultyReadModels();
  afterAll(() => readModels.remove());

  const histories: readonly (readonly DomainEvent[])[] = [
    [
      received(day('2016-03-31'), 'Mortgage', 'cfpb'),
      registered('Closed with explanation', { timely: true, disputed: true, statedOn: day('2016-04-02') }),
    ],
    [
      received(day('2016-04-01'), 'Mortgage', 'cfpb'),
      registered('Closed with explanation', { timely: false, disputed: false, statedOn: day('2016-04-11') }),
    ],
    [received(day('2016-04-02'), 'Credit card', 'cfpb'), registered('In progress', { timely: true })],
    [received(instant('2016-03-31T23:50:00.000Z')), determined('upheld'), FeedbackSubmitted({ score: 3 })],
    [
      received(instant('2016-04-30T12:00:00.000Z')),
      determined('upheld', 'not_upheld'),
      FeedbackSubmitted({ score: 5 }),
    ],
  ];

  beforeAll(async () => {
    const facts = histories.flatMap((events, n) => events.map((event) => fact(`complaint-c${String(n)}`, event)));
    await replaceLiveDocuments(readModels.port, trends, (await given(trends, facts)).values());
  });

  test('rows are ordered by the number of complaints, largest first, and unknown values are null', async () => {
    const { rows, total } = await trendsBy(readModels.port, { groupBy: ['source', 'product'] });
    expect(rows.map(({ key, complaints }) => [key.source, key.product, complaints])).toEqual([
      ['cfpb', 'Mortgage', 2],
      [null, 'dinner', 2],
      ['cfpb', 'Credit card', 1],
    ]);
    expect(total.complaints).toBe(5);
  });

  test('every share has the number of known and unknown values', async () => {
    const { total } = await trendsBy(readModels.port, { groupBy: [] });
    expect(total).toMatchObject({
      open: { numerator: 3, denominator: 5, unknown: 0 },
      timely: { numerator: 2, denominator: 3, unknown: 2 },
      disputed: { numerator: 1, denominator: 2, unknown: 3 },
      upheld: { numerator: 1, denominator: 2, unknown: 3 },
      upheldOrPartly: { numerator: 2, denominator: 2, unknown: 3 },
      dissatisfied: { numerator: 1, denominator: 2, unknown: 3 },
      daysToResponse: { median: 2, p90: 10, known: 2 },
    });
    const withLowerLimit = await trendsBy(readModels.port, { groupBy: [], satisfiedScore: 3 });
    expect(withLowerLimit.total.dissatisfied.numerator).toBe(0);
  });

  test('an instant counts in the month of the zone, a day in its own month', async () => {
    const months = async (zone: string) => {
      const { rows } = await trendsBy(readModels.port, { groupBy: ['month'], zone });
      return rows.map(({ key, complaints }) => [key.month, complaints]);
    };
    expect(await months('UTC')).toEqual([
      ['2016-03', 2],
      ['2016-04', 3],
    ]);
    expect(await months('Asia/Shanghai')).toEqual([
      ['2016-03', 1],
      ['2016-04', 4],
    ]);
  });

  test('complaints without a date on the basis are in a row with null, and undated is their number', async () => {
    const { rows, undated } = await trendsBy(readModels.port, { groupBy: ['day'], basis: 'responded' });
    expect(rows.map(({ key, complaints }) => [key.day, complaints])).toEqual([
      ['2016-04-02', 1],
      ['2016-04-11', 1],
      [null, 3],
    ]);
    expect(undated).toBe(3);
    expect((await trendsBy(readModels.port, { groupBy: [], basis: 'ended' })).undated).toBe(3);
  });

  test('only complaints that match the filter and the span are counted', async () => {
    const cfpb = await trendsBy(readModels.port, { groupBy: ['response'], filter: { source: 'cfpb' } });
    expect(cfpb.rows.map(({ key, complaints }) => [key.response, complaints])).toEqual([
      ['Closed with explanation', 2],
      ['In progress', 1],
    ]);
    const withoutSource = await trendsBy(readModels.port, { groupBy: ['outcome'], filter: { source: null } });
    expect(withoutSource.total.complaints).toBe(2);
    const april = await trendsBy(readModels.port, { groupBy: ['product'], from: '2016-04-01', to: '2016-04-15' });
    expect(april.total.complaints).toBe(2);
  });

  test.each([
    [{ groupBy: ['product', 'issue', 'region', 'source'] as const }, /at most 3/],
    [{ groupBy: ['day', 'month'] as const }, /one of/],
    [{ groupBy: ['product', 'product'] as const }, /once/],
    [{ groupBy: [], zone: 'Mars/Base' }, /zone/],
  ])('refuses the query %j', async (query, message) => {
    const refusal = trendsBy(readModels.port, query);
    await expect(refusal).rejects.toThrow(TrendsRefused);
    await expect(refusal).rejects.toThrow(message);
  });
});
