import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ParameterRefused } from '../../projections/complaints/criteria.js';
import { CursorInvalid } from '../../projections/complaints/cursor.js';
import {
  DATE_BASES,
  DATES,
  FILTER_NAMES,
  FILTERS,
  NONE,
  type DateBasis,
  type FilterName,
  type FilterSpec,
  type FilterValues,
} from '../../projections/complaints/filters.js';
import { complaints } from '../../projections/complaints/projection.js';
import {
  DIRECTIONS,
  findComplaints,
  type ComplaintsAnswer,
  MAX_PAGE_SIZE,
  type ComplaintsQuery,
  type Direction,
} from '../../projections/complaints/query.js';
import { MAX_COUNT, QueryTooBroad } from '../../projections/complaints/search.js';
import type { Day as SpanDay, Span } from '../../projections/complaints/spans.js';
import { trends } from '../../projections/trends/projection.js';
import { withStandingLabels } from '../complaint/terms/labels.js';
import { faultOfReference, parseReference } from '../complaint/reference.js';
import { readMoment } from '../platform/field-checks.js';
import { enumeration } from '../platform/enumerations.js';
import { Code, Day, Flag, Text, Whole, Zone } from '../platform/fields.js';
import { AcceptLanguage, languageOf } from '../platform/http/accepted-language.js';
import { Answer, Describe } from '../platform/http/describe.js';
import { invalid, Problem } from '../platform/http/problem.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { comparableText } from '../platform/text.js';
import type { Queryable } from '../readmodels/active-model.js';
import { READ_MODELS, type ReadModels } from '../readmodels/read-models.js';
import { ComplaintList } from './answers/complaints.js';
import { requireKnownValuesOfComplaints } from './known-values.js';
import { PositionedQuery, ReadGate } from './read-gate.js';
import { REFERENCE, type ReferenceSource } from '../reference/reference-source.js';

/** The field of a filter, as the table of filters describes it. */
function Filter(name: FilterName): PropertyDecorator {
  const { description, codes, max, none }: FilterSpec = FILTERS[name];
  if (codes !== undefined)
    return Code(none === true ? codesOrNone(name, codes) : codes, { optional: true, description });
  return max === undefined ? Flag({ optional: true, description }) : Text({ max, optional: true, description });
}

const codesOrNone = (name: FilterName, codes: readonly string[]): readonly string[] =>
  enumeration(
    `${name.charAt(0).toUpperCase()}${name.slice(1)}OrNone`,
    [...codes, NONE],
    `A code of the filter \`${name}\`, or \`${NONE}\` for complaints without a value`,
  );

enumeration('DateBasis', DATE_BASES, 'A date of a complaint');
enumeration('Direction', DIRECTIONS, 'Direction of a sort');

/** The field of the first or the last day of a date. */
const EndOf = (basis: DateBasis, end: keyof Span): PropertyDecorator =>
  Day({ optional: true, description: `${end === 'from' ? 'First' : 'Last'} day of the date: ${DATES[basis]}` });

export class ComplaintListParameters
  extends PositionedQuery
  implements FilterValues, Partial<Record<`${DateBasis}${'From' | 'To'}`, string>>
{
  @Filter('reference')
  readonly reference?: string;
  @Filter('source')
  readonly source?: string;
  @Filter('sourceRef')
  readonly sourceRef?: string;
  @Filter('registerId')
  readonly registerId?: string;
  @Filter('words')
  readonly words?: string;
  @Filter('handler')
  readonly handler?: string;
  @Filter('orgUnit')
  readonly orgUnit?: string;
  @Filter('product')
  readonly product?: string;
  @Filter('category')
  readonly category?: string;
  @Filter('stage')
  readonly stage?: string;
  @Filter('status')
  readonly status?: string;
  @Filter('outcome')
  readonly outcome?: string;
  @Filter('nature')
  readonly nature?: string;
  @Filter('channel')
  readonly channel?: string;
  @Filter('severity')
  readonly severity?: string;
  @Filter('open')
  readonly open?: boolean;
  @EndOf('received', 'from')
  readonly receivedFrom?: string;
  @EndOf('received', 'to')
  readonly receivedTo?: string;
  @EndOf('incident', 'from')
  readonly incidentFrom?: string;
  @EndOf('incident', 'to')
  readonly incidentTo?: string;
  @EndOf('recorded', 'from')
  readonly recordedFrom?: string;
  @EndOf('recorded', 'to')
  readonly recordedTo?: string;
  @EndOf('responded', 'from')
  readonly respondedFrom?: string;
  @EndOf('responded', 'to')
  readonly respondedTo?: string;
  @EndOf('ended', 'from')
  readonly endedFrom?: string;
  @EndOf('ended', 'to')
  readonly endedTo?: string;
  @Zone({
    optional: true,
    description: 'IANA time zone in which the days begin; default: UTC',
    example: 'Asia/Shanghai',
  })
  readonly zone?: string;
  @Code(DATE_BASES, {
    optional: true,
    description: 'Date to sort by; only complaints with this date are found. Default: received',
  })
  readonly sort?: DateBasis;
  @Code(DIRECTIONS, {
    optional: true,
    description: 'Direction of the sort; default: descending, the latest first',
  })
  readonly direction?: Direction;
  @Text({ max: 500, optional: true, description: '`next` of the previous page of the same query' })
  readonly cursor?: string;
  @Whole({ min: 1, max: MAX_PAGE_SIZE, optional: true, description: 'Maximum number of complaints; default: 50' })
  readonly limit?: number;
  @Flag({
    optional: true,
    description: `True: also count the complaints that match; the count stops at ${String(MAX_COUNT)}`,
  })
  readonly count?: boolean;
}

/** All complaints, open and ended. */
@Controller('v1/complaints')
export class ComplaintListController {
  constructor(
    @Inject(READ_MODELS) private readonly readModels: ReadModels,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(REFERENCE) private readonly reference: ReferenceSource,
  ) {}

  @Get()
  @Describe({
    id: 'findComplaints',
    summary: 'Find complaints, open and ended; the latest received first',
    tag: 'queries',
    query: ComplaintListParameters,
  })
  @Answer(200, ComplaintList, { description: 'A page' })
  @AcceptLanguage('stageLabel, statusLabel and outcomeLabel')
  async page(
    @Query(new QueryPipe(ComplaintListParameters)) parameters: ComplaintListParameters,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ComplaintList> {
    try {
      const query = complaintsQuery(parameters, this.reference.current().house.satisfiedScore);
      const view = await this.gate.open(complaints.name, parameters);
      // trends have the values of all complaints
      const answer = await this.gate.answer([complaints.name, trends.name], {
        checked: () => checkedComplaints(this.readModels, query),
        unchecked: () => findComplaints(this.readModels, query),
      });
      const language = languageOf(request, reply);
      return { ...answer, items: answer.items.map((row) => withStandingLabels(row, language)), view };
    } catch (error) {
      throw problemOf(error);
    }
  }
}

/**
 * A page of complaints, also for the command line.
 * @throws ParameterRefused, CursorInvalid, QueryTooBroad, UnknownValues
 */
export async function checkedComplaints(readModels: Queryable, query: ComplaintsQuery): Promise<ComplaintsAnswer> {
  const answer = await findComplaints(readModels, query);
  if (answer.items.length === 0 && query.cursor === undefined) await requireKnownFilter(readModels, query);
  return answer;
}

/** Checks the filter of a query without a result. @throws UnknownValues */
export function requireKnownFilter(
  readModels: Queryable,
  { filter = {} }: Pick<ComplaintsQuery, 'filter'>,
): Promise<void> {
  const specs: { readonly [name: string]: FilterSpec } = FILTERS;
  const values = Object.entries(filter).filter(([name, value]) => value !== NONE || specs[name]?.none !== true);
  return requireKnownValuesOfComplaints(readModels, Object.fromEntries(values));
}

/** Converts parameters to a query, also for the command line. @throws ParameterRefused */
export function complaintsQuery(parameters: ComplaintListParameters, satisfiedScore: number): ComplaintsQuery {
  const { zone = 'UTC', sort, direction, cursor, limit, count, reference } = parameters;
  const filter = Object.fromEntries(
    FILTER_NAMES.flatMap((name) => {
      const value = parameters[name];
      return value === undefined ? [] : [[name, typeof value === 'string' ? comparedValue(name, value) : value]];
    }),
  ) as FilterValues;
  const dates = DATE_BASES.flatMap((basis) => {
    const span = spanOf(basis, parameters, zone);
    return span === undefined ? [] : [[basis, span] as const];
  });
  return {
    filter: { ...filter, ...(reference !== undefined && { reference: normalReference(reference) }) },
    dates: Object.fromEntries(dates),
    satisfiedScore,
    ...(sort !== undefined && { sort }),
    ...(direction !== undefined && { direction }),
    ...(cursor !== undefined && { cursor }),
    ...(limit !== undefined && { limit }),
    ...(count !== undefined && { count }),
  };
}

/** The value as documents have it: references of sources are in Unicode form NFC, names in the form for comparison. */
const comparedValue = (name: FilterName, value: string): string =>
  name === 'sourceRef' || name === 'registerId' ? value.normalize('NFC') : comparableText(value);

function normalReference(typed: string): string {
  const reference = parseReference(typed);
  if (reference === undefined)
    throw new ParameterRefused(
      'reference',
      'wrong_form',
      faultOfReference(typed) ?? 'must be a reference such as 7K3QX-9M2VD-4TB8W',
    );
  return reference;
}

function spanOf(basis: DateBasis, parameters: ComplaintListParameters, zone: string): Span | undefined {
  const from = dayOf(`${basis}From`, parameters, zone);
  const to = dayOf(`${basis}To`, parameters, zone);
  if (from === undefined && to === undefined) return undefined;
  if (from !== undefined && to !== undefined && from.day > to.day)
    throw new ParameterRefused(`${basis}To`, 'out_of_range', `must not be before ${basis}From`);
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function dayOf(
  parameter: `${DateBasis}${'From' | 'To'}`,
  parameters: ComplaintListParameters,
  zone: string,
): SpanDay | undefined {
  const day = parameters[parameter];
  if (day === undefined) return undefined;
  const moment = readMoment({ day, zone });
  if ('precision' in moment) return moment as SpanDay;
  const [fault] = moment;
  throw new ParameterRefused(
    fault?.at === 'zone' ? 'zone' : parameter,
    fault?.code ?? 'wrong_form',
    fault?.message ?? 'must be a day as YYYY-MM-DD',
  );
}

/** The problem for a query that was refused; any other error unchanged. */
function problemOf(error: unknown): unknown {
  if (error instanceof ParameterRefused)
    return invalid('validation_failed', [{ pointer: `/${error.parameter}`, code: error.code, message: error.message }]);
  if (error instanceof CursorInvalid)
    return invalid('validation_failed', [{ pointer: '/cursor', code: 'wrong_form', message: error.message }]);
  return error instanceof QueryTooBroad ? new Problem(400, 'query_too_broad', error.message) : error;
}
