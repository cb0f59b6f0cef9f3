import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { documents, matchesPrinted, placeOf, root, snippetsOf, type Snippet } from './doc-snippets.js';
import { describeService } from './service/folders.js';
import { describeUnless } from './skip.js';
import { ServiceProcess } from './service/service-process.js';

export interface DocumentOptions {
  /** Returns additional environment variables for the shell; called before the first block. */
  readonly environment?: () => Readonly<Record<string, string>>;
  /** Commands that replace a block that is not run; the key is the reason in its `not run:` comment. */
  readonly replacements?: Readonly<Record<string, string>>;
  /** Programs that the blocks need, besides bash, curl and python3. */
  readonly programs?: readonly string[];
}

/** Describes tests with the real service that need these programs; skips them if a program is not installed. */
export function describeWith(programs: readonly string[], title: string, tests: () => void): void {
  const missing = programs.filter((program) => spawnSync(program, ['--help']).error !== undefined);
  if (missing.length === 0) describeService(title, tests);
  else describeUnless(`${missing.join(', ')} not installed`)(title, tests);
}

/**
 * Describes one test for each block of a document that is marked `sh test`. Runs the blocks in their order in one shell,
 * after the setup blocks of the other documents, with a new embedded service. A block of any language with the mark
 * `file=NAME` is written to this file.
 */
export function describeDocument(
  file: string,
  { environment = () => ({}), replacements = {}, programs = [] }: DocumentOptions = {},
): void {
  const setupBlocks = documents()
    .flatMap(snippetsOf)
    .filter((block) => block.language === 'sh' && block.marks.includes('setup') && block.file !== file);
  const blocksOfFile = snippetsOf(file);
  const testBlocks = blocksOfFile.filter(({ language, marks }) => language === 'sh' && marks.includes('test'));
  const replacementOf = ({ notRun }: Snippet): string | undefined =>
    notRun === undefined ? undefined : replacements[notRun];
  const blocks = [
    ...setupBlocks,
    ...blocksOfFile.filter(
      (block) => testBlocks.includes(block) || replacementOf(block) !== undefined || fileNameOf(block) !== undefined,
    ),
  ];
  const commands = blocks.map((block) => replacementOf(block) ?? writingCommand(block) ?? block.text);

  describeWith(['bash', 'curl', 'python3', ...programs], file, () => {
    let folder = '';
    let outputs: ReadonlyMap<Snippet, string>;
    let failure = '';

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'redress-docs-'));
      const service = await ServiceProcess.start(folder);
      try {
        const variables = { REDRESS_DATA: folder, DATA: folder, URL: service.url, ...environment() };
        ({ outputs, failure } = await runBlocks(blocks, commands, variables));
      } finally {
        await service.stop();
      }
    }, SHELL_TIMEOUT_MS + 60_000);
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const cases = testBlocks.map((block) => [block.line, block] as const);
    test.each(cases)('line %i succeeds with the documented output', (_line, block) => {
      const output = outputs.get(block);
      if (output === undefined) throw new Error(failure);
      const next = blocksOfFile[blocksOfFile.indexOf(block) + 1];
      if (next?.marks.includes('output') !== true) return;
      if (!matchesPrinted(next, output))
        throw new Error(`${placeOf(next)} expects\n${next.text}\n\nbut the block before it prints\n${output}`);
    });
  });
}

/** The name in the mark `file=NAME` of a block; undefined if it has none. */
const fileNameOf = ({ marks }: Snippet): string | undefined =>
  marks.find((mark) => mark.startsWith('file='))?.slice('file='.length);

/** The command that writes a block with the mark `file=NAME` to this file. */
function writingCommand(block: Snippet): string | undefined {
  const name = fileNameOf(block);
  return name === undefined ? undefined : `cat > ${name} <<'END_OF_BLOCK'\n${block.text}\nEND_OF_BLOCK`;
}

/** Long enough for a document that starts servers on a busy machine, which has taken nine minutes. */
const SHELL_TIMEOUT_MS = 1_500_000;

/** Ends the background processes of the shell when the shell ends for any reason. */
const END_BACKGROUND_PROCESSES = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT";

/**
 * Runs the commands of blocks in one shell, one after the other, until one fails. Returns the standard output of each
 * block that succeeded, and a message about the block that failed.
 */
async function runBlocks(
  blocks: readonly Snippet[],
  commands: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly outputs: ReadonlyMap<Snippet, string>; readonly failure: string }> {
  // runs the compiled command directly: npx would first check the sources and compile changed ones
  const redress = JSON.stringify(join(root, 'test', 'support', 'service', 'run-redress.mjs'));
  const npxFunction = `npx() { if [ "$1" = redress ]; then shift; node ${redress} "$@"; else command npx "$@"; fi; }`;
  // after each block, the script prints the index of the block between two record separators
  const blockScripts = commands.map((text, index) => `${text}\nprintf '\\x1e${String(index)}\\x1e'`);
  const script = [END_BACKGROUND_PROCESSES, npxFunction, ...blockScripts].join('\n');
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SHELL_TIMEOUT_MS,
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
