/**
 * The MongoDB stand-in of the tests: mongo-java-server on an H2 file (.ci/mongo says what it is made of; README.md here
 * says what it carries). Built once, on first use, into node_modules/.cache/redress-mongo; offline from then on.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const NEEDS = 'The MongoDB stand-in of the tests needs a JDK (17 or later) and, the first time, Maven';
const LOCK_POLL_MS = 200;
const BUILD_WAIT_MS = 300_000;
const READY_WAIT_MS = 150_000;
const STOP_WAIT_MS = 60_000;

/**
 * Starts the stand-in on the data in `dir` (made when absent) and waits until it listens on 127.0.0.1.
 *
 * A write is answered after it was forced to the disk, so what was acknowledged is there after `kill()` and a new
 * start on the same `dir`. The server ends with the process that started it.
 *
 * @param {{ dir: string, port?: number }} options `port` 0 or absent: one that is free
 * @returns {Promise<import('./server.mjs').MongoServer>}
 * @throws {Error} where Java or Maven is missing, or the server does not come up; it quotes what they said
 */
export async function startMongo({ dir, port = 0 }) {
  const { jars, classes } = await buildMongo();
  const data = resolve(dir);
  const log = join(data, 'server.log');
  mkdirSync(data, { recursive: true });
  const child = spawn(
    'java',
    [
      '-Xmx1g',
      '-XX:+UseSerialGC',
      `-XX:ActiveProcessorCount=${String(availableParallelism())}`,
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp',
      `${classes}:${jars}/*`,
      'StandIn',
      join(data, 'documents.mv'),
      String(port),
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  child.stderr.on('data', (/** @type {Buffer} */ text) => appendLog(log, text));
  // The end of its standard input tells the server to end: a write to one that is gone is no fault of the test.
  child.stdin.on('error', () => undefined);
  const ended = new Promise((end) => child.once('close', end));
  const listening = await portOf(child, log);
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) {
    /** @type {{ unref?: () => void }} */ (handle).unref?.();
  }
  return {
    url: `mongodb://127.0.0.1:${String(listening)}`,
    port: listening,
    pid: /** @type {number} */ (child.pid),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.stdin.end();
      child.kill('SIGCONT');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_WAIT_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/**
 * Builds the stand-in unless this very version of it is built. Of several processes that ask at once, one builds.
 *
 * @returns {Promise<{ jars: string, classes: string }>} the folders of the jars and of the compiled classes
 * @throws {Error} where Java or Maven is missing or fails; it quotes what they said
 */
export async function buildMongo() {
  const root = checkout();
  const pom = join(root, '.ci', 'mongo', 'pom.xml');
  const source = join(root, '.ci', 'mongo', 'StandIn.java');
  const version = createHash('sha256')
    .update(readFileSync(pom))
    .update(readFileSync(source))
    .digest('hex')
    .slice(0, 16);
  const cache = join(root, 'node_modules', '.cache', 'redress-mongo');
  const home = join(cache, version);
  const built = { jars: join(home, 'jars'), classes: join(home, 'classes') };
  if (existsSync(home)) return built;

  mkdirSync(cache, { recursive: true });
  const lock = `${home}.lock`;
  for (const giveUp = Date.now() + BUILD_WAIT_MS; !taken(lock); await pause(LOCK_POLL_MS)) {
    if (existsSync(home)) return built;
    if (Date.now() > giveUp) throw new Error(`Another process holds ${lock} and has not built the MongoDB stand-in`);
  }
  const draft = `${home}.${String(process.pid)}`;
  try {
    if (existsSync(home)) return built;
    const jars = join(draft, 'jars');
    await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`]);
    await run('javac', ['-cp', `${jars}/*`, '-d', join(draft, 'classes'), source]);
    renameSync(draft, home);
    return built;
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(lock, { force: true });
  }
}

/** @param {string} lock true where this process now holds it; the lock of a process that is gone counts as free */
function taken(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    if (holder > 0) process.kill(holder, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') rmSync(lock, { force: true });
  }
  return false;
}

/** The root folder of the checkout, from any folder in it. */
function checkout() {
  for (let folder = process.cwd(); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, '.ci', 'mongo', 'pom.xml'))) return folder;
  }
  throw new Error(`${process.cwd()} is not inside the checkout: .ci/mongo was not found`);
}

/**
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<void>}
 */
function run(program, args) {
  return new Promise((done, fail) => {
    let said = '';
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const output of [child.stdout, child.stderr]) output.on('data', (text) => (said += String(text)));
    child.once('error', (error) => fail(missing(program, error)));
    child.once('close', (code) => {
      if (code === 0) done();
      else
        fail(new Error(`${program} ended with ${String(code)} building the MongoDB stand-in:\n${said.slice(-4000)}`));
    });
  });
}

/**
 * @param {import('node:child_process').ChildProcessWithoutNullStreams} child
 * @param {string} log
 * @returns {Promise<number>} the port that it says it listens on
 */
function portOf(child, log) {
  return new Promise((ready, fail) => {
    let said = '';
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`The MongoDB stand-in was not ready after ${String(READY_WAIT_MS)} ms: see ${log}`));
    }, READY_WAIT_MS);
    child.stdout.on('data', (text) => {
      said += String(text);
      const port = /READY port=(\d+)\n/.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(late);
      ready(Number(port));
    });
    child.once('error', (error) => {
      clearTimeout(late);
      fail(missing('java', error));
    });
    child.once('close', (code) => {
      clearTimeout(late);
      const why = existsSync(log) ? readFileSync(log, 'utf8').slice(-4000) : '';
      fail(new Error(`The MongoDB stand-in ended with ${String(code)} before it was ready:\n${why}`));
    });
  });
}

/**
 * @param {string} log
 * @param {Buffer} text
 */
function appendLog(log, text) {
  // A test may have removed the folder before the last words of the server arrive.
  if (existsSync(dirname(log))) appendFileSync(log, text);
}

/**
 * @param {string} program
 * @param {Error} error
 */
function missing(program, error) {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') return error;
  return new Error(
    `${NEEDS}: \`${program}\` was not found. REDRESS_TEST_MONGODB=mongodb://… runs them on a real server.`,
  );
}
