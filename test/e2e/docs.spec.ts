import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codesInSource } from '../support/codes-in-source.js';
import {
  asPrinted,
  compilerComplaints,
  documents,
  placeOf,
  root,
  snippetsOf,
  type Snippet,
} from '../support/doc-snippets.js';
import { describeService } from '../support/service/folders.js';
import { ServiceProcess } from '../support/service/service-process.js';

/*
 * The documents are tested: TypeScript blocks are compiled, shell blocks run in their order against a service of their
 * document's own, and a block marked `output` is what the block before it says.
 */

const snippets = documents().flatMap(snippetsOf);
const shell = snippets.filter(({ language }) => language === 'sh');
const setup = shell.filter(({ marks }) => marks.includes('setup'));
const run = shell.filter(({ marks }) => marks.includes('test'));

test('TypeScript blocks compile as a part of the checkout', () => {
  const blocks = snippets.filter(({ language }) => language === 'ts');
  expect(blocks).not.toEqual([]);
  expect(compilerComplaints(blocks)).toEqual([]);
});

test('a shell block is run, or says why it is not', () => {
  const neither = shell.filter((one) => !run.includes(one) && one.notRun === undefined);
  expect(neither.map(placeOf)).toEqual([]);
});

test('the blocks that are not run', () => {
  const reasons = new Map<string, number>();
  for (const { file, notRun } of shell)
    if (notRun !== undefined) reasons.set(`${file}: ${notRun}`, (reasons.get(`${file}: ${notRun}`) ?? 0) + 1);
  expect(Object.fromEntries(reasons)).toMatchInlineSnapshot(`
    {
      "README.md: needs a container engine; test/e2e/compose.spec.ts runs the steps of the Dockerfile": 1,
      "README.md: needs external servers": 1,
      "README.md: runs until it is stopped; the blocks below use a service like it": 1,
      "README.md: test/e2e/demo.spec.ts runs the demo; npm test would start itself": 1,
      "docs/analysts.md: needs two extracts of the register, which are not in this repository": 1,
      "docs/developers.md: tests that start tests": 3,
    }
  `);
});

test('every stable error code of the source is in docs/errors.md, and no other', () => {
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
        describe.skip(`${title} (skipped: no ${missing.join(', ')} here)`, tests);
      };

describeShell('what the documents say to type', () => {
  describe.each([...new Set(run.map(({ file }) => file))])('%s', (file) => {
    const mine = run.filter((one) => one.file === file);
    const blocks = [...setup.filter((one) => one.file !== file), ...mine];
    let folder = '';
    let said: ReadonlyMap<Snippet, string>;
    let failure = '';

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'redress-docs-'));
      const service = await ServiceProcess.start(folder);
      try {
        ({ said, failure } = await typed(blocks, folder, service.url));
      } finally {
        await service.stop();
      }
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    test.each(mine.map((one) => [`line ${String(one.line)}`, one] as const))('%s', (_line, block) => {
      if (!said.has(block)) throw new Error(failure);
      const next = snippets[snippets.indexOf(block) + 1];
      if (next?.file !== file || !next.marks.includes('output')) return;
      if (!asPrinted(next, said.get(block) ?? ''))
        throw new Error(
          `${placeOf(next)} prints\n${next.text}\n\nand the block before it says\n${said.get(block) ?? ''}`,
        );
    });
  });
});

/** Blocks in one shell, one after the other; ends at the first that fails. */
async function typed(
  blocks: readonly Snippet[],
  folder: string,
  url: string,
): Promise<{ readonly said: ReadonlyMap<Snippet, string>; readonly failure: string }> {
  // the compiled command itself: npx would look into the sources first, and compile what changed
  const command = `npx() { shift; node ${JSON.stringify(join(root, 'test', 'support', 'service', 'run-redress.mjs'))} "$@"; }`;
  const script = [command, ...blocks.map((block, index) => `${block.text}\nprintf '\\x1e${String(index)}\\x1e'`)];
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script.join('\n')], {
    cwd: root,
    env: { ...process.env, REDRESS_DATA: folder, DATA: folder, URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const said = new Map<Snippet, string>();
  const parts = out.split('\x1e');
  for (const [index, block] of blocks.entries())
    if (parts[2 * index + 1] === String(index)) said.set(block, parts[2 * index] ?? '');
  const stopped = blocks.find((block) => !said.has(block));
  const where = stopped === undefined ? 'nowhere' : placeOf(stopped);
  return { said, failure: `the shell ended with ${String(code)} in ${where}:\n${parts.at(-1) ?? ''}${complaints}` };
}
