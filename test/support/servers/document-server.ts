import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startMongo, type MongoServer } from '../mongo/server.mjs';

/** The MongoDB stand-in at one address through kills and restarts. */
export class DocumentServer {
  private constructor(
    private server: MongoServer,
    private readonly folder: string,
  ) {}

  static async start(folder: string): Promise<DocumentServer> {
    const data = join(folder, 'mongo');
    return new DocumentServer(await startMongo({ dir: data }), data);
  }

  get url(): string {
    return this.server.url;
  }

  /** kill -9. */
  kill(): Promise<void> {
    return this.server.kill();
  }

  /** On the same data, at the same address. */
  async restart(): Promise<void> {
    this.server = await startMongo({ dir: this.folder, port: this.server.port });
  }

  /** Copies what is stored; the server is down for as long. */
  async backUp(to: string): Promise<void> {
    await this.server.stop();
    cpSync(this.folder, to, { recursive: true });
    await this.restart();
  }

  /** Ends it, puts the copy in place of what is stored, starts it again. */
  async restore(from: string): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
    cpSync(from, this.folder, { recursive: true });
    await this.restart();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
