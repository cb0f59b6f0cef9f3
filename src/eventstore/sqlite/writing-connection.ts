import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { DatabaseCorrupt, DatabaseUnopened, sqliteCode, type SqliteDatabase } from '../../platform/sqlite.js';
import { StoreUnavailable } from '../event-store.js';
import { LogReader, positionText } from './log-reader.js';
import { isFatal, LogWriter, isDiskFull } from './log-writer.js';
import { prepareTables } from './schema.js';

export interface WritingOptions {
  readonly path: string;
  readonly connect: (lockTimeoutMs: number) => SqliteDatabase;
  /** Called when a connection is available again, and when the connection has ended. */
  readonly onChange: () => void;
  /** Called once when an error has ended the connection. */
  readonly onFatal: (error: unknown) => void;
}

/** A database connection with its reader and its writer, which are discarded with it. */
interface OpenConnection {
  readonly database: SqliteDatabase;
  readonly log: LogReader;
  readonly writer: LogWriter;
}

const REOPEN_INTERVAL_MS = 100;

/** How long the first opening waits for the lock of another process. Later openings do not wait: the thread serves. */
const START_LOCK_TIMEOUT_MS = 5000;

/**
 * The only connection that writes the log: open, temporarily lost, or ended. A lost connection is reopened at once. While
 * reopening fails with a transient error, it is retried at an interval.
 *
 * Transient errors are a full disk, and a file that is locked or cannot be opened. Every other error ends the connection:
 * after an I/O error a second attempt could report success without storing the data, and a log that is damaged, or ends
 * before an acknowledged event, must not be extended.
 */
export class WritingConnection {
  private open: OpenConnection | undefined;
  /** The error of the last attempt to reopen. */
  private reopenError: unknown;
  /** Why the connection has ended; undefined if it has not. */
  private ended: StoreUnavailable | undefined;
  /** Position of the last event that was stored before the connection was lost. */
  private lastStored = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @throws any error of the first opening, which is not retried */
  constructor(private readonly options: WritingOptions) {
    this.open = this.connect(START_LOCK_TIMEOUT_MS, prepareTables);
  }

  get hasEnded(): boolean {
    return this.ended !== undefined;
  }

  /** The reader; undefined while there is no connection. */
  get log(): LogReader | undefined {
    return this.open?.log;
  }

  /** Returns the open connection. @throws StoreUnavailable if there is none */
  use(): OpenConnection {
    if (this.ended !== undefined) throw this.ended;
    if (this.open === undefined) throw new StoreUnavailable('the store is being reopened', { cause: this.reopenError });
    return this.open;
  }

  /** Discards the connection after a failed transaction, with the caches of its writer, and reopens the file. */
  discard(cause: unknown): void {
    this.lastStored = this.open?.writer.last ?? this.lastStored;
    try {
      this.closeDatabase();
    } catch (error) {
      this.fail(error);
      return;
    }
    if (isFatal(cause)) this.fail(cause);
    else this.reopen();
  }

  close(): void {
    if (this.ended !== undefined) return;
    clearTimeout(this.timer);
    this.end(new StoreUnavailable('the store is closed'));
    if (this.open === undefined) return;
    this.syncToDisk(this.open.database);
    this.closeDatabase();
  }

  private closeDatabase(): void {
    const database = this.open?.database;
    this.open = undefined;
    if (database?.inTransaction === true) database.exec('ROLLBACK');
    database?.close();
  }

  private reopen(): void {
    try {
      this.open = this.connect(0);
    } catch (error) {
      this.reopenError = error;
      if (!isTransient(error)) {
        this.fail(error);
        return;
      }
      this.timer = setTimeout(() => {
        this.reopen();
      }, REOPEN_INTERVAL_MS).unref();
      return;
    }
    this.options.onChange();
  }

  /** @throws DatabaseCorrupt if the log ends before the last event that was stored */
  private connect(lockTimeoutMs: number, prepare?: (database: SqliteDatabase) => void): OpenConnection {
    const database = this.options.connect(lockTimeoutMs);
    try {
      prepare?.(database);
      this.syncToDisk(database);
      const log = new LogReader(database);
      const last = log.last();
      if (last < this.lastStored)
        throw new DatabaseCorrupt(
          database.file,
          `it ends at ${positionText(last)}, before ${positionText(this.lastStored)}`,
        );
      return { database, log, writer: new LogWriter(database, last) };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /**
   * Checkpoints the write-ahead log and waits for the disk, so that all data that is read afterwards is on disk. If the disk
   * is full, or another process reads an older state, a checkpoint is not possible. Then the data stays in the write-ahead
   * log, which is synced to disk.
   */
  private syncToDisk(database: SqliteDatabase): void {
    if (!checkpoint(database)) syncFile(`${this.options.path}-wal`);
  }

  private fail(error: unknown): void {
    this.end(new StoreUnavailable('the store has failed', { cause: error }));
    this.options.onFatal(error);
  }

  private end(reason: StoreUnavailable): void {
    this.ended = reason;
    this.options.onChange();
  }
}

const isTransient = (error: unknown): boolean =>
  isDiskFull(error) || error instanceof DatabaseUnopened || /^SQLITE_(BUSY|CANTOPEN)/.test(sqliteCode(error) ?? '');

/** First column of the result of a checkpoint that no other connection has blocked. */
const NOT_BUSY = 0;

/** Returns whether the whole write-ahead log was checkpointed. */
function checkpoint(database: SqliteDatabase): boolean {
  try {
    return database.pragma('wal_checkpoint(TRUNCATE)') === NOT_BUSY;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    return false;
  }
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}
