import canonicalize from 'canonicalize';
import { createHmac } from 'node:crypto';

/**
 * HMAC-SHA-256 (hex) of a command's name and body under the installation's key. It shows whether a repeated idempotency
 * key comes with the same request, without revealing the request. It leaves out which complaint the request names: a
 * command is looked up only in the stream of its complaint, and the same request by id or by reference must have the same
 * digest. The body is parsed JSON that has passed validation.
 */
export function commandDigest(digestKey: Buffer, command: string, body: unknown): string {
  return createHmac('sha256', digestKey)
    .update(`${command}\n${canonicalize(body) ?? ''}`)
    .digest('hex');
}
