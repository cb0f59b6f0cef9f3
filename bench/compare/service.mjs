import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { withoutOurs } from '../support/processes.mjs';

const START_TIMEOUT_MS = 60_000;
const CATCH_UP_TIMEOUT_MS = 300_000;
const START_POLL_MS = 2;
const STATUS_POLL_MS = 5;

/**
 * A service of some checkout in a process of its own, used only through interfaces that every version has: its start,
 * its files and its HTTP API. Resolves when it listens.
 * @param {{ checkout: string, data: string, settings?: Record<string, string>, execArgv?: string[] }} options
 *   `settings`: REDRESS_…; `execArgv`: options of Node, such as those of its profiler
 */
export async function startService({ checkout, data, settings = {}, execArgv = [] }) {
  const child = spawn(process.execPath, [...execArgv, join(checkout, 'dist', 'src', 'main.js')], {
    cwd: checkout,
    env: { ...withoutOurs(), REDRESS_DATA: data, REDRESS_PORT: '0', ...settings },
    stdio: ['ignore', 'ignore', 'inherit'], // the log is written as always and discarded
  });
  const exited = once(child, 'exit');
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const url = urlOf(data, child.pid);
    if (url !== undefined) return new RunningService(url, data, child, exited);
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the service of ${checkout} ended with ${String(child.exitCode ?? child.signalCode)}`);
    if (performance.now() > giveUpAt) {
      child.kill('SIGKILL');
      throw new Error(`the service of ${checkout} does not listen after ${String(START_TIMEOUT_MS)} ms`);
    }
    await pause(START_POLL_MS);
  }
}

/** Address of the process from server.json, which exists once it listens. */
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

  /** Answers the body as text. @throws Error when the answer is not 2xx */
  async request(path, { role = 'supervisor', method = 'GET', type, body } = {}) {
    const headers = {
      authorization: `Bearer ${this.keyOf(role)}`,
      ...(type !== undefined && { 'content-type': type }),
    };
    const response = await fetch(`${this.url}${path}`, { method, headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} is answered ${String(response.status)}: ${text}`);
    return text;
  }

  async json(path, options) {
    return JSON.parse(await this.request(path, options));
  }

  /** Sends a file of lines and answers the summary, the last line. @throws Error when a line is rejected */
  async upload(path, type, body) {
    const lines = await this.request(path, { role: 'upstream', method: 'POST', type, body });
    const summary = JSON.parse(lines.slice(lines.lastIndexOf('\n', lines.length - 2) + 1));
    if (summary.rejected !== 0) throw new Error(`${path} rejects lines: ${JSON.stringify(summary)}`);
    return summary;
  }

  /** Position of the last recorded event, as the event store itself says. */
  async head() {
    // the answer is 503 while the read models are not complete, but it has the check of the event store
    const response = await fetch(`${this.url}/health/ready`);
    const { checks } = await response.json();
    return checks.event_store.head;
  }

  /**
   * Resolves when every read model includes everything recorded and is idle: its position reaches the head of the log
   * and its state says that it has caught up. A first build reaches that state after it has created its indexes.
   */
  async caughtUp() {
    const head = await this.head();
    const giveUpAt = performance.now() + CATCH_UP_TIMEOUT_MS;
    for (;;) {
      const { projections } = await this.json('/v1/projections');
      const behind = projections.filter(({ position, caughtUp }) => !caughtUp || position === null || position < head);
      if (behind.length === 0) return;
      if (performance.now() > giveUpAt)
        throw new Error(`read models do not reach ${head}: ${JSON.stringify(behind, undefined, 2)}`);
      await pause(STATUS_POLL_MS);
    }
  }

  /** Resolves when this process writes the read models; if several processes may, it acquires a lease after its start. */
  async leads() {
    while (!/^redress_projections_leader 1$/m.test(await this.request('/metrics'))) await pause(STATUS_POLL_MS);
  }

  /** Rebuilds all read models at once and waits for the last. @throws Error when one is not equal and swapped in */
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

  /** Stops in order: checkpoints are stored, files are complete. */
  async stop() {
    this.child.kill('SIGTERM');
    const [code, signal] = await this.exited;
    if (code !== 0) throw new Error(`the service ended with ${String(code ?? signal)}`);
  }

  /** Kills the process; use it when its files are not needed any more. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
