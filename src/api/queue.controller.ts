import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CursorInvalid } from '../../projections/complaints/cursor.js';
import { complaints } from '../../projections/complaints/projection.js';
import { queue, QUEUE_FILTERS, type QueueAnswer, type QueueQuery } from '../../projections/complaints/queue.js';
import { trends } from '../../projections/trends/projection.js';
import { withStageLabel } from '../complaint/terms/labels.js';
import {
  CHANNELS,
  PRIORITIES,
  SEVERITIES,
  STAGES,
  type Channel,
  type Priority,
  type Severity,
  type Stage,
} from '../complaint/terms/vocabulary.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { Code, Flag, Text, Whole } from '../platform/fields.js';
import { AcceptLanguage, languageOf } from '../platform/http/accepted-language.js';
import { Answer, Describe } from '../platform/http/describe.js';
import { invalid } from '../platform/http/problem.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { comparableText } from '../platform/text.js';
import type { Queryable } from '../readmodels/active-model.js';
import { READ_MODELS, type ReadModels } from '../readmodels/read-models.js';
import { QueuePage } from './answers/queue.js';
import { requireKnownValuesOfComplaints } from './known-values.js';
import { PositionedQuery, ReadGate } from './read-gate.js';

export class QueueParameters extends PositionedQuery {
  @Code(STAGES, { optional: true })
  readonly stage?: Stage;
  @Text({ max: 128, optional: true, description: 'Id of the handler; `none` for complaints without a handler' })
  readonly handler?: string;
  @Text({ max: 200, optional: true, description: 'Organisational unit' })
  readonly orgUnit?: string;
  @Code(SEVERITIES, { optional: true })
  readonly severity?: Severity;
  @Code(PRIORITIES, { optional: true })
  readonly priority?: Priority;
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
  @Text({ max: 300, optional: true, description: 'Product of the first point' })
  readonly product?: string;
  @Text({ max: 100, optional: true, description: 'Category of the first point' })
  readonly category?: string;
  @Text({ max: 100, optional: true, description: 'System of one of the sources of the complaint' })
  readonly source?: string;
  @Flag({ optional: true, description: 'True: only complaints without parties; false: only complaints with parties' })
  readonly anonymous?: boolean;
  @Text({ max: 500, optional: true, description: '`next` of the previous page' })
  readonly cursor?: string;
  @Whole({ min: 1, max: 200, optional: true, description: 'Maximum number of complaints; default: 50' })
  readonly limit?: number;
}

/** The queue: complaints that are open, or owe something after their end, ordered by due date. */
@Controller('v1/queue')
export class QueueController {
  constructor(
    @Inject(READ_MODELS) private readonly readModels: ReadModels,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Describe({
    id: 'queue',
    summary: 'List complaints that are open or still owe something, with age and house targets, ordered by due date',
    tag: 'queries',
    query: QueueParameters,
  })
  @Answer(200, QueuePage, { description: 'A page' })
  @AcceptLanguage('stageLabel')
  async page(
    @Query(new QueryPipe(QueueParameters)) parameters: QueueParameters,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QueuePage> {
    const view = await this.gate.open(complaints.name, parameters);
    try {
      const query = queueQuery(parameters, this.clock.now());
      // trends have the values of all complaints, also of those that are not in the queue
      const answer = await this.gate.answer([complaints.name, trends.name], {
        checked: () => checkedQueue(this.readModels, query),
        unchecked: () => queue(this.readModels, query),
      });
      const language = languageOf(request, reply);
      return { ...answer, items: answer.items.map((row) => withStageLabel(row, language)), view };
    } catch (error) {
      if (!(error instanceof CursorInvalid)) throw error;
      throw invalid('validation_failed', [{ pointer: '/cursor', code: 'wrong_form', message: error.message }]);
    }
  }
}

/** A page of the queue, also for the command line. @throws CursorInvalid, UnknownValues */
export async function checkedQueue(readModels: Queryable, query: QueueQuery): Promise<QueueAnswer> {
  const answer = await queue(readModels, query);
  if (answer.items.length === 0 && query.cursor === undefined)
    await requireKnownValuesOfComplaints(readModels, query.filter ?? {});
  return answer;
}

/**
 * Converts parameters to a query, also for the command line. `handler: 'none'` becomes null: no handler is assigned.
 */
export function queueQuery(parameters: QueueParameters, now: string): QueueQuery {
  const { cursor, limit } = parameters;
  const filter = QUEUE_FILTERS.flatMap((name) => {
    const value = parameters[name];
    if (value === undefined) return [];
    const compared = typeof value === 'string' ? comparableText(value) : value;
    return [[name, name === 'handler' && value === 'none' ? null : compared]];
  });
  return {
    filter: Object.fromEntries(filter) as NonNullable<QueueQuery['filter']>,
    now,
    ...(cursor !== undefined && { cursor }),
    ...(limit !== undefined && { limit }),
  };
}
