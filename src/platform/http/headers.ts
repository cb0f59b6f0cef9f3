import type { IncomingHttpHeaders } from 'node:http';
import { v4 as uuid } from 'uuid';

import { Problem } from './problem.js';

/** 1–128 visible ASCII characters. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

/** A strong entity tag that holds a revision. */
export const REVISION_TAG = /^"(0|[1-9][0-9]{0,14})"$/;

/** @throws Problem 400 `idempotency_key_missing`, `idempotency_key_malformed` */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string {
  const key = headers['idempotency-key'];
  if (key === undefined || key === '')
    throw new Problem(400, 'idempotency_key_missing', 'every command needs the header Idempotency-Key');
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key))
    throw new Problem(400, 'idempotency_key_malformed', 'Idempotency-Key must be 1 to 128 visible ASCII characters');
  return key;
}

/** The revision that If-Match requires. @throws Problem 400 `if_match_malformed` for weak tags, lists and `*` */
export function ifMatchOf(headers: IncomingHttpHeaders): number | undefined {
  const tag = headers['if-match'];
  if (tag === undefined) return undefined;
  const revision = REVISION_TAG.exec(tag)?.[1];
  if (revision === undefined)
    throw new Problem(400, 'if_match_malformed', 'If-Match must be one strong tag as ETag gave it, such as "4"');
  return Number(revision);
}

export const revisionTag = (revision: number): string => `"${String(revision)}"`;

export const CORRELATION_HEADER = 'x-correlation-id';
const CORRELATION_ID = /^[A-Za-z0-9._:@/-]{1,128}$/;

/** The correlation id of the client if it is 1–128 letters, digits or `. _ : @ / -`, otherwise a new one. */
export function correlationIdOf(headers: IncomingHttpHeaders): string {
  const given = headers[CORRELATION_HEADER];
  return typeof given === 'string' && CORRELATION_ID.test(given) ? given : uuid();
}
