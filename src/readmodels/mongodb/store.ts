import type { Db } from 'mongodb';
import type { IndexSpec } from '../read-models.js';
import { Catalogue, type Entry } from './catalogue.js';
import { Checkpoints } from './checkpoints.js';
import type { Connection } from './connection.js';
import { Fence } from './fence.js';
import { ensureIndexes } from './indexes.js';
import { ModelRecords } from './model-records.js';

/** Access to the collections on the server, for the duration of one call. */
export interface ServerCollections {
  readonly database: Db;
  readonly catalogue: Catalogue;
  readonly checkpoints: Checkpoints;
  readonly models: ModelRecords;
  readonly fence: Fence;
}

/** The database of the read models. */
export class Store {
  /** Cache of the physical name of each collection. */
  private readonly physicalNames = new Map<string, string>();

  constructor(readonly connection: Connection) {}

  /** Runs the work with a time limit. Throws `ReadModelsUnavailable`. */
  withTimeLimit<T>(work: (collections: ServerCollections) => Promise<T>): Promise<T> {
    return this.connection.withTimeLimit((database) =>
      work({
        database,
        catalogue: new Catalogue(database, this.physicalNames),
        checkpoints: new Checkpoints(database),
        models: new ModelRecords(database),
        fence: new Fence(database),
      }),
    );
  }

  /** Builds the declared indexes that do not exist. From then on, newly declared indexes are built at once. */
  async buildIndexes(entry: Entry): Promise<void> {
    const specs = entry.indexes.map((index) => JSON.parse(index) as IndexSpec);
    await this.connection.withoutTimeLimit((database) => ensureIndexes(database, entry.physical, specs));
    await this.withTimeLimit(({ catalogue }) => catalogue.markBuilt(entry));
  }
}
