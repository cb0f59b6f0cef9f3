import { openDatabase } from '../../platform/sqlite.js';
import type { ReadAllOptions, StoredEvent } from '../event-store.js';
import { LogReader, positionText } from './log-reader.js';
import { checkTables } from './schema.js';

/** The log of a file for verification: opened read-only, without a check of its header. */
export interface Inspection {
  /** Positions count from 1 without gaps. */
  readonly dense: true;
  readAll(options: ReadAllOptions): Promise<StoredEvent[]>;
  /** Faults that SQLite finds in the file and its index, which reading the log does not reveal. */
  faults(): Promise<string[]>;
  close(): void;
}

/** Events whose origin is not the first event of their stream: reads of their stream miss them. */
const MISFILED = `
  SELECT position FROM events AS event
  WHERE origin IS NOT (SELECT first.position FROM events AS first WHERE first.stream = event.stream AND first.revision = 0)
  LIMIT 10`;

/** Opens a store for verification, even while a process writes it. @throws StoreFormatUnknown, DatabaseCorrupt */
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
    // a statement cannot be reused after an error, so every page prepares its own
    readAll: async (options) => new LogReader(database).readAll(options),
    faults: async () => {
      const rows = database.prepareRaw<readonly [string]>('PRAGMA integrity_check(10)').all();
      const misfiled = database.prepareRaw<readonly [number]>(MISFILED).all();
      return [
        ...rows.map(([message]) => message).filter((message) => message !== 'ok'),
        ...misfiled.map(
          ([position]) => `the event at position ${positionText(position)} is filed under another stream`,
        ),
      ];
    },
    close: () => {
      database.close();
    },
  };
}
