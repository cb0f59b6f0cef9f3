import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Position } from '../../../src/eventstore/event-store.js';
import { openEventStoreDbLog } from '../../../src/eventstore/eventstoredb/eventstoredb-event-store.js';
import { spawnEsdbDouble, type RemoteFaults, type SpawnedEsdbDouble } from '../esdb/spawn-double.js';
import { eventually } from '../eventually.js';
import { ControlProgram, type ServerControl } from './server-control.js';

/** Long enough for a real server that starts on a busy machine. */
const ANSWER_TIMEOUT_MS = 120_000;

/** Address of a real server, whose contents may be changed, and the program that controls its process. */
const { REDRESS_TEST_EVENTSTOREDB: REAL = '', REDRESS_TEST_EVENTSTOREDB_CONTROL: REAL_CONTROL = '' } = process.env;

/** `address`: the tests only send requests to the server. `control`: they also stop, kill and freeze it. */
export type ServerNeed = 'address' | 'control';

/** True if the tests run on the double: no real server is configured, or the tests cannot control it. */
const usesDouble = (need: ServerNeed): boolean => REAL === '' || (need === 'control' && REAL_CONTROL === '');

/** Replaces `test` for a test that needs a feature of the double; skips it if the tests run on a real server. */
export const testOnDouble = (need: ServerNeed): jest.It => (usesDouble(need) ? test : test.skip);

/** An event store server: a real one, or the double in its own process. It may have events of other programs and tests. */
export class EventStoreServer {
  private constructor(
    readonly url: string,
    private readonly control: ServerControl | undefined,
    private readonly double: DoubleServer | undefined,
    /** Position of the last event before the test; null if there was none. */
    readonly since: Position | null,
  ) {}

  /** @param folder for the log of the double */
  static async start(folder: string, need: ServerNeed = 'control'): Promise<EventStoreServer> {
    const double = usesDouble(need) ? await DoubleServer.start(join(folder, 'esdb.log')) : undefined;
    const control = double ?? (REAL_CONTROL === '' ? undefined : new ControlProgram(REAL_CONTROL));
    if (double === undefined) await revived(control);
    const url = double?.url ?? REAL;
    return new EventStoreServer(url, control, double, await headOf(url));
  }

  /** True if it is the double. */
  get isDouble(): boolean {
    return this.double !== undefined;
  }

  get faults(): RemoteFaults {
    return this.onlyDouble.process.faults;
  }

  /** Sends SIGKILL. */
  kill(): Promise<void> {
    return this.controlled.kill();
  }

  /** Sends SIGTERM: the server acknowledges appends until it ends, and drops subscriptions. */
  stop(): Promise<void> {
    return this.controlled.stop();
  }

  /** Starts the server on the same data, at the same address, and waits until it answers. */
  async restart(): Promise<void> {
    await this.controlled.start();
    await headOf(this.url);
  }

  /** Sends SIGSTOP: the server answers nothing, not even keepalive. */
  freeze(): Promise<void> {
    return this.controlled.freeze();
  }

  /** Sends SIGCONT. */
  thaw(): Promise<void> {
    return this.controlled.thaw();
  }

  /** Copies the data of the running server, as a backup does. */
  backUp(to: string): void {
    copyFileSync(this.onlyDouble.file, to);
  }

  /** Kills the server, replaces its data with the copy, and restarts it. */
  async restore(from: string): Promise<void> {
    await this.kill();
    copyFileSync(from, this.onlyDouble.file);
    await this.restart();
  }

  /** Ends the double; leaves a real server running. */
  dispose(): Promise<void> {
    return this.double === undefined ? revived(this.control) : this.double.kill();
  }

  private get controlled(): ServerControl {
    if (this.control === undefined) throw new Error('REDRESS_TEST_EVENTSTOREDB_CONTROL names no program');
    return this.control;
  }

  private get onlyDouble(): DoubleServer {
    if (this.double === undefined) throw new Error('only the double can do this');
    return this.double;
  }
}

/** The double as a server whose process is controlled. */
class DoubleServer implements ServerControl {
  private isRunning = true;

  private constructor(
    public process: SpawnedEsdbDouble,
    readonly file: string,
  ) {}

  static async start(file: string): Promise<DoubleServer> {
    return new DoubleServer(await spawnEsdbDouble({ file, graceMs: GRACE_MS }), file);
  }

  get url(): string {
    return this.process.connectionString;
  }

  async start(): Promise<void> {
    if (this.isRunning) return;
    this.process = await spawnEsdbDouble({ file: this.file, port: this.process.port, graceMs: GRACE_MS });
    this.isRunning = true;
  }

  async kill(): Promise<void> {
    await this.process.kill();
    this.isRunning = false;
  }

  async stop(): Promise<void> {
    await this.process.terminate();
    this.isRunning = false;
  }

  freeze(): Promise<void> {
    this.process.suspend();
    return Promise.resolve();
  }

  thaw(): Promise<void> {
    this.process.continue();
    return Promise.resolve();
  }
}

const GRACE_MS = 200;

/** Makes a real server run again that a failed test has left killed or frozen. */
async function revived(control: ServerControl | undefined): Promise<void> {
  await control?.start();
  await control?.thaw();
}

/** Position of the last event that is not a system event; waits until the server answers. */
async function headOf(url: string): Promise<Position | null> {
  const log = openEventStoreDbLog(url);
  try {
    const [last] = await eventually(() => log.readAll({ direction: 'backwards', limit: 1 }), ANSWER_TIMEOUT_MS);
    return last?.position ?? null;
  } finally {
    await log.close();
  }
}
