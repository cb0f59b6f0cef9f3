import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtension, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { schemaOf, type DescribedClass } from '../fields.js';
import type { JsonObject } from '../json.js';
import { exampleOf, refTo } from './schemas.js';

/* Decorators that describe a route for the OpenAPI document with classes that have described fields. */

export interface Operation {
  /**
   * Unique name of the operation, from which generated clients derive the names of methods and classes. The document has it
   * with a capital letter, because tests that are generated for a Java client do not compile otherwise.
   */
  readonly id: string;
  readonly summary: string;
  readonly tag: Tag;
  /** True if the route needs no key (default false). */
  readonly isPublic?: boolean;
  /** Class of the query parameters. */
  readonly query?: DescribedClass;
}

/** The groups of operations, in the order of the document. */
export const TAGS = {
  commands: 'Every step of the procedure, in its order: one command for one complaint',
  queries: 'Complaint file, history, work queue and trends',
  bulk: 'Many commands in one request, imports of public registers, and reconciliation',
  reference: 'People, units and rules',
  audit: 'Verification of the event store',
  operations: 'Health, metrics, jobs, and the read models',
} as const;
export type Tag = keyof typeof TAGS;

/** Extension with the name of the class of the query parameters; openapi.ts replaces it with the parameters. */
export const QUERY_CLASS = 'x-query-class';

export function Describe({ id, summary, tag, isPublic = false, query }: Operation): MethodDecorator {
  if (query !== undefined) refTo(query);
  return applyDecorators(
    ApiOperation({
      operationId: id.slice(0, 1).toUpperCase() + id.slice(1),
      summary,
      tags: [tag],
      ...(isPublic && { security: [] }),
    }),
    ...(query === undefined ? [] : [ApiExtension(QUERY_CLASS, query.name)]),
  );
}

/** Describes the JSON body of a request. Its example is the one of the class. */
export const JsonBody = (target: DescribedClass, { required = true } = {}): MethodDecorator =>
  ApiBody({
    schema: refTo(target),
    required,
    examples: { example: { value: schemaOf(target)?.example ?? {} } },
  });

/** Describes a body that is a stream of text. */
export const TextBody = (contentType: string, description: string, example: string): MethodDecorator =>
  applyDecorators(
    ApiConsumes(contentType),
    ApiBody({ description, schema: { type: 'string' }, examples: { example: { value: example } } }),
  );

export interface AnswerDetails {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly example: string }>>;
  /** Further content types of the answer, each with its schema. */
  readonly otherTypes?: Readonly<Record<string, { readonly schema: JsonObject; readonly example: string }>>;
}

/** Describes a JSON answer. */
export function Answer(status: number, target: DescribedClass, details: AnswerDetails): MethodDecorator {
  const { description, headers = {}, otherTypes = {} } = details;
  return ApiResponse({
    status,
    description,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, header]) => [name, { ...header, schema: { type: 'string' as const } }]),
    ),
    content: { 'application/json': { schema: refTo(target), example: exampleOf(target) }, ...otherTypes },
  });
}
