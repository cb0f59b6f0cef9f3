import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DoubleReport, FaultRequest } from './double-process.js';
import type { EsdbDoubleOptions } from './esdb-double.js';
import type { EsdbFaults } from './faults.js';

/** The methods of {@link EsdbFaults} for a double in another process: each resolves after its execution there. */
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
  /** Sends SIGKILL. Acknowledged events are in the file; events that were not flushed are lost. */
  kill(): Promise<void>;
  /** Sends SIGTERM: the double stops gracefully within `graceMs`. */
  terminate(): Promise<void>;
  /** Sends SIGSTOP: the double answers nothing, not even keepalive pings. */
  suspend(): void;
  /** Sends SIGCONT: ends `suspend`. */
  continue(): void;
}

export interface SpawnOptions extends EsdbDoubleOptions {
  /** Time in ms for which the double still acknowledges appends after `terminate`. Default: 5,000, like the server. */
  readonly graceMs?: number;
}

/** Starts the double in a separate process and waits until it listens. It ends when its parent process ends. */
export async function spawnEsdbDouble({
  port = 0,
  file,
  graceMs,
  withoutForeignStreams,
}: SpawnOptions = {}): Promise<SpawnedEsdbDouble> {
  const args = ['--port', String(port)];
  if (file !== undefined) args.push('--file', file);
  if (withoutForeignStreams === true) args.push('--without-foreign-streams');
  if (graceMs !== undefined) args.push('--grace-ms', String(graceMs));
  const child = fork(join(__dirname, 'run-double.cjs'), args, {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const actualPort = await receivePort(child);
  return {
    port: actualPort,
    connectionString: `esdb://127.0.0.1:${String(actualPort)}?tls=false`,
    pid: child.pid ?? 0,
    faults: remoteFaults(child),
    kill: () => endProcess(child, 'SIGKILL'),
    terminate: () => endProcess(child, 'SIGTERM'),
    suspend: () => {
      child.kill('SIGSTOP');
    },
    continue: () => {
      child.kill('SIGCONT');
    },
  };
}

/** @throws Error when the process ends before it listens */
function receivePort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`the EventStoreDB double ended with exit code ${String(code)} before it listened`));
    });
    child.on('message', (report: DoubleReport) => {
      if ('port' in report) resolve(report.port);
    });
  });
}

/** Sends each method call as a request to the child process and waits for its response. */
function remoteFaults(child: ChildProcess): RemoteFaults {
  const pending = new Map<number, (report: Extract<DoubleReport, { id: number }>) => void>();
  let lastId = 0;
  child.on('message', (report: DoubleReport) => {
    if (!('id' in report)) return;
    pending.get(report.id)?.(report);
    pending.delete(report.id);
  });
  const send = (fault: keyof EsdbFaults, argument?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = (lastId += 1);
      pending.set(id, ({ error, value }) => {
        if (error === undefined) resolve(value);
        else reject(new Error(error));
      });
      const request: FaultRequest = { id, fault, argument };
      child.send(request);
    });
  return {
    hangAppends: (options) => send('hangAppends', options) as Promise<void>,
    timeOutAppends: (options) => send('timeOutAppends', options) as Promise<void>,
    muteAppendStreams: () => send('muteAppendStreams') as Promise<number>,
    hung: () => send('hung') as Promise<number>,
    freeze: () => send('freeze') as Promise<void>,
    slowReads: (ms) => send('slowReads', ms) as Promise<void>,
    endSubscriptions: () => send('endSubscriptions') as Promise<number>,
    dropAsTooSlow: () => send('dropAsTooSlow') as Promise<number>,
    reset: () => send('reset') as Promise<number>,
    unavailable: () => send('unavailable') as Promise<void>,
    overload: () => send('overload') as Promise<void>,
    denyAll: () => send('denyAll') as Promise<void>,
    rejectUser: (name) => send('rejectUser', name) as Promise<void>,
    moveLeader: (leader) => send('moveLeader', leader) as Promise<void>,
    stopGracefully: (options) => send('stopGracefully', options) as Promise<void>,
    lift: () => send('lift') as Promise<void>,
  };
}

/** Sends the signal and waits for the end of the process; returns at once if it has ended. */
async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  // a suspended process handles SIGTERM only after SIGCONT
  if (signal !== 'SIGKILL') child.kill('SIGCONT');
  await exit;
}
