import { REFERENCE } from '../../test/support/directory.js';
import { instant } from '../platform/moment.js';
import { beforeWhatItAnswers } from './order.js';

describe('I21: nothing occurs before what it answers', () => {
  const sent = { event: 'FinalResponseSent', at: instant('2026-11-03T09:00:00.000Z') };
  const problemAt = (at: Parameters<typeof beforeWhatItAnswers>[0], answered = sent) =>
    beforeWhatItAnswers(at, answered, { reference: REFERENCE }, '/at');

  test('names the event that it answers', () =>
    expect(problemAt(instant('2026-11-03T08:57:00.000Z'))).toEqual({
      code: 'before_what_it_answers',
      message: 'the time is before FinalResponseSent (2026-11-03T09:00:00.000Z), which it answers; give a later time',
      pointer: '/at',
    }));
  test('two minutes apart count as the same time', () => {
    expect(problemAt(instant('2026-11-03T08:58:00.000Z'))).toBeUndefined();
    expect(problemAt(instant('2026-11-03T08:57:59.999Z'))).toBeDefined();
  });
  test('a day is too early only if no instant of it will do', () => {
    expect(problemAt({ precision: 'day', day: '2026-11-03', zone: 'UTC' })).toBeUndefined();
    expect(problemAt({ precision: 'day', day: '2026-11-02', zone: 'UTC' })).toBeDefined();
    const onDay = { event: 'RemedyProposed', at: { precision: 'day', day: '2026-11-03', zone: 'UTC' } as const };
    expect(beforeWhatItAnswers(instant('2026-11-03T00:00:00.000Z'), onDay, { reference: REFERENCE }, '')).toBe(
      undefined,
    );
  });
});
