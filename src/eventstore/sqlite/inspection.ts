import { openDatabase } from '../../platform/sqlite.js';
import type { ReadAllOptions, StoredEvent } from '../event-store.js';
import { LogReader, positionText } from './log-reader.js';
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

/** Events whose origin is not the first event of their stream: their stream is read without them. */
const MISFILED = `
  SELECT position FROM events AS event
  WHERE origin IS NOT (SELECT first.position FROM events AS first WHERE first.stream = event.stream AND first.revision = 0)
  LIMIT 10`;

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
