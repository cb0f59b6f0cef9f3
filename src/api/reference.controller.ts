import { Body, Controller, Get, Inject, Param, Post, Req, Res, type Type } from '@nestjs/common';
import { ApiHeader, ApiParam } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../access/bearer.js';
import { Keys } from '../access/keys.js';
import { mayDo } from '../access/roles.js';
import { commandDigest } from '../command/command-digest.js';
import { commandIdOf } from '../command/command-id.js';
import { problemOfRefusal } from '../command/http-answers.js';
import type { HousePolicyState } from '../house-policy/house-policy.js';
import { HOUSE_POLICY_STREAMS, rulesOff } from '../house-policy/rules.js';
import { IDENTIFIER } from '../platform/field-checks.js';
import { schemaOf, type ConcreteClass } from '../platform/fields.js';
import { CommandPipe } from '../platform/http/command-pipe.js';
import { Answer, Describe, JsonBody } from '../platform/http/describe.js';
import { IDEMPOTENCY_KEY, idempotencyKeyOf, ifMatchOf, REVISION_TAG, revisionTag } from '../platform/http/headers.js';
import { Problem } from '../platform/http/problem.js';
import { referenceTables, type ReferenceTable } from '../reference/aggregates.js';
import { ReferenceCommands } from '../reference/reference-commands.js';
import { ReferenceFold } from '../reference/reference-fold.js';
import type { ResponsePolicyState } from '../response-policy/publishing.js';
import { RESPONSE_POLICY_STREAMS } from '../response-policy/response-policy.js';
import { TAXONOMY_STREAMS, type TaxonomyState } from '../taxonomy/taxonomy.js';
import {
  HousePolicyFile,
  PeopleList,
  PersonFile,
  ReferenceReply,
  ResponsePolicyList,
  TaxonomyFile,
  UnitFile,
  UnitList,
} from './answers/reference.js';

/** People, units and rules: what is known, and one route for each command. */

const ID = {
  name: 'id',
  description: 'Id of the person, unit or policy; compared without case',
  schema: { type: 'string', minLength: 1, maxLength: 128, pattern: IDENTIFIER.source },
} as const;

@Controller('v1')
export class ReferenceController {
  constructor(@Inject(ReferenceFold) private readonly reference: ReferenceFold) {}

  @Get('staff')
  @Describe({ id: 'staff', summary: 'List the people of the staff', tag: 'reference' })
  @Answer(200, PeopleList, { description: 'The people' })
  people(): PeopleList {
    return { items: this.reference.people() };
  }

  @Get('staff/:id')
  @Describe({ id: 'person', summary: 'Show a person of the staff', tag: 'reference' })
  @ApiParam(ID)
  @Answer(200, PersonFile, { description: 'The person' })
  person(@Param('id') id: string): PersonFile {
    return found(`there is no person ${JSON.stringify(id)}`, this.reference.current().staff.person(id));
  }

  @Get('units')
  @Describe({ id: 'units', summary: 'List the units of the organisation', tag: 'reference' })
  @Answer(200, UnitList, { description: 'The units' })
  units(): UnitList {
    return { items: this.reference.units() };
  }

  @Get('units/:id')
  @Describe({ id: 'unit', summary: 'Show a unit of the organisation', tag: 'reference' })
  @ApiParam(ID)
  @Answer(200, UnitFile, { description: 'The unit' })
  unit(@Param('id') id: string): UnitFile {
    return found(`there is no unit ${JSON.stringify(id)}`, this.reference.current().units.unit(id));
  }

  @Get('house-policies/house')
  @Describe({ id: 'housePolicy', summary: 'Show the house rules in force, and all their versions', tag: 'reference' })
  @Answer(200, HousePolicyFile, { description: 'The house rules' })
  housePolicy(): HousePolicyFile {
    const { house } = this.reference.current();
    const [policy] = this.reference.statesOf<HousePolicyState>(HOUSE_POLICY_STREAMS);
    return { inForce: house.version, rulesOff: rulesOff(house), versions: policy?.state.versions ?? [] };
  }

  @Get('taxonomies/complaints')
  @Describe({ id: 'taxonomy', summary: 'Show the published versions of the taxonomy', tag: 'reference' })
  @Answer(200, TaxonomyFile, { description: 'The versions' })
  taxonomy(): TaxonomyFile {
    const [taxonomy] = this.reference.statesOf<TaxonomyState>(TAXONOMY_STREAMS);
    return {
      inForce: this.reference.current().taxonomy.version,
      versions: taxonomy?.state.versions ?? [],
    };
  }

  @Get('response-policies')
  @Describe({ id: 'responsePolicies', summary: 'List all versions of the response policies', tag: 'reference' })
  @Answer(200, ResponsePolicyList, { description: 'The policies' })
  responsePolicies(): ResponsePolicyList {
    const policies = this.reference.statesOf<ResponsePolicyState>(RESPONSE_POLICY_STREAMS);
    return { items: policies.flatMap(({ state }) => state.versions) as ResponsePolicyList['items'] };
  }
}

/** The value. @throws Problem 404 if there is none */
function found<T>(message: string, value: T | undefined): T {
  if (value === undefined) throw new Problem(404, 'not_in_directory', message);
  return value;
}

/** Creates a controller with one route for each command of people, units and rules. */
export function createReferenceCommandController(): Type<ReferenceCommandController> {
  class Routes extends ReferenceCommandController {}
  for (const table of referenceTables)
    for (const { command, path } of table.commands) addRoute(Routes, table, command, path);
  Controller('v1')(Routes);
  return Routes;
}

/** What all routes of commands share. */
class ReferenceCommandController {
  constructor(
    @Inject(ReferenceCommands) private readonly commands: ReferenceCommands,
    @Inject(Keys) private readonly keys: Keys,
  ) {}

  async execute(
    { collection, onlyId }: ReferenceTable,
    request: FastifyRequest,
    reply: FastifyReply,
    command: object,
  ): Promise<void> {
    const { name: credential, actor } = callerOf(request);
    const { name } = command.constructor;
    if (!mayDo(actor, name))
      throw new Problem(
        403,
        'forbidden',
        `the role ${actor.role} is not allowed to send ${name}; use a credential with another role`,
      );
    const { id = onlyId ?? '' } = request.params as { readonly id?: string };
    if (!IDENTIFIER.test(id))
      throw new Problem(
        400,
        'wrong_form',
        'the id must be 1 to 128 characters, each a letter, a digit or one of . _ : @ / -',
      );
    const ifRevision = ifMatchOf(request.headers);
    const outcome = await this.commands.submit({
      collection,
      id,
      command,
      commandId: commandIdOf(credential, idempotencyKeyOf(request.headers)),
      commandDigest: commandDigest(this.keys.digestKey, name, request.body),
      actor,
      correlationId: request.id,
      ...(ifRevision !== undefined && { ifRevision }),
    });
    if (!outcome.accepted) throw problemOfRefusal(outcome);
    const { accepted: _accepted, ...answer } = outcome;
    await reply
      .code(200)
      .header('etag', revisionTag(answer.revision))
      .send(answer satisfies ReferenceReply);
  }
}

/** Defines a method with its decorators, which are called as functions because the commands come from tables. */
function addRoute(
  controller: Type<ReferenceCommandController>,
  table: ReferenceTable,
  command: ConcreteClass,
  path: string,
): void {
  const prototype = controller.prototype as ReferenceCommandController;
  const methodName = command.name.slice(0, 1).toLowerCase() + command.name.slice(1);
  const route = function (
    this: ReferenceCommandController,
    request: FastifyRequest,
    reply: FastifyReply,
    body: object,
  ): Promise<void> {
    return this.execute(table, request, reply, body);
  };
  const descriptor = { value: route, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(prototype, methodName, descriptor);
  Reflect.defineMetadata('design:paramtypes', [Object, Object, command], prototype, methodName);
  Req()(prototype, methodName, 0);
  Res()(prototype, methodName, 1);
  Body(new CommandPipe(command))(prototype, methodName, 2);
  for (const decorate of [
    Post(`${table.collection}/${table.onlyId ?? ':id'}/${path}`),
    ...openApiDecorators(command, table.onlyId === undefined),
  ])
    decorate(prototype, methodName, descriptor);
}

const openApiDecorators = (command: ConcreteClass, hasId: boolean): MethodDecorator[] => [
  Describe({ id: command.name, summary: schemaOf(command)?.summary ?? command.name, tag: 'reference' }),
  ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: 'Client-chosen key of the command: a repetition with the same key and body returns the first result',
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY.source, minLength: 1, maxLength: 128 },
  }),
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The ETag that the person, unit or policy must have; any other revision is rejected',
    schema: { type: 'string', pattern: REVISION_TAG.source },
    example: '"4"',
  }),
  ...(hasId ? [ApiParam(ID)] : []),
  Answer(200, ReferenceReply, {
    description: 'Recorded',
    headers: { ETag: { description: 'The revision of the person, unit or policy', example: '"4"' } },
  }),
  JsonBody(command),
];
