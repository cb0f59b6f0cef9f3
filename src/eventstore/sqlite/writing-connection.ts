import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { DatabaseCorrupt, DatabaseUnopened, sqliteCode, type SqliteDatabase } from '../../platform/sqlite.js';
import { StoreUnavailable } from '../event-store.js';
import { LogReader, positionText } from './log-reader.js';
import { isFatal, LogWriter, isDiskFull } from './log-writer.js';
import { prepareTables } from './schema.js';

export interface WritingOptions {
  readonly path: string;
  readonly connect: () => SqliteDatabase;
  /** Called when a connection is available again, and when there will be none any more. */
  readonly onChange: () => void;
  /** Called once when the file can no longer be trusted. */
  readonly onFatal: (error: unknown) => void;
}

/** A connection with its prepared statements; both are discarded together. */
interface Open {
  readonly database: SqliteDatabase;
  readonly log: LogReader;
  readonly writer: LogWriter;
}

const REOPEN_INTERVAL_MS = 100;

/**
 * The only connection that writes the log: open, temporarily lost, or ended. A lost connection is reopened at once;
 * while reopening fails with a transient error, it is retried at an interval.
 *
 * Transient errors: no room on the disk, also for the index of the log (which is rebuilt when no other process has the file
 * open), and a file that is locked or cannot be opened. Every other error ends it: data that the disk failed to store
 * once is not trusted to a second attempt, and a log that is damaged, or ends before an acknowledged event, must not be
 * extended.
 */
export class WritingConnection {
  private open: Open | undefined;
  /** Why there is no connection now. */
  private lossCause: unknown;
  /** Why there will be no connection any more. */
  private ended: StoreUnavailable | undefined;
  /** Position of the last event known to be stored. */
  private reached = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @throws the error of the first opening: it is not retried */
  constructor(private readonly options: WritingOptions) {
    this.open = this.opened(prepareTables);
  }

  get hasEnded(): boolean {
    return this.ended !== undefined;
  }

  /** undefined while there is none. */
  get log(): LogReader | undefined {
    return this.open?.log;
  }

  /** @throws StoreUnavailable */
  use(): Open {
    if (this.ended !== undefined) throw this.ended;
    if (this.open === undefined) throw new StoreUnavailable('the store is being reopened', { cause: this.lossCause });
    return this.open;
  }

  /** After a failed COMMIT cached knowledge of the file is invalid: cached heads are discarded with the connection. */
  giveUp(cause: unknown): void {
    this.reached = this.open?.writer.last ?? this.reached;
    try {
      this.letGo();
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
    this.toDisk(this.open.database);
    this.letGo();
  }

  private letGo(): void {
    const database = this.open?.database;
    this.open = undefined;
    if (database?.inTransaction === true) database.exec('ROLLBACK');
    database?.close();
  }

  private reopen(): void {
    const began = performance.now();
    try {
      this.open = this.opened();
    } catch (error) {
      this.lossCause = error;
      if (isTransient(error))
        this.timer = setTimeout(
          () => {
            this.reopen();
          },
          Math.max(REOPEN_INTERVAL_MS, performance.now() - began),
        ).unref(); // a locked file would block the thread for the busy timeout
      else this.fail(error);
      return;
    }
    this.options.onChange();
  }

  private opened(prepare?: (database: SqliteDatabase) => void): Open {
    const database = this.options.connect();
    try {
      prepare?.(database);
      this.toDisk(database);
      const log = new LogReader(database);
      const last = log.last();
      if (last < this.reached)
        throw new DatabaseCorrupt(
          database.file,
          `it ends at ${positionText(last)}, before ${positionText(this.reached)}`,
        );
      return { database, log, writer: new LogWriter(database, last) };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /**
   * Checkpoints the write-ahead log and waits for the disk, so that all data read afterwards are on disk. When the
   * disk is full or another process reads an older state, the data stay in the write-ahead log, synced to disk: they
   * are readable, and on a full disk appends wait for room.
   */
  private toDisk(database: SqliteDatabase): void {
    if (!checkpointed(database)) syncFile(`${this.options.path}-wal`);
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

/** First column of a checkpoint result when no other connection blocked it. */
const NOT_BUSY = 0;

function checkpointed(database: SqliteDatabase): boolean {
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
