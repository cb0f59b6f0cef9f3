import type { FastifyRequest } from 'fastify';

import { Problem } from '../platform/http/problem.js';
import type { Caller, Keys } from './keys.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; absent on the open addresses. */
    caller?: Caller;
  }
}

/** Health and the description of the API are open; everything else needs a key, unknown addresses too. */
const OPEN = /^\/(?:health\/(?:live|ready)|docs(?:\/.*|-json|-yaml)?)$/;

/** Finds the caller of a request by its key (RFC 6750). The result throws Problem 401 for anyone else. */
export function bearerAuthentication(keys: Keys): (request: FastifyRequest) => void {
  return (request) => {
    if (OPEN.test(request.url.split('?', 1)[0] ?? '')) return;
    const { authorization } = request.headers;
    if (authorization === undefined) throw refused('credentials_missing', 'send Authorization: Bearer with a key', '');
    const key = /^Bearer +([A-Za-z0-9_-]{1,200}) *$/i.exec(authorization)?.[1];
    const caller = key === undefined ? undefined : keys.caller(key);
    if (caller === undefined)
      throw refused('credentials_invalid', 'this key is not known here', ', error="invalid_token"');
    request.caller = caller;
  };
}

/** The caller of a request that has passed authentication. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new Problem(401, 'credentials_missing', 'this address needs a key');
  return request.caller;
}

const refused = (code: string, detail: string, parameter: string): Problem =>
  new Problem(401, code, detail, { headers: { 'www-authenticate': `Bearer realm="redress"${parameter}` } });
