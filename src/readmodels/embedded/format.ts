import type { SqliteDatabase } from '../../platform/sqlite.js';

/** `PRAGMA application_id` of read models: "RDRM". */
const APPLICATION_ID = 0x5244524d;
/** `PRAGMA user_version`: version of the tables. Any other version is dropped and rebuilt from the events. */
const TABLES_VERSION = 2;

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
 * Creates the tables. Drops read models of another version first: they are rebuilt from the events. Throws for a
 * database that holds anything else.
 */
export function prepareFile(database: SqliteDatabase): void {
  if (isCurrent(database)) return;
  database.transaction(() => {
    if (isCurrent(database)) return; // another process created them first
    const tables = tablesOf(database);
    if (tables.length > 0 && !holdsReadModels(database, tables))
      throw new Error(`${database.file} is a database, but not of read models: name another file for them`);
    for (const table of tables) database.exec(`DROP TABLE "${table.replaceAll('"', '""')}"`);
    database.exec(TABLES);
  });
}

const isCurrent = (database: SqliteDatabase): boolean =>
  database.pragma('application_id') === APPLICATION_ID && database.pragma('user_version') === TABLES_VERSION;

/** Version 1 had no application id. */
const holdsReadModels = (database: SqliteDatabase, tables: readonly string[]): boolean =>
  database.pragma('application_id') === APPLICATION_ID ||
  ['collections', 'aliases', 'checkpoints'].every((table) => tables.includes(table));

const tablesOf = (database: SqliteDatabase): string[] =>
  database
    .prepare<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .all()
    .map(({ name }) => name);
