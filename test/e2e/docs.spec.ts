import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codesInSource } from '../support/codes-in-source.js';
import { compilerErrors, documents, placeOf, root, snippetsOf } from '../support/doc-snippets.js';
import { describeDocument } from '../support/run-document.js';

/*
 * Tests the documents: compiles the TypeScript blocks; runs the shell blocks of each document in their order against a
 * new service; and compares a block marked `output` with the output of the block before it.
 */

const snippets = documents().flatMap(snippetsOf);
const shellBlocks = snippets.filter(({ language }) => language === 'sh');
const testBlocks = shellBlocks.filter(({ marks }) => marks.includes('test'));

test('TypeScript blocks compile together with the sources', () => {
  const blocks = snippets.filter(({ language }) => language === 'ts');
  expect(blocks).not.toEqual([]);
  expect(compilerErrors(blocks)).toEqual([]);
});

test('every shell block is run or has a comment with the reason why it is not', () => {
  const neither = shellBlocks.filter((block) => !testBlocks.includes(block) && block.notRun === undefined);
  expect(neither.map(placeOf)).toEqual([]);
});

test('no command follows one that runs until it is stopped: Docker Compose starts in the background', () => {
  const starts = shellBlocks.flatMap(({ text }) =>
    text.split('\n').filter((line) => /^docker compose .*\bup\b/.test(line)),
  );
  expect(starts.length).toBeGreaterThan(1);
  for (const command of starts) expect(command).toMatch(/ (-d|--detach)\b/);
});

test('exactly these blocks are not run', () => {
  const reasons = new Map<string, number>();
  for (const { file, notRun } of shellBlocks)
    if (notRun !== undefined) reasons.set(`${file}: ${notRun}`, (reasons.get(`${file}: ${notRun}`) ?? 0) + 1);
  expect(Object.fromEntries(reasons)).toMatchInlineSnapshot(`
    {
      "README.md: needs a container engine; test/e2e/compose.spec.ts runs the steps of the Dockerfile": 1,
      "README.md: needs external servers": 2,
      "README.md: runs until it is stopped; the test of this document starts its own service": 1,
      "README.md: test/e2e/demo.spec.ts runs the demo, and a test must not start npm test": 1,
      "docs/analysts.md: needs two extracts of the register, which are not in this repository": 1,
      "docs/developers.md: a test must not start a test run": 3,
      "docs/servers.md: changes a user of a real server": 1,
      "docs/servers.md: copies files of a real server; the test copies those of the double": 1,
      "docs/servers.md: needs a container engine; test/e2e/compose-tls.spec.ts makes the passwords and reads the file": 1,
      "docs/servers.md: replaces files of a real server; the test restores the double": 1,
    }
  `);
});

test('docs/errors.md has exactly the stable error codes of the source, with their statuses', () => {
  const table = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
  const documented = [...table.matchAll(/^\| `([a-z0-9_]+)` +\|/gm)].map(([, code]) => code ?? '');
  const repeated = documented.filter((code, index) => documented.indexOf(code) < index);
  expect(repeated).toEqual([]);
  const inSource = codesInSource();
  expect(documented.sort()).toEqual([...inSource.keys()].sort());
  const wrong = [...table.matchAll(/^\| `([a-z0-9_]+)` +\| +(\d{3}) +\|/gm)].filter(([, code = '', status]) => {
    const known = inSource.get(code);
    return known !== undefined && known.size > 0 && !known.has(Number(status));
  });
  expect(wrong.map(([line]) => line)).toEqual([]);
});

/** Their blocks need servers or packages: servers-document.spec.ts and clients-document.spec.ts run them. */
const WITH_OWN_TEST = ['docs/servers.md', 'docs/clients.md'];

describe('the shell blocks of', () => {
  const files = new Set(testBlocks.map(({ file }) => file));
  for (const file of files) if (!WITH_OWN_TEST.includes(file)) describeDocument(file);
});
