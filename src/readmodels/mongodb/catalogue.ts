import { randomBytes } from 'node:crypto';
import { MongoServerError, type Collection, type Db } from 'mongodb';
import { checkPath } from '../query-language.js';
import { UnknownCollection, type IndexSpec } from '../read-models.js';
import { compareText } from '../value-order.js';
import type { StoredDocument } from './stored-document.js';

export const DUPLICATE_KEY = 11000;
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY;

/** The entry of a collection in the catalogue. The collection exists if and only if it has an entry. */
export interface Entry {
  /** Name of the collection. */
  readonly _id: string;
  /**
   * Name of the collection on the server. Every creation uses a new name, so that a late write to a dropped collection
   * is not visible.
   */
  readonly physical: string;
  /** The declared indexes, each as JSON text. */
  readonly indexes: readonly string[];
  /** Whether the indexes are built. */
  readonly built: boolean;
}

const PHYSICAL_NAME = /^view\..+\.[0-9a-f]{12}$/;
/** The error code QueryPlanKilled: the collection was dropped during the query. */
const QUERY_PLAN_KILLED = 175;

/** The existing collections: `redress.collections` has one document for each. */
export class Catalogue {
  private readonly entries: Collection<Entry>;

  /** `physicalNames`: a cache of the physical name of each collection. */
  constructor(
    private readonly database: Db,
    private readonly physicalNames: Map<string, string>,
  ) {
    this.entries = database.collection<Entry>('redress.collections');
  }

  async names(): Promise<string[]> {
    const entries = await this.entries.find({}).toArray();
    return entries.map((entry) => entry._id).sort(compareText);
  }

  /** Reads the entry of a collection from the server. Throws {@link UnknownCollection}. */
  async get(name: string): Promise<Entry> {
    const entry = await this.find(name);
    if (entry === null) throw new UnknownCollection(name);
    return entry;
  }

  /** Reads the entry of a collection from the server; null when there is none. */
  async find(name: string): Promise<Entry | null> {
    const entry = await this.entries.findOne({ _id: name });
    if (entry === null) this.physicalNames.delete(name);
    else this.physicalNames.set(name, entry.physical);
    return entry;
  }

  /** Reads the entries of these collections; omits names without an entry. */
  async getAll(names: readonly string[]): Promise<ReadonlyMap<string, Entry>> {
    const entries = await this.entries.find({ _id: { $in: [...names] } }).toArray();
    return new Map(entries.map((entry) => [entry._id, entry]));
  }

  documents(entry: Pick<Entry, 'physical'>): Collection<StoredDocument> {
    return this.database.collection<StoredDocument>(entry.physical);
  }

  /**
   * Runs a query on a collection. If the result is empty or the query was killed, the cached physical name may be out
   * of date. Then reads the name from the server, and runs the query again if the name has changed.
   */
  async read<T>(
    name: string,
    query: (documents: Collection<StoredDocument>) => Promise<T>,
    isEmpty: (result: T) => boolean,
  ): Promise<T> {
    const physical = this.physicalNames.get(name);
    if (physical === undefined) return query(this.documents(await this.get(name)));
    const isCurrent = async (): Promise<boolean> => (await this.get(name)).physical === physical;
    try {
      const result = await query(this.documents({ physical }));
      if (!isEmpty(result) || (await isCurrent())) return result;
    } catch (error) {
      const isKilled = error instanceof MongoServerError && error.code === QUERY_PLAN_KILLED;
      if (!isKilled || (await isCurrent())) throw error;
    }
    return this.read(name, query, isEmpty);
  }

  /** Adds the collection to the catalogue, or new indexes to its entry. An index that is no longer declared stays. */
  async declare(name: string, indexes: readonly IndexSpec[]): Promise<Entry> {
    for (const index of indexes) Object.keys(index.fields).forEach(checkPath);
    const declared = [...new Set(indexes.map((index) => JSON.stringify(index)))];
    const physical = `view.${name}.${randomBytes(6).toString('hex')}`;
    try {
      await this.entries.insertOne({ _id: name, physical, indexes: declared, built: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const { indexes: before } = await this.get(name);
      const added = declared.filter((index) => !before.includes(index));
      if (added.length > 0) await this.entries.updateOne({ _id: name }, { $addToSet: { indexes: { $each: added } } });
    }
    return this.get(name);
  }

  /** Records that the indexes of the collection are built. */
  async markBuilt({ _id, physical, built }: Entry): Promise<void> {
    if (!built) await this.entries.updateOne({ _id, physical }, { $set: { built: true } });
  }

  /**
   * Drops the collection by removing its entry, and returns the entry; null when the collection does not exist. If an
   * error prevents the removal of its data, the next drop of any collection removes that data.
   */
  async drop(name: string): Promise<Entry | null> {
    const entry = await this.find(name);
    if (entry === null) return null;
    await this.entries.deleteOne({ _id: name, physical: entry.physical });
    this.physicalNames.delete(name);
    await this.dropUnlisted();
    return entry;
  }

  /** Drops the collection `redress.aliases`, which only earlier versions of the service used. */
  dropObsoleteCollection(): Promise<void> {
    return this.dropPhysical('redress.aliases');
  }

  /**
   * Drops the physical collections without an entry: those of incomplete drops, and those that late writes have created
   * again. A new collection has its entry first, so it is never dropped.
   */
  private async dropUnlisted(): Promise<void> {
    const collections = await this.database.listCollections({}, { nameOnly: true }).toArray();
    const physical = collections.map(({ name }) => name).filter((name) => PHYSICAL_NAME.test(name));
    const listed = new Set((await this.entries.find({}).toArray()).map((entry) => entry.physical));
    for (const name of physical) if (!listed.has(name)) await this.dropPhysical(name);
  }

  private async dropPhysical(name: string): Promise<void> {
    try {
      await this.database.dropCollection(name);
    } catch (error) {
      if (!(error instanceof MongoServerError) || !error.message.includes('ns not found')) throw error;
    }
  }
}
