import type { Collection } from 'mongodb';
import type { JsonObject } from '../../platform/json.js';
import { CompareAndSetLeases } from '../compare-and-set-leases.js';
import type { Leases } from '../lease.js';
import { parseCount, parseFind, parsePipeline } from '../query-language.js';
import type {
  Checkpoint,
  CountOptions,
  Document,
  Filter,
  Find,
  ModelRecord,
  ReadModels,
  WriteSession,
} from '../read-models.js';
import { queryInChunks } from './conditional-write.js';
import { Connection, type MongoOptions } from './connection.js';
import { findDocuments } from './find.js';
import { aggregate, countDocuments } from './group.js';
import { MongoLeaseRegister } from './lease-register.js';
import { openNextSession } from './session.js';
import { Store } from './store.js';
import { fromStored, type StoredDocument } from './stored-document.js';

/**
 * Connects to a MongoDB server: standalone, replica set or sharded cluster. A connection string cannot change the write
 * concern (w: majority, j: true) or the read preference (primary). Throws `ReadModelsUnavailable` when no primary
 * answers, and errors of the driver for a wrong URL or password. Every later call may throw `ReadModelsUnavailable`
 * too; a retry may succeed.
 */
export async function openMongoReadModels(url: string, options: MongoOptions = {}): Promise<MongoReadModels> {
  return new MongoReadModels(await Connection.open(url, options));
}

/**
 * The ReadModels port on MongoDB (docs/adr/0011). Each collection of read models is one collection on the server. The
 * collections `redress.collections`, `redress.models`, `redress.checkpoints`, `redress.fence` and `redress.leases`
 * store everything else.
 */
export class MongoReadModels implements ReadModels {
  /** Leases that are stored in the same database as the read models. */
  readonly leases: Leases;
  private readonly store: Store;

  constructor(private readonly connection: Connection) {
    this.store = new Store(connection);
    this.leases = new CompareAndSetLeases(new MongoLeaseRegister(connection));
  }

  /** Time of the first failed call after the last successful one (RFC 3339, UTC); null if the last call succeeded. */
  get unavailableSince(): string | null {
    return this.connection.unavailableSince;
  }

  listCollections(): Promise<string[]> {
    return this.store.withTimeLimit(({ catalogue }) => catalogue.names());
  }

  getMany(collection: string, ids: readonly string[]): Promise<Document[]> {
    return this.read(
      collection,
      async (documents) => {
        const query = (chunk: readonly string[]) => documents.find({ _id: { $in: [...chunk] } }).toArray();
        return (await queryInChunks([...new Set(ids)], query)).map(fromStored);
      },
      isEmpty,
    );
  }

  async find(collection: string, query: Find): Promise<Document[]> {
    const parsed = parseFind(query);
    return this.read(collection, (documents) => findDocuments(documents, parsed, this.connection.queryTimeMS), isEmpty);
  }

  async count(collection: string, filter: Filter, options?: CountOptions): Promise<number> {
    const parsed = parseCount(filter, options);
    return this.read(
      collection,
      (documents) => countDocuments(documents, parsed, this.connection.queryTimeMS),
      (count) => count === 0,
    );
  }

  async aggregate(collection: string, pipeline: readonly JsonObject[]): Promise<JsonObject[]> {
    const parsed = parsePipeline(pipeline);
    return this.read(collection, (documents) => aggregate(documents, parsed, this.connection.queryTimeMS), isEmpty);
  }

  loadCheckpoint(collection: string): Promise<Checkpoint | null> {
    return this.store.withTimeLimit(async ({ catalogue, checkpoints }) => {
      const entry = await catalogue.find(collection);
      return entry === null ? null : checkpoints.load(entry.physical);
    });
  }

  loadModel(name: string): Promise<ModelRecord | null> {
    return this.store.withTimeLimit(({ models }) => models.load(name));
  }

  listModels(): Promise<ModelRecord[]> {
    return this.store.withTimeLimit(({ models }) => models.list());
  }

  openSession(): Promise<WriteSession> {
    return openNextSession(this.store);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private read<T>(
    collection: string,
    query: (documents: Collection<StoredDocument>) => Promise<T>,
    isEmptyResult: (result: T) => boolean,
  ): Promise<T> {
    return this.store.withTimeLimit(({ catalogue }) => catalogue.read(collection, query, isEmptyResult));
  }
}

const isEmpty = (result: readonly unknown[]): boolean => result.length === 0;
