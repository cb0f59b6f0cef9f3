import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../platform/sqlite.js';
import { EmbeddedReadModels } from './embedded-read-models.js';

const folder = mkdtempSync(join(tmpdir(), 'redress-formats-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test.each([
  ['an earlier version', 'CREATE TABLE aliases (name); CREATE TABLE checkpoints (id); PRAGMA user_version = 1'],
  ['a later version', 'CREATE TABLE more (name); PRAGMA application_id = 1380209229; PRAGMA user_version = 99'],
])('read models of %s are dropped', async (version, tables) => {
  const other = join(folder, `${version}.db`);
  const database = openDatabase(other);
  database.exec(`CREATE TABLE collections (name); INSERT INTO collections VALUES ('a@1.1'); ${tables}`);
  database.close();
  const opened = EmbeddedReadModels.open(other);
  expect(await opened.listCollections()).toEqual([]);
  expect(await opened.listModels()).toEqual([]);
  expect((await opened.openSession()).epoch).toBe(1);
  await opened.close();
});

test('a database of another application is not changed', () => {
  const other = join(folder, 'other.db');
  const database = openDatabase(other);
  database.exec('CREATE TABLE events (position)');
  expect(() => EmbeddedReadModels.open(other)).toThrow('not of read models');
  expect(database.prepare('SELECT * FROM events').all()).toEqual([]);
  database.close();
});
