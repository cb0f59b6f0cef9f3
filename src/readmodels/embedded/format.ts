import type { SqliteDatabase } from '../../platform/sqlite.js';
import { schemaCreatedBy, type SchemaObject } from '../../platform/sqlite-schema.js';

/** `PRAGMA application_id` of a file of read models: "RDRM" in ASCII. */
const APPLICATION_ID = 0x5244524d;
/** `PRAGMA user_version` of the tables below. Tables of another version are dropped; the events fill the new ones. */
const TABLES_VERSION = 3;

const TABLES = `
  CREATE TABLE fence (epoch INTEGER NOT NULL);
  INSERT INTO fence VALUES (0);
  CREATE TABLE models (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE collections (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
    paths TEXT NOT NULL, indexes TEXT NOT NULL, built INTEGER NOT NULL, arrays INTEGER NOT NULL);
  CREATE TABLE checkpoints (
    collection TEXT PRIMARY KEY, store_id TEXT NOT NULL, position TEXT NOT NULL, event_id TEXT NOT NULL);
  PRAGMA application_id = ${String(APPLICATION_ID)};
  PRAGMA user_version = ${String(TABLES_VERSION)};
`;

/**
 * Creates the tables if they do not exist. Drops the tables of another version first; the projections then fold all
 * events again. Throws an error, and changes nothing, if the database is not one of read models.
 */
export function prepareFile(database: SqliteDatabase): void {
  if (isCurrent(database)) return;
  database.transaction(() => {
    if (isCurrent(database)) return; // another process has created them in the meantime
    const tables = tablesOf(database);
    if (tables.length > 0 && !isReadModels(database, tables))
      throw new Error(`${database.file} is a database, but not of read models: configure another file for them`);
    for (const table of tables) database.exec(`DROP TABLE "${table.replaceAll('"', '""')}"`);
    database.exec(TABLES);
  });
}

/** The tables that exist in every file, with the indexes of their constraints. */
export const fixedTables = (): SchemaObject[] => schemaCreatedBy(TABLES);

/** Whether the file has the tables of this version. */
export const isCurrent = (database: SqliteDatabase): boolean =>
  database.pragma('application_id') === APPLICATION_ID && database.pragma('user_version') === TABLES_VERSION;

/** Version 1 of the tables had no application id; it is recognized by the names of its tables. */
const isReadModels = (database: SqliteDatabase, tables: readonly string[]): boolean =>
  database.pragma('application_id') === APPLICATION_ID ||
  ['collections', 'aliases', 'checkpoints'].every((table) => tables.includes(table));

const tablesOf = (database: SqliteDatabase): string[] =>
  database
    .prepare<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .all()
    .map(({ name }) => name);
