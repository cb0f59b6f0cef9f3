import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../platform/sqlite.js';
import { EmbeddedReadModels } from './embedded-read-models.js';

/** `PRAGMA application_id` of a file of read models: "RDRM" in ASCII. */
const APPLICATION_ID = 0x5244524d;

const folder = mkdtempSync(join(tmpdir(), 'redress-formats-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test.each([
  ['an earlier version', 'CREATE TABLE aliases (name); CREATE TABLE checkpoints (id); PRAGMA user_version = 1'],
  [
    'a later version',
    `CREATE TABLE more (name); PRAGMA application_id = ${String(APPLICATION_ID)}; PRAGMA user_version = 99`,
  ],
])('opening a file with the tables of %s drops them and creates empty read models', async (version, tables) => {
  const file = join(folder, `${version}.db`);
  const database = openDatabase(file);
  database.exec(`CREATE TABLE collections (name); INSERT INTO collections VALUES ('a@1.1'); ${tables}`);
  database.close();
  const models = EmbeddedReadModels.open(file);
  expect(await models.listCollections()).toEqual([]);
  expect(await models.listModels()).toEqual([]);
  expect((await models.openSession()).epoch).toBe(1);
  await models.close();
});

test('opening a database of another application throws an error and does not change it', () => {
  const file = join(folder, 'other.db');
  const database = openDatabase(file);
  database.exec('CREATE TABLE events (position)');
  expect(() => EmbeddedReadModels.open(file)).toThrow('not of read models');
  expect(database.prepare('SELECT * FROM events').all()).toEqual([]);
  database.close();
});
