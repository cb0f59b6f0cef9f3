import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
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
import { knownResponse } from '../complaint/status.js';
import { Code, Day, Text, Zone } from '../platform/fields.js';
import {
  CHANNELS,
  OUTCOMES,
  SEVERITIES,
  type Channel,
  type Outcome,
  type Severity,
} from '../complaint/terms/vocabulary.js';
import { acceptedType } from '../platform/http/accepted-type.js';
import { Answer, Describe } from '../platform/http/describe.js';
import { invalid } from '../platform/http/problem.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { comparableText } from '../platform/text.js';
import type { Queryable } from '../readmodels/active-model.js';
import { READ_MODELS, type ReadModels } from '../readmodels/read-models.js';
import { Trends } from './answers/trends.js';
import { parameterOf, requireKnownValues } from './known-values.js';
import { LargeAnswers } from './large-answers.js';
import { trendsCsv } from './trends-csv.js';
import { PositionedQuery, ReadGate } from './read-gate.js';
import { REFERENCE, type ReferenceSource } from '../reference/reference-source.js';

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
  @Zone({ optional: true, description: 'IANA time zone in which days begin; default: UTC', example: 'Asia/Shanghai' })
  readonly zone?: string;
  @Day({ optional: true, description: 'First day to count' })
  readonly from?: string;
  @Day({ optional: true, description: 'Last day to count' })
  readonly to?: string;
  @Text({ max: 300, optional: true, description: 'Product of the first point' })
  readonly product?: string;
  @Text({ max: 300, optional: true, description: 'Issue of the first point' })
  readonly issue?: string;
  @Text({ max: 100, optional: true, description: 'Category of the first point' })
  readonly category?: string;
  @Code(CHANNELS, { optional: true, description: 'Channel of the lodging' })
  readonly channel?: Channel;
  @Text({ max: 100, optional: true, description: 'Region of the first point' })
  readonly region?: string;
  @Code(SEVERITIES, { optional: true, description: 'Severity of the complaint' })
  readonly severity?: Severity;
  @Code(OUTCOMES, { optional: true, description: 'Overall outcome of the complaint' })
  readonly outcome?: Outcome;
  @Text({
    max: 200,
    optional: true,
    description: 'Company response, as `groupBy=response` groups by it',
    formerName: 'response',
  })
  readonly companyResponse?: string;
  @Text({ max: 300, optional: true, description: 'Company that the first point is about' })
  readonly respondent?: string;
  @Text({ max: 100, optional: true, description: 'System of the first source' })
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
export const TRENDS_PATH = 'v1/trends';

@Controller(TRENDS_PATH)
export class TrendsController {
  constructor(
    @Inject(READ_MODELS) private readonly readModels: ReadModels,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(REFERENCE) private readonly reference: ReferenceSource,
    @Inject(LargeAnswers) private readonly largeAnswers: LargeAnswers,
  ) {}

  @Get()
  @Describe({
    id: 'trends',
    summary: 'Count complaints in groups, with shares',
    tag: 'queries',
    query: TrendsParameters,
  })
  @Answer(200, Trends, {
    description: 'The groups; with `Accept: text/csv`, one line for each',
    otherTypes: {
      'text/csv': {
        schema: { type: 'string', description: 'A header line, then one line for each group' },
        example: 'product,complaints,open_numerator\r\nSet menu,12,3\r\n',
      },
    },
  })
  async groups(
    @Query(new QueryPipe(TrendsParameters)) parameters: TrendsParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const view = await this.gate.open(trends.name, parameters);
    await this.largeAnswers.send(request, reply, async () => {
      const answer = await this.answerTo(parameters);
      if (acceptedType(request.headers.accept, ['application/json', 'text/csv']) !== 'text/csv')
        return JSON.stringify({ ...answer, view } satisfies Trends);
      reply.type('text/csv; charset=utf-8');
      return trendsCsv(answer);
    });
  }

  /** @throws Problem 400 `validation_failed` */
  private async answerTo(parameters: TrendsParameters): Promise<TrendsAnswer> {
    try {
      const query = trendsQuery(parameters, this.reference.current().house.satisfiedScore);
      return await this.gate.answer([trends.name], {
        checked: () => checkedTrends(this.readModels, query),
        unchecked: () => trendsBy(this.readModels, query),
      });
    } catch (error) {
      if (error instanceof UnknownGroup)
        throw invalid('validation_failed', [{ pointer: '/groupBy', code: 'unknown_value', message: error.message }]);
      if (!(error instanceof TrendsRefused)) throw error;
      const { parameter, message } = error;
      throw invalid('validation_failed', [{ pointer: `/${parameter}`, code: 'refused', message }]);
    }
  }
}

/** The counts of a query, also for the command line. @throws TrendsRefused, UnknownValues */
export async function checkedTrends(readModels: Queryable, query: TrendsQuery): Promise<TrendsAnswer> {
  const answer = await trendsBy(readModels, query);
  if (answer.total.complaints === 0) await requireKnownValues(readModels, query.filter ?? {});
  return answer;
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
      TREND_DIMENSIONS.flatMap((name) => {
        const value = parameters[parameterOf(name)];
        if (value === undefined) return [];
        return [[name, name === 'response' ? knownResponse(value) : comparableText(value)]];
      }),
    ),
    ...(basis !== undefined && { basis }),
    ...(zone !== undefined && { zone }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

const isGroup = (group: string): group is TrendGroup => (TREND_GROUPS as readonly string[]).includes(group);
