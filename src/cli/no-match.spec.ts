import { ComplaintListParameters } from '../api/complaint-list.controller.js';
import { SearchForPerson } from '../api/complaint-search.controller.js';
import { noMatchText } from './no-match.js';

const text = (options: Readonly<Record<string, string>>): string =>
  noMatchText('Searched', options, [SearchForPerson, ComplaintListParameters]);

test('says what was searched, in which fields, and what can be tried', () => {
  const lines = text({ name: '王芳', channel: 'phone', receivedFrom: '2026-01-01', limit: '5' }).split('\n');
  expect(lines[0]).toBe('Searched: none matches all of');
  expect(lines[1]).toMatch(/^ {2}--name {2}Name of a party, or a part of it: /);
  expect(lines[2]).toBe('  --channel phone  Channel of the lodging');
  expect(lines[3]).toMatch(/^ {2}--received-from 2026-01-01 {2}First day of the date: /);
  expect(lines[4]).toMatch(/narratives, notes and letters are not searched/);
  expect(lines[5]).toMatch(/^Try: leave out one of the options; a part of the name, .*; a longer span of days$/);
  expect(lines).toHaveLength(6);
});

test('does not repeat personal values', () => {
  const personal = { name: '王芳', phone: '13912345678', email: 'ann@example.org', account: 'wx_1', order: 'SO-1' };
  for (const value of Object.values(personal)) expect(text(personal)).not.toContain(value);
});

test('one criterion is not told to leave one out; no criterion means that there is no complaint', () => {
  expect(text({ channel: 'fax' }).split('\n')).toEqual([
    'Searched: none matches',
    '  --channel fax  Channel of the lodging',
  ]);
  expect(text({ sort: 'ended' })).toBe('Searched: there is none');
});
