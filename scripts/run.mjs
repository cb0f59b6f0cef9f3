#!/usr/bin/env node
// One command from a fresh clone: node scripts/run.mjs COMMAND [arguments for it].
// Installs and compiles where needed, runs the command, ends with its exit code.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, setUp } from './setup.mjs';

const tool = (path) => join(root, 'node_modules', path);
const node = (script, args, env = {}) => run(process.execPath, [script, ...args], { env: { ...process.env, ...env } });

const eslint = ['eslint', tool('eslint/bin/eslint.js')];
const prettier = ['prettier', tool('prettier/bin/prettier.cjs')];
const tsc = ['tsc', tool('typescript/bin/tsc')];
const depcruise = ['depcruise', tool('dependency-cruiser/bin/dependency-cruise.mjs')];

const commands = {
  demo: { work: (args) => redress('demo', args) },
  start: { work: (args) => redress('serve', args) },
  build: { work: () => 0 },
  test: { build: (args) => !onlyUnit(args), work: (args) => jest(args) },
  'test:faults': { work: (args) => jest(inFull(args), { REDRESS_TEST_FAULTS: 'full' }) },
  'test:servers': { work: (args) => node(join(root, 'scripts', 'test-servers.mjs'), args) },
  bench: { work: (args) => node(join(root, 'bench', 'run.mjs'), args) },
  check: { build: () => false, work: check },
  format: { build: () => false, work: () => node(prettier[1], ['--write', root]) },
};

/** The command runs in this very process, so that signals and exit code are its own. */
async function redress(name, args) {
  const bin = join(root, 'bin', 'redress.mjs');
  process.argv = [process.execPath, bin, name, ...args];
  await import(bin);
}

function jest(args, env) {
  return node(tool('jest/bin/jest.js'), args, env);
}

/** The fault tests, and the tests elsewhere that have a long form, unless others are named. */
function inFull(args) {
  if (args.some((arg) => arg.startsWith('--testPathPattern'))) return args;
  const patterns = ['test/faults/', 'eventstoredb-memory', 'e2e/bulk-load', 'e2e/compose'];
  return [...args, '--testPathPatterns', ...patterns];
}

/** True for `--selectProjects unit` and nothing beside it: those tests never start the compiled service. */
function onlyUnit(args) {
  const start = args.findIndex((arg) => /^--selectProjects(=|$)/.test(arg));
  if (start < 0) return false;
  const [, inline] = args[start].split('=');
  const following = args.slice(start + 1);
  const end = following.findIndex((arg) => arg.startsWith('-'));
  const names = inline ? [inline] : following.slice(0, end < 0 ? following.length : end);
  return names.length > 0 && names[0] === 'unit' && !names.some((name) => ['contract', 'e2e', 'faults'].includes(name));
}

/** Format, lint, types and the dependency rule; all of them run, and each is reported. */
async function check() {
  const folders = ['src', 'projections', 'test', 'bench'].filter((name) => existsSync(join(root, name)));
  const steps = [
    [...prettier, '--check', '--log-level', 'warn', root],
    [...eslint, '--max-warnings', '0', root],
    [...tsc, '--noEmit'],
    [...depcruise, '--config', '.dependency-cruiser.cjs', ...folders],
    [...depcruise, '--config', '.dependency-cruiser.folders.cjs', 'src', 'projections'],
  ];
  const failed = [];
  for (const [name, script, ...args] of steps) {
    const code = await node(script, args);
    process.stdout.write(`check ${name}: ${code === 0 ? 'passed' : `failed (${code})`}\n`);
    if (code !== 0) failed.push(name);
  }
  return failed.length === 0 ? 0 : 1;
}

const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
if (!command) {
  process.stderr.write(`usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [arguments]\n`);
  process.exitCode = 2;
} else {
  try {
    await setUp({ build: command.build?.(args) ?? true });
    const code = await command.work(args);
    if (code) process.exitCode = code;
  } catch (error) {
    if (!error.exitCode) throw error;
    process.stderr.write(`redress: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
