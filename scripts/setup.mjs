// Brings a checkout to where it can run: packages installed, sources compiled. Node built-ins only, because it runs
// before anything is installed. What it prints goes to standard error; standard output belongs to the command.
import { spawn } from 'node:child_process';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);

/** Installs and compiles what is missing or outdated. Of two processes at once, one works and the other waits. */
export async function setUp({ build = true } = {}) {
  const ready = async () => (await installed()) && (!build || (await built()));
  if (await ready()) return;
  await withLock(async () => {
    if (!(await installed())) await install();
    if (build && !(await built())) await compile();
  });
}

/**
 * Runs a program to its end in this terminal, passing SIGINT, SIGTERM and SIGHUP on to it.
 * Answers its exit code; a program ended by a signal counts as 128 + the signal's number, as in a shell.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const pass = (signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, pass);
    const done = () => signals.forEach((signal) => process.off(signal, pass));
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code, signal) => {
      done();
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** npm writes this file last; an installation that was interrupted does not have it. */
const installed = async () =>
  (await changedAt('node_modules', '.package-lock.json')) >= (await changedAt('package-lock.json'));

async function install() {
  say('installing packages');
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const viaNpm = npm && basename(npm) === 'npm-cli.js';
  const code = viaNpm
    ? await run(process.execPath, [npm, ...args], { stdio: ['ignore', 2, 2] })
    : await run('npm', args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (code !== 0) fail('npm ci', code);
}

/** The time at which the last complete compilation began, in milliseconds. */
const buildStamp = at('dist', '.began');

/** True when nothing that compilation reads has changed since; a folder changes when a file in it comes or goes. */
export async function built() {
  const began = Number(await readFile(buildStamp, 'utf8').catch(() => 0));
  for (const name of ['tsconfig.json', 'nest-cli.json', '.swcrc', 'src', 'projections']) {
    const within = name.includes('.') ? [] : await readdir(at(name), { recursive: true });
    const sources = within.filter((file) => !file.endsWith('.spec.ts'));
    const times = await Promise.all([changedAt(name), ...sources.map((file) => changedAt(name, file))]);
    if (times.some((time) => time >= began)) return false;
  }
  return true;
}

async function compile() {
  say('compiling');
  const began = Date.now();
  const nest = at('node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const code = await run(process.execPath, [nest, 'build'], { stdio: ['ignore', 2, 2] });
  if (code !== 0) fail('nest build', code);
  await writeFile(buildStamp, String(began));
}

/** In milliseconds; 0 for what is not there. */
const changedAt = (...parts) =>
  stat(at(...parts)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

async function withLock(work) {
  const lock = at('.setup.lock');
  const take = () =>
    writeFile(lock, String(process.pid), { flag: 'wx' }).then(
      () => true,
      (error) => (error.code === 'EEXIST' ? false : Promise.reject(error)),
    );
  for (let waited = false; !(await take()); waited = true) {
    if (!waited) say(`waiting for another set-up of this checkout; remove ${lock} if there is none`);
    const owner = Number(await readFile(lock, 'utf8').catch(() => 0));
    if (owner > 0 && !alive(owner)) await rm(lock, { force: true });
    await sleep(200);
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function say(line) {
  process.stderr.write(`redress: ${line}\n`);
}

function fail(what, code) {
  throw Object.assign(new Error(`${what} ended with code ${code}`), { exitCode: code });
}
