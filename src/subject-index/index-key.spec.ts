import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexKeyFile, IndexKeyInvalid, loadExistingIndexKey, loadIndexKey } from './index-key.js';

let folder: string;
let keys: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redress-keys-'));
  keys = join(folder, 'inner', 'keys');
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('the first call creates a key of 32 random bytes that only its owner can read, in a folder that only they can enter', () => {
  const { key, exposed } = loadIndexKey(keys);
  expect(key).toHaveLength(32);
  expect(exposed).toBe(false);
  expect(modeOf(indexKeyFile(keys))).toBe(0o600);
  expect(modeOf(keys)).toBe(0o700);
  expect(loadIndexKey(keys).key).toEqual(key);
  expect(loadExistingIndexKey(keys)).toEqual(key);
  expect(loadIndexKey(join(folder, 'other')).key).not.toEqual(key);
});

test('a key that is not there is not created by a reader', () => {
  expect(loadExistingIndexKey(keys)).toBeUndefined();
  expect(() => statSync(keys)).toThrow();
});

test('a file that other users can read is reported', () => {
  loadIndexKey(keys);
  chmodSync(indexKeyFile(keys), 0o644);
  expect(loadIndexKey(keys).exposed).toBe(true);
});

test('a file without a key is refused, and its text is not in the message', () => {
  loadIndexKey(keys);
  const text = readFileSync(indexKeyFile(keys), 'utf8').slice(0, 40);
  writeFileSync(indexKeyFile(keys), text);
  for (const load of [loadIndexKey, loadExistingIndexKey]) {
    expect(() => load(keys)).toThrow(IndexKeyInvalid);
    expect(() => load(keys)).toThrow(/subject-index\.key is not a key of 43 characters/);
    expect(() => load(keys)).not.toThrow(text);
  }
});
