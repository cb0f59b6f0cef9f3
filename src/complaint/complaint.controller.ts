import { Body, Controller, Inject, Post, Req, Res, type Type } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiHeader, ApiParam } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { callerOf } from '../access/bearer.js';
import { Keys } from '../access/keys.js';
import { mayDo } from '../access/roles.js';
import { schemaOf } from '../platform/fields.js';
import { CommandPipe } from '../platform/http/command-pipe.js';
import { Answer, Describe, JsonBody } from '../platform/http/describe.js';
import { IDEMPOTENCY_KEY, idempotencyKeyOf, ifMatchOf, REVISION_TAG, revisionTag } from '../platform/http/headers.js';
import { Problem } from '../platform/http/problem.js';
import { commandDigest } from './command-digest.js';
import { CommandReply } from './commands/command-reply.js';
import { LodgeComplaint } from './commands/intake.js';
import type { ComplaintCommand } from './commands/parts.js';
import { commandIdOf } from './identity.js';
import { SubmitCommand } from './submit-command-handler.js';
import type { Accepted, Outcome, Refused, Submission } from './submission.js';
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
  ) {}

  async execute(request: FastifyRequest, reply: FastifyReply, command: ComplaintCommand): Promise<void> {
    const outcome = await this.submit(request, command);
    if (!outcome.accepted) throw problemOfRefusal(outcome);
    await sendOutcome(reply, outcome, command instanceof LodgeComplaint);
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
    const { id: complaint } = request.params as { readonly id?: string };
    const submission: Submission = {
      command,
      ...(complaint !== undefined && { complaint }),
      commandId: commandIdOf(caller.name, idempotencyKeyOf(request.headers)),
      commandDigest: commandDigest(this.keys.digestKey, name, request.body),
      actor: caller.actor,
      correlationId: request.id,
      ...(ifRevision !== undefined && { ifRevision }),
    };
    return this.bus.execute(new SubmitCommand(submission));
  }
}

function sendOutcome(reply: FastifyReply, outcome: Accepted, isLodging: boolean): FastifyReply {
  const { id, reference, revision, position, events, alreadyThere } = outcome;
  const answer: CommandReply = { id, reference, revision, position, events, alreadyThere };
  reply.code(isLodging && !alreadyThere ? 201 : 200).header('etag', revisionTag(revision));
  if (isLodging) reply.header('location', `/v1/complaints/${id}`);
  return reply.send(answer);
}

const STATUS: Readonly<Record<Refused['kind'], number>> = {
  not_found: 404,
  rejected: 409,
  key_reused: 409,
  precondition_failed: 412,
  too_large: 413,
  busy: 503,
  unavailable: 503,
};

/** Value of the header `Retry-After`, in seconds. */
const RETRY_AFTER_SECONDS: Readonly<Partial<Record<Refused['kind'], string>>> = { busy: '1', unavailable: '5' };

function problemOfRefusal(refused: Refused): Problem {
  const { kind, code, unmet, id, revision } = refused;
  const retryAfter = RETRY_AFTER_SECONDS[kind];
  return new Problem(STATUS[kind], code, unmet[0]?.message ?? code, {
    errors: unmet,
    headers: {
      ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
      ...(revision !== undefined && revision >= 0 && { etag: revisionTag(revision) }),
    },
    members: { ...(id !== undefined && { id }), ...(revision !== undefined && revision >= 0 && { revision }) },
  });
}

type RouteMethod = (
  this: ComplaintCommandController,
  request: FastifyRequest,
  reply: FastifyReply,
  command: ComplaintCommand,
) => Promise<void>;

/**
 * Defines a method with its decorators. The decorators are called as functions because the commands come from a table.
 */
function addRoute(controller: Type<ComplaintCommandController>, command: CommandRow['command']): void {
  const prototype = controller.prototype as ComplaintCommandController;
  const methodName = command.name.slice(0, 1).toLowerCase() + command.name.slice(1);
  const isLodging = command === LodgeComplaint;
  const route: RouteMethod = function (request, reply, body) {
    return this.execute(request, reply, body);
  };
  const descriptor = { value: route, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(prototype, methodName, descriptor);
  Reflect.defineMetadata('design:paramtypes', [Object, Object, command], prototype, methodName);
  Req()(prototype, methodName, 0);
  Res()(prototype, methodName, 1);
  Body(new CommandPipe(command))(prototype, methodName, 2);
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
