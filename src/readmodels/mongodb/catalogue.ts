import { randomBytes } from 'node:crypto';
import { MongoServerError, type Collection, type Db } from 'mongodb';
import { path as checkedPath } from '../query-language.js';
import { UnknownCollection, type IndexSpec } from '../read-models.js';
import { compareText } from '../value-order.js';
import type { StoredDocument } from './stored-document.js';

export const DUPLICATE_KEY = 11000;
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY;

/** A collection entry. The collection exists while its entry does. */
export interface Entry {
  readonly _id: string;
  /** The physical collection, with a new name for every creation: late writes to a dropped one are not visible. */
  readonly physical: string;
  /** The declared indexes, each as JSON text. */
  readonly indexes: readonly string[];
  /** Whether they are built. */
  readonly built: boolean;
}

const PHYSICAL = /^view\..+\.[0-9a-f]{12}$/;
const QUERY_KILLED = 175;

/** The existing collections: `redress.collections`, one document each. */
export class Catalogue {
  private readonly entries: Collection<Entry>;

  /** `known`: cache of the physical name of each collection. */
  constructor(
    private readonly database: Db,
    private readonly known: Map<string, string>,
  ) {
    this.entries = database.collection<Entry>('redress.collections');
  }

  async names(): Promise<string[]> {
    const entries = await this.entries.find({}).toArray();
    return entries.map((entry) => entry._id).sort(compareText);
  }

  /** The current entry on the server; throws {@link UnknownCollection}. */
  async get(name: string): Promise<Entry> {
    const entry = await this.find(name);
    if (entry === null) throw new UnknownCollection(name);
    return entry;
  }

  async find(name: string): Promise<Entry | null> {
    const entry = await this.entries.findOne({ _id: name });
    if (entry === null) this.known.delete(name);
    else this.known.set(name, entry.physical);
    return entry;
  }

  /** The entries of these names, without the names that have none. */
  async getAll(names: readonly string[]): Promise<ReadonlyMap<string, Entry>> {
    const entries = await this.entries.find({ _id: { $in: [...names] } }).toArray();
    return new Map(entries.map((entry) => [entry._id, entry]));
  }

  documents(entry: Pick<Entry, 'physical'>): Collection<StoredDocument> {
    return this.database.collection<StoredDocument>(entry.physical);
  }

  /**
   * Reads a collection. If the result is empty or the query was killed, checks whether the collection has been recreated in
   * the meantime, and if so reads it again.
   */
  async read<T>(
    name: string,
    work: (documents: Collection<StoredDocument>) => Promise<T>,
    isEmpty: (answer: T) => boolean,
  ): Promise<T> {
    const physical = this.known.get(name);
    if (physical === undefined) return work(this.documents(await this.get(name)));
    try {
      const answer = await work(this.documents({ physical }));
      if (!isEmpty(answer) || (await this.get(name)).physical === physical) return answer;
    } catch (error) {
      const dropped = error instanceof MongoServerError && error.code === QUERY_KILLED;
      if (!dropped || (await this.get(name)).physical === physical) throw error;
    }
    return this.read(name, work, isEmpty);
  }

  /** Adds the collection and its indexes if they are missing. An index that is no longer declared stays. */
  async declare(name: string, indexes: readonly IndexSpec[]): Promise<Entry> {
    for (const index of indexes) Object.keys(index.fields).forEach(checkedPath);
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

  /** Drops the collection by removing its entry, and returns the entry. If removing the data fails, the next drop does it. */
  async drop(name: string): Promise<Entry | null> {
    const entry = await this.find(name);
    if (entry === null) return null;
    await this.entries.deleteOne({ _id: name, physical: entry.physical });
    this.known.delete(name);
    await this.sweep();
    return entry;
  }

  /** Removes collections that earlier versions created. */
  dropFormerLayout(): Promise<void> {
    return this.dropPhysical('redress.aliases');
  }

  /**
   * Removes collections without an entry: incomplete drops, and collections that late writes recreated. An entry is
   * inserted before its collection is created, so a new collection is never removed.
   */
  private async sweep(): Promise<void> {
    const collections = await this.database.listCollections({}, { nameOnly: true }).toArray();
    const physical = collections.map(({ name }) => name).filter((name) => PHYSICAL.test(name));
    const entries = new Set((await this.entries.find({}).toArray()).map((entry) => entry.physical));
    for (const name of physical) if (!entries.has(name)) await this.dropPhysical(name);
  }

  private async dropPhysical(name: string): Promise<void> {
    try {
      await this.database.dropCollection(name);
    } catch (error) {
      if (!(error instanceof MongoServerError) || !error.message.includes('ns not found')) throw error;
    }
  }
}
