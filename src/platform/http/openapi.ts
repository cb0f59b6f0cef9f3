import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { MOMENT_SCHEMA } from '../fields.js';
import { ZONES } from '../zones.js';
import { PROBLEM_JSON } from './problem.js';
import { isStreamed } from './streamed-body.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** Creates the OpenAPI 3.1 document of the application: its routes, and the error responses that many of them have. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Redress')
    .setDescription('Complaint handling that can prove what happened')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A key of keys.json' }, 'bearer')
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  const schemas: Schemas = ((document.components ??= {}).schemas ??= {});
  closeSchemas(schemas);
  Object.assign(schemas, SHARED_SCHEMAS);
  for (const [path, methods] of Object.entries(document.paths))
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const operation = methods[method];
      if (operation === undefined) continue;
      addErrorResponses(path, method, operation);
      describeMomentsAsText(operation);
    }
  return document;
}

/** Serves Swagger UI at /docs, and the document at /docs-json and /docs-yaml. */
export function serveDocs(app: INestApplication, document: OpenAPIObject): void {
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'docs-json', yamlDocumentUrl: 'docs-yaml' });
}

/** Adds `additionalProperties: false`, because validation rejects undeclared properties. */
function closeSchemas(schemas: Schemas): void {
  for (const schema of Object.values(schemas))
    if (!('$ref' in schema) && schema.type === 'object' && schema.additionalProperties === undefined)
      schema.additionalProperties = false;
}

/** Descriptions of the error responses, by HTTP status. */
const ERROR_DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is malformed or invalid; `errors` names the invalid fields',
  401: 'The request has no key, or its key is unknown',
  404: 'There is no such complaint, batch, projection or job',
  406: 'The answer does not exist in a media type that Accept allows',
  408: 'The body arrived too slowly',
  409: 'Not allowed in the current state, or the idempotency key was used for another request',
  412: 'The complaint has changed since the revision in If-Match',
  413: 'The body is larger than 1 MiB, or the complaint would exceed its size limit (8 MiB; 12 MiB for small commands)',
  415: 'The content type is not accepted',
  429: 'The credential has too many bulk requests in progress. Send again after Retry-After seconds',
  431: 'The headers are too large',
  503: 'Busy or not available. Send the same request again after Retry-After seconds (a command with the same key)',
};

/** Adds the error responses that an operation does not describe itself. */
function addErrorResponses(path: string, method: string, operation: Operation): void {
  const isPublic = operation.security?.length === 0;
  const { requestBody } = operation;
  const hasBody = requestBody !== undefined;
  const isBulk = hasBody && 'content' in requestBody && Object.keys(requestBody.content).some(isStreamed);
  const statuses = [
    400,
    431,
    ...(isPublic ? [] : [401]),
    ...(path.includes('{') ? [404] : []),
    ...(path.startsWith('/v1/') ? [503] : []),
    ...(path.startsWith('/v1/') && method === 'get' ? [406] : []),
    ...(hasBody ? [408, 409, 412, 413, 415] : []),
    ...(isBulk ? [429] : []),
  ];
  for (const status of statuses)
    operation.responses[String(status)] ??= {
      description: ERROR_DESCRIPTIONS[status] ?? '',
      ...(status === 401 && {
        headers: { 'WWW-Authenticate': { description: 'Bearer', schema: { type: 'string' } } },
      }),
      ...((status === 429 || status === 503) && {
        headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'string' } } },
      }),
      content: { [PROBLEM_JSON]: { schema: { $ref: '#/components/schemas/Problem' } } },
    };
}

/** Describes moments in a query as instants, because a query cannot have a day with a zone, which is an object. */
function describeMomentsAsText(operation: Operation): void {
  for (const parameter of operation.parameters ?? [])
    if (!('$ref' in parameter) && parameter.in === 'query' && JSON.stringify(parameter).includes(MOMENT_SCHEMA))
      parameter.schema = INSTANT;
}

const INSTANT = {
  type: 'string',
  format: 'date-time',
  // the years 1900 to 2200
  pattern: '^(19|2[01])[0-9]{2}-|^2200-',
  description: 'RFC 3339 with offset, years 1900 to 2200',
  example: '2026-11-22T09:30:00+08:00',
};

/** Name of the Moment schema, without the path. */
const momentName = MOMENT_SCHEMA.slice(MOMENT_SCHEMA.lastIndexOf('/') + 1);

const SHARED_SCHEMAS: Schemas = {
  [momentName]: {
    description: 'An instant, or a day in a time zone if the time is not known',
    oneOf: [
      INSTANT,
      {
        type: 'object',
        required: ['day', 'zone'],
        additionalProperties: false,
        properties: {
          day: { type: 'string', format: 'date', pattern: INSTANT.pattern, example: '2026-11-22' },
          zone: { type: 'string', description: 'IANA time zone', enum: [...ZONES], example: 'Asia/Shanghai' },
        },
      },
    ],
  },
  Problem: {
    type: 'object',
    description: 'An error (problem details, RFC 9457)',
    required: ['type', 'title', 'status', 'code', 'detail', 'correlationId'],
    properties: {
      type: { type: 'string', format: 'uri', example: 'urn:redress:problem:not_open' },
      title: { type: 'string' },
      status: { type: 'integer' },
      code: { type: 'string', description: 'Stable code of the error', example: 'not_open' },
      detail: { type: 'string' },
      id: { type: 'string', format: 'uuid', description: 'Id of the complaint' },
      revision: { type: 'integer', description: 'Revision of the complaint' },
      correlationId: { type: 'string' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['code', 'message'],
          properties: {
            pointer: {
              type: 'string',
              description: 'JSON pointer to the invalid field',
              example: '/points/0/category',
            },
            code: { type: 'string', example: 'too_long' },
            message: { type: 'string' },
          },
        },
      },
    },
  },
  CommandReply: {
    type: 'object',
    required: ['id', 'reference', 'revision', 'position', 'events', 'alreadyThere'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      reference: { type: 'string', description: 'Short reference for people', example: '7K3QX-9M2VD-4TB8W' },
      revision: { type: 'integer', minimum: 0, description: 'Revision of the last event of this command' },
      position: { type: 'string', description: 'Send it as `minPosition` with a query that must include this command' },
      events: { type: 'array', items: { type: 'string' }, description: 'Types of the recorded events' },
      alreadyThere: { type: 'boolean', description: 'The command had been recorded before; nothing was added' },
    },
  },
};
