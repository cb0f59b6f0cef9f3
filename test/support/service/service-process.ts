import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { loadKeys, type Keys } from '../../../src/access/keys.js';
import type { JsonObject } from '../../../src/platform/json.js';
import { ownerOf } from '../../../src/platform/process-lock.js';
import { eventually } from '../eventually.js';

const root = join(__dirname, '..', '..', '..');
const entry = join(root, 'dist', 'src', 'main.js');

/** After a start or a rebuild of everything, on a busy machine. */
const READY_LIMIT_MS = 120_000;

/** Why the real service cannot be started here; undefined when it can. */
export const notBuilt = existsSync(entry) ? undefined : 'the service is not built (npm run build)';

/** Code that is loaded before the service: see the files of that name. */
export type Preload = 'clock' | 'dies-at-commit' | 'without-sync';

const preloadFile = (name: Preload): string => join(__dirname, 'preload', `${name}.cjs`);

export interface ProcessOptions {
  /** Variables beside those of this process; `REDRESS_TEST_…` are for preloaded code. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly preload?: readonly Preload[];
  /** A program and its arguments that runs the process, e.g. strace. */
  readonly under?: readonly string[];
}

/** Of the body of /health/ready. */
interface Checks {
  readonly projections: {
    readonly states: Readonly<Record<string, { readonly lag: number; readonly caughtUp: boolean }>>;
  };
}

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote, both outputs together. */
  readonly said: string;
  /** Its standard output alone. */
  readonly printed: string;
}

/** Arguments and environment with which Node runs a program of ours on a data folder. */
export function launch(folder: string, options: ProcessOptions, args: readonly string[]): ChildProcess {
  const { environment = {}, preload = [], under = [] } = options;
  const preloads = preload.flatMap((name) => ['--require', preloadFile(name)]);
  const [command, ...rest] = [...under, process.execPath, ...preloads, ...args];
  const child = spawn(command ?? process.execPath, rest, {
    cwd: root,
    env: {
      ...withoutOurs(process.env),
      REDRESS_DATA: folder,
      REDRESS_PORT: '0',
      REDRESS_LOG: 'error',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test has left behind. */
export function killRemaining(): void {
  for (const child of running) child.kill('SIGKILL');
}

const withoutOurs = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('REDRESS_')));

/** Resolves with how the process ended and what it said. */
export async function ended(child: ChildProcess): Promise<End> {
  let [said, printed] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    printed += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, said, printed };
}

/** How a process ends that was asked to stop and had nothing to say. */
export const STOPPED: End = { code: 0, signal: null, said: '', printed: '' };

/** The service ended before it answered. */
export class NeverStarted extends Error {
  override readonly name = 'NeverStarted';
  constructor(readonly end: End) {
    super(`the service ended with ${String(end.code ?? end.signal)} before it answered:\n${end.said}`);
  }
}

/** The real, compiled service in a process of its own. */
export class ServiceProcess {
  /** Resolves when the process has ended, for any cause. */
  readonly end: Promise<End>;
  url = '';

  private constructor(
    readonly folder: string,
    private readonly child: ChildProcess,
    /** The process is a child of ours, not of another program. */
    private readonly direct: boolean,
  ) {
    this.end = ended(child);
  }

  /** Begins to start; {@link answering} waits until it does. */
  static begin(folder: string, options: ProcessOptions = {}): ServiceProcess {
    const direct = options.under === undefined;
    if (!direct) rmSync(join(folder, 'events.db.owner'), { force: true });
    return new ServiceProcess(folder, launch(folder, options, [entry]), direct);
  }

  /** Starts and waits until it answers. @throws NeverStarted */
  static async start(folder: string, options: ProcessOptions = {}): Promise<ServiceProcess> {
    return ServiceProcess.begin(folder, options).answering();
  }

  /** @throws NeverStarted */
  async answering(): Promise<this> {
    let end: End | undefined;
    void this.end.then((how) => (end = how));
    for (;;) {
      const owner = ownerOf(join(this.folder, 'events.db'));
      if (owner?.url !== undefined && (owner.pid === this.pid || !this.direct)) {
        this.url = owner.url;
        return this;
      }
      if (end !== undefined) throw new NeverStarted(end);
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

  /** Asks as the auditor, who may read everything; the body is what its JSON says. */
  async get(path: string): Promise<{ readonly status: number; readonly body: JsonObject }> {
    const headers = { authorization: `Bearer ${this.keys.ofRole('auditor')?.key ?? ''}` };
    const response = await fetch(this.url + path, { headers });
    return { status: response.status, body: (await response.json()) as JsonObject };
  }

  /** Asks for something as the supervisor; the status of the answer, undefined when none came. */
  async post(path: string): Promise<number | undefined> {
    const headers = { authorization: `Bearer ${this.keys.ofRole('supervisor')?.key ?? ''}` };
    return fetch(this.url + path, { method: 'POST', headers }).then(
      ({ status }) => status,
      () => undefined,
    );
  }

  /** Waits until everything that is recorded can be seen and the service calls itself ready. */
  async ready(): Promise<void> {
    await eventually(async () => {
      const { status, body } = await this.get('/health/ready');
      const { projections } = body.checks as unknown as Checks;
      const isAll = Object.values(projections.states).every(({ lag, caughtUp }) => caughtUp && lag === 0);
      if (status !== 200 || !isAll) throw new Error(`not ready: ${JSON.stringify(body)}`);
    }, READY_LIMIT_MS);
  }

  /** kill -9. */
  kill(): Promise<End> {
    this.child.kill('SIGKILL');
    return this.end;
  }

  /** Asks it to stop, as an operator does. */
  stop(): Promise<End> {
    this.child.kill('SIGTERM');
    return this.end;
  }
}
