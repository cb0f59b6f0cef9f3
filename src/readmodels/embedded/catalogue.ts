import type { SqliteDatabase } from '../../platform/sqlite.js';
import { UnknownCollection, type Document, type IndexSpec } from '../read-models.js';
import { Collection, columnName, combineMasks, declaredPaths, indexName } from './collection.js';
import { insertElements } from './elements.js';
import type { Statements } from './statements.js';

/** The columns of the table `collections` that are read for each query. */
interface Definition {
  /** Identifies the collection; its tables are named after it. */
  readonly number: number;
  /** Increases when the declared fields or indexes change, or the indexes are built. */
  readonly version: number;
  /** Bits of the fields that have ever held an array. */
  readonly arrays: number;
}

/** The other columns of the table `collections`. */
interface FullDefinition {
  /** The paths of the declared fields as JSON text. */
  readonly paths: string;
  /** The declared indexes as JSON text. */
  readonly indexes: string;
  /** 1 when the indexes are built. */
  readonly built: number;
}

/** The existing collections. Caches a collection until the `version` or the `arrays` of its definition change. */
export class Catalogue {
  private readonly cache = new Map<string, { readonly version: number; readonly collection: Collection }>();

  constructor(
    private readonly database: SqliteDatabase,
    private readonly statements: Statements,
  ) {}

  /** The collection as it is defined in the current transaction. Throws {@link UnknownCollection}. */
  get(name: string): Collection {
    const collection = this.find(name);
    if (collection === undefined) throw new UnknownCollection(name);
    return collection;
  }

  names(): string[] {
    return this.statements
      .prepared<{ name: string }>('SELECT name FROM collections ORDER BY name')
      .all()
      .map((row) => row.name);
  }

  /**
   * Creates the collection, or adds newly declared fields and indexes to it. Fills the columns of new fields from the
   * stored documents. Builds missing indexes if `build` is true or the indexes were built before.
   */
  create(name: string, indexes: readonly IndexSpec[], build: boolean): void {
    const before = this.find(name);
    const paths = declaredPaths(before?.paths ?? [], indexes);
    const allIndexes = before === undefined ? indexes : mergeIndexes(before.indexes, indexes);
    if (before === undefined) this.createTables(name, paths, allIndexes);
    else if (paths.length > before.paths.length || allIndexes.length > before.indexes.length)
      this.extend(before, paths, allIndexes);
    const collection = this.get(name);
    if (build || collection.built) this.buildIndexes(collection);
  }

  /** Builds the declared indexes that do not exist yet. From then on {@link create} builds new indexes at once. */
  buildIndexes(collection: Collection): void {
    const { table } = collection;
    collection.indexes.forEach((index, ordinal) => {
      const fields = Object.entries(index.fields).map(([path, direction]) => ({
        column: collection.field(path)?.column ?? 'id',
        direction,
      }));
      if (index.unique === true) {
        // MongoDB treats null and missing as equal; SQLite treats NULLs as different, so the index has x'' instead
        const values = fields.map(({ column }) => `ifnull(${column}, x'')`);
        this.createIndex(`${table}_u${String(ordinal)}`, table, values, true);
      }
      // the id is the last column, so that the index also supports paging by these fields
      if (!fields.some(({ column }) => column === 'id'))
        fields.push({ column: 'id', direction: fields.at(-1)?.direction ?? 1 });
      const columns = fields.map(({ column, direction }) => (direction === 1 ? column : `${column} DESC`));
      this.createIndex(indexName(table, ordinal), table, columns, false);
    });
    if (collection.built) return;
    this.statements
      .prepared('UPDATE collections SET built = 1, version = version + 1 WHERE number = ?')
      .run(collection.number);
  }

  /** Drops the collection and the checkpoint of the same name. */
  drop(name: string): void {
    const collection = this.find(name);
    if (collection === undefined) return;
    this.statements.clear();
    this.database.exec(`DROP TABLE ${collection.table}`);
    this.database.exec(`DROP TABLE ${collection.elements}`);
    this.statements.prepared('DELETE FROM collections WHERE number = ?').run(collection.number);
    this.statements.prepared('DELETE FROM checkpoints WHERE collection = ?').run(name);
  }

  /** Stores the bits of the fields that have ever held an array. */
  saveArrays(collection: Collection, arrays: number): void {
    if (arrays === collection.arrays) return;
    this.statements.prepared('UPDATE collections SET arrays = ? WHERE number = ?').run(arrays, collection.number);
  }

  private find(name: string): Collection | undefined {
    const row = this.statements
      .prepared<Definition>('SELECT number, version, arrays FROM collections WHERE name = ?')
      .get(name);
    if (row === undefined) return undefined;
    const cached = this.cache.get(name);
    const isSameVersion = cached?.collection.number === row.number && cached.version === row.version;
    if (isSameVersion && cached.collection.arrays === row.arrays) return cached.collection;
    const full = this.statements
      .prepared<FullDefinition>('SELECT paths, indexes, built FROM collections WHERE number = ?')
      .get(row.number);
    if (full === undefined) return undefined;
    const paths = JSON.parse(full.paths) as string[];
    const indexes = JSON.parse(full.indexes) as IndexSpec[];
    const collection = new Collection(row.number, name, paths, indexes, full.built === 1, row.arrays);
    this.cache.set(name, { version: row.version, collection });
    return collection;
  }

  private createTables(name: string, paths: readonly string[], indexes: readonly IndexSpec[]): void {
    this.statements
      .prepared('INSERT INTO collections (name, version, paths, indexes, built, arrays) VALUES (?, 1, ?, ?, 0, 0)')
      .run(name, JSON.stringify(paths), JSON.stringify(indexes));
    const { table, elements } = this.get(name);
    // a column without a type stores every value unchanged; the body is last, so that a scan need not read it
    const columns = paths.map((_, ordinal) => `${columnName(ordinal)}, `).join('');
    this.database.exec(
      `CREATE TABLE ${table} (id TEXT NOT NULL PRIMARY KEY, position TEXT NOT NULL, deleted INTEGER NOT NULL,
        present INTEGER NOT NULL, ${columns}body TEXT NOT NULL)`,
    );
    this.database.exec(
      `CREATE TABLE ${elements} (field INTEGER NOT NULL, value NOT NULL, sort NOT NULL, doc TEXT NOT NULL,
        PRIMARY KEY (field, value, sort, doc)) WITHOUT ROWID`,
    );
  }

  /** Adds fields and indexes to an existing collection. */
  private extend(before: Collection, paths: readonly string[], indexes: readonly IndexSpec[]): void {
    this.statements.clear();
    for (let ordinal = before.paths.length; ordinal < paths.length; ordinal += 1)
      this.database.exec(`ALTER TABLE ${before.table} ADD COLUMN ${columnName(ordinal)}`);
    this.statements
      .prepared('UPDATE collections SET paths = ?, indexes = ?, version = version + 1 WHERE number = ?')
      .run(JSON.stringify(paths), JSON.stringify(indexes), before.number);
    this.fillColumns(this.get(before.name));
  }

  /** Computes the columns of all declared fields and the rows of elements from the stored documents. */
  private fillColumns(collection: Collection): void {
    const { table, elements, paths } = collection;
    this.database.exec(`DELETE FROM ${elements}`);
    const page = this.database.prepare<{ id: string; body: string }>(
      `SELECT id, body FROM ${table} WHERE id > ? ORDER BY id LIMIT 500`,
    );
    const set = paths.map((_, ordinal) => `${columnName(ordinal)} = ?`).join(', ');
    const update = this.database.prepare(`UPDATE ${table} SET present = ?, ${set} WHERE id = ?`);
    let arrays = collection.arrays;
    for (let rows = page.all(''); rows.length > 0; rows = page.all(rows.at(-1)?.id ?? '')) {
      for (const { id, body } of rows) {
        const document = JSON.parse(body) as Document;
        const row = collection.rowOf(document);
        update.run(row.present, ...row.columns, id);
        insertElements(this.statements, collection, { document, columns: row.columns });
        arrays = combineMasks(arrays, row.arrays);
      }
    }
    this.saveArrays(collection, arrays);
  }

  private createIndex(name: string, table: string, columns: readonly string[], unique: boolean): void {
    this.database.exec(
      `CREATE ${unique ? 'UNIQUE ' : ''}INDEX IF NOT EXISTS ${name} ON ${table} (${columns.join(', ')}) WHERE deleted = 0`,
    );
  }
}

/**
 * The existing indexes and the newly declared ones, each once. An index that is no longer declared stays until its
 * collection is dropped.
 */
function mergeIndexes(existing: readonly IndexSpec[], declared: readonly IndexSpec[]): IndexSpec[] {
  const texts = new Set(existing.map((index) => JSON.stringify(index)));
  return [...existing, ...declared.filter((index) => !texts.has(JSON.stringify(index)))];
}
