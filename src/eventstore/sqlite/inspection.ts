import { openDatabase } from '../../platform/sqlite.js';
import type { ReadAllOptions, StoredEvent } from '../event-store.js';
import { LogReader } from './log-reader.js';
import { checkTables } from './schema.js';

/** The log of a file as it stands there, to be verified: opened read-only, without asking its header. */
export interface Inspection {
  /** Positions count from 1 without gaps. */
  readonly dense: true;
  readAll(options: ReadAllOptions): Promise<StoredEvent[]>;
  /** What SQLite itself finds wrong with the file and its index, which reading the log does not show. */
  faults(): Promise<string[]>;
  close(): void;
}

/** Opens a store for verification, also beside the process that writes it. @throws StoreFormatUnknown, DatabaseCorrupt */
export function inspectSqliteStore(path: string): Inspection {
  const database = openDatabase(path, { readonly: true });
  try {
    checkTables(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    dense: true,
    // a statement is of no use after an error, so every page prepares its own
    readAll: async (options) => new LogReader(database).readAll(options),
    faults: async () => {
      const rows = database.prepareRaw<readonly [string]>('PRAGMA integrity_check(10)').all();
      return rows.map(([message]) => message).filter((message) => message !== 'ok');
    },
    close: () => {
      database.close();
    },
  };
}
