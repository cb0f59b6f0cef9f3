import { IN_MEMORY, openDatabase, type SqliteDatabase } from './sqlite.js';

/** A table, index, trigger or view of a database. */
export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  /** The statement that created it; null for an index that SQLite creates for a constraint. */
  readonly sql: string | null;
}

/** The tables, indexes, triggers and views of a database, by name. */
export const schemaOf = (database: SqliteDatabase): SchemaObject[] =>
  database
    .prepareRaw<readonly [string, string, string | null]>('SELECT type, name, sql FROM sqlite_schema ORDER BY name')
    .all()
    .map(([type, name, sql]) => ({ type, name, sql }));

/** The tables, indexes, triggers and views that these statements create in an empty database. */
export function schemaCreatedBy(statements: string): SchemaObject[] {
  const database = openDatabase(IN_MEMORY, { journal: 'delete' });
  try {
    database.exec(statements);
    return schemaOf(database);
  } finally {
    database.close();
  }
}

/** An object that must exist; without `sql`, its statement is not compared. */
export type ExpectedObject = Pick<SchemaObject, 'type' | 'name'> & Partial<SchemaObject>;

/** Descriptions of the objects that are missing, changed or unexpected. */
export function schemaDifferences(expected: readonly ExpectedObject[], found: readonly SchemaObject[]): string[] {
  const foundByName = new Map(found.map((object) => [object.name, object]));
  const wrong = expected.flatMap(({ type, name, sql }) => {
    const object = foundByName.get(name);
    if (object?.type !== type) return [`the ${type} ${name} is missing`];
    return sql === undefined || object.sql === sql
      ? []
      : [`the ${type} ${name} was changed: ${object.sql ?? 'it has no statement'}`];
  });
  const isExpected = ({ type, name }: SchemaObject): boolean =>
    expected.some((object) => object.type === type && object.name === name);
  const unexpected = found.filter((object) => !isExpected(object));
  return [...wrong, ...unexpected.map(({ type, name }) => `Redress did not create the ${type} ${name}`)];
}
