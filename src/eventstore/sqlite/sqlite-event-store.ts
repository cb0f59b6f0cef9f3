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
import { WakeSignal } from './wake-signal.js';
import { follow } from './follow.js';
import { positionText } from './log-reader.js';
import type { LogWriter, PendingAppend } from './log-writer.js';
import { WritingConnection } from './writing-connection.js';

export interface SqliteOptions {
  readonly clock?: Clock;
  /**
   * Called once after an I/O error or damage of the file; must end the process. By default the error is thrown as an
   * uncaught exception, which ends it.
   */
  readonly onFatal?: (error: unknown) => void;
  /** Called after every commit with the position of its last event, for example to wake readers in other threads. */
  readonly onCommit?: (head: Position) => void;
  /** Opens the writing connection (default {@link connectForWriting}); tests replace it to cause faults. */
  readonly connect?: (path: string, lockTimeoutMs: number) => SqliteDatabase;
}

/**
 * Opens a writing connection. A commit returns when it is on disk. Once open, it never waits for the lock of another
 * process, because waiting would block the thread; callers repeat their append instead.
 * @param lockTimeoutMs how long the opening waits for a lock
 */
export function connectForWriting(path: string, lockTimeoutMs = 0): SqliteDatabase {
  const database = openDatabase(path, { synchronous: 'FULL', busyTimeout: lockTimeoutMs });
  // 32 MB of cache; a checkpoint of the write-ahead log after 4,000 pages
  database.exec('PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000; PRAGMA busy_timeout = 0');
  return database;
}

/**
 * Opens or creates the embedded event store at `path` as its only writer.
 * @throws StoreOwned if another process writes it, DatabaseUnopened, StoreFormatUnknown, DatabaseCorrupt
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

/** The embedded store: one file, one transaction per group of appends, positions in commit order without gaps. */
export interface SqliteEventStore extends EventStore {
  /** Stores the URL of this process in the lock file, for processes that find the store locked. */
  announce(url: string): void;
}

/** A group of appends is complete when it has this many bytes. The limit exists because a commit blocks the thread. */
const MAX_GROUP_BYTES = 8 * 1024 * 1024;

/** Number of appends in the next group: at least one if any is waiting. */
function groupLength(waiting: readonly WaitingAppend[]): number {
  let length = 0;
  for (let bytes = 0; length < waiting.length && bytes < MAX_GROUP_BYTES; length++)
    bytes += waiting[length]?.bytes ?? 0;
  return length;
}

interface WaitingAppend extends PendingAppend {
  readonly bytes: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (reason: Error) => void;
}

class OpenStore implements SqliteEventStore {
  storeId = '';
  readonly connection = 0;
  private readonly wakeSignal = new WakeSignal();
  private readonly writing: WritingConnection;
  /** Appends that wait for the next transaction. */
  private waiting: WaitingAppend[] = [];

  constructor(
    path: string,
    private readonly lock: ProcessLock,
    private readonly options: SqliteOptions,
  ) {
    const { connect = connectForWriting, onFatal = throwAsUncaught } = options;
    this.writing = new WritingConnection({
      path,
      connect: (lockTimeoutMs) => connect(path, lockTimeoutMs),
      onChange: () => {
        this.wakeSignal.wake();
      },
      onFatal,
    });
  }

  announce(url: string): void {
    this.lock.announce(url);
  }

  async append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): Promise<AppendResult> {
    const bytes = checkAppend(stream, expected, events);
    return new Promise((resolve, reject) => {
      this.waiting.push({ stream, expected, events, bytes, resolve, reject });
      if (this.waiting.length === 1) this.scheduleCommit();
    });
  }

  async read(stream: string, options: ReadOptions): Promise<StoredEvent[]> {
    return this.writing.use().log.read(stream, options);
  }

  async readAll(options: ReadAllOptions): Promise<StoredEvent[]> {
    return this.writing.use().log.readAll(options);
  }

  async head(): Promise<Position | null> {
    const last = this.writing.use().log.last();
    return last === 0 ? null : positionText(last);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    return follow(
      {
        closed: () => this.writing.hasEnded,
        log: () => this.writing.log,
        waitForChange: (signal) => this.wakeSignal.wait(signal),
      },
      options,
    );
  }

  /** Commits the waiting appends, then closes the file and releases the lock. Later appends are rejected. */
  async close(): Promise<void> {
    while (this.waiting.length > 0) this.commitWaiting();
    this.writing.close();
    this.lock.release();
  }

  /** Commits at the end of this turn of the event loop, so that the appends of one turn share a transaction. */
  private scheduleCommit(): void {
    setImmediate(() => {
      this.commitWaiting();
    });
  }

  private commitWaiting(): void {
    const group = this.waiting.splice(0, groupLength(this.waiting));
    if (group.length === 0) return;
    if (this.waiting.length > 0) this.scheduleCommit();
    let writer: LogWriter;
    try {
      ({ writer } = this.writing.use());
    } catch (error) {
      for (const append of group) append.reject(error as Error);
      return;
    }
    const outcome = writer.commit(group);
    if (outcome.connection === 'lost') this.writing.discard(outcome.error);
    group.forEach((append, index) => {
      const result = outcome.results[index];
      if (result === undefined || result instanceof Error)
        append.reject(result ?? new StoreUnavailable('the append has no outcome'));
      else append.resolve(result);
    });
    if (outcome.stored > 0) {
      this.wakeSignal.wake();
      this.options.onCommit?.(positionText(writer.last));
    }
  }
}

function throwAsUncaught(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
