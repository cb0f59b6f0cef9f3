import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codesInSource } from '../support/codes-in-source.js';
import {
  matchesPrinted,
  compilerErrors,
  documents,
  placeOf,
  root,
  snippetsOf,
  type Snippet,
} from '../support/doc-snippets.js';
import { describeService } from '../support/service/folders.js';
import { ServiceProcess } from '../support/service/service-process.js';

/*
 * Tests the documents: compiles the TypeScript blocks; runs the shell blocks of each document in their order against a
 * new service; and compares a block marked `output` with the output of the block before it.
 */

const snippets = documents().flatMap(snippetsOf);
const shellBlocks = snippets.filter(({ language }) => language === 'sh');
const setupBlocks = shellBlocks.filter(({ marks }) => marks.includes('setup'));
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

test('exactly these blocks are not run', () => {
  const reasons = new Map<string, number>();
  for (const { file, notRun } of shellBlocks)
    if (notRun !== undefined) reasons.set(`${file}: ${notRun}`, (reasons.get(`${file}: ${notRun}`) ?? 0) + 1);
  expect(Object.fromEntries(reasons)).toMatchInlineSnapshot(`
    {
      "README.md: needs a container engine; test/e2e/compose.spec.ts runs the steps of the Dockerfile": 1,
      "README.md: needs external servers": 1,
      "README.md: runs until it is stopped; the test of this document starts its own service": 1,
      "README.md: test/e2e/demo.spec.ts runs the demo, and a test must not start npm test": 1,
      "docs/analysts.md: needs two extracts of the register, which are not in this repository": 1,
      "docs/developers.md: a test must not start a test run": 3,
    }
  `);
});

test('docs/errors.md has exactly the stable error codes of the source, with their statuses', () => {
  const table = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
  const documented = [...table.matchAll(/^\| `([a-z0-9_]+)` +\|/gm)].map(([, code]) => code ?? '');
  expect(documented.filter((code, index) => documented.indexOf(code) < index)).toEqual([]);
  const inSource = codesInSource();
  expect(documented.sort()).toEqual([...inSource.keys()].sort());
  const wrong = [...table.matchAll(/^\| `([a-z0-9_]+)` +\| +(\d{3}) +\|/gm)].filter(([, code = '', status]) => {
    const known = inSource.get(code);
    return known !== undefined && known.size > 0 && !known.has(Number(status));
  });
  expect(wrong.map(([line]) => line)).toEqual([]);
});

const missing = ['bash', 'curl'].filter((program) => spawnSync(program, ['--version']).error !== undefined);
const describeShell =
  missing.length === 0
    ? describeService
    : (title: string, tests: () => void) => {
        describe.skip(`${title} (skipped: ${missing.join(', ')} not installed)`, tests);
      };

describeShell('the shell blocks of', () => {
  describe.each([...new Set(testBlocks.map(({ file }) => file))])('%s', (file) => {
    const blocksOfFile = testBlocks.filter((block) => block.file === file);
    const blocks = [...setupBlocks.filter((block) => block.file !== file), ...blocksOfFile];
    let folder = '';
    let outputs: ReadonlyMap<Snippet, string>;
    let failure = '';

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'redress-docs-'));
      const service = await ServiceProcess.start(folder);
      try {
        ({ outputs, failure } = await runBlocks(blocks, folder, service.url));
      } finally {
        await service.stop();
      }
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const cases = blocksOfFile.map((block) => [block.line, block] as const);
    test.each(cases)('line %i succeeds with the documented output', (_line, block) => {
      const output = outputs.get(block);
      if (output === undefined) throw new Error(failure);
      const next = snippets[snippets.indexOf(block) + 1];
      if (next?.file !== file || !next.marks.includes('output')) return;
      if (!matchesPrinted(next, output))
        throw new Error(`${placeOf(next)} expects\n${next.text}\n\nbut the block before it prints\n${output}`);
    });
  });
});

/**
 * Runs blocks in one shell, one after the other, until one fails. Returns the standard output of each block that
 * succeeded, and a message about the block that failed.
 */
async function runBlocks(
  blocks: readonly Snippet[],
  folder: string,
  url: string,
): Promise<{ readonly outputs: ReadonlyMap<Snippet, string>; readonly failure: string }> {
  // runs the compiled command directly: npx would first check the sources and compile changed ones
  const npxFunction = `npx() { shift; node ${JSON.stringify(join(root, 'test', 'support', 'service', 'run-redress.mjs'))} "$@"; }`;
  // after each block, the script prints the index of the block between two record separators
  const script = [npxFunction, ...blocks.map((block, index) => `${block.text}\nprintf '\\x1e${String(index)}\\x1e'`)];
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script.join('\n')], {
    cwd: root,
    env: { ...process.env, REDRESS_DATA: folder, DATA: folder, URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const outputs = new Map<Snippet, string>();
  const parts = stdout.split('\x1e');
  for (const [index, block] of blocks.entries())
    if (parts[2 * index + 1] === String(index)) outputs.set(block, parts[2 * index] ?? '');
  const failed = blocks.find((block) => !outputs.has(block));
  const where = failed === undefined ? 'no block' : placeOf(failed);
  return { outputs, failure: `the shell ended with ${String(code)} in ${where}:\n${parts.at(-1) ?? ''}${stderr}` };
}
