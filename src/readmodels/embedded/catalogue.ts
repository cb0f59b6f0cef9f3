import type { SqliteDatabase } from '../../platform/sqlite.js';
import { UnknownCollection, type Document, type IndexSpec } from '../read-models.js';
import { Collection, columnName, declaredPaths, union } from './collection.js';
import type { Statements } from './statements.js';

interface Definition {
  readonly number: number;
  readonly version: number;
  readonly arrays: number;
}

interface FullDefinition {
  readonly paths: string;
  readonly indexes: string;
  readonly built: number;
}

/** The existing collections. A definition is cached until its version or its array bits change. */
export class Catalogue {
  private readonly known = new Map<string, { readonly version: number; readonly collection: Collection }>();

  constructor(
    private readonly database: SqliteDatabase,
    private readonly statements: Statements,
  ) {}

  /** The collection of that name in this transaction; throws {@link UnknownCollection}. */
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

  /** Creates what is missing: the collection, columns of newly declared fields (filled from the documents), indexes. */
  create(name: string, indexes: readonly IndexSpec[], build: boolean): void {
    const before = this.find(name);
    const paths = declaredPaths(before?.paths ?? [], indexes);
    const all = before === undefined ? indexes : merged(before.indexes, indexes);
    if (before === undefined) this.createTables(name, paths, all);
    else if (paths.length > before.paths.length || all.length > before.indexes.length) this.extend(before, paths, all);
    const collection = this.get(name);
    if (build || collection.built) this.build(collection);
  }

  /** Builds the missing indexes and maintains them from now on. */
  build(collection: Collection): void {
    const { table, elements } = collection;
    collection.indexes.forEach((index, place) => {
      const fields = Object.entries(index.fields).map(([path, direction]) => ({
        column: collection.field(path)?.column ?? 'id',
        direction,
      }));
      if (index.unique === true) {
        // for MongoDB null and missing are equal; SQLite never treats two NULLs as equal
        const values = fields.map(({ column }) => `ifnull(${column}, x'')`);
        this.index(`${table}_u${String(place)}`, table, values, true);
      }
      // ends in the id, so that it also supports paging by these fields
      if (!fields.some(({ column }) => column === 'id'))
        fields.push({ column: 'id', direction: fields.at(-1)?.direction ?? 1 });
      const columns = fields.map(({ column, direction }) => (direction === 1 ? column : `${column} DESC`));
      this.index(`${table}_i${String(place)}`, table, columns, false);
    });
    this.database.exec(`CREATE INDEX IF NOT EXISTS ${elements}_i ON ${elements} (field, value, doc)`);
    this.database.exec(`CREATE INDEX IF NOT EXISTS ${elements}_d ON ${elements} (doc, field, value)`);
    if (collection.built) return;
    this.statements
      .prepared('UPDATE collections SET built = 1, version = version + 1 WHERE number = ?')
      .run(collection.number);
  }

  /** Drops the collection and the checkpoint of the same name. */
  drop(name: string): void {
    const collection = this.find(name);
    if (collection === undefined) return;
    this.statements.forget();
    this.database.exec(`DROP TABLE ${collection.table}`);
    this.database.exec(`DROP TABLE ${collection.elements}`);
    this.statements.prepared('DELETE FROM collections WHERE number = ?').run(collection.number);
    this.statements.prepared('DELETE FROM checkpoints WHERE collection = ?').run(name);
  }

  /** Records that these fields have held arrays. */
  noteArrays(collection: Collection, arrays: number): void {
    if (arrays === collection.arrays) return;
    this.statements.prepared('UPDATE collections SET arrays = ? WHERE number = ?').run(arrays, collection.number);
  }

  private find(name: string): Collection | undefined {
    const row = this.statements
      .prepared<Definition>('SELECT number, version, arrays FROM collections WHERE name = ?')
      .get(name);
    if (row === undefined) return undefined;
    const known = this.known.get(name);
    const same = known?.collection.number === row.number && known.version === row.version;
    if (same && known.collection.arrays === row.arrays) return known.collection;
    const full = this.statements
      .prepared<FullDefinition>('SELECT paths, indexes, built FROM collections WHERE number = ?')
      .get(row.number);
    if (full === undefined) return undefined;
    const paths = JSON.parse(full.paths) as string[];
    const indexes = JSON.parse(full.indexes) as IndexSpec[];
    const collection = new Collection(row.number, name, paths, indexes, full.built === 1, row.arrays);
    this.known.set(name, { version: row.version, collection });
    return collection;
  }

  private createTables(name: string, paths: readonly string[], indexes: readonly IndexSpec[]): void {
    this.statements
      .prepared('INSERT INTO collections (name, version, paths, indexes, built, arrays) VALUES (?, 1, ?, ?, 0, 0)')
      .run(name, JSON.stringify(paths), JSON.stringify(indexes));
    const { table, elements } = this.get(name);
    // columns without a type keep every value as bound; the body is last, so that scans can skip it
    const columns = paths.map((_, ordinal) => `${columnName(ordinal)}, `).join('');
    this.database.exec(
      `CREATE TABLE ${table} (id TEXT NOT NULL PRIMARY KEY, position TEXT NOT NULL, deleted INTEGER NOT NULL,
        present INTEGER NOT NULL, ${columns}body TEXT NOT NULL)`,
    );
    this.database.exec(`CREATE TABLE ${elements} (doc TEXT NOT NULL, field INTEGER NOT NULL, value)`);
  }

  private extend(before: Collection, paths: readonly string[], indexes: readonly IndexSpec[]): void {
    this.statements.forget();
    for (let ordinal = before.paths.length; ordinal < paths.length; ordinal += 1)
      this.database.exec(`ALTER TABLE ${before.table} ADD COLUMN ${columnName(ordinal)}`);
    this.statements
      .prepared('UPDATE collections SET paths = ?, indexes = ?, version = version + 1 WHERE number = ?')
      .run(JSON.stringify(paths), JSON.stringify(indexes), before.number);
    if (paths.length > before.paths.length) this.extractAgain(this.get(before.name));
  }

  private extractAgain(collection: Collection): void {
    const { table, elements, paths } = collection;
    this.database.exec(`DELETE FROM ${elements}`);
    const page = this.database.prepare<{ id: string; body: string }>(
      `SELECT id, body FROM ${table} WHERE id > ? ORDER BY id LIMIT 500`,
    );
    const set = paths.map((_, ordinal) => `${columnName(ordinal)} = ?`).join(', ');
    const update = this.database.prepare(`UPDATE ${table} SET present = ?, ${set} WHERE id = ?`);
    const insert = this.database.prepare(`INSERT INTO ${elements} (doc, field, value) VALUES (?, ?, ?)`);
    let arrays = collection.arrays;
    for (let rows = page.all(''); rows.length > 0; rows = page.all(rows.at(-1)?.id ?? '')) {
      for (const { id, body } of rows) {
        const row = collection.row(JSON.parse(body) as Document);
        update.run(row.present, ...row.columns, id);
        for (const [ordinal, value] of row.elements) insert.run(id, ordinal, value);
        arrays = union(arrays, row.arrays);
      }
    }
    this.noteArrays(collection, arrays);
  }

  private index(name: string, table: string, columns: readonly string[], unique: boolean): void {
    this.database.exec(
      `CREATE ${unique ? 'UNIQUE ' : ''}INDEX IF NOT EXISTS ${name} ON ${table} (${columns.join(', ')}) WHERE deleted = 0`,
    );
  }
}

/** The indexes of both, each once: an index that is no longer declared stays until its collection is dropped. */
function merged(known: readonly IndexSpec[], declared: readonly IndexSpec[]): IndexSpec[] {
  const seen = new Set(known.map((index) => JSON.stringify(index)));
  return [...known, ...declared.filter((index) => !seen.has(JSON.stringify(index)))];
}
