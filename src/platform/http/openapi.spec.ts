import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';

import { Keys } from '../../access/keys.js';
import { Problem } from '../../api/answers/problem.js';
import * as assessment from '../../complaint/commands/assessment.js';
import * as feedback from '../../complaint/commands/feedback.js';
import * as intake from '../../complaint/commands/intake.js';
import * as ownership from '../../complaint/commands/ownership.js';
import { ComplaintCommand } from '../../complaint/commands/parts.js';
import * as remedies from '../../complaint/commands/remedies.js';
import * as resolution from '../../complaint/commands/resolution.js';
import * as verification from '../../complaint/commands/verification.js';
import { createComplaintController } from '../../complaint/complaint.controller.js';
import { COMPLAINT_COMMANDS } from '../../complaint/submission.js';
import { commandPath } from '../../complaint/table.js';
import { fieldsOf, schemaOf, type DescribedClass } from '../fields.js';
import { HealthController, MAY_SEE_DETAILS, READINESS_CHECKS } from '../health.js';
import { createHttpAdapter } from './adapter.js';
import { Metrics, MetricsController } from '../metrics.js';
import { describeApi, serveDocs } from './openapi.js';
import { validateObject } from '../validate-object.js';

const commands = [assessment, feedback, intake, ownership, remedies, resolution, verification]
  .flatMap((file) => Object.values(file) as unknown[])
  .filter(
    (value): value is Type<ComplaintCommand> =>
      typeof value === 'function' && value.prototype instanceof ComplaintCommand,
  );

interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

/**
 * Module with only the routes under test. It needs a field, which nothing uses, because the linter rejects an empty
 * class.
 */
class RoutesModule {
  readonly unused = true;
}

describe('the description of the API', () => {
  let app: NestFastifyApplication;
  let document: OpenAPIObject;

  beforeAll(async () => {
    Module({
      controllers: [
        createComplaintController(commands.map((command) => ({ command }))),
        HealthController,
        MetricsController,
      ],
      providers: [
        Metrics,
        { provide: CommandBus, useValue: {} },
        { provide: Keys, useValue: {} },
        { provide: COMPLAINT_COMMANDS, useValue: {} },
        { provide: READINESS_CHECKS, useValue: [] },
        { provide: MAY_SEE_DETAILS, useValue: () => false },
      ],
    })(RoutesModule);
    app = await NestFactory.create<NestFastifyApplication>(RoutesModule, createHttpAdapter(), {
      bodyParser: false,
      logger: false,
    });
    document = describeApi(app, Problem);
    serveDocs(app, document);
    await app.init();
  });

  afterAll(() => app.close());

  const schemas = () => (document.components?.schemas ?? {}) as unknown as Readonly<Record<string, JsonSchema>>;

  test('is OpenAPI 3.1, and is served together with Swagger UI', async () => {
    expect(document.openapi).toBe('3.1.0');
    expect((await app.inject('/docs-json')).json()).toMatchObject({ openapi: '3.1.0' });
    expect((await app.inject('/docs')).statusCode).toBe(200);
    expect((await app.inject('/docs/swagger-ui-bundle.js')).statusCode).toBe(200);
  });

  test.each(commands.map((command) => [command.name, command] as const))(
    '%s has the summary, schema, example and error responses of its command, and the example is valid',
    (name, command) => {
      const path = command === intake.LodgeComplaint ? '/v1/complaints' : `/v1/complaints/{id}/${commandPath(command)}`;
      const operation = document.paths[path]?.post;
      const schema = schemaOf(command);
      expect(operation?.summary).toBe(schema?.summary);
      expect(operation?.requestBody).toMatchObject({
        required: true,
        content: {
          'application/json': {
            schema: { $ref: `#/components/schemas/${name}` },
            examples: { example: { value: schema?.example } },
          },
        },
      });
      expect(Object.keys(operation?.responses ?? {})).toEqual(
        expect.arrayContaining([
          ...['200', '400', '401', '408', '409', '413', '415', '431', '500', '503'],
          ...(command === intake.LodgeComplaint ? ['201'] : ['404', '412']),
        ]),
      );
      const validated = validateObject(command, schema?.example);
      expect(validated.ok ? [] : validated.errors).toEqual([]);
    },
  );

  /** The type of field that a schema describes, determined only from the schemas. */
  function kindOf(schema: JsonSchema | undefined): { readonly type: string; readonly list: boolean } {
    if (schema?.type === 'array') return { ...kindOf(schema.items), list: true };
    const name = schema?.$ref?.split('/').at(-1);
    if (name === undefined) return { type: schema?.type ?? 'nothing', list: false };
    return { type: name === 'Moment' ? 'moment' : (schemas()[name]?.type ?? 'nothing'), list: false };
  }

  test('every field of a command, at any depth, has a property of the same kind in the document', () => {
    const visited = new Set<DescribedClass>();
    /** Compares a class, and the classes of its fields, with their schemas. */
    const compare = (target: DescribedClass): void => {
      if (visited.has(target)) return;
      visited.add(target);
      const schema = schemas()[target.name];
      const fields = [...fieldsOf(target).values()];
      expect([target.name, Object.keys(schema?.properties ?? {}).sort()]).toEqual([
        target.name,
        fields.map(({ name }) => name).sort(),
      ]);
      expect([target.name, [...(schema?.required ?? [])].sort()]).toEqual([
        target.name,
        fields
          .filter(({ optional }) => !optional)
          .map(({ name }) => name)
          .sort(),
      ]);
      expect(schema?.additionalProperties).toBe(false);
      for (const field of fields) {
        const property = schema?.properties?.[field.name];
        const expected = { type: field.type.kind, list: field.items !== undefined };
        expect([target.name, field.name, kindOf(property)]).toEqual([target.name, field.name, expected]);
        if (field.type.kind === 'object') compare(field.type.target());
      }
    };
    commands.forEach(compare);
    expect(visited.size).toBeGreaterThan(commands.length + 10);
  });

  test('every reference is to a schema of the document', () => {
    const missing = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)]
      .map((match) => match[1] ?? '')
      .filter((name) => !(name in schemas()));
    expect(missing).toEqual([]);
  });
});
