import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { PERIODS, intervalStarts, timeBucketAt, ZoneCalendar } from '../../projections/trends/calendar.js';
import { trends } from '../../projections/trends/projection.js';
import { trendsBy, type TrendsQuery } from '../../projections/trends/query.js';
import type { JsonObject } from '../../src/platform/json.js';
import { EmbeddedReadModels } from '../../src/readmodels/embedded/embedded-read-models.js';
import { toBucket } from '../../src/readmodels/buckets.js';
import type { Document } from '../../src/readmodels/read-models.js';
import { replaceLiveDocuments } from '../support/read-models/serve.js';
import { examples } from '../support/examples.js';

// Properties of trends by period, for random days and time zones.

const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia', // skipped 30 December 2011
  'Africa/Casablanca',
  'America/St_Johns', // until 2011, summer time ended at 00:01, when clocks went back to 23:01
  'America/Sao_Paulo', // until 2019, summer time ended at midnight, when clocks went back to 23:00
  'Pacific/Kiritimati', // UTC-10:40 until 1979, and skipped a day in 1994 or 1995
  'Africa/Monrovia', // UTC-0:44:30 until 7 January 1972
];
/** Days near which a zone changes its offset, or a year ends. */
const SPECIAL_DAYS = [
  '1972-01-07',
  '1978-05-01',
  '1979-10-01',
  '1979-12-31',
  '1994-12-31',
  '2010-11-07',
  '2011-12-30',
  '2019-02-17',
  '2024-12-31',
  '2026-03-08',
  '2026-03-22',
  '2026-04-05',
];
const DAY_MS = 86_400_000;

const day = fc
  .oneof(
    fc.tuple(fc.constantFrom(...SPECIAL_DAYS), fc.integer({ min: -3, max: 3 })),
    fc.tuple(fc.constant('2024-12-31'), fc.integer({ min: -6_000, max: 1_000 })),
  )
  .map(([from, days]) => new Date(Date.parse(from) + days * DAY_MS).toISOString().slice(0, 10));
/** A date as trends store it: a day, or the time bucket of an instant; often near the start of a day of a zone. */
const timeBucket = fc
  .tuple(day, fc.option(fc.oneof(fc.nat(DAY_MS - 1), fc.constantFrom(38_399_000, 38_400_000, 2_669_000, 2_670_000))))
  .map(([date, time]) => (time === null ? date : timeBucketAt(Date.parse(date) + time)));
const period = fc.constantFrom(...PERIODS);
// without an end, with the greatest day, and with a text that is not a day
const span = fc.record({ from: day, to: fc.oneof(day, fc.constantFrom('9999-12-31', '2026')) }, { requiredKeys: [] });

describe('trends by period', () => {
  const folder = mkdtempSync(join(tmpdir(), 'redress-trends-'));
  const readModels = EmbeddedReadModels.open(join(folder, 'views.db'));
  afterAll(async () => {
    await readModels.close();
    rmSync(folder, { recursive: true });
  });

  /** Stores one trends document for each date of receipt. */
  async function storeDocuments(dates: readonly (string | null | undefined)[]): Promise<void> {
    const documents = dates.map((received, index): Document => ({
      _id: String(index),
      _position: '1',
      ...(received !== undefined && { received }),
      channel: index % 2 === 0 ? 'phone' : 'email',
      open: 1,
    }));
    await replaceLiveDocuments(readModels, trends, documents);
  }

  /** The same read models, except that they group by each time bucket instead of by intervals. */
  const groupedByTimeBucket = {
    loadModel: (name: string) => readModels.loadModel(name),
    find: () => Promise.reject(new Error('trends must not call find')),
    getMany: () => Promise.reject(new Error('trends must not call getMany')),
    count: (collection: string, filter: JsonObject) => readModels.count(collection, filter),
    aggregate: (collection: string, pipeline: readonly JsonObject[]) => {
      const [{ $group }] = pipeline as readonly [{ readonly $group: JsonObject }];
      const _id = { ...($group._id as JsonObject), timeBucket: '$received' };
      return readModels.aggregate(collection, [{ $group: { ...$group, _id } }]);
    },
  };

  test('are the same if the store groups by intervals or by single time buckets', async () => {
    const timeBuckets = fc.array(fc.oneof({ weight: 9, arbitrary: timeBucket }, fc.constantFrom(null, undefined)), {
      maxLength: 60,
    });
    const parameters = fc.tuple(fc.constantFrom(...ZONES), fc.option(period), span, day);
    const queries = fc.array(parameters, { minLength: 5, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(timeBuckets, queries, async (dates, parametersOfQueries) => {
        await storeDocuments(dates);
        for (const [zone, by, { from, to }, today] of parametersOfQueries) {
          if (by === null && from === undefined && to === undefined) continue;
          if (from !== undefined && to !== undefined && from > to) continue;
          const query: TrendsQuery = {
            groupBy: by === null ? ['channel'] : [by, 'channel'],
            zone,
            ...(from !== undefined && { from }),
            ...(to !== undefined && { to }),
          };
          expect(await trendsBy(readModels, query, today)).toEqual(await trendsBy(groupedByTimeBucket, query, today));
        }
      }),
      examples(40),
    );
  });

  test('put each time bucket into the interval of its period, or before or after the span', () => {
    const inputs = fc.tuple(
      fc.constantFrom(...ZONES),
      fc.option(period),
      span,
      day,
      fc.array(timeBucket, { minLength: 200 }),
    );
    fc.assert(
      fc.property(inputs, ([zone, by, { from, to }, today, timeBuckets]) => {
        const calendar = new ZoneCalendar(zone);
        const buckets = calendar.buckets(intervalStarts(by ?? undefined, { from, to }, today));
        const intervalOf = (time: string) => {
          const date = calendar.dayOf(time);
          if (from !== undefined && date < from) return 'before';
          if (to !== undefined && date > to) return 'after';
          return by === null ? 'within' : calendar.periodOf(time, by);
        };
        for (const time of timeBuckets) expect(intervalOf(toBucket(buckets, time) as string)).toBe(intervalOf(time));
      }),
      examples(60),
    );
  });

  test.each([
    ['UTC', 1_000],
    ['Asia/Shanghai', 1_000],
    ['America/New_York', 3_000],
  ])('by day and without a span, in %s, have a fixed number of boundaries: %i', (zone, boundaries) => {
    const buckets = new ZoneCalendar(zone).buckets(intervalStarts('day', {}, '2026-11-22'));
    expect(buckets.boundaries).toHaveLength(boundaries);
  });
});
