import { Body, Controller, Inject, Post, Req, Res, type Type } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiHeader, ApiParam } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { callerOf } from '../access/bearer.js';
import { Keys } from '../access/keys.js';
import { mayDo } from '../access/roles.js';
import { schemaOf } from '../platform/fields.js';
import { ValidatingPipe } from '../platform/http/command-pipe.js';
import { Answer, Describe, JsonBody } from '../platform/http/describe.js';
import { IDEMPOTENCY_KEY, idempotencyKeyOf, ifMatchOf, REVISION_TAG, revisionTag } from '../platform/http/headers.js';
import { Problem, valueOrThrow } from '../platform/http/problem.js';
import type { Validated } from '../platform/validate-object.js';
import { commandDigest, hasDigest } from '../command/command-digest.js';
import { CommandReply } from './commands/command-reply.js';
import { LodgeComplaint } from './commands/intake.js';
import type { ComplaintCommand } from './commands/parts.js';
import { commandIdOf } from '../command/command-id.js';
import { SubmitCommand } from './submit-command-handler.js';
import { problemOfRefusal } from '../command/http-answers.js';
import {
  COMPLAINT_COMMANDS,
  type Accepted,
  type ComplaintCommands,
  type Outcome,
  type Repetition,
  type Submission,
} from './submission.js';
import { commandPath, type CommandRow } from './table.js';

/**
 * Creates a Nest controller with one route per row of the command table: `POST /v1/complaints` for `LodgeComplaint`,
 * `POST /v1/complaints/{id}/{command}` for every other command.
 */
export function createComplaintController(
  table: readonly Pick<CommandRow, 'command'>[],
): Type<ComplaintCommandController> {
  class ComplaintController extends ComplaintCommandController {}
  for (const { command } of table) addRoute(ComplaintController, command);
  Controller('v1/complaints')(ComplaintController);
  return ComplaintController;
}

/** The code that all routes share: creates the submission, executes the command, sends the outcome. */
export class ComplaintCommandController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Keys) private readonly keys: Keys,
    @Inject(COMPLAINT_COMMANDS) private readonly commands: ComplaintCommands,
  ) {}

  async execute(
    request: FastifyRequest,
    reply: FastifyReply,
    type: CommandRow['command'],
    validated: Validated<ComplaintCommand>,
  ): Promise<void> {
    const first = validated.ok ? undefined : await this.firstOutcome(request, type.name);
    const outcome = first ?? (await this.submit(request, valueOrThrow(validated)));
    if (!outcome.accepted) throw problemOfRefusal(outcome);
    await sendOutcome(reply, outcome, type === LodgeComplaint);
  }

  private submit(request: FastifyRequest, command: ComplaintCommand): Promise<Outcome> {
    const caller = callerOf(request);
    const { name } = command.constructor;
    if (!mayDo(caller.actor, name))
      throw new Problem(
        403,
        'forbidden',
        `the role ${caller.actor.role} is not allowed to send ${name}; use a credential with another role`,
      );
    const ifRevision = ifMatchOf(request.headers);
    const submission: Submission = {
      ...this.repetition(request, name),
      command,
      actor: caller.actor,
      correlationId: request.id,
      ...(ifRevision !== undefined && { ifRevision }),
    };
    return this.bus.execute(new SubmitCommand(submission));
  }

  /** The outcome that a request with an invalid body had when an earlier version accepted it. */
  private async firstOutcome(request: FastifyRequest, name: string): Promise<Accepted | undefined> {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key)) return undefined;
    if (!mayDo(callerOf(request).actor, name) || !hasDigest(request.body)) return undefined;
    return this.commands.firstOutcome(this.repetition(request, name));
  }

  private repetition(request: FastifyRequest, name: string): Repetition {
    const { id: complaint } = request.params as { readonly id?: string };
    return {
      ...(complaint !== undefined && { complaint }),
      commandId: commandIdOf(callerOf(request).name, idempotencyKeyOf(request.headers)),
      commandDigest: commandDigest(this.keys.digestKey, name, request.body),
    };
  }
}

function sendOutcome(reply: FastifyReply, outcome: Accepted, isLodging: boolean): FastifyReply {
  const { id, reference, revision, position, events, alreadyThere } = outcome;
  const answer: CommandReply = { id, reference, revision, position, events, alreadyThere };
  reply.code(isLodging && !alreadyThere ? 201 : 200).header('etag', revisionTag(revision));
  if (isLodging) reply.header('location', `/v1/complaints/${id}`);
  return reply.send(answer);
}

type RouteMethod = (
  this: ComplaintCommandController,
  request: FastifyRequest,
  reply: FastifyReply,
  validated: Validated<ComplaintCommand>,
) => Promise<void>;

/**
 * Defines a method with its decorators. The decorators are called as functions because the commands come from a table.
 */
function addRoute(controller: Type<ComplaintCommandController>, command: CommandRow['command']): void {
  const prototype = controller.prototype as ComplaintCommandController;
  const methodName = command.name.slice(0, 1).toLowerCase() + command.name.slice(1);
  const isLodging = command === LodgeComplaint;
  const route: RouteMethod = function (request, reply, validated) {
    return this.execute(request, reply, command, validated);
  };
  const descriptor = { value: route, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(prototype, methodName, descriptor);
  Reflect.defineMetadata('design:paramtypes', [Object, Object, command], prototype, methodName);
  Req()(prototype, methodName, 0);
  Res()(prototype, methodName, 1);
  Body(new ValidatingPipe(command))(prototype, methodName, 2);
  for (const decorate of [
    Post(isLodging ? '' : `:id/${commandPath(command)}`),
    ...openApiDecorators(command, isLodging),
  ])
    decorate(prototype, methodName, descriptor);
}

function openApiDecorators(command: CommandRow['command'], isLodging: boolean): MethodDecorator[] {
  const headers = {
    ETag: { description: 'The revision of the complaint', example: '"4"' },
    ...(isLodging && {
      Location: {
        description: 'The URL path of the complaint',
        example: '/v1/complaints/37367fd5-6616-5286-a6fe-c4735ea7036c',
      },
    }),
  };
  return [
    Describe({ id: command.name, summary: schemaOf(command)?.summary ?? command.name, tag: 'commands' }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description: 'Client-chosen key of the command: a repetition with the same key and body returns the first result',
      schema: { type: 'string', pattern: IDEMPOTENCY_KEY.source, minLength: 1, maxLength: 128 },
    }),
    ...(isLodging
      ? [Answer(201, CommandReply, { description: 'Recorded', headers })]
      : [
          ApiHeader({
            name: 'If-Match',
            required: false,
            description: 'The ETag that the complaint must have; any other revision is rejected',
            schema: { type: 'string', pattern: REVISION_TAG.source },
            example: '"4"',
          }),
          ApiParam({
            name: 'id',
            description: 'Id or reference of the complaint',
            schema: { type: 'string', minLength: 1 },
          }),
        ]),
    Answer(200, CommandReply, {
      description: isLodging ? 'The complaint was already recorded' : 'Recorded',
      headers,
    }),
    JsonBody(command),
  ];
}
