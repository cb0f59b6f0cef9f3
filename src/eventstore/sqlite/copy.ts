import { createPrivateFile } from '../../platform/private-files.js';
import { openDatabase } from '../../platform/sqlite.js';
import { checkTables } from './schema.js';

/**
 * Copies the events of a store that were recorded up to one moment to a new file. Another process may write the store
 * meanwhile. The copy is a single file, even if the original has a write-ahead log.
 * @throws DatabaseUnopened, DatabaseCorrupt, StoreFormatUnknown
 */
export function copySqliteStore(path: string, target: string): void {
  const database = openDatabase(path, { readonly: true });
  try {
    checkTables(database);
    createPrivateFile(target); // SQLite fills an empty file and keeps its mode
    database.prepare('VACUUM INTO ?').run(target);
  } finally {
    database.close();
  }
}
