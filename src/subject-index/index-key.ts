import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isExposed } from '../platform/private-files.js';
import { readIfPresent, readOrCreateSecret } from '../platform/secret-file.js';

/** The secret key of the hashes in the index of personal values. */
export interface IndexKey {
  /** 32 bytes. */
  readonly key: Buffer;
  /** True if users other than the owner can read the file. */
  readonly exposed: boolean;
}

/** The file has no key. The message names the file. */
export class IndexKeyInvalid extends Error {
  override readonly name = 'IndexKeyInvalid';
  constructor(file: string) {
    super(
      `${file} is not a key of 43 characters: restore it, or delete it; the index is then built anew with a new key`,
    );
  }
}

/** There is no key yet, so that there is no index either. */
export class MissingIndexKey extends Error {
  override readonly name = 'MissingIndexKey';
  constructor(folder: string) {
    super(`there is no ${indexKeyFile(folder)}; start the service once, or set REDRESS_KEYS to its folder of keys`);
  }
}

/** Path of the key in the folder of keys. */
export const indexKeyFile = (folder: string): string => join(folder, 'subject-index.key');

/**
 * Loads the key of the folder of keys. If there is none, creates one with mode 0600: an index with another key is then
 * built anew.
 * @throws IndexKeyInvalid
 */
export function loadIndexKey(folder: string): IndexKey {
  const file = indexKeyFile(folder);
  const text = readOrCreateSecret(file, () => `${randomBytes(32).toString('base64url')}\n`);
  return { key: parse(file, text), exposed: isExposed(file) };
}

/** Loads the key if the file exists, without creating it. @throws IndexKeyInvalid */
export function loadExistingIndexKey(folder: string): Buffer | undefined {
  const file = indexKeyFile(folder);
  const text = readIfPresent(file);
  return text === undefined ? undefined : parse(file, text);
}

function parse(file: string, text: string): Buffer {
  const key = text.trim();
  if (!/^[A-Za-z0-9_-]{43}$/.test(key)) throw new IndexKeyInvalid(file);
  return Buffer.from(key, 'base64url');
}
