import { existsSync } from 'node:fs';
import { openDatabase, type SqliteDatabase } from '../../platform/sqlite.js';
import { schemaDifferences, schemaOf, type ExpectedObject } from '../../platform/sqlite-schema.js';
import type { IndexSpec } from '../read-models.js';
import { Collection, indexName } from './collection.js';
import { fixedTables, isCurrent } from './format.js';

/**
 * Descriptions of tables, indexes, triggers and views in a file of read models that are missing or that Redress did not
 * create, each with the path of the file. The tables of collections are compared by name. Empty if the file does not exist,
 * or if the service will replace its tables at the next start.
 * @throws DatabaseUnopened, DatabaseCorrupt, or another error if the list of collections cannot be read
 */
export function readModelDifferences(file: string): string[] {
  if (!existsSync(file)) return [];
  const database = openDatabase(file, { readonly: true });
  try {
    return differences(database).map((difference) => `${file}: ${difference}`);
  } finally {
    database.close();
  }
}

/** Reads in one transaction, because a service may create or drop collections meanwhile. */
function differences(database: SqliteDatabase): string[] {
  database.exec('BEGIN');
  try {
    if (!isCurrent(database)) return [];
    const found = schemaOf(database);
    const foundNames = new Set(found.map(({ name }) => name));
    const expected = collectionsOf(database).flatMap((collection) => [
      ...tablesOf(collection),
      // a collection that a rebuild fills has indexes only when it is filled
      ...indexesOf(collection).filter(({ name }) => collection.built || foundNames.has(name)),
    ]);
    return schemaDifferences([...fixedTables(), ...expected], found);
  } finally {
    database.exec('COMMIT');
  }
}

const collectionsOf = (database: SqliteDatabase): Collection[] =>
  database
    .prepare<{ number: number; name: string; indexes: string; built: number }>(
      'SELECT number, name, indexes, built FROM collections',
    )
    .all()
    .map(
      ({ number, name, indexes, built }) =>
        new Collection(number, name, [], JSON.parse(indexes) as IndexSpec[], built === 1, 0),
    );

const tablesOf = ({ table, elements }: Collection): ExpectedObject[] => [
  { type: 'table', name: table },
  { type: 'index', name: `sqlite_autoindex_${table}_1` },
  { type: 'table', name: elements },
];

const indexesOf = ({ table, indexes }: Collection): ExpectedObject[] =>
  indexes
    .flatMap(({ unique }, ordinal) => [
      indexName(table, ordinal),
      ...(unique === true ? [`${table}_u${String(ordinal)}`] : []),
    ])
    .map((name) => ({ type: 'index', name }));
