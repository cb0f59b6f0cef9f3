import type { FastifyInstance } from 'fastify';

import { repeatedMembers, scanJson } from '../repeated-members.js';
import { invalid, Problem } from './problem.js';

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
 * Parses JSON in valid UTF-8 that is nested at most {@link MAX_BODY_DEPTH} deep and has each member of an object once. A
 * member named `__proto__` becomes an
 * ordinary property; `validateObject` rejects it like every undeclared name.
 * @throws Problem 400 `body_empty`, `invalid_utf8`, `too_deep`, `malformed_json` or `duplicate_member`
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new Problem(400, 'body_empty', 'the body is empty; send a JSON object');
  const { depth, members } = scanJson(bytes, MAX_BODY_DEPTH);
  if (depth > MAX_BODY_DEPTH)
    throw new Problem(400, 'too_deep', `the body is nested deeper than ${String(MAX_BODY_DEPTH)}`);
  const text = decode(bytes);
  const value = parse(text);
  const repeated = repeatedMembers(text, value, members);
  if (repeated.length > 0) throw invalid('duplicate_member', repeated);
  return value;
}

function parse(text: string): unknown {
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
