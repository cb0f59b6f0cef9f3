import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnEsdbDouble, type RemoteFaults, type SpawnedEsdbDouble } from '../esdb/spawn-double.js';

/** A real server, where one is named; then it is nobody's to kill. */
export const REAL_EVENT_STORE = process.env.REDRESS_TEST_EVENTSTOREDB;

/** The EventStoreDB double in a process of its own, at one address through kills and restarts. */
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

  /** With a keepalive that notices a frozen server after two seconds; the client grumbles on standard output. */
  get watchfulUrl(): string {
    return `${this.url}&keepAliveInterval=1000&keepAliveTimeout=1000`;
  }

  get faults(): RemoteFaults {
    return this.double.faults;
  }

  /** kill -9. */
  kill(): Promise<void> {
    return this.double.kill();
  }

  /** On the same data, at the same address. */
  async restart(): Promise<void> {
    this.double = await spawnEsdbDouble({ file: this.file, port: this.double.port, graceMs: 200 });
  }

  /** SIGSTOP: not even keepalive is answered. */
  freeze(): void {
    this.double.suspend();
  }

  thaw(): void {
    this.double.continue();
  }

  /** Copies what is stored, as a backup does. */
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
