// Installs the packages of a checkout and compiles its sources. Uses only Node built-ins, because it runs before packages
// are installed. Prints to standard error; standard output is reserved for the command that follows.
import { spawn } from 'node:child_process';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);

/**
 * Installs packages and, with `build`, compiles sources, if they are missing or outdated. If two processes call it at the
 * same time, one waits for the other. @throws Error with `exitCode` if npm ci or nest build fails
 */
export async function setUp({ build = true } = {}) {
  const isReady = async () => (await installed()) && (!build || (await built()));
  if (await isReady()) return;
  await withLock(async () => {
    if (!(await installed())) await install();
    if (build && !(await built())) await compile();
  });
}

/**
 * Runs a program in this terminal until it ends, and passes SIGINT, SIGTERM and SIGHUP on to it. Returns its exit code,
 * or 128 + the number of the signal that ended it, as a shell does.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const forward = (signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, forward);
    const removeListeners = () => signals.forEach((signal) => process.off(signal, forward));
    child.once('error', (error) => {
      removeListeners();
      reject(error);
    });
    child.once('close', (code, signal) => {
      removeListeners();
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** True if the packages are installed and not older than package-lock.json. npm writes `.package-lock.json` last. */
const installed = async () =>
  (await changedAt('node_modules', '.package-lock.json')) >= (await changedAt('package-lock.json'));

async function install() {
  print('installing packages');
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const startedByNpm = npm && basename(npm) === 'npm-cli.js';
  const code = startedByNpm
    ? await run(process.execPath, [npm, ...args], { stdio: ['ignore', 2, 2] })
    : await run('npm', args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (code !== 0) fail('npm ci', code);
}

/** A file with the time at which the last complete compilation began, in milliseconds since 1970. */
const buildStamp = at('dist', '.began');

/**
 * True if no source or configuration file has changed since the last compilation began. A folder counts too: its time
 * changes when a file is added to it or removed.
 */
export async function built() {
  const began = Number(await readFile(buildStamp, 'utf8').catch(() => 0));
  for (const name of ['tsconfig.json', 'nest-cli.json', '.swcrc', 'src', 'projections']) {
    const files = name.includes('.') ? [] : await readdir(at(name), { recursive: true });
    const sources = files.filter((file) => !file.endsWith('.spec.ts'));
    const times = await Promise.all([changedAt(name), ...sources.map((file) => changedAt(name, file))]);
    if (times.some((time) => time >= began)) return false;
  }
  return true;
}

async function compile() {
  print('compiling');
  const began = Date.now();
  const nest = at('node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const code = await run(process.execPath, [nest, 'build'], { stdio: ['ignore', 2, 2] });
  if (code !== 0) fail('nest build', code);
  await writeFile(buildStamp, String(began));
}

/** Modification time in milliseconds since 1970; 0 if the file does not exist. */
const changedAt = (...parts) =>
  stat(at(...parts)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** Runs `work` while it holds the lock file. A lock file whose process has ended is removed. */
async function withLock(work) {
  const lock = at('.setup.lock');
  const tryLock = () =>
    writeFile(lock, String(process.pid), { flag: 'wx' }).then(
      () => true,
      (error) => (error.code === 'EEXIST' ? false : Promise.reject(error)),
    );
  for (let waited = false; !(await tryLock()); waited = true) {
    if (!waited) print(`waiting for another set-up of this checkout; if none is running, remove ${lock}`);
    const owner = Number(await readFile(lock, 'utf8').catch(() => 0));
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
    await sleep(200);
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function print(line) {
  process.stderr.write(`redress: ${line}\n`);
}

function fail(what, code) {
  throw Object.assign(new Error(`${what} ended with code ${code}`), { exitCode: code });
}
