import type { SqliteDatabase } from '../../platform/sqlite.js';
import { schemaCreatedBy, schemaDifferences, schemaOf } from '../../platform/sqlite-schema.js';
import { StoreFormatUnknown } from '../store-header.js';

/** `PRAGMA application_id` of an event store: "RDRS" in ASCII. */
const APPLICATION_ID = 0x52445253;
/** `PRAGMA user_version`: version of the tables. The format of the events is `format` in the store header. */
const TABLES_VERSION = 2;

/**
 * One row per event, in commit order. The text columns have exactly the hashed bytes. `origin` is the position of the first
 * event of the stream. The index contains it instead of the stream name: then recently active streams share pages of the
 * index. With stream names, which are random, each append of a group would change a different page.
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

/** Origin of the stream whose name is bound to the parameter; null if the stream does not exist. */
export const ORIGIN = '(SELECT position FROM events WHERE stream = ? AND revision = 0)';

/** Creates the tables if the file is empty. @throws StoreFormatUnknown if the file is not an event store of this version */
export function prepareTables(database: SqliteDatabase): void {
  const isEmpty = database.pragma('schema_version') === 0 && database.pragma('application_id') === 0;
  if (isEmpty) {
    database.transaction(() => {
      database.exec(TABLES);
    });
  }
  checkTables(database);
}

/** @throws StoreFormatUnknown if the file is not an event store of this version */
export function checkTables(database: SqliteDatabase): void {
  if (database.pragma('application_id') !== APPLICATION_ID)
    throw new StoreFormatUnknown(`${database.file} is not an event store of Redress`);
  const version = database.pragma('user_version');
  if (version !== TABLES_VERSION)
    throw new StoreFormatUnknown(
      `the tables of ${database.file} have version ${String(version)}, this program reads version ${String(TABLES_VERSION)}`,
    );
}

/** Descriptions of tables, indexes, triggers and views that are missing, changed or not created by Redress. */
export const tableDifferences = (database: SqliteDatabase): string[] =>
  schemaDifferences(schemaCreatedBy(TABLES), schemaOf(database));
