import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { loadKeys, type Keys } from '../../../src/access/keys.js';
import type { JsonObject } from '../../../src/platform/json.js';
import { ownerOf } from '../../../src/platform/process-lock.js';
import { checkedText } from '../api-document.js';
import { eventually } from '../eventually.js';

const root = join(__dirname, '..', '..', '..');
const entry = join(root, 'dist', 'src', 'main.js');

/** Enough for a start and a rebuild of every read model on a busy machine. */
const READY_LIMIT_MS = 120_000;

/** Why the compiled service cannot be started; undefined if it can. */
export const reasonToSkip = existsSync(entry) ? undefined : 'the service is not built (npm run build)';

/** Code that Node loads before the service: preload/NAME.cjs. */
export type Preload = 'clock' | 'dies-at-commit' | 'without-sync';

const preloadFile = (name: Preload): string => join(__dirname, 'preload', `${name}.cjs`);

export interface ProcessOptions {
  /** Environment variables, in addition to those of this process. `REDRESS_TEST_…` are for preloaded code. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly preload?: readonly Preload[];
  /** Command and arguments of a program that starts the process, e.g. strace. */
  readonly under?: readonly string[];
  /** True if the test writes to standard input; otherwise it is empty. */
  readonly takesInput?: true;
}

/** A part of the body of the response to `GET /health/ready`. */
interface Checks {
  readonly projections: {
    readonly states: Readonly<Record<string, { readonly lag: number; readonly caughtUp: boolean }>>;
  };
}

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Standard output and standard error, interleaved. */
  readonly output: string;
  /** Standard output only. */
  readonly stdout: string;
}

/** Starts Node with a program and its arguments on a data folder. Settings of Redress in this process do not apply. */
export function launch(folder: string, options: ProcessOptions, args: readonly string[]): ChildProcess {
  const { environment = {}, preload = [], under = [], takesInput = false } = options;
  const preloads = preload.flatMap((name) => ['--require', preloadFile(name)]);
  const [command, ...commandArguments] = [...under, process.execPath, ...preloads, ...args];
  const child = spawn(command ?? process.execPath, commandArguments, {
    cwd: root,
    env: {
      ...withoutSettings(process.env),
      REDRESS_DATA: folder,
      REDRESS_PORT: '0',
      REDRESS_LOG: 'error',
      ...environment,
    },
    stdio: [takesInput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

const running = new Set<ChildProcess>();

/** Kills every process that a test has started and not stopped. */
export function killRemaining(): void {
  for (const child of running) child.kill('SIGKILL');
}

const withoutSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('REDRESS_')));

/** Waits until the process ends; returns its exit code or signal and its output. */
export async function waitForEnd(child: ChildProcess): Promise<End> {
  let [output, stdout] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, output, stdout };
}

/** The end of a process that was stopped regularly and printed nothing. */
export const STOPPED: End = { code: 0, signal: null, output: '', stdout: '' };

/** The service ended before it accepted requests. */
export class ServiceStartFailed extends Error {
  override readonly name = 'ServiceStartFailed';
  constructor(readonly end: End) {
    super(`the service ended with ${String(end.code ?? end.signal)} before it accepted requests:\n${end.output}`);
  }
}

/** The real, compiled service in its own process. */
export class ServiceProcess {
  /** Resolves when the process has ended, for any cause. */
  readonly end: Promise<End>;
  url = '';

  private constructor(
    readonly folder: string,
    private readonly child: ChildProcess,
    /** True if `child` is the service; false if `child` is a program that runs the service. */
    private readonly isDirectChild: boolean,
  ) {
    this.end = waitForEnd(child);
  }

  /** Starts the service without waiting; see {@link untilListening}. */
  static begin(folder: string, options: ProcessOptions = {}): ServiceProcess {
    const isDirectChild = options.under === undefined;
    // the process id of the service is not known, so the owner file of an earlier process could be taken for its file
    if (!isDirectChild) rmSync(join(folder, 'events.db.owner'), { force: true });
    return new ServiceProcess(folder, launch(folder, options, [entry]), isDirectChild);
  }

  /** Starts the service and waits until it accepts requests. @throws ServiceStartFailed if the process ends before that */
  static async start(folder: string, options: ProcessOptions = {}): Promise<ServiceProcess> {
    return ServiceProcess.begin(folder, options).untilListening();
  }

  /** Waits until the service accepts requests. @throws ServiceStartFailed if the process ends before that */
  async untilListening(): Promise<this> {
    let end: End | undefined;
    void this.end.then((value) => (end = value));
    for (;;) {
      const owner = ownerOf(join(this.folder, 'events.db'));
      if (owner?.url !== undefined && (owner.pid === this.pid || !this.isDirectChild)) {
        this.url = owner.url;
        return this;
      }
      if (end !== undefined) throw new ServiceStartFailed(end);
      await pause(5);
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get keys(): Keys {
    return loadKeys(this.folder);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Sends a GET request as the auditor, who may read everything; parses the body of the response as JSON. */
  async get(path: string): Promise<{ readonly status: number; readonly body: JsonObject }> {
    const headers = { authorization: `Bearer ${this.keys.ofRole('auditor')?.key ?? ''}` };
    const response = await fetch(this.url + path, { headers });
    return { status: response.status, body: JSON.parse(await checkedText('GET', path, response)) as JsonObject };
  }

  /** Sends a POST request without a body as the supervisor. Returns the status; undefined if there is no response. */
  async post(path: string): Promise<number | undefined> {
    const headers = { authorization: `Bearer ${this.keys.ofRole('supervisor')?.key ?? ''}` };
    return fetch(this.url + path, { method: 'POST', headers }).then(
      ({ status }) => status,
      () => undefined,
    );
  }

  /** Waits until the service is ready and every read model shows all recorded events. */
  async ready(): Promise<void> {
    await eventually(async () => {
      const { status, body } = await this.get('/health/ready');
      const { projections } = body.checks as unknown as Checks;
      const areCaughtUp = Object.values(projections.states).every(({ lag, caughtUp }) => caughtUp && lag === 0);
      if (status !== 200 || !areCaughtUp) throw new Error(`not ready: ${JSON.stringify(body)}`);
    }, READY_LIMIT_MS);
  }

  /** Sends SIGKILL and waits for the end of the process. */
  kill(): Promise<End> {
    this.child.kill('SIGKILL');
    return this.end;
  }

  /** Sends SIGTERM, as an operator does, and waits for the end of the process. */
  stop(): Promise<End> {
    this.child.kill('SIGTERM');
    return this.end;
  }
}
