import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';

/*
 * Files with personal data or keys belong to the user of the service alone: folders have mode 0700, files 0600. Windows has
 * no such modes; there the access rights of the folder apply.
 */

export const PRIVATE_FILE_MODE = 0o600;
export const PRIVATE_FOLDER_MODE = 0o700;

/** The rights of the group and of all other users. */
const OTHERS = 0o077;

/** Creates the folder and its missing parents with mode 0700. An existing folder keeps its mode. */
export function createPrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER_MODE });
}

/** Whether users other than the owner can use the file or folder; false if it does not exist. Devices count as exposed. */
export function isExposed(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return process.platform !== 'win32' && stats !== undefined && (stats.mode & OTHERS) !== 0;
}

/**
 * Creates the file, if it is missing, with mode 0600. Does not open an existing file, because closing it would release the
 * locks of SQLite on it (POSIX). Ignores errors: whoever opens the file reports them.
 */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', PRIVATE_FILE_MODE));
  } catch {
    // the file exists or cannot be created
  }
}

/**
 * Sets mode 0600 if other users can use the file. Ignores devices, such as /dev/null, and a file of another user, whose mode
 * only its owner can set.
 */
export function makePrivate(path: string): void {
  if (!isExposed(path) || !statSync(path).isFile()) return;
  try {
    chmodSync(path, PRIVATE_FILE_MODE);
  } catch {
    // the file belongs to another user
  }
}
