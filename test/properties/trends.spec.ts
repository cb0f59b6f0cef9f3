import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { PERIODS, intervalStarts, ZoneCalendar } from '../../projections/trends/calendar.js';
import { trends } from '../../projections/trends/projection.js';
import { trendsBy, type TrendsQuery } from '../../projections/trends/query.js';
import type { JsonObject } from '../../src/platform/json.js';
import { EmbeddedReadModels } from '../../src/readmodels/embedded/embedded-read-models.js';
import { toBucket } from '../../src/readmodels/buckets.js';
import type { Document } from '../../src/readmodels/read-models.js';
import { serve } from '../support/read-models/serve.js';
import { examples } from '../support/examples.js';

/** Properties of trends by period, for random days and time zones. */

const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia', // had no 30 December 2011
  'Africa/Casablanca',
  'America/St_Johns', // went back from 00:01 to 23:01 until 2011
  'America/Sao_Paulo', // went back from midnight to 23:00 until 2019
  'Pacific/Kiritimati',
];
/** Around these a zone changes its offset, or a year ends. */
const TURNS = ['2010-11-07', '2011-12-30', '2019-02-17', '2024-12-31', '2026-03-08', '2026-03-22', '2026-04-05'];
const DAY = 86_400_000;

const day = fc
  .oneof(
    fc.tuple(fc.constantFrom(...TURNS), fc.integer({ min: -3, max: 3 })),
    fc.tuple(fc.constant('2024-12-31'), fc.integer({ min: -6_000, max: 1_000 })),
  )
  .map(([from, days]) => new Date(Date.parse(from) + days * DAY).toISOString().slice(0, 10));
const timeBucket = fc
  .tuple(day, fc.option(fc.integer({ min: 0, max: 95 })))
  .map(([on, quarter]) =>
    quarter === null ? on : `${new Date(Date.parse(on) + quarter * 900_000).toISOString().slice(0, 16)}Z`,
  );
const period = fc.constantFrom(...PERIODS);
const span = fc.record({ from: day, to: fc.oneof(day, fc.constantFrom('9999-12-31', '2026')) }, { requiredKeys: [] });

describe('trends by period', () => {
  const folder = mkdtempSync(join(tmpdir(), 'redress-trends-'));
  const readModels = EmbeddedReadModels.open(join(folder, 'views.db'));
  afterAll(async () => {
    await readModels.close();
    rmSync(folder, { recursive: true });
  });

  async function given(received: readonly (string | null | undefined)[]): Promise<void> {
    const documents = received.map((received, n): Document => ({
      _id: String(n),
      _position: '1',
      ...(received !== undefined && { received }),
      channel: n % 2 === 0 ? 'phone' : 'email',
      open: 1,
    }));
    await serve(readModels, trends, documents);
  }

  /** The same read models, queried for each time bucket separately. */
  const bySlots = {
    loadModel: (name: string) => readModels.loadModel(name),
    find: () => Promise.reject(new Error('is not asked')),
    getMany: () => Promise.reject(new Error('is not asked')),
    count: (collection: string, filter: JsonObject) => readModels.count(collection, filter),
    aggregate: (collection: string, pipeline: readonly JsonObject[]) => {
      const [{ $group }] = pipeline as readonly [{ readonly $group: JsonObject }];
      const _id = { ...($group._id as JsonObject), timeBucket: '$received' };
      return readModels.aggregate(collection, [{ $group: { ...$group, _id } }]);
    },
  };

  test('equal the sums of the single time buckets', async () => {
    const timeBuckets = fc.array(fc.oneof({ weight: 9, arbitrary: timeBucket }, fc.constantFrom(null, undefined)), {
      maxLength: 60,
    });
    const asked = fc.tuple(fc.constantFrom(...ZONES), fc.option(period), span, day);
    await fc.assert(
      fc.asyncProperty(timeBuckets, fc.array(asked, { minLength: 5, maxLength: 10 }), async (received, questions) => {
        await given(received);
        for (const [zone, by, { from, to }, today] of questions) {
          if (by === null && from === undefined && to === undefined) continue;
          const query: TrendsQuery = {
            groupBy: by === null ? ['channel'] : [by, 'channel'],
            zone,
            ...(from !== undefined && { from }),
            ...(to !== undefined && { to }),
          };
          expect(await trendsBy(readModels, query, today)).toEqual(await trendsBy(bySlots, query, today));
        }
      }),
      examples(40),
    );
  });

  test('each time bucket keeps its period, or its side of the span', () => {
    const questions = fc.tuple(
      fc.constantFrom(...ZONES),
      fc.option(period),
      span,
      day,
      fc.array(timeBucket, { minLength: 200 }),
    );
    fc.assert(
      fc.property(questions, ([zone, by, { from, to }, today, timeBuckets]) => {
        const calendar = new ZoneCalendar(zone);
        const buckets = calendar.buckets(intervalStarts(by ?? undefined, { from, to }, today));
        const intervalOf = (at: string) => {
          const on = calendar.dayOf(at);
          const side = from !== undefined && on < from ? 'before' : to !== undefined && on > to ? 'after' : 'within';
          return side === 'within' && by !== null ? calendar.periodOf(at, by) : side;
        };
        for (const at of timeBuckets) expect(intervalOf(toBucket(buckets, at) as string)).toBe(intervalOf(at));
      }),
      examples(60),
    );
  });

  test.each([
    ['UTC', 1_000],
    ['Asia/Shanghai', 1_000],
    ['America/New_York', 3_000],
  ])('have few boundaries in %s', (zone, boundaries) => {
    const buckets = new ZoneCalendar(zone).buckets(intervalStarts('day', {}, '2026-11-22'));
    expect(buckets.boundaries).toHaveLength(boundaries);
  });
});
