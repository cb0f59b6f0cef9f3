import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProjectionStatus } from '../../../src/projection/projections.js';
import { loadKeys, type Keys } from '../../../src/access/keys.js';
import type { Role } from '../../../src/access/actor.js';
import type { JsonObject } from '../../../src/platform/json.js';
import { eventually } from '../eventually.js';
import { ended, launch, NeverStarted, type End } from '../service/service-process.js';

const entry = join(__dirname, '..', '..', '..', 'dist', 'src', 'main.js');
/** For what a health check waits on a busy machine: rebuilds, a term of the lease, a lost connection. */
const HEALTH_LIMIT_MS = 120_000;
const running = new Set<RoleProcess>();

/** Ends what a test has left behind. */
export function killProcesses(): void {
  for (const process of running) void process.kill();
}

/** Where a process finds its servers and its keys. */
interface Place {
  readonly data: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The body of /health/ready. */
export interface Health {
  readonly status: 'up' | 'down';
  readonly checks: {
    readonly event_store: { readonly up: boolean; readonly since?: string; readonly head?: string | null };
    readonly read_models: {
      readonly up: boolean;
      readonly since?: string;
      readonly projectionsHeldBy?: string | null;
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

/** The compiled service on servers, in a process of its own with a role. */
export class RoleProcess {
  readonly end: Promise<End>;
  url = '';
  private output = '';

  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {
    this.end = ended(child);
    child.stdout?.on('data', (text: string) => (this.output += text));
    running.add(this);
    void this.end.then(() => running.delete(this));
  }

  static begin(
    servers: Place,
    role: 'all' | 'api' | 'projections',
    settings: Record<string, string> = {},
    args: readonly string[] = [entry],
  ): RoleProcess {
    const environment = { ...servers.environment, REDRESS_ROLE: role, REDRESS_LOG: 'info', ...settings };
    return new RoleProcess(servers.data, launch(servers.data, { environment }, args));
  }

  /** Starts and waits until it listens. @throws NeverStarted */
  static start(
    servers: Place,
    role: 'all' | 'api' | 'projections',
    settings?: Record<string, string>,
  ): Promise<RoleProcess> {
    return RoleProcess.begin(servers, role, settings).listening();
  }

  /** @throws NeverStarted */
  async listening(): Promise<this> {
    let end: End | undefined;
    void this.end.then((how) => (end = how));
    for (;;) {
      const url = this.log.find(({ msg }) => msg === 'listening')?.url;
      if (typeof url === 'string') {
        this.url = url;
        return this;
      }
      if (end !== undefined) throw new NeverStarted(end);
      await pause(10);
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get keys(): Keys {
    return loadKeys(this.folder);
  }

  /** What it has logged so far: whole lines. */
  get log(): readonly JsonObject[] {
    const lines = this.output.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as JsonObject);
  }

  /** Asks as the auditor, unless somebody else is named. */
  async call(
    path: string,
    { method = 'GET', as = 'auditor' }: { readonly method?: string; readonly as?: Role } = {},
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string; readonly body: JsonObject }> {
    const headers = { authorization: `Bearer ${this.keys.ofRole(as)?.key ?? ''}` };
    const response = await fetch(this.url + path, { method, headers });
    const text = await response.text();
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

  /** Waits until its health is such. @throws Error with the health it had last */
  async until(holds: (health: Health) => boolean): Promise<Health> {
    return eventually(async () => {
      const health = await this.health();
      if (!holds(health)) throw new Error(`it still is: ${JSON.stringify(health)}`);
      return health;
    }, HEALTH_LIMIT_MS);
  }

  /** Waits until it is ready and every read model shows what is recorded. */
  ready(): Promise<Health> {
    return this.until(
      ({ status, checks }) =>
        status === 'up' &&
        Object.values(checks.projections.states).every(({ state, caughtUp }) => state === 'live' && caughtUp),
    );
  }

  /** The value of a metric without labels. */
  async metric(name: string): Promise<number | undefined> {
    const { text } = await this.call('/metrics');
    const value = new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1];
    return value === undefined ? undefined : Number(value);
  }

  /** Whether it writes the read models. */
  async leads(): Promise<boolean> {
    return (await this.metric('redress_projections_leader')) === 1;
  }

  /** Waits until it writes the read models. */
  async leading(): Promise<this> {
    while (!(await this.leads())) await pause(50);
    return this;
  }

  /** kill -9. */
  kill(): Promise<End> {
    this.child.kill('SIGKILL');
    return this.end;
  }

  /** As an operator stops it. */
  stop(): Promise<End> {
    this.signal('SIGTERM');
    return this.end;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
