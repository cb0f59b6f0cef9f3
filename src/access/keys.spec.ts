import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { keysFile, KeysInvalid, loadKeys } from './keys.js';

interface File {
  installation: { digestKey: string };
  credentials: { name: string; role: string; actor: object; key: string }[];
}

describe('the keys of an installation', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'redress-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const change = (edit: (file: File) => void) => {
    const file = JSON.parse(readFileSync(keysFile(folder), 'utf8')) as File;
    edit(file);
    writeFileSync(keysFile(folder), JSON.stringify(file));
  };
  const problem = (): string => {
    try {
      loadKeys(folder);
    } catch (error) {
      if (error instanceof KeysInvalid) return error.message;
      throw error;
    }
    return '';
  };

  test('are created at the first start, one per role, readable only by the owner of the file', () => {
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

  test('do not change at the next start', () => {
    expect(loadKeys(folder)).toEqual(loadKeys(folder));
  });

  test('identify the actor and their role', () => {
    const keys = loadKeys(folder);
    expect(keys.caller(keys.ofRole('upstream')?.key ?? '')).toEqual({
      name: 'upstream',
      actor: { type: 'upstream', id: 'upstream-1', role: 'upstream' },
    });
    expect(keys.caller('')).toBeUndefined();
    expect(keys.caller(`${keys.ofRole('handler')?.key ?? ''}A`)).toBeUndefined();
  });

  test('include credentials that an operator added', () => {
    loadKeys(folder);
    const key = 'k'.repeat(43);
    change((file) => {
      file.credentials.push({
        name: 'desk-2',
        role: 'handler',
        actor: { type: 'person', id: 'li', orgUnit: 'care', shift: 'late' },
        key,
      });
    });
    expect(loadKeys(folder).caller(key)).toEqual({
      name: 'desk-2',
      actor: { type: 'person', id: 'li', role: 'handler', orgUnit: 'care', shift: 'late' },
    });
  });

  test('report a file that other users can read', () => {
    expect(loadKeys(folder).exposed).toBe(false);
    chmodSync(keysFile(folder), 0o644);
    expect(loadKeys(folder).exposed).toBe(true);
  });

  test.each<[string, (file: File) => void, RegExp]>([
    ['a key is short', (file) => (file.credentials[0] = { ...at(file, 0), key: 'secret' }), /credentials\/0\/key/],
    [
      'a role is unknown',
      (file) => (file.credentials[1] = { ...at(file, 1), role: 'boss' }),
      /credentials\/1\/role must be one of/,
    ],
    [
      'a name occurs twice',
      (file) => (file.credentials[1] = { ...at(file, 1), name: at(file, 0).name }),
      /credentials\/1\/name is that of credentials\/0/,
    ],
    [
      'a key occurs twice',
      (file) => (file.credentials[1] = { ...at(file, 1), key: at(file, 0).key }),
      /credentials\/1\/key is that of credentials\/0/,
    ],
    [
      'there is no digest key',
      (file) => Reflect.deleteProperty(file.installation, 'digestKey'),
      /installation\/digestKey is missing/,
    ],
  ])('are refused if %s, and the message contains no key', (_what, edit, message) => {
    const keys = loadKeys(folder);
    change(edit);
    expect(problem()).toMatch(message);
    expect(problem()).toContain(keysFile(folder));
    for (const { key } of keys.credentials) expect(problem()).not.toContain(key);
    expect(problem()).not.toContain('secret');
  });

  test('are refused if the file is not JSON', () => {
    writeFileSync(keysFile(folder), '{');
    expect(problem()).toMatch(/is not JSON/);
  });
});

function at(file: File, index: number): File['credentials'][number] {
  const credential = file.credentials[index];
  if (credential === undefined) throw new Error('no such credential');
  return credential;
}
