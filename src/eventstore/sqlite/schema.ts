import type { SqliteDatabase } from '../../platform/sqlite.js';
import { StoreFormatUnknown } from '../store-header.js';

/** `PRAGMA application_id` of an event store: "RDRS". */
const APPLICATION_ID = 0x52445253;
/** `PRAGMA user_version`: version of the tables, not of the events (that is the header's `format`). */
const TABLES_VERSION = 2;

/**
 * One row per event, in commit order; text columns hold exactly the hashed bytes. `origin` is the position of the first
 * event of the stream and represents the stream in the index, so that recently active streams share index pages. By
 * their random names, each append of a group would rewrite a page of its own.
 */
const TABLES = `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    origin   INTEGER NOT NULL,
    stream   TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    event_id TEXT    NOT NULL,
    type     TEXT    NOT NULL,
    data     TEXT    NOT NULL,
    metadata TEXT    NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_first ON events (stream) WHERE revision = 0;
  CREATE UNIQUE INDEX events_by_stream ON events (origin, revision);
  PRAGMA application_id = ${String(APPLICATION_ID)};
  PRAGMA user_version = ${String(TABLES_VERSION)};
`;

/** The origin of the bound stream; null when it does not exist. */
export const ORIGIN = '(SELECT position FROM events WHERE stream = ? AND revision = 0)';

/** Creates the tables in an empty file. @throws StoreFormatUnknown when the file holds something else */
export function prepareTables(database: SqliteDatabase): void {
  const empty = database.pragma('schema_version') === 0 && database.pragma('application_id') === 0;
  if (empty) {
    database.transaction(() => {
      database.exec(TABLES);
    });
  }
  checkTables(database);
}

/** @throws StoreFormatUnknown */
export function checkTables(database: SqliteDatabase): void {
  if (database.pragma('application_id') !== APPLICATION_ID)
    throw new StoreFormatUnknown(`${database.file} is not an event store of Redress`);
  const version = database.pragma('user_version');
  if (version !== TABLES_VERSION)
    throw new StoreFormatUnknown(
      `the tables of ${database.file} have version ${String(version)}, this version knows ${String(TABLES_VERSION)}`,
    );
}
