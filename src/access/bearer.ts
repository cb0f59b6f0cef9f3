import type { FastifyRequest } from 'fastify';

import { Problem } from '../platform/http/problem.js';
import type { Caller, Keys } from './keys.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The authenticated caller; absent on the open addresses. */
    caller?: Caller;
  }
}

/** Addresses without authentication: health and the API description. All others need a key, also unknown addresses. */
const OPEN = /^\/(?:health\/(?:live|ready)|docs(?:\/.*|-json|-yaml)?)$/;

/** Finds the caller of a request by its key (RFC 6750). The result throws Problem 401 if there is no valid key. */
export function bearerAuthentication(keys: Keys): (request: FastifyRequest) => void {
  return (request) => {
    if (OPEN.test(request.url.split('?', 1)[0] ?? '')) return;
    const { authorization } = request.headers;
    if (authorization === undefined)
      throw refused('credentials_missing', 'the request has no key; send the header Authorization: Bearer KEY', '');
    const key = /^Bearer +([A-Za-z0-9_-]{1,200}) *$/i.exec(authorization)?.[1];
    const caller = key === undefined ? undefined : keys.caller(key);
    if (caller === undefined)
      throw refused(
        'credentials_invalid',
        'the key is not valid for this installation; use a key from its keys.json',
        ', error="invalid_token"',
      );
    request.caller = caller;
  };
}

/** The caller of a request that has passed authentication. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined)
    throw new Problem(
      401,
      'credentials_missing',
      'this address needs a key; send the header Authorization: Bearer KEY',
    );
  return request.caller;
}

const refused = (code: string, detail: string, parameter: string): Problem =>
  new Problem(401, code, detail, { headers: { 'www-authenticate': `Bearer realm="redress"${parameter}` } });
