import { closeSync, fdatasyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseCorrupt, DatabaseUnopened, sqliteCode, type SqliteDatabase } from '../../platform/sqlite.js';
import { StoreUnavailable } from '../event-store.js';
import { LogReader } from './log-reader.js';
import { isFatal, LogWriter, wantsRoom } from './log-writer.js';
import { prepareTables } from './schema.js';

export interface WritingOptions {
  readonly path: string;
  readonly connect: () => SqliteDatabase;
  /** How long an error must be met by every opening before it is believed, in milliseconds. */
  readonly disbelief: number;
  /** Called when there is a connection again, and when there will be none any more. */
  readonly onChange: () => void;
  /** Called once when the file can no longer be trusted. */
  readonly onFatal: (error: unknown) => void;
}

/** A connection and what is prepared on it: given up together. */
interface Open {
  readonly database: SqliteDatabase;
  readonly log: LogReader;
  readonly writer: LogWriter;
}

const AGAIN_AFTER_MS = 100;

/**
 * The one connection that writes the log: there, away for now, or ended. One that is given up is opened again at once,
 * and where that fails for what may pass, every so often until it succeeds.
 *
 * What may pass: no room on the disk, for as long as there is none. Also a file that looks damaged, is locked or cannot
 * be opened, until it was found so by every opening for some time while there was room: a file on a full disk has been
 * seen shorter than its index said (SQLITE_IOERR_SHORT_READ), and was whole when it was opened later. Any other I/O error
 * ends it at once: what the disk once failed to store is not asked for a second time.
 */
export class WritingConnection {
  private open: Open | undefined;
  /** Why there is none now. */
  private away: unknown;
  /** Why there will be none any more. */
  private ended: StoreUnavailable | undefined;
  /** Since when the same is found although there is room. */
  private foundSince: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** @throws what the first opening throws: it is not tried again */
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
    if (this.open === undefined)
      throw new StoreUnavailable('the store is being opened again', { cause: this.away });
    return this.open;
  }

  /** After a failed COMMIT nothing known about the file holds: cached heads go with the connection. */
  giveUp(cause: unknown): void {
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
    try {
      this.open = this.opened();
    } catch (error) {
      this.away = error;
      if (this.mayPass(error))
        this.timer = setTimeout(() => {
          this.reopen();
        }, AGAIN_AFTER_MS).unref();
      else this.fail(error);
      return;
    }
    this.foundSince = undefined;
    this.options.onChange();
  }

  private opened(prepare?: (database: SqliteDatabase) => void): Open {
    const database = this.options.connect();
    try {
      prepare?.(database);
      this.toDisk(database);
      const log = new LogReader(database);
      return { database, log, writer: new LogWriter(database, log.last()) };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  private mayPass(error: unknown): boolean {
    if (wantsRoom(error)) return true;
    const doubtful =
      error instanceof DatabaseCorrupt ||
      error instanceof DatabaseUnopened ||
      /^SQLITE_(BUSY|CANTOPEN)/.test(sqliteCode(error) ?? '');
    return doubtful && !this.isBelieved();
  }

  private isBelieved(): boolean {
    const now = performance.now();
    this.foundSince = hasRoom(this.options.path) ? (this.foundSince ?? now) : undefined;
    return this.foundSince !== undefined && now - this.foundSince >= this.options.disbelief;
  }

  /**
   * Moves the write-ahead log into the file and waits for the disk, so that what is read from here on is stored. Where
   * the disk is full or another process reads an older state it stays where it is, on disk all the same: what is there
   * can be read, and on a full disk appends wait for room.
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

/** What a checkpoint answers first when nobody kept it from its end. */
const NOT_BUSY = 0;

function checkpointed(database: SqliteDatabase): boolean {
  try {
    return database.pragma('wal_checkpoint(TRUNCATE)') === NOT_BUSY;
  } catch (error) {
    if (!wantsRoom(error)) throw error;
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

/** More than an opening needs. */
const ROOM = Buffer.alloc(64 * 1024);

/** Whether something can be written beside a file: free space alone does not tell, with quotas and reserves. */
function hasRoom(path: string): boolean {
  const trial = `${path}.room`;
  try {
    writeFileSync(trial, ROOM);
    return true;
  } catch (error) {
    return !['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    rmSync(trial, { force: true });
  }
}
