import canonicalize from 'canonicalize';
import { createHmac } from 'node:crypto';

/**
 * HMAC-SHA-256 (hex) of the name and the canonical body of a command, under the key of the installation. Two requests
 * with the same idempotency key are the same command if their digests are equal. The digest does not reveal the
 * request.
 *
 * The digest does not include the complaint id. The service looks a command up only in the stream of its complaint,
 * and a request that names the complaint by reference must have the same digest as one that names it by id.
 * @param body parsed JSON with a canonical form
 */
export function commandDigest(digestKey: Buffer, command: string, body: unknown): string {
  return createHmac('sha256', digestKey)
    .update(`${command}\n${canonicalize(body) ?? ''}`)
    .digest('hex');
}

/** False for a body without a canonical form, such as one with half a surrogate pair. No such body was ever accepted. */
export function hasDigest(body: unknown): boolean {
  try {
    canonicalize(body);
    return true;
  } catch {
    return false;
  }
}
