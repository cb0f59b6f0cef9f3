import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { createPrivateFolder, PRIVATE_FILE_MODE } from './private-files.js';

/** The text of the file. If it does not exist yet, creates it with mode 0600 and the text of `create`, and flushes it to disk. */
export function readOrCreateSecret(file: string, create: () => string): string {
  const text = readIfPresent(file);
  if (text !== undefined) return text;
  createOnce(file, create());
  return readIfPresent(file) ?? '';
}

/** The text of the file; undefined if there is none. */
export function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const errorCode = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/** Creates the whole file or nothing. If another process has created it meanwhile, keeps that file. */
function createOnce(file: string, text: string): void {
  const folder = dirname(file);
  createPrivateFolder(folder);
  const temporaryFile = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = openSync(temporaryFile, 'wx', PRIVATE_FILE_MODE);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(temporaryFile, file);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(temporaryFile);
  }
  syncFolder(folder);
}

/** Flushes a folder to disk, so that a new file in it survives a power failure. Windows cannot flush folders. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
