import { matches } from '../../src/readmodels/matching.js';
import { parseFilter } from '../../src/readmodels/query-language.js';
import { inSpan, type Day } from './spans.js';

const day = (text: string, zone: string): Day => ({ precision: 'day', day: text, zone });
const isIn = (date: string | null, span: { readonly from?: Day; readonly to?: Day }): boolean =>
  inSpan('ended', span).every((condition) => matches({ ended: date }, parseFilter(condition)));

// the first and the last instant of 10 and 11 March 2026, the days of the span, in each zone
describe.each([
  ['UTC', '2026-03-10T00:00:00.000Z', '2026-03-11T23:59:59.999Z'],
  ['Asia/Shanghai', '2026-03-09T16:00:00.000Z', '2026-03-11T15:59:59.999Z'],
  ['America/New_York', '2026-03-10T04:00:00.000Z', '2026-03-12T03:59:59.999Z'],
  ['Pacific/Kiritimati', '2026-03-09T10:00:00.000Z', '2026-03-11T09:59:59.999Z'],
  ['Pacific/Pago_Pago', '2026-03-10T11:00:00.000Z', '2026-03-12T10:59:59.999Z'],
])('a span of days in %s', (zone, first, last) => {
  const from = day('2026-03-10', zone);
  const to = day('2026-03-11', zone);
  const before = new Date(Date.parse(first) - 1).toISOString();
  const after = new Date(Date.parse(last) + 1).toISOString();

  test.each([
    [first, true],
    [before, false],
    [last, true],
    [after, false],
    ['2026-03-09', false],
    ['2026-03-10', true],
    ['2026-03-11', true],
    ['2026-03-12', false],
    [null, false],
  ])('contains %s: %s', (date, expected) => {
    expect(isIn(date, { from, to })).toBe(expected);
  });

  test('may have only a beginning or only an end', () => {
    expect(['2026-03-09', '2026-03-10', '2027-01-01', before, first].map((date) => isIn(date, { from }))).toEqual([
      false,
      true,
      true,
      false,
      true,
    ]);
    expect(['2025-01-01', '2026-03-11', '2026-03-12', last, after].map((date) => isIn(date, { to }))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });
});
