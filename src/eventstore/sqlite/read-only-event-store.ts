import { openDatabase, type SqliteDatabase } from '../../platform/sqlite.js';
import {
  AppendRefused,
  StoreUnavailable,
  type AppendResult,
  type EventStore,
  type Position,
  type ReadAllOptions,
  type ReadOptions,
  type StoredEvent,
  type SubscribeOptions,
  type SubscriptionBatch,
} from '../event-store.js';
import { readStoreHeader, StoreMissing } from '../store-header.js';
import { WakeSignal } from './wake-signal.js';
import { follow } from './follow.js';
import { LogReader, positionText } from './log-reader.js';
import { checkTables } from './schema.js';

export interface ReadOnlyOptions {
  /** Milliseconds after which a subscription that has caught up looks for new events again (default 20). */
  readonly pollIntervalMs?: number;
  /** Called once with a function `wake`; each call of `wake` makes subscriptions look for new events at once. */
  readonly registerWake?: (wake: () => void) => void;
}

/**
 * Opens a store for reading only; another thread or process may write it at the same time. Returns committed events only.
 * @throws DatabaseUnopened, StoreMissing, StoreFormatUnknown, DatabaseCorrupt
 */
export async function openReadOnlyEventStore(path: string, options: ReadOnlyOptions = {}): Promise<EventStore> {
  const database = openDatabase(path, { readonly: true });
  try {
    checkTables(database);
    const log = new LogReader(database);
    const header = await readStoreHeader({ read: (stream, page) => Promise.resolve(log.read(stream, page)) });
    if (header === undefined) throw new StoreMissing(path);
    return new ReadOnlyEventStore(database, log, header.storeId, options);
  } catch (error) {
    database.close();
    throw error;
  }
}

class ReadOnlyEventStore implements EventStore {
  readonly connection = 0;
  private readonly wakeSignal = new WakeSignal();
  private readonly pollIntervalMs: number;
  private closed = false;

  constructor(
    private readonly database: SqliteDatabase,
    private readonly log: LogReader,
    readonly storeId: string,
    options: ReadOnlyOptions,
  ) {
    this.pollIntervalMs = options.pollIntervalMs ?? 20;
    options.registerWake?.(() => {
      this.wakeSignal.wake();
    });
  }

  append(): Promise<AppendResult> {
    return Promise.reject(new AppendRefused(`${this.database.file} is open for reading only`));
  }

  async read(stream: string, options: ReadOptions): Promise<StoredEvent[]> {
    return this.reader().read(stream, options);
  }

  async readAll(options: ReadAllOptions): Promise<StoredEvent[]> {
    return this.reader().readAll(options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    return follow(
      {
        closed: () => this.closed,
        log: () => this.log,
        waitForChange: (signal) => this.wakeSignal.wait(signal, this.pollIntervalMs),
      },
      options,
    );
  }

  async head(): Promise<Position | null> {
    const last = this.reader().last();
    return last === 0 ? null : positionText(last);
  }

  private reader(): LogReader {
    if (this.closed) throw new StoreUnavailable('the store is closed');
    return this.log;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.database.close();
    this.wakeSignal.wake();
  }
}
