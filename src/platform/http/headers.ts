import type { IncomingHttpHeaders } from 'node:http';
import { v4 as uuid } from 'uuid';

import { Problem } from './problem.js';

/** Form of an idempotency key: 1 to 128 visible ASCII characters. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

/** Form of a strong entity tag whose content is a revision, such as `"4"`. */
export const REVISION_TAG = /^"(0|[1-9][0-9]{0,14})"$/;

/** The idempotency key of a command. @throws Problem 400 `idempotency_key_missing` or `idempotency_key_malformed` */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string {
  const key = headers['idempotency-key'];
  if (key === undefined || key === '')
    throw new Problem(400, 'idempotency_key_missing', 'every command needs the header Idempotency-Key');
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key))
    throw new Problem(400, 'idempotency_key_malformed', 'Idempotency-Key must be 1 to 128 visible ASCII characters');
  return key;
}

/**
 * The revision that If-Match requires; undefined without that header.
 * @throws Problem 400 `if_match_malformed`, also for weak tags, lists and `*`
 */
export function ifMatchOf(headers: IncomingHttpHeaders): number | undefined {
  const tag = headers['if-match'];
  if (tag === undefined) return undefined;
  const revision = REVISION_TAG.exec(tag)?.[1];
  if (revision === undefined)
    throw new Problem(
      400,
      'if_match_malformed',
      'If-Match must be one strong entity tag as in the header ETag of an answer, such as "4"',
    );
  return Number(revision);
}

/** The entity tag of a revision. */
export const revisionTag = (revision: number): string => `"${String(revision)}"`;

export const CORRELATION_HEADER = 'x-correlation-id';
/** Form of a correlation id: 1 to 128 characters, each a letter, a digit or one of `. _ : @ / -`. */
const CORRELATION_ID = /^[A-Za-z0-9._:@/-]{1,128}$/;

/** The correlation id that the client sent, if it has the required form; otherwise a new one. */
export function correlationIdOf(headers: IncomingHttpHeaders): string {
  const clientId = headers[CORRELATION_HEADER];
  return typeof clientId === 'string' && CORRELATION_ID.test(clientId) ? clientId : uuid();
}
