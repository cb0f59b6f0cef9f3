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
  eventsAsOf(pointInTime, history).map((e) => e.revision);

describe('a history at a point in time', () => {
  test('as of an instant: what had happened, in revision order, though it was recorded later', () => {
    expect(revisions({ asOf: '2026-03-04T00:00:00.000Z' })).toEqual([0, 2]);
  });

  test('a day counts from its end in its zone', () => {
    expect(revisions({ asOf: '2026-03-01T15:59:59.999Z' })).toEqual([]);
    expect(revisions({ asOf: '2026-03-01T16:00:00.000Z' })).toEqual([0]);
  });

  test('known at an instant: a prefix of the stream', () => {
    expect(revisions({ knownAt: '2026-03-05T10:00:00.000Z' })).toEqual([0, 1]);
  });

  test('both times together: what had happened and was on record', () => {
    expect(revisions({ asOf: '2026-03-04T00:00:00.000Z', knownAt: '2026-03-05T12:00:00.000Z' })).toEqual([0]);
  });

  test('a revision is that event and all before it', () => {
    expect(revisions({ revision: 1 })).toEqual([0, 1]);
    expect(isNow({})).toBe(true);
    expect(isNow({ revision: 1 })).toBe(false);
  });
});
