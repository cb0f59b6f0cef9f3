import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { systemClock, type Clock } from '../../platform/clock.js';
import { takeLock, type ProcessLock } from '../../platform/process-lock.js';
import { openDatabase, type SqliteDatabase } from '../../platform/sqlite.js';
import {
  checkAppend,
  StoreUnavailable,
  type AppendResult,
  type EncodedEvent,
  type EventStore,
  type ExpectedRevision,
  type Position,
  type ReadAllOptions,
  type ReadOptions,
  type StoredEvent,
  type SubscribeOptions,
  type SubscriptionBatch,
} from '../event-store.js';
import { ensureStoreHeader } from '../store-header.js';
import { Bell } from './bell.js';
import { follow } from './follow.js';
import { isFatal, LogWriter, wantsRoom, type PendingAppend } from './log-writer.js';
import { LogReader, positionText } from './log-reader.js';
import { prepareTables } from './schema.js';

export interface SqliteOptions {
  readonly clock?: Clock;
  /**
   * Called once when the file can no longer be trusted to keep what it is given (I/O error, damage); must end the
   * process. By default the error is thrown where nobody catches it.
   */
  readonly onFatal?: (error: unknown) => void;
  /** Called after every commit with the position of its last event, e.g. to wake readers in other threads. */
  readonly onCommit?: (head: Position) => void;
  /** How the writing connection is opened; tests put faults here. */
  readonly connect?: (path: string) => SqliteDatabase;
}

/** The writing connection: a commit that has returned is on disk. */
export function connectForWriting(path: string): SqliteDatabase {
  const database = openDatabase(path, { synchronous: 'FULL' });
  database.exec('PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000');
  return database;
}

/**
 * Opens or creates the embedded event store at `path` as its only writer.
 * @throws StoreOwned when another process writes it, StoreFormatUnknown, DatabaseCorrupt
 */
export async function openSqliteEventStore(path: string, options: SqliteOptions = {}): Promise<SqliteEventStore> {
  const clock = options.clock ?? systemClock;
  const lock = takeLock(path, systemClock.now());
  let store: OpenStore | undefined;
  try {
    store = new OpenStore(path, lock, options);
    store.storeId = (await ensureStoreHeader(store, clock)).storeId;
    return store;
  } catch (error) {
    if (store === undefined) lock.release();
    else await store.close();
    throw error;
  }
}

/** The embedded store (architecture.md §3): one file, group commit, positions in commit order without gaps. */
export interface SqliteEventStore extends EventStore {
  /** Tells other processes that meet the lock where this one answers. */
  announce(url: string): void;
}

interface Waiting extends PendingAppend {
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (reason: Error) => void;
}

class OpenStore implements SqliteEventStore {
  storeId = '';
  private readonly bell = new Bell();
  private readonly connect: () => SqliteDatabase;
  private database: SqliteDatabase;
  private log: LogReader;
  private writer: LogWriter;
  /** Appends of this turn of the event loop; they share one transaction. */
  private waiting: Waiting[] = [];
  /** Why nothing is accepted any more. */
  private ended: Error | undefined;

  constructor(
    private readonly path: string,
    private readonly lock: ProcessLock,
    private readonly options: SqliteOptions,
  ) {
    this.connect = () => (options.connect ?? connectForWriting)(path);
    this.database = this.connect();
    prepareTables(this.database);
    this.log = new LogReader(this.database);
    this.writer = new LogWriter(this.database, this.log.last());
    this.toDisk();
  }

  announce(url: string): void {
    this.lock.announce(url);
  }

  async append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): Promise<AppendResult> {
    checkAppend(stream, expected, events);
    if (this.ended !== undefined) throw this.ended;
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ stream, expected, events, resolve, reject }) === 1)
        setImmediate(() => {
          this.commitWaiting();
        });
    });
  }

  async read(stream: string, options: ReadOptions): Promise<StoredEvent[]> {
    return this.reader().read(stream, options);
  }

  async readAll(options: ReadAllOptions): Promise<StoredEvent[]> {
    return this.reader().readAll(options);
  }

  async head(): Promise<Position | null> {
    const last = this.reader().last();
    return last === 0 ? null : positionText(last);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    return follow(
      {
        log: () => (this.ended === undefined ? this.log : undefined),
        more: (signal) => this.bell.wait(signal),
      },
      options,
    );
  }

  /** Stores what was accepted, refuses more, and gives the lock back. */
  async close(): Promise<void> {
    if (this.ended === undefined) {
      this.commitWaiting();
      this.end(new StoreUnavailable('the store is closed'));
      this.toDisk();
      this.database.close();
    }
    this.lock.release();
  }

  private reader(): LogReader {
    if (this.ended !== undefined) throw this.ended;
    return this.log;
  }

  private commitWaiting(): void {
    const group = this.waiting;
    this.waiting = [];
    if (group.length === 0) return;
    const outcome = this.writer.commit(group);
    if (outcome.connection === 'lost') this.reconnect(outcome.error);
    group.forEach((append, index) => {
      const result = outcome.results[index];
      if (result === undefined || result instanceof Error)
        append.reject(result ?? new StoreUnavailable('the append has no outcome'));
      else append.resolve(result);
    });
    if (outcome.stored > 0) {
      this.bell.ring();
      this.options.onCommit?.(positionText(this.writer.last));
    }
  }

  /** After a failed COMMIT nothing known about the file holds: cached heads go with the connection. */
  private reconnect(cause: unknown): void {
    try {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      this.database.close();
      if (isFatal(cause)) throw cause;
      this.database = this.connect();
      this.toDisk();
      this.log = new LogReader(this.database);
      this.writer = new LogWriter(this.database, this.log.last());
    } catch (error) {
      this.end(new StoreUnavailable('the store has failed', { cause: error }));
      (this.options.onFatal ?? throwUncaught)(error);
    }
  }

  /**
   * Moves the write-ahead log into the file and waits for the disk, so that what is read from here on is stored. Where
   * the disk is full or another process reads an older state it stays where it is, on disk all the same: what is there
   * can be read, and on a full disk appends wait for room.
   */
  private toDisk(): void {
    if (!this.checkpointed()) syncFile(`${this.path}-wal`);
  }

  private checkpointed(): boolean {
    try {
      return this.database.pragma('wal_checkpoint(TRUNCATE)') === NOT_BUSY;
    } catch (error) {
      if (!wantsRoom(error)) throw error;
      return false;
    }
  }

  private end(reason: Error): void {
    this.ended = reason;
    this.bell.ring();
  }
}

/** What a checkpoint answers first when nobody kept it from its end. */
const NOT_BUSY = 0;

function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}

function throwUncaught(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
