import { Controller, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../access/bearer.js';
import { UnknownLayout } from '../import/cfpb.js';
import { CfpbTable } from '../import/cfpb-table.js';
import { importRows } from '../import/import-cfpb.js';
import { BatchRecorder } from '../intake-batch/batch-recorder.js';
import { Answer, Describe, TextBody } from '../platform/http/describe.js';
import { Problem } from '../platform/http/problem.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import type { StreamedBody } from '../platform/http/streamed-body.js';
import { BatchSummary, ImportAnswer, Interruption, RowResult } from './answers/bulk.js';
import { BatchParameters } from './commands.controller.js';
import { BulkCommandSenders } from './bulk-command-senders.js';
import { JSON_LINES, linesOf } from './json-lines.js';
import { streamedBody, StreamedAnswers } from './streamed-answer.js';

export const CFPB_IMPORT_PATH = 'v1/imports/cfpb';

/** Imports files of public registers: reads rows and writes one result per row, both as streams. */
@Controller(CFPB_IMPORT_PATH)
export class ImportsController {
  constructor(
    @Inject(BulkCommandSenders) private readonly senders: BulkCommandSenders,
    @Inject(BatchRecorder) private readonly batches: BatchRecorder,
    @Inject(StreamedAnswers) private readonly answers: StreamedAnswers,
  ) {}

  @Post()
  @Describe({
    id: 'importCfpb',
    summary: 'Import a CSV file of the CFPB register, with column names such as `Date received` or `date_received`',
    tag: 'bulk',
    query: BatchParameters,
  })
  @TextBody(
    'text/csv',
    'The CSV file',
    'Date received,Product,Issue,Company,Submitted via,Company response to consumer,Timely response?,Complaint ID\n' +
      '1/2/2020,Mortgage,Trouble,ACME,Web,Closed,Yes,3\n',
  )
  @Answer(200, ImportAnswer, {
    description:
      'With `Accept: application/json`, one JSON object; otherwise one result per row, and the summary in the last line',
    otherTypes: { [JSON_LINES]: linesOf(RowResult, BatchSummary, Interruption) },
  })
  async cfpb(
    @Query(new QueryPipe(BatchParameters)) { source, name }: BatchParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const table = await openTable(streamedBody(request, 'text/csv'));
    const details = { source: source ?? 'cfpb', kind: 'cfpb', ...(name && { name }) } as const;
    const batch = await this.batches.open(details, callerOf(request).actor);
    await this.answers.send(request, reply, importRows(table, { sender: this.senders.forRequest(request), batch }));
  }
}

/** @throws Problem 400 `unknown_layout`, 408 `request_timeout`; before anything is recorded */
async function openTable(body: StreamedBody): Promise<CfpbTable> {
  try {
    return await CfpbTable.open(body);
  } catch (error) {
    body.discard();
    throw error instanceof UnknownLayout ? new Problem(400, 'unknown_layout', error.message) : error;
  }
}
