import type { DueTime } from '../../projections/due-times/projection.js';
import type { DueDocument } from '../../projections/due-times/query.js';
import { keyOf, planPage, sleepMs } from './due-plan.js';

const at = (minute: number): string => `2026-01-05T09:${String(minute).padStart(2, '0')}:00.000Z`;

const time = (subject: string, dueAt: string): DueTime => ({
  subject,
  purpose: 'hold',
  level: 'end',
  dueAt,
  command: { name: 'ReleaseHold', body: { holdId: subject, occurredAt: dueAt } },
});

const document = (complaint: string, ...due: readonly DueTime[]): DueDocument => ({
  complaint,
  nextDue: due[0]?.dueAt ?? null,
  due,
  progress: {},
  _position: '7',
});

const subjects = ({ lists }: ReturnType<typeof planPage>) =>
  lists.map((list) => list.map(({ complaint, subject }) => `${complaint}/${subject}`));

describe('the plan for a page of due documents', () => {
  test('has what is due at this instant, and nothing that is due a millisecond later', () => {
    const page = [document('a', time('h1', at(5)), time('h2', '2026-01-05T09:05:00.001Z'))];
    expect(subjects(planPage(page, at(5), true))).toEqual([['a/h1']]);
    expect(planPage(page, at(5), true).next).toBe('2026-01-05T09:05:00.001Z');
    expect(planPage(page, '2026-01-05T09:04:59.999Z', true)).toEqual({ lists: [], next: at(5) });
  });

  test('has the work of each complaint in the order of its times', () => {
    const page = [document('a', time('h1', at(1)), time('h2', at(3))), document('b', time('h1', at(2)))];
    expect(subjects(planPage(page, at(9), true))).toEqual([['a/h1', 'a/h2'], ['b/h1']]);
  });

  test('leaves what is later than the beginning of the next page for later', () => {
    const page = [document('a', time('h1', at(1)), time('h2', at(8))), document('b', time('h1', at(2)))];
    expect(subjects(planPage(page, at(9), false))).toEqual([['a/h1'], ['b/h1']]);
  });

  test('is empty without documents', () => {
    expect(planPage([], at(9), true)).toEqual({ lists: [], next: null });
  });
});

test('the key of a command is made of subject, purpose and level, not of its time', () => {
  const [[first] = [], [later] = []] = [at(1), at(2)].map(
    (dueAt) => planPage([document('a', time('h1', dueAt))], at(9), true).lists[0],
  );
  expect(first && keyOf(first)).toBe('a/h1/hold/end');
  expect(later && keyOf(later)).toBe('a/h1/hold/end');
});

test.each([
  ['without a next time, the limit', null, 1000],
  ['until a near time', '2026-01-05T09:05:00.250Z', 250],
  ['at most the limit, because the clock may be set', at(7), 1000],
  ['not at all if the time has passed', at(4), 0],
])('sleeps %s', (_case, next, milliseconds) => {
  expect(sleepMs(next, at(5), 1000)).toBe(milliseconds);
});
