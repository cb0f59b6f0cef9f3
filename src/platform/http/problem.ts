import { HttpException } from '@nestjs/common';

import type { FieldError, Validated } from '../validate-object.js';

/** What a response holds besides code and detail. */
export interface ProblemExtensions {
  readonly errors?: readonly ProblemError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the body, such as `revision`. */
  readonly members?: Readonly<Record<string, string | number>>;
}

/** One of several reasons; has a pointer when a field of the body is invalid. */
export type ProblemError = FieldError | { readonly code: string; readonly message: string; readonly pointer?: string };

/** An error response (RFC 9457). Thrown only at the edge: inside, rejections are values. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    /** Stable, snake_case. */
    readonly code: string,
    readonly detail: string,
    readonly extensions: ProblemExtensions = {},
  ) {
    super(`${code}: ${detail}`);
  }
}

export const PROBLEM_JSON = 'application/problem+json';

/** The body of a problem. `type` is stable for a code and does not resolve. */
export function problemBody(problem: Problem, correlationId: string | undefined): Record<string, unknown> {
  const { errors, members } = problem.extensions;
  return {
    type: `urn:redress:problem:${problem.code}`,
    title: titleOf(problem.code),
    status: problem.status,
    code: problem.code,
    detail: problem.detail,
    ...members,
    ...(errors !== undefined && errors.length > 0 && { errors }),
    ...(correlationId !== undefined && { correlationId }),
  };
}

const titleOf = (code: string): string => code.slice(0, 1).toUpperCase() + code.slice(1).replaceAll('_', ' ');

export const invalid = (code: string, errors: readonly ProblemError[], detail?: string): Problem =>
  new Problem(400, code, detail ?? errors[0]?.message ?? 'the request is invalid', { errors });

/** The validated value. @throws Problem 400 `validation_failed` that lists every invalid field */
export function valueOf<T>(result: Validated<T>): T {
  if (result.ok) return result.value;
  throw invalid('validation_failed', result.errors);
}

/** Converts any thrown value to a problem; an unexpected error reveals nothing of itself. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = statusOf(error);
  const known = status === undefined ? undefined : BY_STATUS[status];
  if (status !== undefined && known !== undefined) return new Problem(status, known[0], known[1]);
  if (status !== undefined && status >= 400 && status < 500)
    return new Problem(status, 'bad_request', 'the request cannot be served');
  return new Problem(500, 'internal_error', 'something failed on our side; name the correlation id when you report it');
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return undefined;
}

/** Codes for errors of the framework; their own messages quote the request. */
const BY_STATUS: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  400: ['bad_request', 'the request is malformed'],
  401: ['credentials_missing', 'send Authorization: Bearer with a key'],
  403: ['forbidden', 'this credential may not do that'],
  404: ['route_unknown', 'no route has this path'],
  408: ['request_timeout', 'the request did not arrive in time'],
  413: ['body_too_large', 'the body is larger than 1 MiB'],
  415: ['unsupported_media_type', 'send application/json in UTF-8'],
  431: ['headers_too_large', 'the headers are larger than 16 KiB'],
  503: ['unavailable', 'not available now; try again'],
};
