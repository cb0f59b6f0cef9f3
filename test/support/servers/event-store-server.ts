import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnEsdbDouble, type RemoteFaults, type SpawnedEsdbDouble } from '../esdb/spawn-double.js';

/** Address of a real EventStoreDB server; undefined: the tests use the double. A real server must not be killed. */
export const REAL_EVENT_STORE = process.env.REDRESS_TEST_EVENTSTOREDB;

/** The EventStoreDB double in its own process. It keeps its address across kills and restarts. */
export class EventStoreServer {
  private constructor(
    private double: SpawnedEsdbDouble,
    private readonly file: string,
  ) {}

  static async start(folder: string): Promise<EventStoreServer> {
    const file = join(folder, 'esdb.log');
    return new EventStoreServer(await spawnEsdbDouble({ file, graceMs: 200 }), file);
  }

  get url(): string {
    return this.double.connectionString;
  }

  get faults(): RemoteFaults {
    return this.double.faults;
  }

  /** Sends SIGKILL. */
  kill(): Promise<void> {
    return this.double.kill();
  }

  /** Starts the double on the same data, at the same address. */
  async restart(): Promise<void> {
    this.double = await spawnEsdbDouble({ file: this.file, port: this.double.port, graceMs: 200 });
  }

  /** Sends SIGSTOP: the server answers nothing, not even keepalive. */
  freeze(): void {
    this.double.suspend();
  }

  /** Sends SIGCONT. */
  thaw(): void {
    this.double.continue();
  }

  /** Copies the data of the running server, as a backup does. */
  backUp(to: string): void {
    copyFileSync(this.file, to);
  }

  /** Kills the server, replaces its data with the copy, and restarts it. */
  async restore(from: string): Promise<void> {
    await this.kill();
    copyFileSync(from, this.file);
    await this.restart();
  }
}
