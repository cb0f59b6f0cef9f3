import { rulesOf, type PublishedHouseRules } from '../house-policy/house-policy.js';
import { DEFAULT_HOUSE_RULES } from '../house-policy/rules.js';
import { comparison, explanation } from './policy.js';

const versionWith = (version: number, changed: Partial<PublishedHouseRules['rules']>): PublishedHouseRules => ({
  version,
  effectiveFrom: `2026-11-0${String(version)}T00:00:00.000Z`,
  rules: { ...rulesOf(DEFAULT_HOUSE_RULES), ...changed },
  publishedAt: '2026-11-01T00:00:00.000Z',
  publishedBy: 'supervisor-1',
});
const first = versionWith(1, {});
const second = versionWith(2, { reopenDays: 60 });
const third = versionWith(3, { reopenDays: 60, remedyByTwo: false });
const rules = { versions: [first, second, third], inForce: 3 };

test('a comparison lists only the rules that differ', () => {
  const rows = comparison(first, third)
    .split('\n')
    .map((line) => line.split(/[^\w ]/).flatMap((cell) => cell.trim() || []));
  expect(rows.filter((cells) => cells.length > 0)).toEqual([
    ['rule', 'version 1', 'version 3'],
    ['remedyByTwo', 'true', 'false'],
    ['reopenDays', '90', '60'],
  ]);
  expect(comparison(first, first)).toBe('version 1 and version 1 do not differ');
});

test('an explanation names the value, the default, the events, and who set it when', () => {
  expect(explanation('reopenDays', rules).split('\n')).toEqual([
    'reopenDays: Days after an end in which a complaint may be re-opened',
    'now: 60 (default: 90)',
    'events that name its version: ComplaintReopened',
    'set by',
    '  version 1 from 2026-11-01T00:00:00.000Z by supervisor-1: 90',
    '  version 2 from 2026-11-02T00:00:00.000Z by supervisor-1: 60',
  ]);
  expect(explanation('remedyByTwo', rules)).toContain('(waivers)');
  expect(() => explanation('reopen', rules)).toThrow('there is no rule reopen; the rules are limits,');
});
