import { readFileSync, writeFileSync } from 'node:fs';
import { DOMAIN_DOCUMENT, withCurrentTables, tableNames } from '../../test/support/domain/domain-document.js';

// To update the tables of the document after a change of the code, run:
// REDRESS_TEST_PRINT=1 npx jest --selectProjects unit --testPathPatterns domain-document
if (process.env.REDRESS_TEST_PRINT === '1')
  writeFileSync(DOMAIN_DOCUMENT, withCurrentTables(readFileSync(DOMAIN_DOCUMENT, 'utf8')));

const document = readFileSync(DOMAIN_DOCUMENT, 'utf8');

test('the tables of docs/domain.md equal those generated from the code', () => {
  expect(document).toBe(withCurrentTables(document));
});

test('docs/domain.md has each generated table once', () => {
  const names = [...document.matchAll(/<!-- printed: (\w+) -->/g)].map(([, name]) => name ?? '');
  expect(names.sort()).toEqual([...tableNames].sort());
});
