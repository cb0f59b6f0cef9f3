// Brings a checkout to where it can run: packages installed, sources compiled. Node built-ins only, because it runs
// before anything is installed. What it prints goes to standard error; standard output belongs to the command.
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { constants, hostname } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);

/** What was installed and compiled last, as digests; each goes with the folder that it describes. */
const installStamp = at('node_modules', '.redress-setup');
const buildStamp = at('dist', '.sources');

/** Installs and compiles whatever is missing or outdated. Two processes at once: one works, the other waits. */
export async function setUp({ build = true } = {}) {
  const ready = async () => (await installed()) && (!build || (await built()));
  if (await ready()) return;
  await withLock(at('.setup.lock'), async () => {
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

/**
 * True when the packages of package-lock.json stand in node_modules: because our own `npm ci` put them there and
 * nothing changed since, or because what stands there, by whose hand ever, is the same by name and version.
 */
async function installed() {
  const [manifest, wanted, present] = await Promise.all(
    ['package.json', 'package-lock.json', 'node_modules/.package-lock.json'].map(readJson),
  );
  if (!wanted || !present) return false;
  const { '': top, ...packages } = wanted.packages;
  const sorted = (packages = {}) => Object.entries(packages).sort();
  const asked = (source) => JSON.stringify([sorted(source?.dependencies), sorted(source?.devDependencies)]);
  // A package.json ahead of its lock goes to npm, which says so.
  if (asked(manifest) !== asked(top)) return false;
  if (existsSync(installStamp) && (await readFile(installStamp, 'utf8')) === digest(wanted, present)) return true;
  return Object.entries(packages).every(([path, { version, optional, devOptional, extraneous }]) => {
    const found = present.packages[path];
    return found ? found.version === version : Boolean(optional ?? devOptional ?? extraneous);
  });
}

async function install() {
  say('installing packages');
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const viaNpm = npm && basename(npm) === 'npm-cli.js';
  const code = viaNpm
    ? await run(process.execPath, [npm, ...args], { stdio: ['ignore', 2, 2] })
    : await run('npm', args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (code !== 0) fail('npm ci', code);
  const locks = await Promise.all(['package-lock.json', 'node_modules/.package-lock.json'].map(readJson));
  await writeFile(installStamp, digest(...locks));
}

const digest = (...values) => createHash('sha256').update(JSON.stringify(values)).digest('hex');

/** True when dist was compiled, to the end, from exactly the sources that stand here now. */
export async function built() {
  if (!existsSync(buildStamp)) return false;
  return (await readFile(buildStamp, 'utf8')) === (await fingerprint());
}

async function compile() {
  say('compiling');
  const sources = await fingerprint();
  const code = await run(process.execPath, [at('node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build'], {
    stdio: ['ignore', 2, 2],
  });
  if (code !== 0) fail('nest build', code);
  await writeFile(buildStamp, sources);
}

/** Names, sizes and times of everything that compilation reads; specs are not compiled. */
async function fingerprint() {
  const files = [at('tsconfig.json'), at('nest-cli.json'), at('.swcrc')];
  for (const folder of ['src', 'projections'].filter((name) => existsSync(at(name)))) {
    const entries = await readdir(at(folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (entry.isFile() && !entry.name.endsWith('.spec.ts')) files.push(join(entry.parentPath, entry.name));
    }
  }
  const lines = await Promise.all(
    files.sort().map(async (file) => {
      const { size, mtimeMs } = await stat(file);
      return `${relative(root, file)} ${size} ${mtimeMs}\n`;
    }),
  );
  return digest(lines);
}

const HEARTBEAT_MS = 5_000;
const STALE_MS = 60_000;

/**
 * Holds a lock directory with one file in it, named after its owner. A directory that holds a file cannot be renamed
 * over, so taking the lock is one rename; what a dead owner left is taken away by its exact name, never another's.
 */
async function withLock(lock, work) {
  const owner = `${process.pid}@${hostname()}@${randomUUID()}`;
  const own = join(lock, owner);
  for (let waited = false; !(await take(lock, owner)); waited = true) {
    if (!waited) say('waiting for another set-up of this checkout');
    await dropStale(lock);
    await sleep(200);
  }
  const beat = setInterval(() => void utimes(own, new Date(), new Date()).catch(() => undefined), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await unlink(own).catch(() => undefined);
    await rmdir(lock).catch(() => undefined);
  }
}

async function take(lock, owner) {
  const offer = `${lock}-${owner}`;
  await mkdir(offer);
  try {
    await writeFile(join(offer, owner), '');
    await rename(offer, lock);
    return true;
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error;
    await rm(offer, { recursive: true, force: true });
    return false;
  }
}

async function dropStale(lock) {
  for (const owner of await readdir(lock).catch(() => [])) {
    const [pid, host] = owner.split('@');
    const silent = await stat(join(lock, owner)).then(
      ({ mtimeMs }) => Date.now() - mtimeMs > STALE_MS,
      () => false,
    );
    if (silent || (host === hostname() && !alive(Number(pid)))) await unlink(join(lock, owner)).catch(() => undefined);
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

async function readJson(path) {
  try {
    return JSON.parse(await readFile(at(path), 'utf8'));
  } catch {
    return undefined;
  }
}

function say(line) {
  process.stderr.write(`redress: ${line}\n`);
}

function fail(what, code) {
  throw Object.assign(new Error(`${what} ended with code ${code}`), { exitCode: code });
}
