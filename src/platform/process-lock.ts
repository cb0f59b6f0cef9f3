import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

import { openDatabase, sqliteCode, type SqliteDatabase } from './sqlite.js';

/** The holder of a lock, as it described itself when it acquired the lock. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** UTC RFC 3339. */
  readonly startedAt: string;
  /** The address where the owner serves requests, once known. */
  readonly url?: string;
}

/** Another process (or another part of this one) owns the store; the message names it. */
export class StoreOwned extends Error {
  override readonly name = 'StoreOwned';
  constructor(
    readonly file: string,
    readonly owner: LockOwner | undefined,
  ) {
    super(`${file} is in use by ${owner === undefined ? 'another process' : described(owner)}`);
  }
}

/**
 * A lock that the operating system releases with the process: after any exit, the next process can acquire it at once.
 */
export interface ProcessLock {
  /** Publishes the address of the owner for processes that find the store locked. */
  announce(url: string): void;
  /** Releases the lock; may be called again. */
  release(): void;
}

/**
 * Acquires the lock on `file` or throws {@link StoreOwned}; never waits. The lock is a small SQLite database
 * `<file>.lock` held in an exclusive transaction, so the operating system releases it with the process; `<file>.owner`
 * names the owner. Do not open `<file>.lock` elsewhere in this process: closing it would release the lock (POSIX).
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
  held.add(database);
  const owner: LockOwner = { pid: process.pid, host: hostname(), startedAt };
  writeOwner(file, owner);
  return {
    announce: (url) => {
      writeOwner(file, { ...owner, url });
    },
    release: () => {
      if (!held.delete(database)) return;
      rmSync(`${file}.owner`, { force: true });
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

/** Keeps held locks reachable: garbage collection of a handle would release its lock. */
const held = new Set<SqliteDatabase>();

/** What the last owner of the lock wrote; that process may have ended. */
export function ownerOf(file: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(`${file}.owner`, 'utf8')) as LockOwner;
  } catch {
    return undefined; // not written yet, or removed: the lock alone decides
  }
}

function writeOwner(file: string, owner: LockOwner): void {
  const draft = `${file}.owner.${String(process.pid)}`;
  writeFileSync(draft, `${JSON.stringify(owner)}\n`);
  renameSync(draft, `${file}.owner`);
}

function described(owner: LockOwner): string {
  const at = owner.url === undefined ? '' : ` at ${owner.url}`;
  return `process ${String(owner.pid)} on ${owner.host}${at}, since ${owner.startedAt}`;
}
