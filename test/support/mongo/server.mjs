/**
 * The MongoDB stand-in of the tests: mongo-java-server on an H2 file. Its source is in .ci/mongo; README.md in this
 * folder lists what it supports. It is built on first use, into node_modules/.cache/redress-mongo.
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
 * Starts the stand-in with its data in `dir` (created if missing) and waits until it listens on 127.0.0.1.
 *
 * The server acknowledges a write after it has been synced to disk: acknowledged writes survive `kill()` and a new start
 * on the same `dir`. The server ends with the process that started it.
 *
 * @param {{ dir: string, port?: number }} options `port` 0 or absent: a free port
 * @returns {Promise<import('./server.mjs').MongoServer>}
 * @throws {Error} if Java or Maven is missing, or the server does not start; the message quotes their output
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
  // `stop` closes the standard input of the server, which then ends. The close fails if the server has ended already.
  child.stdin.on('error', () => undefined);
  const ended = new Promise((end) => child.once('close', end));
  const listening = await portOf(child, log);
  // the server does not keep this process running
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
      child.kill('SIGCONT'); // a suspended server ends too
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WAIT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Builds the stand-in unless this version of its source is already built. Of several concurrent processes one builds, and
 * the others wait for it.
 *
 * @returns {Promise<{ jars: string, classes: string }>} the folders of the jars and of the compiled classes
 * @throws {Error} if Java or Maven is missing or fails; the message quotes their output
 */
export async function buildMongo() {
  const root = checkoutRoot();
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
  const deadline = Date.now() + BUILD_WAIT_MS;
  while (!acquireLock(lock)) {
    if (existsSync(home)) return built;
    if (Date.now() > deadline)
      throw new Error(
        `Another process holds ${lock} and did not build the MongoDB stand-in within ${String(BUILD_WAIT_MS)} ms`,
      );
    await pause(LOCK_POLL_MS);
  }
  const buildFolder = `${home}.${String(process.pid)}`;
  try {
    if (existsSync(home)) return built;
    const jars = join(buildFolder, 'jars');
    await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`]);
    await run('javac', ['-cp', `${jars}/*`, '-d', join(buildFolder, 'classes'), source]);
    renameSync(buildFolder, home);
    return built;
  } finally {
    rmSync(buildFolder, { recursive: true, force: true });
    rmSync(lock, { force: true });
  }
}

/**
 * Tries to create the lock file. Removes a lock file whose process has ended, so that the next attempt can succeed.
 *
 * @param {string} lock path of the lock file
 * @returns {boolean} whether this process now holds the lock
 */
function acquireLock(lock) {
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

/** The root folder of the checkout that contains the current folder. */
function checkoutRoot() {
  for (let folder = process.cwd(); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, '.ci', 'mongo', 'pom.xml'))) return folder;
  }
  throw new Error(`${process.cwd()} is not inside a checkout of Redress: no parent folder contains .ci/mongo/pom.xml`);
}

/**
 * Runs a program of the build to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<void>}
 * @throws {Error} if the program is missing or fails; the message quotes its output
 */
function run(program, args) {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
    child.once('error', (error) => reject(startError(program, error)));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            `${program} ended with ${String(code)} during the build of the MongoDB stand-in:\n${output.slice(-4000)}`,
          ),
        );
    });
  });
}

/**
 * Waits until the server listens.
 *
 * @param {import('node:child_process').ChildProcessWithoutNullStreams} child
 * @param {string} log path of server.log
 * @returns {Promise<number>} the port on which the server listens, from its output `READY port=…`
 * @throws {Error} if the server ends or is not ready after READY_WAIT_MS
 */
function portOf(child, log) {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The MongoDB stand-in was not ready after ${String(READY_WAIT_MS)} ms: see ${log}`));
    }, READY_WAIT_MS);
    child.stdout.on('data', (text) => {
      output += String(text);
      const port = /READY port=(\d+)\n/.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(startError('java', error));
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      const endOfLog = existsSync(log) ? readFileSync(log, 'utf8').slice(-4000) : '';
      reject(new Error(`The MongoDB stand-in ended with ${String(code)} before it was ready:\n${endOfLog}`));
    });
  });
}

/**
 * @param {string} log
 * @param {Buffer} text
 */
function appendLog(log, text) {
  // A test may have removed the folder before the last output of the server arrives.
  if (existsSync(dirname(log))) appendFileSync(log, text);
}

/**
 * The error to report when a program cannot be started. For a missing program, the error says what to install.
 *
 * @param {string} program
 * @param {Error} error
 */
function startError(program, error) {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') return error;
  return new Error(
    `${NEEDS}: \`${program}\` was not found. REDRESS_TEST_MONGODB=mongodb://… runs the tests on a real server.`,
  );
}
