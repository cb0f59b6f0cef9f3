import type { FastifyRequest } from 'fastify';

import { Problem } from '../platform/http/problem.js';
import type { Caller, Keys } from './keys.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The authenticated caller; absent for paths that need no key. */
    caller?: Caller;
  }
}

/**
 * Paths that need no key: health, the proof of the service, and the API description. A caller with a key sees more of the
 * health. Every other path needs a key, even if the path does not exist.
 */
const OPEN_PATHS = /^\/(?:health\/(?:live|ready)|proof|docs(?:\/.*|-json|-yaml)?)$/;

/** Returns a check that sets `request.caller`, or throws Problem 401 if the request has no valid key (RFC 6750). */
export function bearerAuthentication(keys: Keys): (request: FastifyRequest) => void {
  return (request) => {
    const { authorization = '' } = request.headers;
    const key = /^Bearer +([A-Za-z0-9_-]{1,200}) *$/i.exec(authorization)?.[1];
    const caller = key === undefined ? undefined : keys.findCaller(key);
    if (caller !== undefined) request.caller = caller;
    else if (!OPEN_PATHS.test(request.url.split('?', 1)[0] ?? '')) throw unauthenticated(authorization);
  };
}

function unauthenticated(authorization: string): Problem {
  if (authorization === '')
    return unauthorized('credentials_missing', 'the request has no key; send the header Authorization: Bearer KEY', '');
  return unauthorized(
    'credentials_invalid',
    'the key is not valid for this installation; use a key from its keys.json',
    ', error="invalid_token"',
  );
}

/** The caller of an authenticated request. @throws Problem 401 if the request was not authenticated */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined)
    throw new Problem(
      401,
      'credentials_missing',
      'this address needs a key; send the header Authorization: Bearer KEY',
    );
  return request.caller;
}

const unauthorized = (code: string, detail: string, challengeSuffix: string): Problem =>
  new Problem(401, code, detail, { headers: { 'www-authenticate': `Bearer realm="redress"${challengeSuffix}` } });
