import type { Credential, Keys } from '../access/keys.js';
import { UserError } from './invocation.js';

/**
 * The credential with this name, or the first with this role. Whoever runs the command can read keys.json, and so chooses
 * the credential.
 * @throws UserError that lists the names if there is none
 */
export function credentialOf(keys: Keys, nameOrRole: string): Credential {
  const { credentials } = keys;
  const found =
    credentials.find(({ name }) => name === nameOrRole) ?? credentials.find(({ role }) => role === nameOrRole);
  if (found !== undefined) return found;
  const names = credentials.map(({ name }) => name).join(', ');
  throw new UserError(`keys.json has no credential with the name or role ${nameOrRole}; its names: ${names}`);
}
