import type { JsonObject } from '../../platform/json.js';
import { openDatabase, type SqliteDatabase } from '../../platform/sqlite.js';
import { parseFilter, parseFind, parsePipeline } from '../query-language.js';
import type { Checkpoint, Document, Filter, Find, ModelRecord, ReadModels, WriteSession } from '../read-models.js';
import { Catalogue } from './catalogue.js';
import { loadCheckpoint } from './conditional-write.js';
import { findDocuments, parsed, type BodyRow } from './find-sql.js';
import { prepareFile } from './format.js';
import { aggregate, countDocuments } from './group-sql.js';
import { ModelRecords } from './model-records.js';
import { nextSession, type Tables } from './session.js';
import { Statements } from './statements.js';

/** Page cache of a writer in KiB: a batch touches more than SQLite's default of 2 MB. */
const CACHE = 64_000;

/**
 * The read models in one SQLite file (WAL, synchronous=NORMAL: after a crash of the machine the last batches may be
 * missing together with their checkpoint, and are folded again). One row per document, with its declared fields in
 * columns; filters, sorts and groups over declared fields run in SQL, others read every candidate.
 *
 * Calls are synchronous inside: run writers in a worker thread with its own connection. Any number of connections may
 * read the file, in any thread or process; writers wait for each other up to five seconds.
 */
export class EmbeddedReadModels implements ReadModels {
  private readonly tables: Tables;

  private constructor(
    database: SqliteDatabase,
    private readonly writable: boolean,
  ) {
    const statements = new Statements(database);
    const catalogue = new Catalogue(database, statements);
    this.tables = { database, statements, catalogue, models: new ModelRecords(statements) };
  }

  /** Opens the file for reading and writing; creates it if it does not exist. */
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

  /** Opens a file that {@link open} has created; opening a session throws {@link ReadOnly}. */
  static openReadOnly(file: string): EmbeddedReadModels {
    return new EmbeddedReadModels(openDatabase(file, { readonly: true }), false);
  }

  listCollections(): Promise<string[]> {
    return this.read(() => this.tables.catalogue.names());
  }

  getMany(collection: string, ids: readonly string[]): Promise<Document[]> {
    return this.read(() => {
      const { table } = this.tables.catalogue.get(collection);
      const text = `SELECT body FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`;
      return this.tables.statements.prepared<BodyRow>(text).all(JSON.stringify(ids)).map(parsed);
    });
  }

  find(collection: string, query: Find): Promise<Document[]> {
    return this.read(() =>
      findDocuments(this.tables.statements, this.tables.catalogue.get(collection), parseFind(query)),
    );
  }

  count(collection: string, filter: Filter): Promise<number> {
    return this.read(() =>
      countDocuments(this.tables.statements, this.tables.catalogue.get(collection), parseFilter(filter)),
    );
  }

  aggregate(collection: string, pipeline: readonly JsonObject[]): Promise<JsonObject[]> {
    return this.read(() =>
      aggregate(this.tables.statements, this.tables.catalogue.get(collection), parsePipeline(pipeline)),
    );
  }

  loadCheckpoint(collection: string): Promise<Checkpoint | null> {
    return this.read(() => loadCheckpoint(this.tables.statements, collection));
  }

  loadModel(name: string): Promise<ModelRecord | null> {
    return this.read(() => this.tables.models.load(name));
  }

  listModels(): Promise<ModelRecord[]> {
    return this.read(() => this.tables.models.list());
  }

  openSession(): Promise<WriteSession> {
    return promised(() => {
      if (!this.writable) throw new ReadOnly();
      return nextSession(this.tables);
    });
  }

  close(): Promise<void> {
    return promised(() => {
      this.tables.statements.forget();
      this.tables.database.close();
    });
  }

  /** Every result is computed from one snapshot. */
  private read<T>(work: () => T): Promise<T> {
    return promised(() => {
      this.tables.database.exec('BEGIN');
      try {
        return work();
      } finally {
        if (this.tables.database.inTransaction) this.tables.database.exec('COMMIT'); // SQLite may have rolled back by itself
      }
    });
  }
}

/** A session was requested on a connection that was opened read-only. */
export class ReadOnly extends Error {
  override readonly name = 'ReadOnly';
  constructor() {
    super('the read models were opened read-only');
  }
}

/** Converts an exception to a rejection. */
const promised = <T>(work: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(work());
  });
