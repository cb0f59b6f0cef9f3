import { createPrivateFile } from '../../platform/private-files.js';
import { openDatabase } from '../../platform/sqlite.js';
import { checkTables } from './schema.js';

/**
 * Copies a store to a new file, as of one moment, while another process may write it. The copy has no other files beside
 * it, also if the original has a write-ahead log.
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
