import canonicalize from 'canonicalize';
import { createHmac } from 'node:crypto';

/**
 * HMAC-SHA-256 (hex) of a command's name and body under the installation's key. It shows whether a repeated idempotency
 * key has the same request, without revealing the request. The complaint is not part of it: commands are remembered in
 * its stream, where id and reference are equivalent. The body is parsed JSON that has passed validation.
 */
export function commandDigest(digestKey: Buffer, command: string, body: unknown): string {
  return createHmac('sha256', digestKey)
    .update(`${command}\n${canonicalize(body) ?? ''}`)
    .digest('hex');
}
