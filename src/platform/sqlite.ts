import { statSync } from 'node:fs';
import Database from 'libsql';

import { createPrivateFile, makePrivate } from './private-files.js';

/**
 * Values that SQLite stores. SQLite truncates text at U+0000 and replaces lone surrogates; JSON text contains neither,
 * because JSON escapes them.
 */
export type SqlValue = string | number | bigint | Uint8Array | null;

export interface OpenOptions {
  /** True to reject every write. The file must exist then. */
  readonly readonly?: boolean;
  /**
   * FULL: a commit is on disk when it returns. NORMAL (default): a commit survives a crash of the process, but perhaps
   * not of the machine.
   */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** `wal` (default): readers do not block the writer. `delete`: SQLite's rollback journal, with a single file. */
  readonly journal?: 'wal' | 'delete';
  /** How long a statement waits for the lock of another connection, in milliseconds (default 5000). */
  readonly busyTimeout?: number;
}

/** The file is damaged or not a SQLite database. The message names the file. Data read from the file may be wrong. */
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

/** The file does not exist or cannot be opened. The message names the file. */
export class DatabaseUnopened extends Error {
  override readonly name = 'DatabaseUnopened';
}

/** SQLite's code of a driver error, such as `SQLITE_BUSY` or `SQLITE_FULL`; undefined for other errors. */
export function sqliteCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : undefined;
}

/** The name of a database that SQLite keeps in memory, without a file. */
export const IN_MEMORY = ':memory:';

/**
 * Opens a database file, or a database {@link IN_MEMORY}; creates the file unless `readonly`. Only its owner can read the
 * file. No other module uses the driver.
 * @throws DatabaseUnopened, DatabaseCorrupt
 */
export function openDatabase(file: string, options: OpenOptions = {}): SqliteDatabase {
  const walSizeBefore = sizeOf(`${file}-wal`);
  if (options.readonly !== true && file !== IN_MEMORY) keepPrivate(file);
  const database = new SqliteDatabase(file, connect(file, options));
  try {
    if (options.readonly === true) {
      database.pragma('schema_version'); // reads the file, so that a damaged file is detected here
    } else if (options.journal !== 'delete') {
      const mode = database.pragma('journal_mode = WAL');
      if (mode !== 'wal') throw new Error(`${file} cannot use a write-ahead log (journal mode ${String(mode)})`);
    }
    if (options.journal === 'delete') return database;
    if (walSizeBefore === 0) checkSize(database);
    if (options.readonly === true) return database;
    const synchronous = options.synchronous ?? 'NORMAL';
    database.exec(`PRAGMA synchronous = ${synchronous}`);
    // SQLite does not report a value that it ignores; therefore the effective value is read
    if (database.pragma('synchronous') !== SYNCHRONOUS[synchronous])
      throw new Error(`${file} did not apply synchronous=${synchronous}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Gives the file and the files beside it mode 0600; SQLite creates `-wal` and `-shm` with the mode of the database. */
function keepPrivate(file: string): void {
  createPrivateFile(file);
  for (const name of [file, `${file}-wal`, `${file}-shm`]) makePrivate(name);
}

/**
 * Checks that the file is not truncated, because SQLite would read the missing part of the last page as zeros. Checks
 * nothing if there is a write-ahead log, which may contain the missing pages.
 * @throws DatabaseCorrupt
 */
function checkSize(database: SqliteDatabase): void {
  const expectedSize = Number(database.pragma('page_count')) * Number(database.pragma('page_size'));
  const size = sizeOf(database.file);
  const hasWal = sizeOf(`${database.file}-wal`) > 0;
  if (!hasWal && size < expectedSize)
    throw new DatabaseCorrupt(database.file, `it ends after ${String(size)} of ${String(expectedSize)} bytes`);
}

/** Size of a file in bytes; 0 if it does not exist. */
const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** The numbers that `PRAGMA synchronous` returns. */
const SYNCHRONOUS = { NORMAL: 1, FULL: 2 } as const;

/** Opens a connection: with a URI if read-only, because only a URI has that option. @throws DatabaseUnopened */
function connect(file: string, options: OpenOptions): Database.Database {
  const uri = (): string => `file:${encodeURI(file).replace(/[?#]/g, encodeURIComponent)}?mode=ro`;
  const path = options.readonly === true ? uri() : file;
  try {
    return new Database(path, { timeout: options.busyTimeout ?? 5000 });
  } catch (error) {
    const hint = options.readonly === true ? ' (does it exist?)' : '';
    throw new DatabaseUnopened(`the database ${file} cannot be opened${hint}`, { cause: error });
  }
}

/**
 * One connection. All methods are synchronous. Integers are returned as numbers, which lose precision above 2^53, so
 * store larger ones as text. JavaScript numbers are bound as REAL, so declare integer columns as INTEGER.
 */
export class SqliteDatabase {
  private closed = false;

  constructor(
    readonly file: string,
    private readonly connection: Database.Database,
  ) {}

  /** Throws an error if the database is closed, because the driver would end the process. */
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

  /** Prepares a statement whose rows are objects by column name. */
  prepare<Row = Record<string, SqlValue>>(sql: string): SqliteStatement<Row> {
    this.checkOpen();
    try {
      return new SqliteStatement<Row>(this, this.connection.prepare(sql));
    } catch (error) {
      throw mapError(this.file, error);
    }
  }

  /** Prepares a statement whose rows are arrays of columns; this is somewhat faster. */
  prepareRaw<Row extends readonly SqlValue[]>(sql: string): SqliteStatement<Row> {
    this.checkOpen();
    try {
      return new SqliteStatement<Row>(this, this.connection.prepare(sql).raw(true));
    } catch (error) {
      throw mapError(this.file, error);
    }
  }

  /** Runs a pragma; returns the first column of its first row, undefined if it has no row. */
  pragma(pragma: string): SqlValue | undefined {
    return this.prepareRaw<readonly SqlValue[]>(`PRAGMA ${pragma}`).get()?.[0];
  }

  /**
   * Runs the function between BEGIN IMMEDIATE and COMMIT. If the function throws, rolls back and throws the same error.
   */
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

  /**
   * Closes the connection and releases its locks. The driver keeps the file open until the prepared statements are
   * garbage-collected. Further calls have no effect.
   */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.connection.close();
  }
}

/** A prepared statement. */
export class SqliteStatement<Row> {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly statement: Database.Statement,
  ) {}

  /** Runs a statement that returns no rows; `changes` is the number of changed rows. */
  run(...values: readonly SqlValue[]): { readonly changes: number } {
    this.database.checkOpen();
    try {
      return this.statement.run(checkValues(values));
    } catch (error) {
      throw mapError(this.database.file, error);
    }
  }

  /** The first row; undefined if there is none. */
  get(...values: readonly SqlValue[]): Row | undefined {
    this.database.checkOpen();
    try {
      const row = this.statement.get(checkValues(values)) as (Row & { _metadata?: unknown }) | undefined;
      if (row !== undefined && !Array.isArray(row)) delete row._metadata; // timing data that the driver adds
      return row;
    } catch (error) {
      throw mapError(this.database.file, error);
    }
  }

  all(...values: readonly SqlValue[]): Row[] {
    this.database.checkOpen();
    try {
      return this.statement.all(checkValues(values)) as Row[];
    } catch (error) {
      throw mapError(this.database.file, error);
    }
  }

  /** Reads the rows one by one. Do not write to the tables with the same connection meanwhile. */
  *iterate(...values: readonly SqlValue[]): Generator<Row, void, undefined> {
    this.database.checkOpen();
    try {
      for (const row of this.statement.iterate(checkValues(values))) yield row as Row;
    } catch (error) {
      throw mapError(this.database.file, error);
    }
  }
}

/**
 * Returns the values unchanged.
 * @throws TypeError for a boolean, which would end the process, and for undefined, which the driver would bind as NULL
 */
function checkValues(values: readonly SqlValue[]): readonly SqlValue[] {
  for (const value of values as readonly unknown[])
    if (typeof value === 'boolean' || value === undefined)
      throw new TypeError(`a ${typeof value} cannot be bound to an SQL statement`);
  return values;
}

/** Converts an error of the driver to DatabaseCorrupt if it shows that the file is damaged. */
function mapError(file: string, error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === undefined || !/^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ)/.test(code)) return error;
  return new DatabaseCorrupt(file, error instanceof Error ? error.message : code, { cause: error });
}
