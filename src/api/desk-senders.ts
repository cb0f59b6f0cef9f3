import { Inject, Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../access/bearer.js';
import { Keys } from '../access/keys.js';
import { DeskSender } from '../bulk/desk-sender.js';
import { COMPLAINT_DESK, type ComplaintDesk } from '../complaint/submission.js';
import { told } from './streamed-answer.js';

/** Hands the lines of a request to the desk in the name of its caller. */
@Injectable()
export class DeskSenders {
  private readonly log = new Logger('bulk');

  constructor(
    @Inject(COMPLAINT_DESK) private readonly desk: ComplaintDesk,
    @Inject(Keys) private readonly keys: Keys,
  ) {}

  of(request: FastifyRequest): DeskSender {
    const { name: credential, actor } = callerOf(request);
    return new DeskSender({
      desk: this.desk,
      digestKey: this.keys.digestKey,
      credential,
      actor,
      correlationId: request.id,
      onFailure: (error) => this.log.error(`a line of request ${request.id} failed: ${told(error)}`),
    });
  }
}
