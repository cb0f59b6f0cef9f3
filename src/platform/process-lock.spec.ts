import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerOf, StoreOwned, takeLock } from './process-lock.js';

describe('the process lock', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redress-lock-'));
    file = join(folder, 'events.db');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('has one owner at a time, whom the error for a second owner names', () => {
    const lock = takeLock(file, '2026-03-02T01:30:00.000Z');
    expect(() => takeLock(file, '2026-03-02T01:31:00.000Z')).toThrow(StoreOwned);
    lock.announce('http://127.0.0.1:3000');
    expect(() => takeLock(file, '2026-03-02T01:31:00.000Z')).toThrow(
      `${file} is in use by process ${String(process.pid)} on ${ownerOf(file)?.host ?? ''} at http://127.0.0.1:3000, ` +
        'since 2026-03-02T01:30:00.000Z',
    );
    lock.release();
  });

  test('can be acquired after its release; a second release by the old owner has no effect', () => {
    const first = takeLock(file, '2026-03-02T01:30:00.000Z');
    first.release();
    const second = takeLock(file, '2026-03-02T01:31:00.000Z');
    first.release();
    expect(() => takeLock(file, '2026-03-02T01:32:00.000Z')).toThrow(StoreOwned);
    expect(ownerOf(file)?.startedAt).toBe('2026-03-02T01:31:00.000Z');
    second.release();
    expect(ownerOf(file)).toBeUndefined();
  });

  test('of one file does not block another file', () => {
    const lock = takeLock(file, '2026-03-02T01:30:00.000Z');
    const otherLock = takeLock(join(folder, 'views.db'), '2026-03-02T01:30:00.000Z');
    lock.release();
    otherLock.release();
  });
});
