import { acceptedType } from './accepted-type.js';

const offered = ['application/json', 'text/csv'] as const;

test.each([
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['text/csv', 'text/csv'],
  ['TEXT/CSV; charset=utf-8', 'text/csv'],
  ['text/*', 'text/csv'],
  ['application/json;q=0.5, text/csv', 'text/csv'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
  ['application/json;q=0, */*', 'text/csv'],
  ['text/csv;q=0', undefined],
  ['application/pdf', undefined],
])('with Accept %s, the type is %s', (accept, type) => {
  expect(acceptedType(accept, offered)).toBe(type);
});
