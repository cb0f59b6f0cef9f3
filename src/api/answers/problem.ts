import type * as decision from '../../complaint/decision.js';
import { AnyText, Count, ListOf, Uuid } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Schema } from '../../platform/fields.js';
import { defineTitles } from '../../platform/http/problem.js';
import { ERROR_CODES } from './error-codes.js';
import { ERROR_TITLES } from './error-titles.js';

defineTitles(ERROR_TITLES);

const CODES = enumeration(
  'ErrorCode',
  ERROR_CODES,
  'Stable code of an error; docs/errors.md explains each. Later versions may add codes',
);

@Schema({ summary: 'One reason of an error' })
export class Unmet implements decision.Unmet {
  @Code(CODES, { example: 'too_long' })
  readonly code!: string;
  @AnyText({
    description: 'Sentence for people; it may change',
    example: 'points/0/issue must not be longer than 300 characters',
  })
  readonly message!: string;
  @AnyText({
    optional: true,
    description: 'JSON pointer to the field that is the cause, or name of the query parameter after a slash',
    example: '/points/0/issue',
  })
  readonly pointer?: string;
}

@Schema({ summary: 'An error (problem details, RFC 9457)' })
export class Problem {
  @AnyText({ description: 'URN of the code; it is not the address of a page', example: 'urn:redress:problem:not_open' })
  readonly type!: string;
  @AnyText({
    description: 'The code in words, in the language that Accept-Language prefers: zh or en (default)',
    example: 'Not open',
  })
  readonly title!: string;
  @Count({ description: 'HTTP status', example: 409 })
  readonly status!: number;
  @Code(CODES, { example: 'not_open' })
  readonly code!: string;
  @AnyText({
    description: 'Sentence for people; it may change',
    example: 'the complaint has ended; `reopen` starts a new episode',
  })
  readonly detail!: string;
  @Uuid({ optional: true, description: 'Id of the complaint' })
  readonly id?: string;
  @Count({ optional: true, description: 'Current revision of the complaint', example: 7 })
  readonly revision?: number;
  @AnyText({
    description: 'Id of the request, as in the header X-Correlation-Id and in the log',
    example: '30f7b586-d62c-44fa-9721-5ea8dc54362e',
  })
  readonly correlationId!: string;
  @ListOf(() => Unmet, { optional: true, description: 'All reasons', example: [] })
  readonly errors?: readonly Unmet[];
}
