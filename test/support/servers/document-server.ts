import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startMongo, type MongoServer } from '../mongo/server.mjs';

/** A MongoDB stand-in that keeps its address across kills and restarts. */
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

  /** Sends SIGKILL. */
  kill(): Promise<void> {
    return this.server.kill();
  }

  /** Starts the server on the same data, at the same address. */
  async restart(): Promise<void> {
    this.server = await startMongo({ dir: this.folder, port: this.server.port });
  }

  /** Stops the server, copies its data, and restarts it. */
  async backUp(to: string): Promise<void> {
    await this.server.stop();
    cpSync(this.folder, to, { recursive: true });
    await this.restart();
  }

  /** Kills the server, replaces its data with the copy, and restarts it. */
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
