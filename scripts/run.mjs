#!/usr/bin/env node
// node scripts/run.mjs COMMAND [ARGUMENTS]: installs and compiles if necessary, runs the command, and ends with the exit
// code of the command. Works in a fresh clone.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run, setUp } from './setup.mjs';

const tool = (path) => join(root, 'node_modules', path);
const node = (script, args, env = {}) => run(process.execPath, [script, ...args], { env: { ...process.env, ...env } });

const eslint = ['eslint', tool('eslint/bin/eslint.js')];
const prettier = ['prettier', tool('prettier/bin/prettier.cjs')];
const tsc = ['tsc', tool('typescript/bin/tsc')];
const depcruise = ['depcruise', tool('dependency-cruiser/bin/dependency-cruise.mjs')];

/** For each command: whether it needs the compiled sources (default true), and the function that runs it. */
const commands = {
  demo: { work: (args) => redress('demo', args) },
  start: { work: (args) => redress('serve', args) },
  build: { work: () => 0 }, // setUp has compiled the sources
  test: { build: (args) => !onlyUnit(args), work: (args) => jest(args) },
  'test:faults': { work: (args) => jest(withFaultPatterns(args), { REDRESS_TEST_FAULTS: 'full' }) },
  'test:servers': { work: (args) => node(join(root, 'scripts', 'test-servers.mjs'), args) },
  openapi: { work: async (args) => (await import('./openapi.mjs')).openApi(args) },
  bench: { work: (args) => node(join(root, 'bench', 'run.mjs'), args) },
  check: { build: () => false, work: check },
  format: { build: () => false, work: () => node(prettier[1], ['--write', root]) },
};

/** Runs a `redress` subcommand in this process, so that it receives signals and sets the exit code directly. */
async function redress(name, args) {
  const bin = join(root, 'bin', 'redress.mjs');
  process.argv = [process.execPath, bin, name, ...args];
  await import(pathToFileURL(bin).href); // a URL, because the path may have characters such as `#` or `%20`
}

function jest(args, env) {
  return node(tool('jest/bin/jest.js'), args, env);
}

/** Unless the arguments select tests, selects the fault tests and the other tests that REDRESS_TEST_FAULTS extends. */
function withFaultPatterns(args) {
  if (args.some((arg) => arg.startsWith('--testPathPattern'))) return args;
  const patterns = ['test/faults/', 'eventstoredb-memory', 'e2e/bulk-load', 'e2e/compose'];
  return [...args, '--testPathPatterns', ...patterns];
}

/** True if the arguments select only the Jest project `unit`, whose tests do not start the compiled service. */
function onlyUnit(args) {
  const start = args.findIndex((arg) => /^--selectProjects(=|$)/.test(arg));
  if (start < 0) return false;
  const [, inline] = args[start].split('=');
  const following = args.slice(start + 1);
  const end = following.findIndex((arg) => arg.startsWith('-'));
  const names = inline ? [inline] : following.slice(0, end < 0 ? following.length : end);
  // Jest ignores a name that is no project, so only the names of the other projects matter
  return names.length > 0 && names[0] === 'unit' && !names.some((name) => ['contract', 'e2e', 'faults'].includes(name));
}

/** Checks format, lint, types and dependency rules; runs all steps, reports each, and returns 1 if one failed. */
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
