import type { FastifyInstance } from 'fastify';

import { Problem } from './problem.js';

/** 1 MiB: the maximum size of a body. */
export const BODY_LIMIT = 1024 * 1024;

/** Deeper bodies are rejected before they are parsed. */
export const DEPTH_LIMIT = 64;

/** Accepts JSON only: any other content type is 415. Bodies arrive as bytes, so that invalid UTF-8 is detected. */
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
 * Strict JSON: valid UTF-8, at most {@link DEPTH_LIMIT} deep. A member named `__proto__` is an ordinary one, which
 * `validateObject` rejects as it does every undeclared name.
 * @throws Problem 400 `body_empty`, `invalid_utf8`, `too_deep`, `malformed_json`
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new Problem(400, 'body_empty', 'a JSON object is needed');
  if (deeperThan(bytes, DEPTH_LIMIT))
    throw new Problem(400, 'too_deep', `the body is nested deeper than ${String(DEPTH_LIMIT)}`);
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

/** Counts brackets outside of strings; in UTF-8 none of these bytes occurs within another character. */
function deeperThan(bytes: Buffer, limit: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (quoted) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
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
