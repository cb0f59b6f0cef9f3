import { createHash, createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { ROLES, type Actor, type Role } from './actor.js';
import { Code, Identifier, List, Nested, Text, Whole } from '../platform/fields.js';
import { isExposed } from '../platform/private-files.js';
import { repeatedMembersIn } from '../platform/repeated-members.js';
import { readIfPresent, readOrCreateSecret } from '../platform/secret-file.js';
import { validateObject } from '../platform/validate-object.js';

const ACTOR_TYPES = ['person', 'self_service', 'upstream', 'automation', 'scheduler'] as const;

/** Form of a key in base64url; 43 characters hold 256 bits. */
const KEY = { pattern: /^[A-Za-z0-9_-]{43,128}$/, name: '43 to 128 characters, each a letter, a digit, _ or -' };

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

/** An entry of keys.json: a key, and the actor and role of the caller that uses it. */
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
  /** Version of the file format. */
  @Whole({ min: 1, max: 1 })
  readonly format!: number;
  @Nested(() => Installation)
  readonly installation!: Installation;
  @List(() => Credential, { min: 1, max: 10_000 })
  readonly credentials!: Credential[];
}

/** The file keys.json in the data folder is not valid. The message says what is wrong and where, without any key. */
export class KeysInvalid extends Error {
  override readonly name = 'KeysInvalid';
}

/**
 * There is no keys.json although commands were recorded before. New keys would have another secret for the digests of
 * commands, so that a repeated command would be refused as a different one.
 */
export class KeysMissing extends Error {
  override readonly name = 'KeysMissing';
  constructor(file: string) {
    super(
      `${file} is missing, although this folder has recorded events: restore the file from your backup. If it is lost, ` +
        'run `redress keys create`, give the new keys to all callers, and let no sender repeat an earlier command',
    );
  }
}

/** The caller that a key identifies. */
export interface Caller {
  /** Name of the credential. */
  readonly name: string;
  readonly actor: Actor;
}

/** The credentials of an installation. Looks up a key by its hash, so that response times reveal nothing about keys. */
export class Keys {
  /** The HMAC key of command digests. */
  readonly digestKey: Buffer;
  private readonly callers = new Map<string, Caller>();

  constructor(
    readonly credentials: readonly Credential[],
    digestKey: string,
    /** True if users other than the owner can read the file. */
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

  findCaller(key: string): Caller | undefined {
    return this.callers.get(hashOf(key));
  }

  /** Proves to a process with the same keys that this process has them too. Reveals nothing about a key. */
  proofFor(url: string, nonce: string): string {
    return createHmac('sha256', this.digestKey).update(`redress proof\n${url}\n${nonce}`).digest('hex');
  }

  /** The first credential with this role. Only for operator tools: an operator can read keys.json anyway. */
  ofRole(role: Role): Credential | undefined {
    return this.credentials.find((credential) => credential.role === role);
  }
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64');

/** Path of the keys file in a data folder. */
export const keysFile = (folder: string): string => join(folder, 'keys.json');

/** Roles for which a new installation gets a key. */
const INITIAL_ROLES = [
  'intake_officer',
  'handler',
  'supervisor',
  'reviewer',
  'auditor',
  'analyst',
  'upstream',
] as const;

/**
 * Loads the keys of a data folder. If the file does not exist yet, creates it with mode 0600 and one credential for
 * each initial role, and flushes it to disk. Operators may add credentials, which are valid from the next start.
 * @param create false if commands were recorded before, so that the file must exist
 * @throws KeysInvalid, KeysMissing
 */
export function loadKeys(folder: string, { create = true }: { readonly create?: boolean } = {}): Keys {
  const file = keysFile(folder);
  if (!create && readIfPresent(file) === undefined) throw new KeysMissing(file);
  const text = readOrCreateSecret(file, () => JSON.stringify(initialKeys(), undefined, 2) + '\n');
  const { credentials, installation } = parse(file, text);
  return new Keys(credentials, installation.digestKey, isExposed(file));
}

function initialKeys() {
  const newKey = () => randomBytes(32).toString('base64url');
  return {
    format: 1,
    installation: { digestKey: newKey() },
    credentials: INITIAL_ROLES.map((role) => {
      const name = role.replaceAll('_', '-');
      const type = role === 'upstream' ? 'upstream' : 'person';
      return { name, role, actor: { type, id: `${name}-1` }, key: newKey() };
    }),
  };
}

function parse(file: string, text: string): KeysFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new KeysInvalid(`${file} is not JSON; correct it or restore it from a backup`);
  }
  const result = validateObject(KeysFile, content);
  const errors = [...repeatedMembersIn(text, content), ...(result.ok ? [] : result.errors)];
  if (!result.ok || errors.length > 0)
    throw new KeysInvalid([`${file} cannot be used:`, ...errors.map((error) => error.message)].join('\n  '));
  const { credentials } = result.value;
  for (const property of ['name', 'key'] as const) {
    const indexByValue = new Map<string, number>();
    for (const [index, credential] of credentials.entries()) {
      const firstIndex = indexByValue.get(credential[property]);
      if (firstIndex !== undefined)
        throw new KeysInvalid(
          `${file} cannot be used:\n  credentials/${String(index)}/${property} is the same as ` +
            `credentials/${String(firstIndex)}/${property}; each ${property} must be unique`,
        );
      indexByValue.set(credential[property], index);
    }
  }
  return result.value;
}
