import { openDatabase, type SqliteDatabase } from '../../platform/sqlite.js';
import type { Json, JsonObject } from '../../platform/json.js';
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
import { Catalogue, prepareFile } from './catalogue.js';
import { findDocuments, parsed, type BodyRow } from './find-sql.js';
import { aggregate, countDocuments, distinctValues } from './group-sql.js';
import { loadCheckpoint, writeBatch } from './guarded-write.js';
import { Statements } from './statements.js';

/** KiB of pages that a writer keeps: a batch touches more than SQLite's own 2 MB hold. */
const CACHE = 64_000;

/**
 * The read models in one SQLite file (WAL, synchronous=NORMAL: after a crash of the machine the last batches may be
 * missing together with their checkpoint, and are folded again). A row for each document, its declared fields in
 * columns; filters, sorts and groups over declared fields are SQL, others read every candidate.
 *
 * Calls are synchronous inside: run writers in a worker thread with a connection of its own. Any number of connections
 * may read the file, in any thread or process; writers wait for each other up to five seconds.
 */
export class EmbeddedReadModels implements ReadModels {
  private readonly statements: Statements;
  private readonly catalogue: Catalogue;

  private constructor(
    private readonly database: SqliteDatabase,
    private readonly writable: boolean,
  ) {
    this.statements = new Statements(database);
    this.catalogue = new Catalogue(database, this.statements);
  }

  /** Opens the file for reading and writing, creating it where there is none. */
  static open(file: string): EmbeddedReadModels {
    const database = openDatabase(file, { synchronous: 'NORMAL' });
    try {
      prepareFile(database);
      database.exec(`PRAGMA cache_size = -${String(CACHE)}; PRAGMA wal_autocheckpoint = 4000`);
    } catch (error) {
      database.close();
      throw error;
    }
    return new EmbeddedReadModels(database, true);
  }

  /** Opens a file that {@link open} has created; every write is refused with {@link ReadOnly}. */
  static openReadOnly(file: string): EmbeddedReadModels {
    return new EmbeddedReadModels(openDatabase(file, { readonly: true }), false);
  }

  createCollection(name: string, indexes: readonly IndexSpec[], when: 'now' | 'later' = 'now'): Promise<void> {
    return this.change(() => {
      this.catalogue.create(name, indexes, when === 'now');
    });
  }

  buildIndexes(name: string): Promise<void> {
    return this.change(() => {
      this.catalogue.build(this.catalogue.get(name));
    });
  }

  dropCollection(name: string): Promise<void> {
    return this.change(() => {
      this.catalogue.drop(name);
    });
  }

  listCollections(): Promise<string[]> {
    return this.read(() => this.catalogue.names());
  }

  getMany(collection: string, ids: readonly string[]): Promise<Document[]> {
    return this.read(() => {
      const { table } = this.catalogue.get(collection);
      const text = `SELECT body FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`;
      return this.statements.prepared<BodyRow>(text).all(JSON.stringify(ids)).map(parsed);
    });
  }

  find(collection: string, query: Find): Promise<Document[]> {
    return this.read(() => findDocuments(this.statements, this.catalogue.get(collection), parseFind(query)));
  }

  count(collection: string, filter: Filter): Promise<number> {
    return this.read(() => countDocuments(this.statements, this.catalogue.get(collection), parseFilter(filter)));
  }

  aggregate(collection: string, pipeline: readonly JsonObject[]): Promise<JsonObject[]> {
    return this.read(() => aggregate(this.statements, this.catalogue.get(collection), parsePipeline(pipeline)));
  }

  distinct(collection: string, field: string, filter: Filter): Promise<Json[]> {
    return this.read(() =>
      distinctValues(this.statements, this.catalogue.get(collection), path(field), parseFilter(filter)),
    );
  }

  write(batch: GuardedBatch): Promise<WriteResult> {
    return promised(() => {
      this.refuseReadOnly();
      return writeBatch(this.database, this.statements, this.catalogue, batch);
    });
  }

  loadCheckpoint(id: string): Promise<Checkpoint | null> {
    return this.read(() => loadCheckpoint(this.statements, id));
  }

  resolveAlias(name: string): Promise<string | null> {
    return this.read(() => this.target(name));
  }

  swapAlias(name: string, from: string | null, to: string): Promise<boolean> {
    return this.change(() => {
      const target = this.target(name);
      if (target === to) return true;
      if (target !== from) return false;
      this.statements.prepared('INSERT OR REPLACE INTO aliases (name, target) VALUES (?, ?)').run(name, to);
      return true;
    });
  }

  close(): Promise<void> {
    return promised(() => {
      this.statements.forget();
      this.database.close();
    });
  }

  private target(name: string): string | null {
    const row = this.statements.prepared<{ target: string }>('SELECT target FROM aliases WHERE name = ?').get(name);
    return row?.target ?? null;
  }

  /** Everything that one answer is made of comes from one snapshot. */
  private read<T>(work: () => T): Promise<T> {
    return promised(() => {
      this.database.exec('BEGIN');
      try {
        return work();
      } finally {
        if (this.database.inTransaction) this.database.exec('COMMIT'); // SQLite may have rolled back itself
      }
    });
  }

  private change<T>(work: () => T): Promise<T> {
    return promised(() => {
      this.refuseReadOnly();
      return this.database.transaction(work);
    });
  }

  private refuseReadOnly(): void {
    if (!this.writable) throw new ReadOnly();
  }
}

/** A write through a connection that was opened read-only. */
export class ReadOnly extends Error {
  override readonly name = 'ReadOnly';
  constructor() {
    super('the read models were opened read-only');
  }
}

/** What is thrown becomes a rejection. */
const promised = <T>(work: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(work());
  });
