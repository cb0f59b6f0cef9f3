import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProjectionStatus } from '../../../src/projection/projections.js';
import { loadKeys, type Keys } from '../../../src/access/keys.js';
import type { Role } from '../../../src/access/actor.js';
import type { JsonObject } from '../../../src/platform/json.js';
import { checkedText } from '../api-document.js';
import { eventually } from '../eventually.js';
import { waitForEnd, launch, ServiceStartFailed, type End } from '../service/service-process.js';

const entry = join(__dirname, '..', '..', '..', 'dist', 'src', 'main.js');
/** Enough on a busy machine for a rebuild, the term of a lease and a new connection. */
const HEALTH_LIMIT_MS = 120_000;
const running = new Set<RoleProcess>();

/** Kills every process that a test has started and not stopped. */
export function killProcesses(): void {
  for (const process of running) void process.kill();
}

/** Where a process finds its API keys and its servers. */
interface DataAndServers {
  /** Data folder with the API keys. */
  readonly data: string;
  /** Environment variables with the addresses of the servers. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The body of the response to `GET /health/ready`. */
export interface Health {
  readonly status: 'up' | 'down';
  readonly checks: {
    readonly event_store: {
      readonly up: boolean;
      readonly since?: string;
      readonly cause?: string;
      readonly head?: string | null;
    };
    readonly read_models: {
      readonly up: boolean;
      readonly since?: string;
      readonly cause?: string;
      readonly projectionsHeldBy?: string | null;
    };
    readonly timers: {
      readonly up: boolean;
      readonly runsHere: boolean;
      readonly due?: number;
      readonly lateSeconds?: number;
      readonly refused?: number;
    };
    readonly projections: {
      readonly up: boolean;
      readonly states: Readonly<
        Record<
          string,
          Pick<ProjectionStatus, 'state' | 'position' | 'lag' | 'caughtUp'> & {
            readonly lagSeconds: number | null;
            readonly reason?: string;
            readonly beyondHead?: true;
          }
        >
      >;
    };
  };
}

/** The compiled service with a role, in its own process, on an event store server and MongoDB. */
export class RoleProcess {
  /** Resolves when the process has ended, for any cause. */
  readonly end: Promise<End>;
  url = '';
  private output = '';

  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {
    this.end = waitForEnd(child);
    child.stdout?.on('data', (text: string) => (this.output += text));
    running.add(this);
    void this.end.then(() => running.delete(this));
  }

  /** Starts the process without waiting; see {@link untilListening}. */
  static begin(
    servers: DataAndServers,
    role: 'all' | 'api' | 'projections' | 'timers',
    settings: Record<string, string> = {},
    args: readonly string[] = [entry],
  ): RoleProcess {
    const environment = { ...servers.environment, REDRESS_ROLE: role, REDRESS_LOG: 'info', ...settings };
    return new RoleProcess(servers.data, launch(servers.data, { environment }, args));
  }

  /** Starts the process and waits until it listens. @throws ServiceStartFailed if the process ends before that */
  static start(
    servers: DataAndServers,
    role: 'all' | 'api' | 'projections' | 'timers',
    settings?: Record<string, string>,
  ): Promise<RoleProcess> {
    return RoleProcess.begin(servers, role, settings).untilListening();
  }

  /** Waits until the process listens. @throws ServiceStartFailed if the process ends before that */
  async untilListening(): Promise<this> {
    let end: End | undefined;
    void this.end.then((value) => (end = value));
    for (;;) {
      const url = this.log.find(({ msg }) => msg === 'listening')?.url;
      if (typeof url === 'string') {
        this.url = url;
        return this;
      }
      if (end !== undefined) throw new ServiceStartFailed(end);
      await pause(10);
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get keys(): Keys {
    return loadKeys(this.folder);
  }

  /** The complete log lines so far. */
  get log(): readonly JsonObject[] {
    const lines = this.output.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as JsonObject);
  }

  /** Sends a request with the API key of a role. The body of a response that is not JSON is `{}`. */
  async call(
    path: string,
    { method = 'GET', as = 'auditor' }: { readonly method?: string; readonly as?: Role } = {},
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string; readonly body: JsonObject }> {
    const headers = { authorization: `Bearer ${this.keys.ofRole(as)?.key ?? ''}` };
    const response = await fetch(this.url + path, { method, headers });
    const text = await checkedText(method, path, response);
    const json = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: json ? (JSON.parse(text) as JsonObject) : {},
    };
  }

  async health(): Promise<Health> {
    return (await this.call('/health/ready')).body as unknown as Health;
  }

  /** Waits until the health satisfies a condition, and returns it. @throws Error with the last health */
  async until(condition: (health: Health) => boolean): Promise<Health> {
    return eventually(async () => {
      const health = await this.health();
      if (!condition(health)) throw new Error(`the health does not satisfy the condition: ${JSON.stringify(health)}`);
      return health;
    }, HEALTH_LIMIT_MS);
  }

  /** Waits until the process is up, and every read model is live and caught up. */
  ready(): Promise<Health> {
    return this.until(
      ({ status, checks }) =>
        status === 'up' &&
        Object.values(checks.projections.states).every(({ state, caughtUp }) => state === 'live' && caughtUp),
    );
  }

  /** The value of a metric without labels; undefined if there is none. */
  async metric(name: string): Promise<number | undefined> {
    const { text } = await this.call('/metrics');
    const value = new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1];
    return value === undefined ? undefined : Number(value);
  }

  /** Whether this process writes the read models. */
  async isLeader(): Promise<boolean> {
    return (await this.metric('redress_projections_leader')) === 1;
  }

  /** Waits until this process writes the read models. */
  async untilLeading(): Promise<this> {
    while (!(await this.isLeader())) await pause(50);
    return this;
  }

  /** Sends SIGKILL and waits for the end of the process. */
  kill(): Promise<End> {
    this.child.kill('SIGKILL');
    return this.end;
  }

  /** Sends SIGTERM, as an operator does, and waits for the end of the process. */
  stop(): Promise<End> {
    this.signal('SIGTERM');
    return this.end;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
