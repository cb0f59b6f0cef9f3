import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../access/bearer.js';
import { Keys } from '../access/keys.js';
import { BulkCommandSender } from '../bulk/bulk-command-sender.js';
import { COMPLAINT_COMMANDS, type ComplaintCommands } from '../complaint/submission.js';
import { SubmitCommand } from '../complaint/submit-command-handler.js';
import { errorText } from '../platform/log.js';

/** Creates the sender of a bulk request: it submits the lines of the request as commands of its caller. */
@Injectable()
export class BulkCommandSenders {
  private readonly log = new Logger('bulk');

  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(COMPLAINT_COMMANDS) private readonly commands: ComplaintCommands,
    @Inject(Keys) private readonly keys: Keys,
  ) {}

  forRequest(request: FastifyRequest): BulkCommandSender {
    const { name: credential, actor } = callerOf(request);
    return new BulkCommandSender({
      submit: (submission) => this.bus.execute(new SubmitCommand(submission)),
      find: (name) => this.commands.find(name, credential),
      digestKey: this.keys.digestKey,
      credential,
      actor,
      correlationId: request.id,
      onFailure: (error) => this.log.error(`a line of request ${request.id} failed: ${errorText(error)}`),
    });
  }
}
