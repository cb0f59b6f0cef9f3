import type { FastifyInstance } from 'fastify';

import { Problem } from './problem.js';

/** Maximum size of a body: 1 MiB. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Maximum nesting of objects and arrays in a body. Deeper bodies are rejected before they are parsed. */
export const MAX_BODY_DEPTH = 64;

/** Accepts only JSON; any other content type is answered with 415. Reads bodies as bytes, to detect invalid UTF-8. */
export function useJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body));
    } catch (error) {
      done(error as Error);
    }
  });
}

/**
 * Parses JSON in valid UTF-8 that is nested at most {@link MAX_BODY_DEPTH} deep. A member named `__proto__` becomes an
 * ordinary property; `validateObject` rejects it like every undeclared name.
 * @throws Problem 400 `body_empty`, `invalid_utf8`, `too_deep` or `malformed_json`
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new Problem(400, 'body_empty', 'the body is empty; send a JSON object');
  if (isDeeperThan(bytes, MAX_BODY_DEPTH))
    throw new Problem(400, 'too_deep', `the body is nested deeper than ${String(MAX_BODY_DEPTH)}`);
  const text = decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'malformed_json', 'the body is not JSON (RFC 8259)');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Problem(400, 'invalid_utf8', 'the body is not UTF-8');
  }
}

/**
 * Counts brackets outside of strings, in bytes: in UTF-8, no other character contains the byte of a bracket or quote.
 */
function isDeeperThan(bytes: Buffer, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
