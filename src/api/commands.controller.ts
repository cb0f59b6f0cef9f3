import { Controller, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../access/bearer.js';
import { decideLines } from '../bulk/bulk-intake.js';
import { BatchRecorder } from '../intake-batch/batch-recorder.js';
import { Text } from '../platform/fields.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { BulkCommandSenders } from './bulk-command-senders.js';
import { streamedBody, StreamedAnswers } from './streamed-answer.js';

/** Query parameters of a bulk request or an import. */
export class BatchParameters {
  @Text({
    max: 100,
    optional: true,
    description: 'Source of the lines, for reconciliation; default: the name of your credential (for imports: cfpb)',
  })
  readonly source?: string;
  @Text({ max: 255, optional: true, description: 'Name of the file, if the request is a file' })
  readonly name?: string;
}

export const COMMANDS_PATH = 'v1/commands';

/** Commands in bulk: reads one command per line and writes one result per line, both as streams. */
@Controller(COMMANDS_PATH)
export class CommandsController {
  constructor(
    @Inject(BulkCommandSenders) private readonly senders: BulkCommandSenders,
    @Inject(BatchRecorder) private readonly batches: BatchRecorder,
    @Inject(StreamedAnswers) private readonly answers: StreamedAnswers,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'commands',
    summary: 'Send many commands, one per line; the answer has one result per line, then a summary',
    tags: ['bulk'],
  })
  @ApiConsumes('application/x-ndjson')
  @ApiProduces('application/x-ndjson')
  @ApiBody({
    schema: { type: 'string', description: 'Lines of {"command","key","complaint"?,"occurredAt"?,"data"}' },
    examples: {
      example: {
        value:
          '{"command":"LodgeComplaint","key":"c-1","data":{"channel":"email","narrative":"The parcel never came."}}\n',
      },
    },
  })
  @ApiResponse({
    status: 200,
    description: 'One result per line; the last line is the summary',
    schema: { type: 'string' },
  })
  async commands(
    @Query(new QueryPipe(BatchParameters)) { source, name }: BatchParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body = streamedBody(request, 'application/x-ndjson');
    const { name: credential, actor } = callerOf(request);
    const details = { source: source ?? credential, kind: 'commands', ...(name && { name }) } as const;
    const batch = await this.batches.open(details, actor);
    await this.answers.send(request, reply, decideLines(body, { batch, sender: this.senders.forRequest(request) }));
  }
}
