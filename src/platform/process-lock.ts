import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

import { PRIVATE_FILE_MODE } from './private-files.js';
import { openDatabase, sqliteCode, type SqliteDatabase } from './sqlite.js';

/** The process that owns a lock, as it describes itself. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** When the owner acquired the lock (UTC RFC 3339). */
  readonly startedAt: string;
  /** The URL at which the owner serves requests; absent until `announce`. */
  readonly url?: string;
}

/** Another process, or another part of this one, owns the lock of the file. The message names the owner. */
export class StoreOwned extends Error {
  override readonly name = 'StoreOwned';
  constructor(
    readonly file: string,
    readonly owner: LockOwner | undefined,
  ) {
    super(`${file} is in use by ${owner === undefined ? 'another process' : ownerText(owner)}`);
  }
}

/**
 * A lock that the operating system releases when the process ends, however it ends. Then another process can acquire
 * it.
 */
export interface ProcessLock {
  /** Publishes the URL of the owner to processes that find the file locked. */
  announce(url: string): void;
  /** Releases the lock. Further calls have no effect. */
  release(): void;
}

/**
 * Acquires the lock of `file` without waiting. The lock is an exclusive transaction on a small SQLite database,
 * `<file>.lock`; the file `<file>.owner` describes the owner. Do not open `<file>.lock` elsewhere in this process,
 * because closing it would release the lock (POSIX).
 * @throws StoreOwned
 */
export function takeLock(file: string, startedAt: string): ProcessLock {
  const database = openDatabase(`${file}.lock`, { journal: 'delete', busyTimeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY') === true) throw new StoreOwned(file, ownerOf(file));
    throw error;
  }
  heldLocks.add(database);
  const owner: LockOwner = { pid: process.pid, host: hostname(), startedAt };
  writeOwner(file, owner);
  return {
    announce: (url) => {
      writeOwner(file, { ...owner, url });
    },
    release: () => {
      if (!heldLocks.delete(database)) return;
      rmSync(`${file}.owner`, { force: true });
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

/**
 * Keeps the databases of acquired locks reachable, because garbage collection would close them and release the locks.
 */
const heldLocks = new Set<SqliteDatabase>();

/** The owner that last acquired the lock; that process may have ended. Undefined if the lock was released. */
export function ownerOf(file: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(`${file}.owner`, 'utf8')) as LockOwner;
  } catch {
    return undefined; // the owner has not written the file yet, or has removed it
  }
}

function writeOwner(file: string, owner: LockOwner): void {
  const temporaryFile = `${file}.owner.${String(process.pid)}`;
  writeFileSync(temporaryFile, `${JSON.stringify(owner)}\n`, { mode: PRIVATE_FILE_MODE });
  renameSync(temporaryFile, `${file}.owner`);
}

function ownerText(owner: LockOwner): string {
  const at = owner.url === undefined ? '' : ` at ${owner.url}`;
  return `process ${String(owner.pid)} on ${owner.host}${at}, since ${owner.startedAt}`;
}
