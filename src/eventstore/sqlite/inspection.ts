import { openDatabase } from '../../platform/sqlite.js';
import type { ReadAllOptions, StoredEvent } from '../event-store.js';
import { LogReader, positionText } from './log-reader.js';
import { checkTables, tableDifferences } from './schema.js';

/** The log of a database file for verification: read-only, and without a check of the store header. */
export interface Inspection {
  /** The positions are 1, 2, 3, … without gaps. */
  readonly dense: true;
  readAll(options: ReadAllOptions): Promise<StoredEvent[]>;
  /**
   * Faults that a read of the log does not show: at most 10 of the file and its indexes, and at most 10 events that are
   * filed under another stream.
   */
  faults(): Promise<string[]>;
  /** Tables, indexes, triggers and views that are missing, changed or not created by Redress; starts with the file. */
  schemaDifferences(): Promise<string[]>;
  close(): void;
}

/**
 * Events that are filed under another stream: their `origin` is not the position of the first event of their own
 * stream, so a read of that stream does not return them.
 */
const WRONG_ORIGIN = `
  SELECT position FROM events AS event
  WHERE origin IS NOT (SELECT first.position FROM events AS first WHERE first.stream = event.stream AND first.revision = 0)
  LIMIT 10`;

/**
 * Opens a store for verification; another process may write it at the same time.
 * @throws DatabaseUnopened, StoreFormatUnknown, DatabaseCorrupt
 */
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
    // a prepared statement cannot be used again after an error, so every page has a new reader
    readAll: async (options) => new LogReader(database).readAll(options),
    faults: async () => {
      const messages = database.prepareRaw<readonly [string]>('PRAGMA integrity_check(10)').all();
      const wrongOrigins = database.prepareRaw<readonly [number]>(WRONG_ORIGIN).all();
      return [
        ...messages.map(([message]) => message).filter((message) => message !== 'ok'),
        ...wrongOrigins.map(
          ([position]) => `the event at position ${positionText(position)} is filed under another stream`,
        ),
      ];
    },
    schemaDifferences: async () => tableDifferences(database).map((difference) => `${path}: ${difference}`),
    close: () => {
      database.close();
    },
  };
}
