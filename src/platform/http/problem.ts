import { HttpException } from '@nestjs/common';

import { DEFAULT_LANGUAGE, type Language, type Words } from '../language.js';
import type { FieldError, Validated } from '../validate-object.js';

/** Further parts of an error response. */
export interface ProblemExtensions {
  readonly errors?: readonly ProblemError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the body, such as `revision`. */
  readonly members?: Readonly<Record<string, string | number>>;
}

/** One reason of an error response; it has a JSON pointer if a field of the request is invalid. */
export type ProblemError = FieldError | { readonly code: string; readonly message: string; readonly pointer?: string };

/** An error response (RFC 9457). Only code that handles HTTP throws it; deciders return rejections as values. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    /** A stable code in snake_case. */
    readonly code: string,
    /** A sentence for the client. */
    readonly detail: string,
    readonly extensions: ProblemExtensions = {},
  ) {
    super(`${code}: ${detail}`);
  }
}

export const PROBLEM_JSON = 'application/problem+json';

let titles: Readonly<Record<string, Words>> = {};

/** Sets the titles of all codes; the modules that define codes have them. */
export function defineTitles(titleByCode: Readonly<Record<string, Words>>): void {
  titles = titleByCode;
}

/** The body of the response. `type` identifies the code; it is not the address of a page. */
export function problemBody(
  problem: Problem,
  correlationId: string | undefined,
  language: Language = DEFAULT_LANGUAGE,
): Record<string, unknown> {
  const { errors, members } = problem.extensions;
  return {
    type: `urn:redress:problem:${problem.code}`,
    title: titleOf(problem.code, language),
    status: problem.status,
    code: problem.code,
    detail: problem.detail,
    ...members,
    ...(errors !== undefined && errors.length > 0 && { errors }),
    ...(correlationId !== undefined && { correlationId }),
  };
}

/** The title of a code; a code without a title is its own. */
export const titleOf = (code: string, language: Language = DEFAULT_LANGUAGE): string =>
  titles[code]?.[language] ?? code.slice(0, 1).toUpperCase() + code.slice(1).replaceAll('_', ' ');

/** A problem 400 with these errors; `detail` is by default the message of the first one. */
export const invalid = (code: string, errors: readonly ProblemError[], detail?: string): Problem =>
  new Problem(400, code, detail ?? errors[0]?.message ?? 'the request is invalid', { errors });

/** Returns the validated value. @throws Problem 400 `validation_failed` that lists the invalid fields */
export function valueOrThrow<T>(result: Validated<T>): T {
  if (result.ok) return result.value;
  throw invalid('validation_failed', result.errors);
}

/** Converts any thrown value to a problem. The problem of an unexpected error contains nothing of its message. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = statusOf(error);
  if (status !== undefined) {
    const [code, detail] = BY_STATUS[status] ?? [];
    if (code !== undefined && detail !== undefined) return new Problem(status, code, detail);
    if (status >= 400 && status < 500) return new Problem(status, 'bad_request', 'the request cannot be processed');
  }
  return new Problem(
    500,
    'internal_error',
    'an unexpected error occurred in the service; when you report it, state the correlation id',
  );
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return undefined;
}

/** Code and detail for errors of the framework. Their own messages are not used, because they may quote the request. */
const BY_STATUS: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  400: ['bad_request', 'the request is malformed'],
  401: ['credentials_missing', 'the request has no key; send the header Authorization: Bearer KEY'],
  403: ['forbidden', 'this credential is not allowed to send this request'],
  404: ['route_unknown', 'no route has this path'],
  408: ['request_timeout', 'the request did not arrive in time'],
  413: ['body_too_large', 'the body is larger than 1 MiB'],
  415: ['unsupported_media_type', 'this content type is not accepted; send application/json in UTF-8'],
  431: ['headers_too_large', 'the headers are larger than 16 KiB'],
  503: ['unavailable', 'the service is not available now; try again'],
};
