import { Controller, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../access/bearer.js';
import { decideLines } from '../bulk/bulk-intake.js';
import { BatchRecorder } from '../intake-batch/batch-recorder.js';
import { Text } from '../platform/fields.js';
import { Answer, Describe, TextBody } from '../platform/http/describe.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { BatchSummary, BulkAnswer, Interruption, LineResult } from './answers/bulk.js';
import { BulkCommandSenders } from './bulk-command-senders.js';
import { JSON_LINES, linesOf } from './json-lines.js';
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
  @Describe({
    id: 'commands',
    summary: 'Send many commands, one per line; the answer has one result per line, then a summary',
    tag: 'bulk',
    query: BatchParameters,
  })
  @TextBody(
    JSON_LINES,
    'Lines of {"command","key","complaint"?,"occurredAt"?,"onBehalfOf"?,"data"}',
    '{"command":"LodgeComplaint","key":"c-1","data":{"channel":"email","narrative":"The parcel never came."}}\n',
  )
  @Answer(200, BulkAnswer, {
    description:
      'With `Accept: application/json`, one JSON object; otherwise one result per line, and the summary in the last line',
    otherTypes: { [JSON_LINES]: linesOf(LineResult, BatchSummary, Interruption) },
  })
  async commands(
    @Query(new QueryPipe(BatchParameters)) { source, name }: BatchParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body = streamedBody(request, JSON_LINES);
    const { name: credential, actor } = callerOf(request);
    const details = { source: source ?? credential, kind: 'commands', ...(name && { name }) } as const;
    const batch = await this.batches.open(details, actor);
    await this.answers.send(request, reply, decideLines(body, { batch, sender: this.senders.forRequest(request) }));
  }
}
