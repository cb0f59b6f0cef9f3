import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { trends } from '../../projections/trends/projection.js';
import {
  TREND_BASES,
  TREND_DIMENSIONS,
  TREND_GROUPS,
  trendsBy,
  TrendsRefused,
  type TrendBasis,
  type TrendGroup,
  type TrendsAnswer,
  type TrendsQuery,
} from '../../projections/trends/query.js';
import type { ComplaintSettings } from '../complaint/decision.js';
import { COMPLAINT_SETTINGS } from '../complaint/submission.js';
import { Code, Text } from '../platform/fields.js';
import { invalid } from '../platform/http/problem.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { READ_MODELS, type ReadModels } from '../readmodels/read-models.js';
import { PositionedQuery, ReadGate, type View } from './read-gate.js';

const DAY = { pattern: /^\d{4}-\d{2}-\d{2}$/, name: 'a day as YYYY-MM-DD' };

export class TrendsParameters extends PositionedQuery {
  @Text({
    max: 60,
    form: { pattern: /^[a-z]+(,[a-z]+){0,2}$/i, name: 'one to three names, separated by commas' },
    description: `Up to three of ${TREND_GROUPS.join(', ')}`,
    example: 'outcome',
  })
  readonly groupBy!: string;
  @Code(TREND_BASES, { optional: true, description: 'Date that decides the period of a complaint; default: received' })
  readonly basis?: TrendBasis;
  @Text({
    max: 64,
    optional: true,
    description: 'IANA time zone in which days begin; default: UTC',
    example: 'Asia/Shanghai',
  })
  readonly zone?: string;
  @Text({ max: 10, form: DAY, optional: true, description: 'First day to count' })
  readonly from?: string;
  @Text({ max: 10, form: DAY, optional: true, description: 'Last day to count' })
  readonly to?: string;
  @Text({ max: 300, optional: true })
  readonly product?: string;
  @Text({ max: 300, optional: true })
  readonly issue?: string;
  @Text({ max: 100, optional: true })
  readonly category?: string;
  @Text({ max: 50, optional: true })
  readonly channel?: string;
  @Text({ max: 100, optional: true })
  readonly region?: string;
  @Text({ max: 50, optional: true })
  readonly severity?: string;
  @Text({ max: 50, optional: true })
  readonly outcome?: string;
  @Text({ max: 200, optional: true })
  readonly response?: string;
  @Text({ max: 300, optional: true })
  readonly respondent?: string;
  @Text({ max: 100, optional: true })
  readonly source?: string;
}

/** `groupBy` has a name that is not a group of the trends. */
export class UnknownGroup extends Error {
  override readonly name = 'UnknownGroup';
  constructor(group: string) {
    super(`groupBy does not accept ${JSON.stringify(group)}; use ${TREND_GROUPS.join(', ')}`);
  }
}

/**
 * Counts complaints and shares of them. Each share has its numerator, its denominator and the number of complaints
 * whose value is unknown.
 */
@Controller('v1/trends')
export class TrendsController {
  constructor(
    @Inject(READ_MODELS) private readonly readModels: ReadModels,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(COMPLAINT_SETTINGS) private readonly settings: ComplaintSettings,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'trends', summary: 'Count complaints in groups, with shares', tags: ['queries'] })
  @ApiResponse({ status: 200, description: 'The groups', schema: { type: 'object', additionalProperties: true } })
  async groups(
    @Query(new QueryPipe(TrendsParameters)) parameters: TrendsParameters,
  ): Promise<TrendsAnswer & { readonly view: View }> {
    const view = await this.gate.open(trends.name, parameters);
    try {
      const query = trendsQuery(parameters, this.settings.satisfiedScore);
      return { ...(await trendsBy(this.readModels, query)), view };
    } catch (error) {
      if (error instanceof UnknownGroup)
        throw invalid('validation_failed', [{ pointer: '/groupBy', code: 'unknown_value', message: error.message }]);
      if (!(error instanceof TrendsRefused)) throw error;
      throw invalid('validation_failed', [{ code: 'refused', message: error.message }]);
    }
  }
}

/** Converts parameters to a query, also for the command line. @throws UnknownGroup */
export function trendsQuery(parameters: TrendsParameters, satisfiedScore: number): TrendsQuery {
  const { groupBy, basis, zone, from, to } = parameters;
  const groups = groupBy.split(',');
  const unknown = groups.find((group) => !isGroup(group));
  if (unknown !== undefined) throw new UnknownGroup(unknown);
  return {
    groupBy: groups.filter(isGroup),
    satisfiedScore,
    filter: Object.fromEntries(
      TREND_DIMENSIONS.flatMap((name) => (parameters[name] === undefined ? [] : [[name, parameters[name]]])),
    ),
    ...(basis !== undefined && { basis }),
    ...(zone !== undefined && { zone }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

const isGroup = (group: string): group is TrendGroup => (TREND_GROUPS as readonly string[]).includes(group);
