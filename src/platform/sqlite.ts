import { statSync } from 'node:fs';
import Database from 'libsql';

/** Values that SQLite stores. It truncates text at U+0000 and replaces lone surrogates: JSON text escapes both. */
export type SqlValue = string | number | bigint | Uint8Array | null;

export interface OpenOptions {
  /** Reject every write and require that the file exists. */
  readonly readonly?: boolean;
  /**
   * FULL: a commit is on disk when it returns. NORMAL: it survives a crash of the process, not of the machine. Default
   * NORMAL.
   */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** Default `wal`: readers in parallel with one writer. `delete` is SQLite's rollback journal: a single file. */
  readonly journal?: 'wal' | 'delete';
  /** How long a statement waits for another connection's lock, in milliseconds (default 5000). */
  readonly busyTimeout?: number;
}

/** The file is damaged or not a SQLite database; the message names the file. Data read from it cannot be trusted. */
export class DatabaseCorrupt extends Error {
  override readonly name = 'DatabaseCorrupt';
  constructor(
    readonly file: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`the database ${file} is damaged: ${detail}`, options);
  }
}

/** The file does not exist or cannot be opened; the message names it. */
export class DatabaseUnopened extends Error {
  override readonly name = 'DatabaseUnopened';
}

/** SQLite's code of a driver error, such as `SQLITE_BUSY` or `SQLITE_FULL`; undefined for other errors. */
export function sqliteCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : undefined;
}

/** Opens a database file, creating it unless `readonly`. The only module that uses the driver. */
export function openDatabase(file: string, options: OpenOptions = {}): SqliteDatabase {
  const walBefore = sizeOf(`${file}-wal`);
  const database = new SqliteDatabase(file, connect(file, options));
  try {
    if (options.readonly === true) {
      database.pragma('schema_version'); // reads the file, so that an error occurs here
    } else if (options.journal !== 'delete') {
      const mode = database.pragma('journal_mode = WAL');
      if (mode !== 'wal') throw new Error(`${file} cannot use a write-ahead log (journal mode ${String(mode)})`);
    }
    if (options.journal === 'delete') return database;
    if (walBefore === 0) checkSize(database);
    if (options.readonly === true) return database;
    const synchronous = options.synchronous ?? 'NORMAL';
    database.exec(`PRAGMA synchronous = ${synchronous}`);
    // `synchronous` belongs to the connection and is not stored: read back the effective value
    if (database.pragma('synchronous') !== SYNCHRONOUS[synchronous])
      throw new Error(`${file} did not apply synchronous=${synchronous}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite reads the missing part of the last page as zeros. @throws DatabaseCorrupt */
function checkSize(database: SqliteDatabase): void {
  const pages = Number(database.pragma('page_count')) * Number(database.pragma('page_size'));
  const size = sizeOf(database.file);
  const isComplete = sizeOf(`${database.file}-wal`) === 0; // otherwise the write-ahead log may hold the missing pages
  if (isComplete && size < pages)
    throw new DatabaseCorrupt(database.file, `it ends after ${String(size)} of ${String(pages)} bytes`);
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const SYNCHRONOUS = { NORMAL: 1, FULL: 2 } as const;

function connect(file: string, options: OpenOptions): Database.Database {
  const path =
    options.readonly === true ? `file:${encodeURI(file).replace(/[?#]/g, encodeURIComponent)}?mode=ro` : file;
  try {
    return new Database(path, { timeout: options.busyTimeout ?? 5000 });
  } catch (error) {
    throw new DatabaseUnopened(
      `the database ${file} cannot be opened${options.readonly === true ? ' (does it exist?)' : ''}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * One connection. Synchronous. Integers are returned as numbers and lose precision above 2^53: store larger ones as
 * text. JavaScript numbers are bound as REAL: give integer columns INTEGER affinity.
 */
export class SqliteDatabase {
  private closed = false;

  constructor(
    readonly file: string,
    private readonly connection: Database.Database,
  ) {}

  /** The driver ends the process when a closed connection is used: reject the call here. */
  checkOpen(): void {
    if (this.closed) throw new Error(`the database ${this.file} is closed`);
  }

  /** Runs statements that return no rows. */
  exec(sql: string): void {
    this.checkOpen();
    try {
      this.connection.exec(sql);
    } catch (error) {
      throw mapError(this.file, error);
    }
  }

  /** Rows are objects by column name. */
  prepare<Row = Record<string, SqlValue>>(sql: string): SqliteStatement<Row> {
    this.checkOpen();
    try {
      return new SqliteStatement<Row>(this, this.connection.prepare(sql));
    } catch (error) {
      throw mapError(this.file, error);
    }
  }

  /** Rows are arrays of columns: somewhat faster. */
  prepareRaw<Row extends readonly SqlValue[]>(sql: string): SqliteStatement<Row> {
    this.checkOpen();
    try {
      return new SqliteStatement<Row>(this, this.connection.prepare(sql).raw(true));
    } catch (error) {
      throw mapError(this.file, error);
    }
  }

  /** The first column of the first row of a pragma. */
  pragma(pragma: string): SqlValue | undefined {
    return this.prepareRaw<readonly SqlValue[]>(`PRAGMA ${pragma}`).get()?.[0];
  }

  /** Runs the function between BEGIN IMMEDIATE and COMMIT; rolls back and rethrows when it throws. */
  transaction<T>(work: () => T): T {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.connection.inTransaction) this.exec('ROLLBACK');
      throw error;
    }
  }

  get inTransaction(): boolean {
    return !this.closed && this.connection.inTransaction;
  }

  /** The driver keeps the file open until its prepared statements are garbage-collected; locks are released at once. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.connection.close();
  }
}

/** A prepared statement; prepare it once, run it often. */
export class SqliteStatement<Row> {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly statement: Database.Statement,
  ) {}

  run(...values: readonly SqlValue[]): { readonly changes: number } {
    this.database.checkOpen();
    try {
      return this.statement.run(bound(values));
    } catch (error) {
      throw mapError(this.database.file, error);
    }
  }

  get(...values: readonly SqlValue[]): Row | undefined {
    this.database.checkOpen();
    try {
      const row = this.statement.get(bound(values)) as (Row & { _metadata?: unknown }) | undefined;
      if (row !== undefined && !Array.isArray(row)) delete row._metadata; // timing data that the driver adds
      return row;
    } catch (error) {
      throw mapError(this.database.file, error);
    }
  }

  all(...values: readonly SqlValue[]): Row[] {
    this.database.checkOpen();
    try {
      return this.statement.all(bound(values)) as Row[];
    } catch (error) {
      throw mapError(this.database.file, error);
    }
  }

  /** Streams rows; the connection must not write to the tables meanwhile. */
  *iterate(...values: readonly SqlValue[]): Generator<Row, void, undefined> {
    this.database.checkOpen();
    try {
      for (const row of this.statement.iterate(bound(values))) yield row as Row;
    } catch (error) {
      throw mapError(this.database.file, error);
    }
  }
}

/** The driver aborts the process on a boolean, and binds undefined as NULL: reject both here. */
function bound(values: readonly SqlValue[]): readonly SqlValue[] {
  for (const value of values as readonly unknown[])
    if (typeof value === 'boolean' || value === undefined)
      throw new TypeError(`a ${typeof value} cannot be bound to an SQL statement`);
  return values;
}

function mapError(file: string, error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === undefined || !/^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ)/.test(code)) return error;
  return new DatabaseCorrupt(file, error instanceof Error ? error.message : code, { cause: error });
}
