import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { EngineDifferences } from '../read-models/engine-differences.js';
import { startMongo, type MongoServer } from './server.mjs';

/** Address of a real MongoDB server; undefined: the tests start the stand-in. */
export const REAL_MONGODB = process.env.REDRESS_TEST_MONGODB;

/** Differences between mongo-java-server and MongoDB (see README.md in this folder). */
export const STAND_IN_DIFFERENCES: EngineDifferences =
  REAL_MONGODB === undefined
    ? {
        textBeyondBmp: 'the stand-in orders text by UTF-16 units; MongoDB by UTF-8',
        arrayGroups: 'the stand-in groups by the first element of an array; MongoDB by the whole array',
      }
    : {};

/** New databases for one test file, with names that no other run uses. `stop` removes them. */
export class Databases {
  private readonly run = `redress_test_${randomBytes(4).toString('hex')}`;
  private count = 0;
  private server: MongoServer | undefined;
  private folder: string | undefined;

  /** Starts the stand-in, unless the tests use a real server. */
  async start(): Promise<void> {
    if (REAL_MONGODB !== undefined) return;
    this.folder = mkdtempSync(join(tmpdir(), 'redress-mongodb-'));
    this.server = await startMongo({ dir: this.folder });
  }

  /** Address of the server, without a database. */
  get url(): string {
    return REAL_MONGODB ?? this.standIn.url;
  }

  /** The process of the stand-in. @throws Error if the tests use a real server */
  get standIn(): MongoServer {
    if (this.server === undefined) throw new Error('no stand-in was started');
    return this.server;
  }

  /** Sends SIGKILL to the stand-in. */
  kill(): Promise<void> {
    return this.standIn.kill();
  }

  /** Starts the stand-in again on the same data, at the same address. */
  async restart(): Promise<void> {
    this.server = await startMongo({ dir: this.folder ?? '', port: this.standIn.port });
  }

  /** Name of a new database. */
  next(): string {
    this.count += 1;
    return `${this.run}_${String(this.count)}`;
  }

  async stop(): Promise<void> {
    if (REAL_MONGODB !== undefined) {
      const client = new MongoClient(REAL_MONGODB);
      for (let number = 1; number <= this.count; number += 1)
        for (const end of ['', '-subjects']) await client.db(`${this.run}_${String(number)}${end}`).dropDatabase();
      await client.close();
    }
    await this.server?.stop();
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true });
  }
}
