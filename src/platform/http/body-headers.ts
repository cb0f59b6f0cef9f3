import type { FastifyInstance } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';

import { Problem } from './problem.js';

/**
 * Rejects bodies in a charset other than UTF-8 and compressed bodies, for every content type, before a byte is read:
 * their characters would be recorded wrong, or not at all.
 */
export function requirePlainUtf8(server: FastifyInstance): void {
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    done(problemOf(request.headers));
  });
}

/** Parameters of a content type; the value of a parameter may be quoted. */
const PARAMETER = /;\s*([^=;\s]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/g;

const UTF8_NAMES = ['utf-8', 'utf8'];

/** The problem of the headers that describe the body; null if there is none. */
function problemOf(headers: IncomingHttpHeaders): Problem | null {
  for (const [, name = '', value = ''] of (headers['content-type'] ?? '').matchAll(PARAMETER)) {
    const charset = value.trim().replaceAll(/["\\]/g, '').toLowerCase();
    if (name.toLowerCase() === 'charset' && !UTF8_NAMES.includes(charset))
      return new Problem(415, 'unsupported_media_type', 'the charset of the body must be UTF-8');
  }
  const encodings = [headers['content-encoding'], headers['transfer-encoding']?.replace(/(^|,)\s*chunked\s*$/i, '')];
  if (encodings.some((encoding) => encoding !== undefined && !/^\s*(identity)?\s*$/i.test(encoding)))
    return new Problem(415, 'unsupported_media_type', 'the body must not be compressed; send it without an encoding', {
      headers: { 'accept-encoding': 'identity' },
    });
  return null;
}
