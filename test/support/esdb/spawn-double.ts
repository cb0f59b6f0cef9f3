import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DoubleReport, FaultRequest } from './double-process.js';
import type { EsdbDoubleOptions } from './esdb-double.js';
import type { EsdbFaults } from './faults.js';

/** The switches of the other process: the same, each after a round trip. */
export type RemoteFaults = {
  readonly [Fault in keyof EsdbFaults]: (
    ...args: Parameters<EsdbFaults[Fault]>
  ) => Promise<Awaited<ReturnType<EsdbFaults[Fault]>>>;
};

export interface SpawnedEsdbDouble {
  readonly port: number;
  readonly connectionString: string;
  readonly pid: number;
  readonly faults: RemoteFaults;
  /** SIGKILL: what was not flushed is lost, what was acknowledged is in the file. */
  kill(): Promise<void>;
  /** SIGTERM: the graceful stop, `graceMs` long. */
  terminate(): Promise<void>;
  /** SIGSTOP: not even the keepalive is answered. */
  suspend(): void;
  /** SIGCONT. */
  continue(): void;
}

export interface SpawnOptions extends EsdbDoubleOptions {
  /** How long `terminate` still acknowledges appends, in ms. Default 5,000, as the server does. */
  readonly graceMs?: number;
}

/** Starts the double as a process of its own and waits until it listens. It dies with its parent. */
export async function spawnEsdbDouble({
  port = 0,
  file,
  graceMs,
  isEmpty,
}: SpawnOptions = {}): Promise<SpawnedEsdbDouble> {
  const args = ['--port', String(port)];
  if (file !== undefined) args.push('--file', file);
  if (isEmpty === true) args.push('--empty');
  if (graceMs !== undefined) args.push('--grace-ms', String(graceMs));
  const child = fork(join(__dirname, 'run-double.cjs'), args, {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const bound = await portOf(child);
  return {
    port: bound,
    connectionString: `esdb://127.0.0.1:${String(bound)}?tls=false`,
    pid: child.pid ?? 0,
    faults: remoteFaults(child),
    kill: () => signalled(child, 'SIGKILL'),
    terminate: () => signalled(child, 'SIGTERM'),
    suspend: () => {
      child.kill('SIGSTOP');
    },
    continue: () => {
      child.kill('SIGCONT');
    },
  };
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((listening, failed) => {
    child.once('error', failed);
    child.once('exit', (code) => {
      failed(new Error(`the EventStoreDB double ended with exit code ${String(code)} before it listened`));
    });
    child.on('message', (report: DoubleReport) => {
      if ('port' in report) listening(report.port);
    });
  });
}

function remoteFaults(child: ChildProcess): RemoteFaults {
  const waiting = new Map<number, (report: Extract<DoubleReport, { id: number }>) => void>();
  let requests = 0;
  child.on('message', (report: DoubleReport) => {
    if (!('id' in report)) return;
    waiting.get(report.id)?.(report);
    waiting.delete(report.id);
  });
  const ask = (fault: keyof EsdbFaults, argument?: unknown): Promise<unknown> =>
    new Promise((answered, failed) => {
      const id = (requests += 1);
      waiting.set(id, ({ error, value }) => {
        if (error === undefined) answered(value);
        else failed(new Error(error));
      });
      const request: FaultRequest = { id, fault, argument };
      child.send(request);
    });
  return {
    hangAppends: (options) => ask('hangAppends', options) as Promise<void>,
    timeOutAppends: (options) => ask('timeOutAppends', options) as Promise<void>,
    muteAppendStreams: () => ask('muteAppendStreams') as Promise<number>,
    hung: () => ask('hung') as Promise<number>,
    freeze: () => ask('freeze') as Promise<void>,
    dropPolitely: () => ask('dropPolitely') as Promise<number>,
    dropAsTooSlow: () => ask('dropAsTooSlow') as Promise<number>,
    reset: () => ask('reset') as Promise<number>,
    unavailable: () => ask('unavailable') as Promise<void>,
    overload: () => ask('overload') as Promise<void>,
    denyAll: () => ask('denyAll') as Promise<void>,
    rejectUser: () => ask('rejectUser') as Promise<void>,
    moveLeader: (leader) => ask('moveLeader', leader) as Promise<void>,
    stopGracefully: (options) => ask('stopGracefully', options) as Promise<void>,
    lift: () => ask('lift') as Promise<void>,
  };
}

async function signalled(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  // A suspended process takes no other signal but this one before it continues.
  if (signal !== 'SIGKILL') child.kill('SIGCONT');
  await exit;
}
