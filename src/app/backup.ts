import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { keysFile, loadKeys } from '../access/keys.js';
import { verifyStore, type Verification } from '../audit/verify.js';
import { copySqliteStore } from '../eventstore/sqlite/copy.js';
import { systemClock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import { createPrivateFolder, makePrivate, PRIVATE_FILE_MODE } from '../platform/private-files.js';
import { takeLock } from '../platform/process-lock.js';
import { openLogSource } from './engines.js';

/** The content of backup.json. This file of a backup is written last, so that only a complete backup has it. */
export interface BackupRecord {
  readonly format: 1;
  /** UTC RFC 3339. */
  readonly createdAt: string;
  readonly events: number;
  readonly streams: number;
  /** Position of the last event; null if there is none. */
  readonly head: string | null;
}

/** The backup or the restore is not possible; the message says why, and nothing was changed. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}

/** Paths of the files that are copied. The read models are not: they are built from the events. */
const filesIn = (folder: string) => ({
  events: join(folder, 'events.db'),
  keys: keysFile(folder),
  record: join(folder, 'backup.json'),
});

/**
 * Copies the events and the keys of an embedded store to an empty folder, and verifies the copy. A service may run
 * meanwhile: the copy has all events that were recorded up to one moment.
 * @throws BackupRefused, KeysMissing, KeysInvalid, DatabaseUnopened, DatabaseCorrupt
 */
export async function createBackup(configuration: Configuration, folder: string): Promise<BackupRecord> {
  const source = embeddedStore(configuration);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new BackupRefused(`${folder} is not empty; use a new folder for each backup`);
  if (!existsSync(source)) throw new BackupRefused(`there is no store at ${source}; nothing was copied`);
  loadKeys(configuration.data, { create: false });
  createPrivateFolder(folder);
  const files = filesIn(folder);
  try {
    copySqliteStore(source, files.events);
    copyFileSync(keysFile(configuration.data), files.keys);
    makePrivate(files.keys);
    const { events, streams, head } = await verified(files.events);
    const record: BackupRecord = { format: 1, createdAt: systemClock.now(), events, streams, head };
    for (const path of [files.events, files.keys]) syncToDisk(path);
    writeFileSync(files.record, `${JSON.stringify(record)}\n`, { mode: PRIVATE_FILE_MODE });
    for (const path of [files.record, folder]) syncToDisk(path);
    return record;
  } catch (error) {
    for (const path of Object.values(files)) rmSync(path, { force: true });
    throw error;
  }
}

/** A restored store. */
export interface Restored extends BackupRecord {
  /** Paths of the earlier files, which were renamed and not removed. */
  readonly replaced: readonly string[];
}

/**
 * Replaces the store of a data folder by that of a backup, after the copy was verified. The read models are set aside with
 * the earlier store; the service builds them from the events when it starts.
 * @param replace whether an existing store may be set aside
 * @throws BackupRefused, StoreOwned if a service is running
 */
export async function restoreBackup(configuration: Configuration, folder: string, replace: boolean): Promise<Restored> {
  const target = embeddedStore(configuration);
  const backup = filesIn(folder);
  const record = recordOf(backup.record, folder);
  loadKeys(folder, { create: false });
  createPrivateFolder(configuration.data);
  createPrivateFolder(dirname(target));
  const lock = takeLock(target, systemClock.now());
  const copies = { events: `${target}.restoring`, keys: `${keysFile(configuration.data)}.restoring` };
  try {
    const earlier = earlierFiles(configuration, target);
    if (earlier.length > 0 && !replace)
      throw new BackupRefused(
        `${configuration.data} already has ${earlier.map(([path]) => path).join(', ')}; with --replace they are renamed`,
      );
    for (const path of Object.values(copies)) rmSync(path, { force: true });
    copySqliteStore(backup.events, copies.events);
    copyFileSync(backup.keys, copies.keys);
    makePrivate(copies.keys);
    const { events, head } = await verified(copies.events);
    if (events !== record.events || head !== record.head)
      throw new BackupRefused(
        `${backup.events} has ${String(events)} events, but its backup.json says ${String(record.events)}`,
      );
    for (const path of Object.values(copies)) syncToDisk(path);
    for (const [path, newPath] of earlier) renameSync(path, newPath);
    renameSync(copies.keys, keysFile(configuration.data));
    renameSync(copies.events, target);
    for (const path of new Set([configuration.data, dirname(target)])) syncToDisk(path);
    return { ...record, replaced: earlier.map(([, newPath]) => newPath) };
  } catch (error) {
    for (const path of Object.values(copies)) rmSync(path, { force: true });
    throw error;
  } finally {
    lock.release();
  }
}

/** Path of the embedded event store. @throws BackupRefused for a server */
function embeddedStore({ eventStore }: Configuration): string {
  if (eventStore.engine === 'sqlite') return eventStore.path;
  throw new BackupRefused('the events are on a server: back them up with its own tools, and copy keys.json');
}

function recordOf(path: string, folder: string): BackupRecord {
  let record: Partial<BackupRecord>;
  try {
    record = JSON.parse(readFileSync(path, 'utf8')) as Partial<BackupRecord>;
  } catch {
    throw new BackupRefused(`${folder} has no readable backup.json, so it is no complete backup`);
  }
  if (record.format !== 1) throw new BackupRefused(`${path} has a format that this version does not know`);
  return record as BackupRecord;
}

/** The existing files of the stores and the keys, each with the name that it gets when it is set aside. */
function earlierFiles(
  { data, readModels, subjects }: Configuration,
  events: string,
): (readonly [path: string, newPath: string])[] {
  const suffix = `.replaced-${systemClock.now().replaceAll(/[-:]|\.\d+/g, '')}`;
  const derived = [readModels, subjects].flatMap((store) => (store.engine === 'embedded' ? [store.path] : []));
  const databases = [events, ...derived];
  // `-wal` and `-shm` stay at the end, so that SQLite finds them beside the renamed database
  const names = databases.flatMap((path) =>
    ['', '-wal', '-shm'].map((end) => [path + end, path + suffix + end] as const),
  );
  return [...names, [keysFile(data), keysFile(data) + suffix] as const].filter(([path]) => existsSync(path));
}

/** @throws BackupRefused if the copy is not sound */
async function verified(path: string): Promise<Verification> {
  const source = await openLogSource({ eventStore: { engine: 'sqlite', path } });
  try {
    for await (const step of verifyStore(source)) {
      if (step.kind !== 'result') continue;
      if (step.ok) return step;
      throw new BackupRefused(
        `the copied events are not sound: ${step.firstError?.what ?? 'unknown'}; nothing was kept. Run \`redress verify\``,
      );
    }
  } finally {
    source.close();
  }
  throw new Error('verification ended without a result');
}

/** Flushes a file or a folder to disk. Windows cannot flush folders. */
function syncToDisk(path: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
