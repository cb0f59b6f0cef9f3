import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

import { openDatabase, sqliteCode, type SqliteDatabase } from './sqlite.js';

/** Who holds a lock, as it said itself when it took it. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** UTC RFC 3339. */
  readonly startedAt: string;
  /** Where the owner answers requests, once it knows. */
  readonly url?: string;
}

/** Another process (or another part of this one) owns the store; the message says which. */
export class StoreOwned extends Error {
  override readonly name = 'StoreOwned';
  constructor(
    readonly file: string,
    readonly owner: LockOwner | undefined,
  ) {
    super(`${file} is in use by ${owner === undefined ? 'another process' : described(owner)}`);
  }
}

/** A lock that dies with the process: however it ends, the next one can take it at once. */
export interface ProcessLock {
  /** Tells those who meet the lock where its owner answers. */
  announce(url: string): void;
  /** Gives the lock back; may be called again. */
  release(): void;
}

/**
 * Takes the lock on `file` or throws {@link StoreOwned}; never waits. The lock is a small SQLite database `<file>.lock`
 * held in an exclusive transaction, so the operating system frees it with the process; `<file>.owner` says who has it.
 * `<file>.lock` must not be opened by other means in this process: closing it would free the lock (POSIX).
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

/** Handles of the locks that are held: one that nobody refers to would be collected, and its lock would go. */
const held = new Set<SqliteDatabase>();

/** What the last owner of the lock said of itself; it may be gone. */
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
