import { readFileSync, writeFileSync } from 'node:fs';
import { DOMAIN_DOCUMENTS, withCurrentTables, tableNames } from '../../test/support/domain/domain-document.js';
import { LANGUAGES } from '../platform/language.js';

// To update the tables of the documents after a change of the code, run:
// REDRESS_TEST_PRINT=1 npx jest --selectProjects unit --testPathPatterns domain-document
if (process.env.REDRESS_TEST_PRINT === '1')
  for (const language of LANGUAGES) {
    const file = DOMAIN_DOCUMENTS[language];
    writeFileSync(file, withCurrentTables(readFileSync(file, 'utf8'), language));
  }

describe.each(LANGUAGES)('the edition of docs/domain in the language %s', (language) => {
  const document = readFileSync(DOMAIN_DOCUMENTS[language], 'utf8');

  test('has the tables that are generated from the code', () => {
    expect(document).toBe(withCurrentTables(document, language));
  });

  test('has each generated table once', () => {
    const names = [...document.matchAll(/<!-- printed: (\w+) -->/g)].map(([, name]) => name ?? '');
    expect(names.sort()).toEqual([...tableNames].sort());
  });
});
