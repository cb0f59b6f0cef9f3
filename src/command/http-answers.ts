import { Problem } from '../platform/http/problem.js';
import { revisionTag } from '../platform/http/headers.js';
import type { Refused } from './outcome.js';

/** The HTTP answer to a refused command of any aggregate. */

const STATUS: Readonly<Record<Refused['kind'], number>> = {
  not_found: 404,
  rejected: 409,
  key_reused: 409,
  precondition_failed: 412,
  too_large: 413,
  busy: 503,
  unavailable: 503,
};

/** Value of the header `Retry-After`, in seconds. */
const RETRY_AFTER_SECONDS: Readonly<Partial<Record<Refused['kind'], string>>> = { busy: '1', unavailable: '5' };

export function problemOfRefusal(refused: Refused): Problem {
  const { kind, code, unmet, id, revision } = refused;
  const retryAfter = RETRY_AFTER_SECONDS[kind];
  return new Problem(STATUS[kind], code, unmet[0]?.message ?? code, {
    errors: unmet,
    headers: {
      ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
      ...(revision !== undefined && revision >= 0 && { etag: revisionTag(revision) }),
    },
    members: { ...(id !== undefined && { id }), ...(revision !== undefined && revision >= 0 && { revision }) },
  });
}
