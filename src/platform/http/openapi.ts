import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { fieldsOf, type DescribedClass, type Field } from '../fields.js';
import type { JsonObject } from '../json.js';
import { QUERY_CLASS, TAGS } from './describe.js';
import { PROBLEM_JSON, titleOf } from './problem.js';
import { classNamed, exampleOf, fieldSchema, INSTANT, refTo, schemasUsedBy } from './schemas.js';
import { isStreamed } from './streamed-body.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Paths = OpenAPIObject['paths'];

interface Route {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/**
 * Creates the OpenAPI 3.1 document of the application: its routes, the error responses that many of them have, and the
 * schemas that they refer to.
 * @param problem the class of error answers
 */
export function describeApi(app: INestApplication, problem: DescribedClass): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Redress')
    .setDescription('Complaint handling that can prove what happened')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The service that serves this document')
    .addServer('http://127.0.0.1:3000', 'A service on this machine with the default configuration')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A key of keys.json' }, 'bearer')
    .addSecurityRequirements('bearer');
  for (const [name, description] of Object.entries(TAGS)) config.addTag(name, description);
  const document = SwaggerModule.createDocument(app, config.build());
  document.paths = sortedByTag(document.paths);
  const routes = routesOf(document.paths);
  for (const route of routes) {
    addQueryParameters(route.operation);
    addErrorResponses(route);
  }
  const responses = errorResponses(problem);
  const schemas = schemasUsedBy([document.paths, responses]);
  // validation rejects undeclared properties of a request
  const inRequests = Object.keys(schemasUsedBy(routes.map(({ operation }) => operation.requestBody ?? {})));
  for (const name of inRequests)
    if (schemas[name]?.type === 'object') schemas[name] = { additionalProperties: false, ...schemas[name] };
  document.components = { ...document.components, schemas, responses };
  return document;
}

const routesOf = (paths: Paths): Route[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const operation = methods[method];
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );

/** The paths in the order of the tags; those of a tag keep their order. */
function sortedByTag(paths: Paths): Paths {
  const tags = Object.keys(TAGS);
  const tagOf = (path: string): number =>
    Math.min(
      ...routesOf({ [path]: paths[path] ?? {} }).map(({ operation }) => tags.indexOf(operation.tags?.[0] ?? '')),
    );
  return Object.fromEntries(Object.entries(paths).sort(([one], [other]) => tagOf(one) - tagOf(other)));
}

/** Serves Swagger UI at /docs, and the document at /docs-json and /docs-yaml. */
export function serveDocs(app: INestApplication, document: OpenAPIObject): void {
  SwaggerModule.setup('docs', app, document, {
    customSiteTitle: document.info.title,
    jsonDocumentUrl: 'docs-json',
    yamlDocumentUrl: 'docs-yaml',
  });
}

/** Adds the parameters of the query class that the operation names. */
function addQueryParameters(operation: Operation): void {
  const described = operation as Operation & { [QUERY_CLASS]?: string };
  const target = classNamed(described[QUERY_CLASS] ?? '');
  Reflect.deleteProperty(described, QUERY_CLASS);
  if (target === undefined) return;
  const parameters = [...fieldsOf(target).values()].map(queryParameter);
  operation.parameters = [...(operation.parameters ?? []), ...parameters];
}

function queryParameter(field: Field) {
  const { description: _description, ...schema } = fieldSchema(field);
  return {
    name: field.name,
    in: 'query' as const,
    required: !field.optional && field.default === undefined,
    ...(field.description !== '' && { description: field.description }),
    schema: field.type.kind === 'moment' ? INSTANT : schema,
  };
}

interface ErrorResponse {
  readonly description: string;
  /** A typical code and detail. */
  readonly example: readonly [code: string, detail: string];
  readonly header?: readonly [name: string, description: string];
}

/** The error responses that operations have in common, by HTTP status. */
const ERROR_RESPONSES: Readonly<Record<number, ErrorResponse>> = {
  400: {
    description: 'The request is malformed or invalid; `errors` names the invalid fields',
    example: ['validation_failed', 'channel must be one of website, mobile_app, phone'],
  },
  401: {
    description: 'The request has no key, or its key is unknown',
    example: ['credentials_missing', 'the request has no key; send the header Authorization: Bearer KEY'],
    header: ['WWW-Authenticate', 'Bearer'],
  },
  404: {
    description: 'There is no such complaint, batch, projection or job',
    example: ['complaint_not_found', 'there is no complaint "7K3QX-9M2VD-4TB8W"'],
  },
  406: {
    description: 'The answer does not exist in a media type that Accept allows',
    example: ['not_acceptable', 'this address answers in application/json; change the header Accept'],
  },
  408: {
    description: 'The request did not arrive in time',
    example: ['request_timeout', 'the request did not arrive in time'],
  },
  409: {
    description: 'Not allowed in the current state, or the idempotency key was used for another request',
    example: ['not_open', 'the complaint has ended; `reopen` starts a new episode'],
  },
  412: {
    description: 'The complaint has changed since the revision in If-Match',
    example: ['precondition_failed', 'the complaint is not at revision 4 (it is at revision 7)'],
  },
  413: {
    description:
      'The body is larger than 1 MiB, or the complaint would exceed its size limit (8 MiB; 12 MiB for small commands)',
    example: ['body_too_large', 'the body is larger than 1 MiB'],
  },
  415: {
    description: 'The content type is not accepted',
    example: ['unsupported_media_type', 'this content type is not accepted; send application/json in UTF-8'],
  },
  429: {
    description: 'The credential has too many bulk requests in progress. Send again after Retry-After seconds',
    example: [
      'too_many_requests',
      'this credential already has 16 bulk requests in progress; wait until one has ended',
    ],
    header: ['Retry-After', 'Seconds'],
  },
  431: {
    description: 'The headers are too large',
    example: ['headers_too_large', 'the headers are larger than 16 KiB'],
  },
  500: {
    description: 'An unexpected error occurred in the service',
    example: [
      'internal_error',
      'an unexpected error occurred in the service; when you report it, state the correlation id',
    ],
  },
  503: {
    description:
      'Busy or not available. Send the same request again after Retry-After seconds (a command with the same key)',
    example: ['busy', 'other commands changed the complaint during each attempt; send the same command again'],
    header: ['Retry-After', 'Seconds'],
  },
};

/** Refers to the error responses that an operation does not describe itself. */
function addErrorResponses({ path, method, operation }: Route): void {
  const isPublic = operation.security?.length === 0;
  const { requestBody } = operation;
  const hasBody = requestBody !== undefined;
  const isBulk = hasBody && 'content' in requestBody && Object.keys(requestBody.content).some(isStreamed);
  const hasPrecondition = operation.parameters?.some((each) => 'name' in each && each.name === 'If-Match') === true;
  const changesState = method === 'post' && /^\/v1\/(complaints|projections|verifications)/.test(path);
  const statuses = [
    ...[400, 431, 500],
    ...(isPublic ? [] : [401]),
    ...(path.includes('{') ? [404] : []),
    ...(path.startsWith('/v1/') ? [503] : []),
    ...(path.startsWith('/v1/') && method === 'get' ? [406] : []),
    ...(hasBody ? [408, 413, 415] : []),
    ...(isBulk ? [429] : []),
    ...(changesState ? [409] : []),
    ...(hasPrecondition ? [412] : []),
  ];
  for (const status of statuses)
    operation.responses[String(status)] ??= { $ref: `#/components/responses/Problem${String(status)}` };
}

/** The components for {@link ERROR_RESPONSES}. */
const errorResponses = (problem: DescribedClass) =>
  Object.fromEntries(
    Object.entries(ERROR_RESPONSES).map(([status, { description, example, header }]) => [
      `Problem${status}`,
      {
        description,
        ...(header && { headers: { [header[0]]: { description: header[1], schema: { type: 'string' } } } }),
        content: {
          [PROBLEM_JSON]: { schema: refTo(problem), example: problemExample(problem, Number(status), example) },
        },
      },
    ]),
  );

function problemExample(problem: DescribedClass, status: number, [code, detail]: ErrorResponse['example']): JsonObject {
  const { correlationId = '' } = exampleOf(problem);
  return { type: `urn:redress:problem:${code}`, title: titleOf(code), status, code, detail, correlationId };
}
