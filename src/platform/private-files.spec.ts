import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivateFile, createPrivateFolder, isExposed, makePrivate } from './private-files.js';

describe('private files', () => {
  let folder: string;
  let umask: number;
  beforeEach(() => {
    umask = process.umask(0);
    folder = mkdtempSync(join(tmpdir(), 'redress-private-'));
  });
  afterEach(() => {
    process.umask(umask);
    rmSync(folder, { recursive: true });
  });
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  test('are created with mode 0600, and folders with mode 0700', () => {
    createPrivateFolder(join(folder, 'a', 'b'));
    createPrivateFile(join(folder, 'a', 'b', 'file'));
    expect(['a', 'a/b', 'a/b/file'].map((name) => modeOf(join(folder, name)))).toEqual(['700', '700', '600']);
  });

  test('get mode 0600 if other users could use them', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'text');
    chmodSync(path, 0o604);
    expect(isExposed(path)).toBe(true);
    makePrivate(path);
    expect([isExposed(path), modeOf(path)]).toEqual([false, '600']);
    makePrivate(join(folder, 'missing'));
  });

  test('are regular files: a pipe or a device keeps its mode', () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', ['-m', '666', path]);
    makePrivate(path);
    expect(modeOf(path)).toBe('666');
  });
});
