import type { Db } from 'mongodb';
import type { IndexSpec } from '../read-models.js';
import { Catalogue, type Entry } from './catalogue.js';
import { Checkpoints } from './checkpoints.js';
import type { Connection } from './connection.js';
import { Fence } from './fence.js';
import { ensureIndexes } from './indexes.js';
import { ModelRecords } from './model-records.js';

/** The server collections, for the duration of a call. */
export interface Stored {
  readonly database: Db;
  readonly catalogue: Catalogue;
  readonly checkpoints: Checkpoints;
  readonly models: ModelRecords;
  readonly fence: Fence;
}

/** One database of read models. */
export class Store {
  /** Cache of the physical name of each collection. */
  private readonly known = new Map<string, string>();

  constructor(readonly connection: Connection) {}

  /** Runs one call. Throws `ReadModelsUnavailable`. */
  reached<T>(work: (stored: Stored) => Promise<T>): Promise<T> {
    return this.connection.reached((database) =>
      work({
        database,
        catalogue: new Catalogue(database, this.known),
        checkpoints: new Checkpoints(database),
        models: new ModelRecords(database),
        fence: new Fence(database),
      }),
    );
  }

  /** Builds the missing indexes and maintains them from now on. */
  async build(entry: Entry): Promise<void> {
    const specs = entry.indexes.map((index) => JSON.parse(index) as IndexSpec);
    await this.connection.unhurried((database) => ensureIndexes(database, entry.physical, specs));
    await this.reached(({ catalogue }) => catalogue.markBuilt(entry));
  }
}
