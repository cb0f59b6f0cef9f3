import { UserError } from './invocation.js';

/** @throws UserError if the bytes are not UTF-8 */
export function utf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${name} is not UTF-8; convert it`);
  }
}
