import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { keysFile, KeysInvalid, loadKeys } from './keys.js';

interface StoredKeys {
  installation: { digestKey: string };
  credentials: { name: string; role: string; actor: object; key: string }[];
}

describe('the keys of an installation', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'redress-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const editFile = (edit: (file: StoredKeys) => void) => {
    const file = JSON.parse(readFileSync(keysFile(folder), 'utf8')) as StoredKeys;
    edit(file);
    writeFileSync(keysFile(folder), JSON.stringify(file));
  };
  /** The message of KeysInvalid; empty if the file is valid. */
  const loadError = (): string => {
    try {
      loadKeys(folder);
    } catch (error) {
      if (error instanceof KeysInvalid) return error.message;
      throw error;
    }
    return '';
  };

  test('are created at the first start, one for each initial role, in a file that only its owner can read', () => {
    const keys = loadKeys(folder);
    expect(keys.credentials.map(({ role }) => role)).toEqual([
      'intake_officer',
      'handler',
      'supervisor',
      'reviewer',
      'auditor',
      'analyst',
      'upstream',
    ]);
    expect(new Set(keys.credentials.map(({ key }) => key)).size).toBe(7);
    expect(keys.digestKey).toHaveLength(32);
    expect(statSync(keysFile(folder)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['keys.json']);
  });

  test('stay the same at the next start', () => {
    expect(loadKeys(folder)).toEqual(loadKeys(folder));
  });

  test('identify the actor and the role of a caller; an unknown key identifies nobody', () => {
    const keys = loadKeys(folder);
    expect(keys.findCaller(keys.ofRole('upstream')?.key ?? '')).toEqual({
      name: 'upstream',
      actor: { type: 'upstream', id: 'upstream-1', role: 'upstream' },
    });
    expect(keys.findCaller('')).toBeUndefined();
    expect(keys.findCaller(`${keys.ofRole('handler')?.key ?? ''}A`)).toBeUndefined();
  });

  test('include a credential that an operator added to the file', () => {
    loadKeys(folder);
    const key = 'k'.repeat(43);
    editFile((file) => {
      file.credentials.push({
        name: 'desk-2',
        role: 'handler',
        actor: { type: 'person', id: 'li', orgUnit: 'care', shift: 'late' },
        key,
      });
    });
    expect(loadKeys(folder).findCaller(key)).toEqual({
      name: 'desk-2',
      actor: { type: 'person', id: 'li', role: 'handler', orgUnit: 'care', shift: 'late' },
    });
  });

  test('are marked as exposed if other users can read the file', () => {
    expect(loadKeys(folder).exposed).toBe(false);
    chmodSync(keysFile(folder), 0o644);
    expect(loadKeys(folder).exposed).toBe(true);
  });

  test.each<[string, (file: StoredKeys) => void, RegExp]>([
    [
      'a key is short',
      (file) => (file.credentials[0] = { ...credentialAt(file, 0), key: 'secret' }),
      /credentials\/0\/key/,
    ],
    [
      'a role is unknown',
      (file) => (file.credentials[1] = { ...credentialAt(file, 1), role: 'boss' }),
      /credentials\/1\/role must be one of/,
    ],
    [
      'a name occurs twice',
      (file) => (file.credentials[1] = { ...credentialAt(file, 1), name: credentialAt(file, 0).name }),
      /credentials\/1\/name is the same as credentials\/0\/name/,
    ],
    [
      'a key occurs twice',
      (file) => (file.credentials[1] = { ...credentialAt(file, 1), key: credentialAt(file, 0).key }),
      /credentials\/1\/key is the same as credentials\/0\/key/,
    ],
    [
      'there is no digest key',
      (file) => Reflect.deleteProperty(file.installation, 'digestKey'),
      /installation\/digestKey is missing/,
    ],
  ])('are rejected if %s, and the message contains no key', (_condition, edit, message) => {
    const keys = loadKeys(folder);
    editFile(edit);
    expect(loadError()).toMatch(message);
    expect(loadError()).toContain(keysFile(folder));
    for (const { key } of keys.credentials) expect(loadError()).not.toContain(key);
    expect(loadError()).not.toContain('secret');
  });

  test('are rejected if the file is not JSON', () => {
    writeFileSync(keysFile(folder), '{');
    expect(loadError()).toMatch(/is not JSON/);
  });

  test('are rejected if an object has a member twice, and the message contains no key', () => {
    const { credentials } = loadKeys(folder);
    const stored = readFileSync(keysFile(folder), 'utf8');
    writeFileSync(keysFile(folder), stored.replace('"name":', '"name": "other", "name":'));
    expect(loadError()).toMatch(/cannot be used:\n {2}credentials\/0\/name is given more than once/);
    for (const { key } of credentials) expect(loadError()).not.toContain(key);
  });
});

function credentialAt(file: StoredKeys, index: number): StoredKeys['credentials'][number] {
  const credential = file.credentials[index];
  if (credential === undefined) throw new Error('no such credential');
  return credential;
}
