import { FeedbackSubmitted } from '../../src/complaint/events.js';
import type { DomainEvent } from '../../src/eventstore/envelope.js';
import { instant } from '../../src/platform/moment.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { given, ofComplaint } from '../../test/support/projections/given.js';
import { fact } from '../../test/support/projections/memory-log.js';
import { day, received, determined, registered } from '../../test/support/projections/trend-events.js';
import { replaceLiveDocuments } from '../../test/support/read-models/serve.js';
import { trends } from './projection.js';
import { MAX_ROWS, trendsBy, TrendsRefused } from './query.js';

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
      disputed: { numerator: 2, denominator: 4, unknown: 1 },
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

  test('refuses a query whose answer would have more than 5000 rows', async () => {
    const issues = Array.from({ length: MAX_ROWS + 1 }, (_, index) => `issue ${String(index)}`);
    const [document] = (await given(trends, ofComplaint(received()))).values();
    const many = issues.map((issue) => ({ ...document, _id: issue, _position: '1', issue }));
    await replaceLiveDocuments(readModels.port, trends, many);
    await expect(trendsBy(readModels.port, { groupBy: ['issue'] })).rejects.toThrow(/more than 5000 rows/);
    expect((await trendsBy(readModels.port, { groupBy: ['product'] })).total.complaints).toBe(MAX_ROWS + 1);
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
