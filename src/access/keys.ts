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
import { validateCommand } from '../platform/validate-command.js';

const ACTOR_TYPES = ['person', 'self_service', 'upstream', 'automation', 'scheduler'] as const;

/** 256 random bits and more, in base64url. */
const KEY = /^[A-Za-z0-9_-]{43,128}$/;

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

/** Somebody who may call: who acts, as what, and the key that proves it. */
export class Credential {
  @Identifier()
  readonly name!: string;
  @Code(ROLES)
  readonly role!: Role;
  @Nested(() => CredentialActor)
  readonly actor!: CredentialActor;
  @Text({ max: 128, pattern: KEY })
  readonly key!: string;
}

class Installation {
  @Text({ max: 128, pattern: KEY })
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

/** DATA/keys.json cannot be used; the message says what is wrong and where, and repeats no key. */
export class KeysInvalid extends Error {
  override readonly name = 'KeysInvalid';
}

/** A caller that a key has proven. */
export interface Caller {
  readonly name: string;
  readonly actor: Actor;
}

/** The credentials of an installation. Keys are looked up by their hash, so that no time of comparison tells of them. */
export class Keys {
  /** The HMAC key of command digests. */
  readonly digestKey: Buffer;
  private readonly callers = new Map<string, Caller>();

  constructor(
    readonly credentials: readonly Credential[],
    digestKey: string,
    /** Others than the owner can read the file. */
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

  /** The first credential of a role: for tools of the operator, who can read the file anyway. */
  ofRole(role: Role): Credential | undefined {
    return this.credentials.find((credential) => credential.role === role);
  }
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64');

export const keysFile = (folder: string): string => join(folder, 'keys.json');

/** Roles that a new installation gets a key for. */
const FIRST_ROLES = ['intake_officer', 'handler', 'supervisor', 'reviewer', 'auditor', 'analyst', 'upstream'] as const;

/**
 * The keys of a data folder. The first call writes them: one credential a role, mode 0600, on disk before it is used.
 * Operators may add credentials; they count from the next start.
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
    throw new KeysInvalid(`${file} is not JSON`);
  }
  const result = validateCommand(KeysFile, plain);
  if (!result.ok)
    throw new KeysInvalid([`${file} cannot be used:`, ...result.errors.map((error) => error.message)].join('\n  '));
  const { credentials } = result.command;
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
  return result.command;
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

/** Writes the whole file or none; of several processes that try at once, one succeeds and the others take its file. */
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

/** A new name is on disk when its folder is; Windows has no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
