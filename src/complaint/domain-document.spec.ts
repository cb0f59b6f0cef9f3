import { readFileSync, writeFileSync } from 'node:fs';
import { DOMAIN_DOCUMENT, withCurrentTables, tableNames } from '../../test/support/domain/domain-document.js';

// Updates the tables after a change of the code:
// REDRESS_TEST_PRINT=1 npx jest --selectProjects unit --testPathPatterns domain-document
if (process.env.REDRESS_TEST_PRINT === '1')
  writeFileSync(DOMAIN_DOCUMENT, withCurrentTables(readFileSync(DOMAIN_DOCUMENT, 'utf8')));

const document = readFileSync(DOMAIN_DOCUMENT, 'utf8');

test('docs/domain.md has the tables that the code prints', () => {
  expect(document).toBe(withCurrentTables(document));
});

test('docs/domain.md has each table once', () => {
  const names = [...document.matchAll(/<!-- printed: (\w+) -->/g)].map(([, name]) => name ?? '');
  expect(names.sort()).toEqual([...tableNames].sort());
});
