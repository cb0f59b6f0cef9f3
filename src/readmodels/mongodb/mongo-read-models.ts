import type { Collection, Db } from 'mongodb';
import type { Json, JsonObject } from '../../platform/json.js';
import { CountedLeases } from '../counted-leases.js';
import { checkWrites } from '../guarded-batch.js';
import type { Leases } from '../lease.js';
import { parseFilter, parseFind, parsePipeline, path } from '../query-language.js';
import type {
  Checkpoint,
  Document,
  Filter,
  Find,
  GuardedBatch,
  IndexSpec,
  ReadModels,
  WriteResult,
} from '../read-models.js';
import { Aliases } from './aliases.js';
import { Catalogue, type Entry } from './catalogue.js';
import { Checkpoints } from './checkpoints.js';
import { Connection, type MongoOptions } from './connection.js';
import { findDocuments } from './find.js';
import { aggregate, countDocuments, distinctValues } from './group.js';
import { inParts, writeDocuments } from './guarded-write.js';
import { ensureIndexes } from './indexes.js';
import { MongoLeaseRegister } from './lease-register.js';
import { fromStored, type StoredDocument } from './stored-document.js';

/**
 * Read models in a MongoDB database: standalone, replica set or sharded cluster. Every call may throw
 * {@link ReadModelsUnavailable} and go through again later. No connection string weakens what is written (w: majority,
 * j: true) or from where it is read (the primary).
 *
 * Throws ReadModelsUnavailable when no primary answers; MongoDB's own errors for a URL or password that is wrong.
 */
export async function openMongoReadModels(url: string, options: MongoOptions = {}): Promise<MongoReadModels> {
  return new MongoReadModels(await Connection.open(url, options));
}

/**
 * The ReadModels port on MongoDB (docs/adr/0011). A collection is one collection of the server; `redress.collections`,
 * `redress.aliases`, `redress.checkpoints` and `redress.leases` say what it means.
 */
export class MongoReadModels implements ReadModels {
  /** Leases kept in the same database as what they protect. */
  readonly leases: Leases;
  private readonly known = new Map<string, string>();

  constructor(private readonly connection: Connection) {
    this.leases = new CountedLeases(new MongoLeaseRegister(connection));
  }

  /** When the first call failed since one last succeeded, UTC RFC 3339; null while the store answers. */
  get unavailableSince(): string | null {
    return this.connection.unavailableSince;
  }

  async createCollection(name: string, indexes: readonly IndexSpec[], when: 'now' | 'later' = 'now'): Promise<void> {
    const entry = await this.reached(({ catalogue }) => catalogue.declare(name, indexes));
    if (when === 'now' || entry.built) await this.build(entry);
  }

  async buildIndexes(name: string): Promise<void> {
    await this.build(await this.reached(({ catalogue }) => catalogue.get(name)));
  }

  dropCollection(name: string): Promise<void> {
    return this.reached(async ({ catalogue, checkpoints }) => {
      const dropped = await catalogue.drop(name);
      if (dropped !== null) await checkpoints.remove(dropped.physical);
    });
  }

  listCollections(): Promise<string[]> {
    return this.reached(({ catalogue }) => catalogue.names());
  }

  getMany(collection: string, ids: readonly string[]): Promise<Document[]> {
    return this.read(
      collection,
      async (documents) => {
        const ask = (some: readonly string[]) => documents.find({ _id: { $in: [...some] } }).toArray();
        return (await inParts([...new Set(ids)], ask)).map(fromStored);
      },
      (found) => found.length === 0,
    );
  }

  async find(collection: string, query: Find): Promise<Document[]> {
    const parsed = parseFind(query);
    return this.read(collection, (documents) => findDocuments(documents, parsed, this.connection.queryTimeMS), isEmpty);
  }

  async count(collection: string, filter: Filter): Promise<number> {
    const parsed = parseFilter(filter);
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

  async distinct(collection: string, field: string, filter: Filter): Promise<Json[]> {
    const [checked, parsed] = [path(field), parseFilter(filter)];
    return this.read(
      collection,
      (documents) => distinctValues(documents, checked, parsed, this.connection.queryTimeMS),
      isEmpty,
    );
  }

  async write(batch: GuardedBatch): Promise<WriteResult> {
    checkWrites(batch.writes);
    return this.reached((stored) => writeBatch(stored, batch));
  }

  loadCheckpoint(id: string): Promise<Checkpoint | null> {
    return this.reached(async ({ catalogue, checkpoints }) => {
      const entry = await catalogue.find(id);
      return checkpoints.load(entry?.physical ?? id);
    });
  }

  resolveAlias(name: string): Promise<string | null> {
    return this.reached(({ aliases }) => aliases.target(name));
  }

  swapAlias(name: string, from: string | null, to: string): Promise<boolean> {
    return this.reached(({ aliases }) => aliases.swap(name, from, to));
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Builds the indexes that are missing and keeps them from now on. */
  private async build(entry: Entry): Promise<void> {
    const specs = entry.indexes.map((index) => JSON.parse(index) as IndexSpec);
    await this.connection.unhurried((database) => ensureIndexes(database, entry.physical, specs));
    await this.reached(({ catalogue }) => catalogue.markBuilt(entry));
  }

  private read<T>(
    collection: string,
    work: (documents: Collection<StoredDocument>) => Promise<T>,
    isEmpty: (answer: T) => boolean,
  ): Promise<T> {
    return this.reached(({ catalogue }) => catalogue.read(collection, work, isEmpty));
  }

  private reached<T>(work: (stored: Stored) => Promise<T>): Promise<T> {
    return this.connection.reached((database) => work(storedIn(database, this.known)));
  }
}

/** What the collections of the server say, for the length of a call. */
interface Stored {
  readonly catalogue: Catalogue;
  readonly checkpoints: Checkpoints;
  readonly aliases: Aliases;
}

const storedIn = (database: Db, known: Map<string, string>): Stored => ({
  catalogue: new Catalogue(database, known),
  checkpoints: new Checkpoints(database),
  aliases: new Aliases(database),
});

/** Documents first, then the checkpoint: what is counted is there. */
async function writeBatch(
  { catalogue, checkpoints }: Stored,
  { collection, writes, checkpoint }: GuardedBatch,
): Promise<WriteResult> {
  const entry = await catalogue.get(collection);
  // under the name of this very creation, it counts for no collection that takes the name later
  const counted = checkpoint.id === collection ? entry : await catalogue.find(checkpoint.id);
  const key = counted?.physical ?? checkpoint.id;
  // a runner that lost it finds out before it writes; one that loses it meanwhile is refused by guards or writes the same
  if (!(await checkpoints.allows(key, checkpoint))) return { ok: false, checkpointLost: true };
  const refused = await writeDocuments(catalogue.documents(entry), writes);
  if (refused.length > 0) return { ok: false, refused };
  return (await checkpoints.move(key, checkpoint)) ? { ok: true } : { ok: false, checkpointLost: true };
}

const isEmpty = (answer: readonly unknown[]): boolean => answer.length === 0;
