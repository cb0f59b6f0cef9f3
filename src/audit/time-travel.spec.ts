import type { Recorded } from '../eventstore/envelope.js';
import type { Moment } from '../platform/moment.js';
import { isNow, eventsAsOf } from './time-travel.js';

const event = (revision: number, occurredAt: Moment, recordedAt: string) =>
  ({ revision, metadata: { occurredAt, recordedAt } }) as Recorded;

const history = [
  event(0, { precision: 'day', day: '2026-03-01', zone: 'Asia/Shanghai' }, '2026-03-02T00:00:00.000Z'),
  event(1, { precision: 'instant', at: '2026-03-05T10:00:00.000Z' }, '2026-03-05T10:00:00.000Z'),
  event(2, { precision: 'instant', at: '2026-03-03T10:00:00.000Z' }, '2026-03-06T10:00:00.000Z'),
];

const revisions = (pointInTime: Parameters<typeof eventsAsOf>[0]) =>
  eventsAsOf(pointInTime, history).map(({ revision }) => revision);

describe('a history at a point in time', () => {
  test('asOf includes an event that had happened by then, even if it was recorded later', () => {
    expect(revisions({ asOf: '2026-03-04T00:00:00.000Z' })).toEqual([0, 2]);
  });

  test('an event with a day is included from the end of this day in its zone', () => {
    expect(revisions({ asOf: '2026-03-01T15:59:59.999Z' })).toEqual([]);
    expect(revisions({ asOf: '2026-03-01T16:00:00.000Z' })).toEqual([0]);
  });

  test('knownAt includes the events that were recorded by then', () => {
    expect(revisions({ knownAt: '2026-03-05T10:00:00.000Z' })).toEqual([0, 1]);
  });

  test('asOf with knownAt includes the events that had happened and were recorded by then', () => {
    expect(revisions({ asOf: '2026-03-04T00:00:00.000Z', knownAt: '2026-03-05T12:00:00.000Z' })).toEqual([0]);
  });

  test('revision includes the event with this revision and all before it', () => {
    expect(revisions({ revision: 1 })).toEqual([0, 1]);
  });

  test('only an empty point in time is now', () => {
    expect(isNow({})).toBe(true);
    expect(isNow({ revision: 1 })).toBe(false);
  });
});
