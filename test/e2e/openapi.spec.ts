import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { complaintCommands } from '../../src/complaint/table.js';
import { faultsOf, faultsOfValue } from '../support/api-document.js';
import { startApp, type RunningApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { codesInSource } from '../support/codes-in-source.js';
import { root } from '../support/doc-snippets.js';

/* Tests openapi.json, the document from which clients are generated. */

interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Response {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly description?: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response>>;
}

interface Document {
  readonly info: { readonly title: string };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

const text = readFileSync(join(root, 'openapi.json'), 'utf8');
const document = JSON.parse(text) as Document;
const { schemas } = document.components;
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
const responses = [
  ...operations.flatMap(({ operationId, responses }) =>
    Object.entries(responses).map(([status, response]) => ({ name: `${operationId} ${status}`, response })),
  ),
  ...Object.entries(document.components.responses).map(([name, response]) => ({ name, response })),
].filter(({ response }) => response.$ref === undefined);

/** Every schema with its place, at any depth. */
function* allSchemas(schema: Schema, place: string): Generator<readonly [place: string, schema: Schema]> {
  yield [place, schema];
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    yield* allSchemas(property, `${place}.${name}`);
  if (schema.items !== undefined) yield* allSchemas(schema.items, `${place}[]`);
  for (const [index, each] of (schema.oneOf ?? []).entries()) yield* allSchemas(each, `${place}|${String(index)}`);
}

const described = Object.entries(schemas).flatMap(([name, schema]) => [...allSchemas(schema, name)]);

describe('the service', () => {
  let app: RunningApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());

  test('serves openapi.json (`npm run openapi` writes it), and a page with the name of the product', async () => {
    expect(await (await fetch(`${app.url}/docs-json`)).json()).toEqual(document);
    expect(await (await fetch(`${app.url}/docs`)).text()).toContain('<title>Redress</title>');
    expect(document.info.title).toBe('Redress');
    expect(document.servers.map(({ url }) => url)).toEqual(['/', 'http://127.0.0.1:3000']);
  });

  test.each([
    ['application/json, application/x-ndjson, application/problem+json', 'application/json'],
    ['*/*', 'application/json'],
    ['application/x-ndjson', 'application/x-ndjson'],
  ])('answers a history for Accept: %s in %s', async (accept, type) => {
    const client = new Client(app);
    const { body } = await client.post<{ id: string }>('/v1/complaints', { channel: 'phone', narrative: 'Cold.' });
    const { status, headers } = await client.get(`/v1/complaints/${body.id}/history`, { headers: { accept } });
    expect([status, headers.get('content-type')?.split(';')[0]]).toEqual([200, type]);
  });
});

test('nothing lacks a description', () => {
  // a list says what its elements are together, and what can be null says when it is
  const isDescribed = ({ description, $ref }: Schema): boolean =>
    (description ?? '').trim() !== '' || $ref !== undefined; // the schemas that it refers to are described
  const lacking = [
    ...described.filter(([place, schema]) => !/\[\]|\|/.test(place) && !isDescribed(schema)).map(([place]) => place),
    ...operations.filter(({ summary = '' }) => summary.trim() === '').map(({ operationId }) => operationId),
    ...operations.flatMap(({ operationId, parameters = [] }) =>
      parameters
        .filter(({ description = '', schema }) => description.trim() === '' && schema.$ref === undefined)
        .map(({ name }) => `${operationId} ${name}`),
    ),
    ...responses.filter(({ response }) => (response.description ?? '').trim() === '').map(({ name }) => name),
    ...document.tags.filter(({ description }) => description.trim() === '').map(({ name }) => name),
  ];
  expect(lacking).toEqual([]);
  expect(text).not.toMatch(/"(description|summary)": "\s*"/);
});

test('no text has an internal code, such as the number of a rule or a step', () => {
  const texts = [...text.matchAll(/"(?:description|summary)": "((?:[^"\\]|\\.)*)"/g)].map(([, value = '']) => value);
  expect(texts.length).toBeGreaterThan(1000);
  expect(texts.filter((each) => /\b[ITR]\d{1,2}\b/.test(each))).toEqual([]);
});

test('the commands are in the order of the procedure, before the other operations', () => {
  const commands = operations.filter(({ tags }) => tags?.includes('commands'));
  expect(commands.map(({ operationId }) => operationId)).toEqual(complaintCommands.map(({ name }) => name));
  // the path of a command may have a query too: GET /v1/complaints lists what POST lodges
  const hasCommand = Object.values(document.paths).map((methods) =>
    Object.values(methods).some(({ tags }) => tags?.includes('commands')),
  );
  expect(hasCommand.slice(0, commands.length)).not.toContain(false);
  expect(document.tags.map(({ name }) => name)).toEqual([
    'commands',
    'queries',
    'bulk',
    'reference',
    'audit',
    'operations',
  ]);
});

test('every operation has an id in PascalCase, with which generated Java tests compile', () => {
  expect(operations.filter(({ operationId }) => !/^([A-Z][a-z]+)+$/.test(operationId))).toEqual([]);
});

test('every enumeration is a named type', () => {
  const inline = described.filter(([place, schema]) => schema.enum !== undefined && !(place in schemas));
  expect(inline.map(([place]) => place)).toEqual([]);
  const inParameters = operations.flatMap(({ parameters = [] }) => parameters.filter(({ schema }) => schema.enum));
  expect(inParameters).toEqual([]);
  expect(schemas.Stage?.enum).toContain('UnderInvestigation');
});

test('the codes of errors are those of the source', () => {
  expect(schemas.ErrorCode?.enum).toEqual([...codesInSource().keys()].sort());
});

test('every response has a schema with required fields, and an example that is valid', () => {
  const faults = responses.flatMap(({ name, response }) =>
    Object.entries(response.content ?? { none: { schema: {} } }).flatMap(([type, { schema, example }]) => {
      const component = schemas[schema.$ref?.split('/').at(-1) ?? ''];
      if (type.endsWith('json') && component?.required === undefined && type !== 'application/x-ndjson')
        return [`${name} ${type}: no schema with required fields`];
      if (example === undefined) return [`${name} ${type}: no example`];
      const value: unknown =
        type === 'application/x-ndjson'
          ? (example as string)
              .trimEnd()
              .split('\n')
              .map((line) => JSON.parse(line) as unknown)
          : example;
      return faultsOfValue(schema, value).map((fault) => `${name} ${type}: example: ${fault}`);
    }),
  );
  expect(faults).toEqual([]);
});

test('the example of every JSON body is valid', () => {
  const faults = operations.flatMap(({ operationId, requestBody }) => {
    const { schema, examples } = requestBody?.content['application/json'] ?? {};
    if (schema === undefined) return [];
    const example = Object.values(examples ?? {})[0]?.value;
    return faultsOfValue(schema, example).map((fault) => `${operationId}: ${fault}`);
  });
  expect(faults).toEqual([]);
});

describe('the comparison of answers with the document', () => {
  const reply = {
    id: '37367fd5-6616-5286-a6fe-c4735ea7036c',
    reference: '7K3QX-9M2VD-4TB8W',
    revision: 0,
    position: '00000000000000000002',
    events: ['ComplaintReceived'],
    alreadyThere: false,
  };
  const faults = (body: object, status = 201, type = 'application/json; charset=utf-8') =>
    faultsOf({ method: 'POST', path: '/v1/complaints', status, type, text: JSON.stringify(body) });

  test('accepts an answer as described', () => {
    expect(faults(reply)).toEqual([]);
  });

  test.each([
    { fault: 'a missing field', body: { ...reply, position: undefined } },
    { fault: 'a field of another type', body: { ...reply, revision: '0' } },
    { fault: 'a field that is not described', body: { ...reply, more: 1 } },
    { fault: 'an unknown code', body: { ...reply, events: ['ComplaintPainted'] } },
    { fault: 'a status that is not described', body: reply, status: 202 },
    { fault: 'a content type that is not described', body: reply, type: 'text/html' },
    { fault: 'a problem with an unknown code', body: { code: 'odd' }, status: 409, type: 'application/problem+json' },
  ])('finds $fault', ({ body, status, type }) => {
    expect(faults(body, status, type)).not.toEqual([]);
  });

  test('finds a rejected line without its code', () => {
    const line = { line: 1, status: 'rejected', errors: [] };
    expect(faultsOfValue({ $ref: '#/components/schemas/LineResult' }, line)).not.toEqual([]);
    expect(faultsOfValue({ $ref: '#/components/schemas/LineResult' }, { ...line, code: 'busy' })).toEqual([]);
  });
});
