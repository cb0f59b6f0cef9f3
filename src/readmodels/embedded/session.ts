import type { SqliteDatabase } from '../../platform/sqlite.js';
import {
  SessionLost,
  type Checkpoint,
  type IndexSpec,
  type ModelChange,
  type ModelRecord,
  type WriteBatch,
  type WriteResult,
  type WriteSession,
} from '../read-models.js';
import { changedModel, checkBatch, isChangedTo, newModel } from '../write-checks.js';
import type { Catalogue } from './catalogue.js';
import { loadCheckpoint, NotWritten, writeBatch } from './conditional-write.js';
import type { ModelRecords } from './model-records.js';
import type { Statements } from './statements.js';

/** One connection, the caches of its statements and collections, and access to its tables. */
export interface Tables {
  readonly database: SqliteDatabase;
  readonly statements: Statements;
  readonly catalogue: Catalogue;
  readonly models: ModelRecords;
}

/** Increments the epoch in the file and opens a session with it. This fences off every earlier session. */
export function openNextSession(tables: Tables): EmbeddedSession {
  const { database, statements } = tables;
  return database.transaction(() => {
    statements.prepared('UPDATE fence SET epoch = epoch + 1').run();
    return new EmbeddedSession(tables, storedEpoch(statements));
  });
}

/** Each change is one transaction. It first checks that the epoch in the file is still that of this session. */
export class EmbeddedSession implements WriteSession {
  constructor(
    private readonly tables: Tables,
    readonly epoch: number,
  ) {}

  createCollection(name: string, indexes: readonly IndexSpec[], when: 'now' | 'later' = 'now'): Promise<void> {
    return this.runFenced(({ catalogue }) => {
      catalogue.create(name, indexes, when === 'now');
    });
  }

  buildIndexes(name: string): Promise<void> {
    return this.runFenced(({ catalogue }) => {
      catalogue.buildIndexes(catalogue.get(name));
    });
  }

  dropCollection(name: string): Promise<void> {
    return this.runFenced(({ catalogue }) => {
      catalogue.drop(name);
    });
  }

  takeOverCheckpoint(collection: string): Promise<Checkpoint | null> {
    return this.runFenced(({ statements }) => loadCheckpoint(statements, collection));
  }

  async write(batch: WriteBatch): Promise<WriteResult> {
    checkBatch(batch);
    try {
      return await this.runFenced(({ statements, catalogue }) => writeBatch(statements, catalogue, batch));
    } catch (error) {
      if (error instanceof NotWritten) return error.result;
      throw error;
    }
  }

  takeOverModel(name: string): Promise<ModelRecord> {
    return this.runFenced(({ models }) => {
      const stored = models.load(name);
      if (stored !== null) return stored;
      const created = newModel(name);
      models.save(created);
      return created;
    });
  }

  changeModel(from: ModelRecord, change: Partial<ModelChange>): Promise<ModelRecord> {
    return this.runFenced(({ models, catalogue }) => {
      const to = changedModel(from, change);
      const stored = models.load(from.name);
      if (isChangedTo(stored, to)) return to;
      if (stored?.revision !== from.revision) throw new SessionLost(this.epoch);
      if (typeof change.live === 'string') catalogue.get(change.live); // throws UnknownCollection
      models.save(to);
      return to;
    });
  }

  /** Runs the work in a transaction, unless a newer session was opened. */
  private async runFenced<T>(work: (tables: Tables) => T): Promise<T> {
    return this.tables.database.transaction(() => {
      if (storedEpoch(this.tables.statements) !== this.epoch) throw new SessionLost(this.epoch);
      return work(this.tables);
    });
  }
}

function storedEpoch(statements: Statements): number {
  const row = statements.prepared<{ epoch: number }>('SELECT epoch FROM fence').get();
  if (row === undefined) throw new Error('the database of the read models has no epoch');
  return row.epoch;
}
