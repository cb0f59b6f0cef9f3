import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeService } from '../service/folders.js';
import { DocumentServer } from './document-server.js';
import { EventStoreServer, type ServerNeed } from './event-store-server.js';
import { killProcesses } from './role-process.js';

/** An event store server, a MongoDB stand-in, and a data folder for the processes that use them. */
export class Servers {
  private constructor(
    readonly folder: string,
    readonly eventStore: EventStoreServer,
    readonly documents: DocumentServer,
  ) {}

  /** @param need what of the event store: by default its process can be killed and frozen */
  static async start(need: ServerNeed = 'control'): Promise<Servers> {
    const folder = mkdtempSync(join(tmpdir(), 'redress-servers-'));
    const [eventStore, documents] = await Promise.all([
      EventStoreServer.start(folder, need),
      DocumentServer.start(folder),
    ]);
    return new Servers(folder, eventStore, documents);
  }

  /**
   * Environment variables for a process on these servers. The lease is short, but long enough for a process that a busy
   * machine delays.
   */
  get environment(): Record<string, string> {
    return {
      REDRESS_EVENTSTORE: this.eventStore.url,
      REDRESS_READMODELS: `${this.documents.url}/redress`,
      REDRESS_LEASE_SECONDS: '4',
    };
  }

  /** The data folder, with the API keys, that all processes share. */
  get data(): string {
    return join(this.folder, 'data');
  }

  /** Path of a file or folder inside the folder of the servers. */
  inside(name: string): string {
    return join(this.folder, name);
  }

  async stop(): Promise<void> {
    killProcesses();
    await Promise.all([this.eventStore.dispose(), this.documents.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A describe block in which each test has new servers. It is skipped if the service is not compiled. */
export function describeServers(title: string, tests: (servers: () => Servers) => void): void {
  describeService(title, () => {
    let servers: Servers | undefined;
    beforeEach(async () => {
      servers = await Servers.start();
    });
    afterEach(async () => {
      await servers?.stop();
      servers = undefined;
    });
    tests(() => {
      if (servers === undefined) throw new Error('the servers are only available during a test');
      return servers;
    });
  });
}
