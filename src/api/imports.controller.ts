import { Controller, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../access/bearer.js';
import { Keys } from '../access/keys.js';
import { DeskSender } from '../bulk/desk-sender.js';
import { COMPLAINT_DESK, type ComplaintDesk } from '../complaint/submission.js';
import { takeCfpb } from '../import/import-cfpb.js';
import { BatchBook } from '../intake-batch/batch-book.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { BatchParameters } from './commands.controller.js';
import { answerLines, streamedBody } from './streamed-answer.js';

export const CFPB_ADDRESS = 'v1/imports/cfpb';

/** Files of public registers, a row in, a result line out. */
@Controller(CFPB_ADDRESS)
export class ImportsController {
  constructor(
    @Inject(COMPLAINT_DESK) private readonly desk: ComplaintDesk,
    @Inject(BatchBook) private readonly book: BatchBook,
    @Inject(Keys) private readonly keys: Keys,
  ) {}

  @Post()
  @ApiOperation({ operationId: 'importCfpb', summary: 'A file of the CFPB register, in either layout', tags: ['bulk'] })
  @ApiConsumes('text/csv')
  @ApiProduces('application/x-ndjson')
  @ApiBody({ schema: { type: 'string', description: 'The file' } })
  @ApiResponse({ status: 200, description: 'A result a row; the last line is the summary', schema: { type: 'string' } })
  async cfpb(
    @Query(new QueryPipe(BatchParameters)) { source, name }: BatchParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body = streamedBody(request, 'text/csv');
    const { name: credential, actor } = callerOf(request);
    const batch = await this.book.open({ source: source ?? 'cfpb', kind: 'cfpb', ...(name && { name }) }, actor);
    const sender = new DeskSender({
      desk: this.desk,
      digestKey: this.keys.digestKey,
      credential,
      actor,
      correlationId: request.id,
    });
    await answerLines(reply, takeCfpb(body, { sender, batch }));
  }
}
