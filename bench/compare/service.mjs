import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { environmentWithoutRedress } from '../support/processes.mjs';

const START_TIMEOUT_MS = 60_000;
const CATCH_UP_TIMEOUT_MS = 300_000;
const START_POLL_MS = 2;
const STATUS_POLL_MS = 5;

/**
 * Starts the service of a checkout in a separate process, and resolves when it listens. Uses only interfaces that every
 * version has: the program, its files and its HTTP API.
 * @param {{ checkout: string, data: string, settings?: Record<string, string>, execArgv?: string[] }} options
 *   `settings`: environment variables REDRESS_…; `execArgv`: options for Node, such as those of its profiler
 * @throws Error if the process ends or does not listen within START_TIMEOUT_MS
 */
export async function startService({ checkout, data, settings = {}, execArgv = [] }) {
  const child = spawn(process.execPath, [...execArgv, join(checkout, 'dist', 'src', 'main.js')], {
    cwd: checkout,
    env: { ...environmentWithoutRedress(), REDRESS_DATA: data, REDRESS_PORT: '0', ...settings },
    stdio: ['ignore', 'ignore', 'inherit'], // the service writes its log as usual, and the log is discarded
  });
  const exited = once(child, 'exit');
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const url = urlOf(data, child.pid);
    if (url !== undefined) return new RunningService(url, data, child, exited);
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the service of ${checkout} ended with ${String(child.exitCode ?? child.signalCode)}`);
    if (performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the service of ${checkout} does not listen after ${String(START_TIMEOUT_MS)} ms`);
    }
    await pause(START_POLL_MS);
  }
}

/** URL of the process from server.json, which it writes when it listens; undefined before that. */
function urlOf(data, pid) {
  try {
    const server = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8'));
    return server.pid === pid ? server.url : undefined;
  } catch {
    return undefined;
  }
}

class RunningService {
  constructor(url, data, child, exited) {
    this.url = url;
    this.child = child;
    this.exited = exited;
    this.credentials = JSON.parse(readFileSync(join(data, 'keys.json'), 'utf8')).credentials;
  }

  keyOf(role) {
    return this.credentials.find((credential) => credential.role === role).key;
  }

  /** Returns the response body as text. @throws Error if the status is not 2xx */
  async request(path, { role = 'supervisor', method = 'GET', type, body } = {}) {
    const headers = {
      authorization: `Bearer ${this.keyOf(role)}`,
      ...(type !== undefined && { 'content-type': type }),
    };
    const response = await fetch(`${this.url}${path}`, { method, headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} returned status ${String(response.status)}: ${text}`);
    return text;
  }

  async json(path, options) {
    return JSON.parse(await this.request(path, options));
  }

  /** Sends a file and returns the summary, the last line of the response. @throws Error if a line was rejected */
  async upload(path, type, body) {
    const lines = await this.request(path, { role: 'upstream', method: 'POST', type, body });
    const summary = JSON.parse(lines.slice(lines.lastIndexOf('\n', lines.length - 2) + 1));
    if (summary.rejected !== 0) throw new Error(`${path} rejected lines: ${JSON.stringify(summary)}`);
    return summary;
  }

  /** Position of the last recorded event, from the health check of the event store. */
  async head() {
    // the status is 503 until the read models are up to date, but the body has the check of the event store
    const headers = { authorization: `Bearer ${this.keyOf('supervisor')}` }; // without a key, health has no details
    const response = await fetch(`${this.url}/health/ready`, { headers });
    const { checks } = await response.json();
    return checks.event_store.head;
  }

  /**
   * Resolves when every read model includes all events recorded so far: its position is the head of the log or later, and
   * its status is caught up. A first build has this status only after it has created its indexes.
   */
  async waitUntilCaughtUp() {
    const head = await this.head();
    const deadline = performance.now() + CATCH_UP_TIMEOUT_MS;
    for (;;) {
      const { projections } = await this.json('/v1/projections');
      const behind = projections.filter(({ position, caughtUp }) => !caughtUp || position === null || position < head);
      if (behind.length === 0) return;
      if (performance.now() > deadline)
        throw new Error(`the read models have not reached position ${head}: ${JSON.stringify(behind, undefined, 2)}`);
      await pause(STATUS_POLL_MS);
    }
  }

  /** Resolves when this process may write the read models. In MongoDB it must first acquire the lease for that. */
  async waitUntilLeader() {
    while (!/^redress_projections_leader 1$/m.test(await this.request('/metrics'))) await pause(STATUS_POLL_MS);
  }

  /**
   * Rebuilds all read models at the same time and waits for all.
   * @throws Error if a rebuilt model is not equal to the old one or does not replace it
   */
  async rebuildAll() {
    const { projections } = await this.json('/v1/projections');
    const started = await Promise.all(
      projections.map(({ name }) => this.json(`/v1/projections/${name}/rebuild`, { method: 'POST' })),
    );
    const running = new Set(started.map(({ id }) => id));
    while (running.size > 0) {
      await pause(STATUS_POLL_MS);
      const { jobs } = await this.json('/v1/jobs');
      for (const { id, state, subject, result, error } of jobs) {
        if (state === 'running' || !running.delete(id)) continue;
        if (state !== 'done' || result.outcome !== 'equal' || !result.swapped)
          throw new Error(`the rebuild of ${subject} is ${state}: ${error ?? JSON.stringify(result)}`);
      }
    }
  }

  /** Processor time of the whole process so far, in seconds. */
  async processorTime() {
    const metrics = await this.request('/metrics');
    return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)[1]);
  }

  /** Stops the process gracefully: it stores its checkpoints and closes its files. */
  async stop() {
    this.child.kill('SIGTERM');
    const [code, signal] = await this.exited;
    if (code !== 0) throw new Error(`the service ended with ${String(code ?? signal)}`);
  }

  /** Kills the process; its files may be incomplete. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
