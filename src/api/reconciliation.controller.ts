import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { intakeBatches } from '../../projections/intake-batches/projection.js';
import {
  reconciliation,
  rejectedLines,
  type Reconciliation as ReconciliationAnswer,
  type ReconciliationQuery,
} from '../../projections/intake-batches/query.js';
import { Text, When, Whole } from '../platform/fields.js';
import { Answer, Describe } from '../platform/http/describe.js';
import { invalid, Problem } from '../platform/http/problem.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { earliest, type Moment } from '../platform/moment.js';
import type { Queryable } from '../readmodels/active-model.js';
import { READ_MODELS, type ReadModels } from '../readmodels/read-models.js';
import { Reconciliation, RejectedLines } from './answers/reconciliation.js';
import { unknownValue, UnknownValues } from './known-values.js';
import { PositionedQuery, ReadGate } from './read-gate.js';

export class ReconciliationParameters extends PositionedQuery {
  @Text({ max: 100, optional: true, description: 'Only batches of this source' })
  readonly source?: string;
  @When({ optional: true, description: 'Batches opened at or after this time' })
  readonly from?: Moment;
  @When({ optional: true, description: 'Batches opened before this time' })
  readonly to?: Moment;
  @Whole({ min: 1, max: 1000, optional: true, description: 'Maximum number of batches; default: 100' })
  readonly limit?: number;
}

export class RejectedParameters extends PositionedQuery {
  @Whole({ min: 0, max: 1_000_000_000, optional: true, description: '`next` of the previous page' })
  readonly after?: number;
}

/** The span of a query ends before it begins. */
export class SpanReversed extends Error {
  override readonly name = 'SpanReversed';
  constructor() {
    super('from must not be after to');
  }
}

/** The batches of a query, also for the command line. @throws UnknownValues, SpanReversed */
export async function checkedReconciliation(
  readModels: Queryable,
  query: ReconciliationQuery,
): Promise<ReconciliationAnswer> {
  const { source, from, to } = query;
  if (from !== undefined && to !== undefined && from > to) throw new SpanReversed();
  const answer = await reconciliation(readModels, query);
  if (source === undefined || answer.totals.length > 0) return answer;
  const { totals } = await reconciliation(readModels, { limit: 1 });
  const unknown = unknownValue(
    'source',
    source,
    totals.map((total) => total.source),
  );
  if (unknown.length > 0) throw new UnknownValues(unknown);
  return answer;
}

/** Reconciliation: compares what each source sent with what is recorded. */
@Controller('v1/reconciliation')
export class ReconciliationController {
  constructor(
    @Inject(READ_MODELS) private readonly readModels: ReadModels,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Get()
  @Describe({
    id: 'reconciliation',
    summary: 'Count the lines of each source: read, accepted, already there (sent before), unchanged, rejected',
    tag: 'bulk',
    query: ReconciliationParameters,
  })
  @Answer(200, Reconciliation, { description: 'Sums by source, and the batches' })
  async sums(
    @Query(new QueryPipe(ReconciliationParameters)) parameters: ReconciliationParameters,
  ): Promise<Reconciliation> {
    await this.gate.open(intakeBatches.name, parameters);
    const { source, from, to, limit } = parameters;
    const query = {
      ...(source !== undefined && { source }),
      ...(from && { from: earliest(from) }),
      ...(to && { to: earliest(to) }),
      ...(limit !== undefined && { limit }),
    };
    try {
      return await this.gate.answer([intakeBatches.name], {
        checked: () => checkedReconciliation(this.readModels, query),
        unchecked: () => reconciliation(this.readModels, query),
      });
    } catch (error) {
      if (error instanceof SpanReversed)
        throw invalid('validation_failed', [{ pointer: '/from', code: 'refused', message: error.message }]);
      throw error;
    }
  }

  @Get(':batch/rejected')
  @Describe({
    id: 'rejectedLines',
    summary: 'List the rejected lines of a batch with their codes',
    tag: 'bulk',
    query: RejectedParameters,
  })
  @ApiParam({ name: 'batch', description: 'Id of the batch', schema: { type: 'string', format: 'uuid' } })
  @Answer(200, RejectedLines, { description: 'A page of lines' })
  async rejected(
    @Param('batch') batch: string,
    @Query(new QueryPipe(RejectedParameters)) parameters: RejectedParameters,
  ): Promise<RejectedLines> {
    await this.gate.open(intakeBatches.name, parameters);
    const page = await rejectedLines(this.readModels, batch, parameters.after);
    if (page === undefined) throw new Problem(404, 'batch_not_found', `there is no batch ${JSON.stringify(batch)}`);
    return page;
  }
}
