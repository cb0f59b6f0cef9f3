import type { JsonObject } from '../../platform/json.js';
import { openDatabase, type SqliteDatabase } from '../../platform/sqlite.js';
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
import type { AggregationThread } from './aggregation-thread.js';
import { Catalogue } from './catalogue.js';
import { loadCheckpoint } from './conditional-write.js';
import { findDocuments, parseBody, type BodyRow } from './find-sql.js';
import { prepareFile } from './format.js';
import { aggregate, countDocuments } from './group-sql.js';
import { ModelRecords } from './model-records.js';
import { openNextSession, type Tables } from './session.js';
import { Statements } from './statements.js';

/** Page cache of a writing connection. A batch uses more pages than fit into SQLite's default of 2 MB. */
const CACHE_KIB = 64_000;
/** A commit copies the write-ahead log into the database file when the log has this many pages. */
const WAL_PAGES = 4000;

/**
 * The ReadModels port on one SQLite file. Each document is one row, with its declared fields in columns. Filters, sorts
 * and groups over declared fields run in SQL; others read every candidate document.
 *
 * The file is opened with write-ahead logging and synchronous=NORMAL. After a crash of the machine the last batches may
 * be lost, together with their checkpoint; the projections then fold their events again.
 *
 * Every call blocks its thread, except that groups may be computed in another thread. Run writers in a worker thread with
 * its own connection. Any number of connections in any thread or process may read the file. A writer waits up to five
 * seconds for another one.
 */
export class EmbeddedReadModels implements ReadModels {
  private readonly tables: Tables;

  private constructor(
    database: SqliteDatabase,
    private readonly isWritable: boolean,
    private readonly aggregations?: AggregationThread,
  ) {
    const statements = new Statements(database);
    const catalogue = new Catalogue(database, statements);
    this.tables = { database, statements, catalogue, models: new ModelRecords(statements) };
  }

  /** Opens the file for reading and writing; creates it if it does not exist. Groups documents in `aggregations`, if given. */
  static open(file: string, aggregations?: AggregationThread): EmbeddedReadModels {
    const database = openDatabase(file, { synchronous: 'NORMAL' });
    try {
      prepareFile(database);
      database.exec(`PRAGMA cache_size = -${String(CACHE_KIB)}; PRAGMA wal_autocheckpoint = ${String(WAL_PAGES)}`);
    } catch (error) {
      database.close();
      throw error;
    }
    return new EmbeddedReadModels(database, true, aggregations);
  }

  /** Opens a file that {@link open} has created. `openSession` then throws {@link ReadOnly}. */
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
      return this.tables.statements.prepared<BodyRow>(text).all(JSON.stringify(ids)).map(parseBody);
    });
  }

  find(collection: string, query: Find): Promise<Document[]> {
    return this.read(() =>
      findDocuments(this.tables.statements, this.tables.catalogue.get(collection), parseFind(query)),
    );
  }

  count(collection: string, filter: Filter, options?: CountOptions): Promise<number> {
    return this.read(() =>
      countDocuments(this.tables.statements, this.tables.catalogue.get(collection), parseCount(filter, options)),
    );
  }

  aggregate(collection: string, pipeline: readonly JsonObject[]): Promise<JsonObject[]> {
    const { aggregations } = this;
    if (aggregations === undefined)
      return this.read(() =>
        aggregate(this.tables.statements, this.tables.catalogue.get(collection), parsePipeline(pipeline)),
      );
    return toPromise(() => {
      parsePipeline(pipeline); // throws QueryRefused here, and not in the other thread
      return aggregations.aggregate(collection, pipeline);
    });
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
    return toPromise(() => {
      if (!this.isWritable) throw new ReadOnly();
      return openNextSession(this.tables);
    });
  }

  async close(): Promise<void> {
    await this.aggregations?.close();
    this.tables.statements.clear();
    this.tables.database.close();
  }

  /** Runs the work in a transaction, so that the whole result comes from one snapshot. */
  private read<T>(work: () => T): Promise<T> {
    return toPromise(() => {
      this.tables.database.exec('BEGIN');
      try {
        return work();
      } finally {
        // after some errors SQLite has rolled the transaction back already
        if (this.tables.database.inTransaction) this.tables.database.exec('COMMIT');
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

/** Runs the work; an exception becomes a rejected promise. */
const toPromise = <T>(work: () => T | Promise<T>): Promise<T> =>
  new Promise((resolve) => {
    resolve(work());
  });
