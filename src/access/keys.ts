import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { ROLES, type Actor, type Role } from './actor.js';
import { Code, Identifier, List, Nested, Text, Whole } from '../platform/fields.js';
import { validateObject } from '../platform/validate-object.js';

const ACTOR_TYPES = ['person', 'self_service', 'upstream', 'automation', 'scheduler'] as const;

/** At least 256 random bits, in base64url. */
const KEY = { pattern: /^[A-Za-z0-9_-]{43,128}$/, name: '43 to 128 letters, digits or characters of _ -' };

class CredentialActor {
  @Code(ACTOR_TYPES)
  readonly type!: Actor['type'];
  @Identifier()
  readonly id!: string;
  @Text({ max: 200, optional: true })
  readonly orgUnit?: string;
  @Text({ max: 50, optional: true })
  readonly shift?: string;
}

/** A caller of the API: its actor, its role and the key that authenticates it. */
export class Credential {
  @Identifier()
  readonly name!: string;
  @Code(ROLES)
  readonly role!: Role;
  @Nested(() => CredentialActor)
  readonly actor!: CredentialActor;
  @Text({ max: 128, form: KEY })
  readonly key!: string;
}

class Installation {
  @Text({ max: 128, form: KEY })
  readonly digestKey!: string;
}

class KeysFile {
  @Whole({ min: 1, max: 1 })
  readonly format!: number;
  @Nested(() => Installation)
  readonly installation!: Installation;
  @List(() => Credential, { min: 1, max: 10_000 })
  readonly credentials!: Credential[];
}

/** DATA/keys.json is not valid. The message says what is wrong and where; it never contains a key. */
export class KeysInvalid extends Error {
  override readonly name = 'KeysInvalid';
}

/** A caller that was authenticated by a key. */
export interface Caller {
  readonly name: string;
  readonly actor: Actor;
}

/** The credentials of an installation. Looks up keys by their hash, so that timing reveals nothing about them. */
export class Keys {
  /** The HMAC key of command digests. */
  readonly digestKey: Buffer;
  private readonly callers = new Map<string, Caller>();

  constructor(
    readonly credentials: readonly Credential[],
    digestKey: string,
    /** Users other than the owner can read the file. */
    readonly exposed: boolean,
  ) {
    this.digestKey = Buffer.from(digestKey, 'base64url');
    for (const { name, role, actor, key } of credentials) {
      const { type, id, orgUnit, shift } = actor;
      this.callers.set(hashOf(key), {
        name,
        actor: { type, id, role, ...(orgUnit !== undefined && { orgUnit }), ...(shift !== undefined && { shift }) },
      });
    }
  }

  caller(key: string): Caller | undefined {
    return this.callers.get(hashOf(key));
  }

  /** The first credential with this role; for tools of the operator, who can read the file in any case. */
  ofRole(role: Role): Credential | undefined {
    return this.credentials.find((credential) => credential.role === role);
  }
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64');

export const keysFile = (folder: string): string => join(folder, 'keys.json');

/** Roles for which a new installation gets a key. */
const FIRST_ROLES = ['intake_officer', 'handler', 'supervisor', 'reviewer', 'auditor', 'analyst', 'upstream'] as const;

/**
 * Loads the keys of a data folder. The first call creates the file: one credential per role, mode 0600, on disk before it
 * is used. Operators may add credentials; they are valid from the next start.
 * @throws KeysInvalid
 */
export function loadKeys(folder: string): Keys {
  const file = keysFile(folder);
  let text = readText(file);
  if (text === undefined) {
    createOnce(file, JSON.stringify(firstKeys(), undefined, 2) + '\n');
    text = readText(file) ?? '';
  }
  const { credentials, installation } = parse(file, text);
  const exposed = process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0;
  return new Keys(credentials, installation.digestKey, exposed);
}

function firstKeys() {
  const newKey = () => randomBytes(32).toString('base64url');
  return {
    format: 1,
    installation: { digestKey: newKey() },
    credentials: FIRST_ROLES.map((role) => {
      const name = role.replaceAll('_', '-');
      const type = role === 'upstream' ? 'upstream' : 'person';
      return { name, role, actor: { type, id: `${name}-1` }, key: newKey() };
    }),
  };
}

function parse(file: string, text: string): KeysFile {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    throw new KeysInvalid(`${file} is not JSON; correct it or restore it from a backup`);
  }
  const result = validateObject(KeysFile, plain);
  if (!result.ok)
    throw new KeysInvalid([`${file} cannot be used:`, ...result.errors.map((error) => error.message)].join('\n  '));
  const { credentials } = result.value;
  for (const property of ['name', 'key'] as const) {
    const seen = new Map<string, number>();
    for (const [index, credential] of credentials.entries()) {
      const first = seen.get(credential[property]);
      if (first !== undefined)
        throw new KeysInvalid(
          `${file} cannot be used:\n  credentials/${String(index)}/${property} is that of credentials/${String(first)}`,
        );
      seen.set(credential[property], index);
    }
  }
  return result.value;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const systemCode = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/** Writes the whole file or nothing. If several processes try at once, one succeeds and the others use its file. */
function createOnce(file: string, text: string): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  syncFolder(folder);
}

/** Makes a new file name durable: its folder must be on disk too. Windows has no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
