import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseCorrupt, IN_MEMORY, openDatabase, sqliteCode, type SqlValue } from './sqlite.js';

describe('a SQLite database', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redress-sqlite-'));
    file = join(folder, 'odd name?#%41.db'); // characters with a meaning in a URI
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('is opened with a write-ahead log, a busy timeout, and the requested durability', () => {
    const NORMAL = 1;
    const FULL = 2;
    const database = openDatabase(file, { synchronous: 'FULL' });
    expect(database.pragma('journal_mode')).toBe('wal');
    expect(database.pragma('busy_timeout')).toBe(5000);
    expect(database.pragma('synchronous')).toBe(FULL);
    expect(openDatabase(file).pragma('synchronous')).toBe(NORMAL);
  });

  test('in memory has no file', () => {
    const database = openDatabase(IN_MEMORY, { journal: 'delete' });
    database.exec('CREATE TABLE t (a INTEGER)');
    database.close();
    expect(existsSync(IN_MEMORY)).toBe(false);
  });

  test('returns rows as objects or arrays of their columns, without properties that the driver adds', () => {
    const database = openDatabase(file);
    database.exec("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, NULL)");
    expect(database.prepare('SELECT * FROM t WHERE a = ?').get(1)).toStrictEqual({ a: 1, b: 'x' });
    expect(database.prepare('SELECT * FROM t').all()).toStrictEqual([
      { a: 1, b: 'x' },
      { a: 2, b: null },
    ]);
    expect([...database.prepareRaw('SELECT * FROM t').iterate()]).toStrictEqual([
      [1, 'x'],
      [2, null],
    ]);
    expect(database.prepare('SELECT * FROM t WHERE a = 3').get()).toBeUndefined();
    expect(database.prepare('INSERT INTO t VALUES (?, ?)').run(null, null)).toMatchObject({ changes: 1 });
  });

  test('that is opened read-only must exist, returns committed data and rejects writes', () => {
    expect(() => openDatabase(file, { readonly: true })).toThrow(/does it exist/);
    const writer = openDatabase(file);
    writer.exec('CREATE TABLE t (a INTEGER)');
    const reader = openDatabase(file, { readonly: true });
    const count = reader.prepareRaw('SELECT count(*) FROM t');
    writer.exec('INSERT INTO t VALUES (1)');
    expect(count.get()).toEqual([1]);
    expect(() => reader.exec('INSERT INTO t VALUES (2)')).toThrow(/readonly/);
  });

  test('rolls back a transaction that fails, and remains usable', () => {
    const database = openDatabase(file);
    database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY)');
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    const failingTransaction = () =>
      database.transaction(() => {
        insert.run(1);
        insert.run(1);
      });
    expect(failingTransaction).toThrow(/UNIQUE/);
    expect(database.inTransaction).toBe(false);
    database.transaction(() => insert.run(1));
    expect(database.prepareRaw('SELECT a FROM t').all()).toEqual([[1]]);
  });

  test('throws errors whose SQLite code sqliteCode returns', () => {
    const database = openDatabase(file);
    database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)');
    let caught: unknown;
    try {
      database.prepare('INSERT INTO t VALUES (?)').run(1);
    } catch (error) {
      caught = error;
    }
    expect(sqliteCode(caught)).toBe('SQLITE_CONSTRAINT_PRIMARYKEY');
    expect(sqliteCode(new Error('x'))).toBeUndefined();
  });

  test.each([[true], [undefined]])(
    'rejects the value %s, which the driver would bind as NULL or which would end the process',
    (value) => {
      const statement = openDatabase(file).prepare('SELECT ?');
      expect(() => statement.get(value as unknown as SqlValue)).toThrow(TypeError);
    },
  );

  test('that is closed throws an error at each use, and may be closed again', () => {
    const database = openDatabase(file);
    const statement = database.prepare('SELECT 1');
    database.close();
    database.close();
    for (const use of [() => database.exec('SELECT 1'), () => database.prepare('SELECT 1'), () => statement.get()])
      expect(use).toThrow(/is closed/);
    expect(database.inTransaction).toBe(false);
  });

  test('is rejected with the name of its file if the file is not a database', () => {
    writeFileSync(file, 'a letter, not a database; long enough that SQLite reads a header'.repeat(20));
    expect(() => openDatabase(file)).toThrow(DatabaseCorrupt);
    expect(() => openDatabase(file, { readonly: true })).toThrow(file);
  });

  test('whose last page is not complete is rejected with the size of its file', () => {
    const database = openDatabase(file);
    database.exec('CREATE TABLE notes (text)');
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();
    truncateSync(file, 8191); // of two pages of 4096 bytes
    for (const readonly of [true, false]) {
      expect(() => openDatabase(file, { readonly })).toThrow(DatabaseCorrupt);
      expect(() => openDatabase(file, { readonly })).toThrow('it ends after 8191 of 8192 bytes');
    }
  });
});
