import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { complaints } from '../../projections/complaints/projection.js';
import { CHANNELS, PRIORITIES, SEVERITIES, STAGES } from '../complaint/terms/vocabulary.js';
import { Text, Whole } from '../platform/fields.js';
import { CommandPipe } from '../platform/http/command-pipe.js';
import { invalid } from '../platform/http/problem.js';
import { NotYetVisible, READ_MODELS, type ReadModels } from '../readmodels/read-models.js';
import { PERSONAL_KINDS } from '../subject-index/personal-values.js';
import { SUBJECT_INDEX } from '../subject-index/projection.js';
import {
  CursorInvalid,
  NotSearchable,
  SUBJECTS,
  WHAT_IT_NEEDS,
  type SearchedValues,
  type SubjectIndex,
} from '../subject-index/subject-index.js';
import { complaintRows, unknownRow, type ComplaintRow } from './complaint-rows.js';
import { PositionedQuery, ReadGate, type View } from './read-gate.js';

/** The personal values of a search. They are sent in a body, because addresses end up in logs. */
export class SearchForPerson extends PositionedQuery {
  @Text({
    max: 200,
    optional: true,
    example: '王芳',
    description:
      'Name of a party, or a part of it: whole words in any order, or two or more consecutive Chinese, Japanese or Korean ' +
      'letters. Case, accents, width and the spaces between Chinese letters do not matter',
  })
  readonly name?: string;
  @Text({
    max: 300,
    optional: true,
    example: '010 5555 0100',
    description:
      'Phone number in any spelling: with +, 00 or no country code, which is then that of the region of the installation',
  })
  readonly phone?: string;
  @Text({ max: 300, optional: true, example: 'Ann@Example.org', description: 'E-mail address; case does not matter' })
  readonly email?: string;
  @Text({
    max: 300,
    optional: true,
    description:
      'Account number or name: of a contact on a channel such as messaging_app, of the channel account, or an answer to the ' +
      'question account or account_number. Case, spaces and dashes do not matter',
  })
  readonly account?: string;
  @Text({
    max: 200,
    optional: true,
    example: 'SO-2041 7',
    description: 'Order number of a point, or an answer to the question order or order_number; like account',
  })
  readonly order?: string;
  @Text({ max: 500, optional: true, description: '`next` of the previous page' })
  readonly cursor?: string;
  @Whole({ min: 1, max: 200, optional: true, description: 'Maximum number of complaints; default: 50' })
  readonly limit?: number;
}

export interface SearchAnswer {
  readonly items: readonly ComplaintRow[];
  /** `cursor` of the next page; null on the last page. */
  readonly next: string | null;
}

const text = (example: string) => ({ type: ['string', 'null'], example });
const code = (codes: readonly string[]) => ({ type: ['string', 'null'], enum: [...codes, null] });

const ROW_PROPERTIES = {
  id: { type: 'string', format: 'uuid' },
  reference: { type: 'string', example: '7K3QX-9M2VD-4TB8W' },
  open: { type: ['boolean', 'null'], description: 'False once the complaint has ended' },
  stage: code(STAGES),
  receivedAt: {
    description: 'A moment: an instant, or a day in a time zone',
    oneOf: [{ type: 'object', additionalProperties: true }, { type: 'null' }],
  },
  channel: code(CHANNELS),
  complainant: { ...text('王芳'), description: 'Name of the first complainant' },
  product: text('Set menu'),
  category: text('product_quality'),
  issue: text('Dish arrived cold'),
  handler: text('handler-1'),
  orgUnit: text('hotel-1'),
  severity: code(SEVERITIES),
  priority: code(PRIORITIES),
};

/** Every member is always present; null is unknown. */
const closed = (properties: Record<string, object>) => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
});

const ANSWER = closed({
  items: { type: 'array', items: closed(ROW_PROPERTIES) },
  next: {
    type: ['string', 'null'],
    description:
      '`cursor` of the next page; null on the last page. A page may be shorter than its limit and yet not be the last one',
  },
  view: closed({
    position: { type: ['string', 'null'], description: 'The answer includes every event up to this position' },
    currentAt: { type: ['string', 'null'], description: 'The answer includes every event recorded before this time' },
  }),
});

/** Finds complaints by personal values. */
@Controller('v1/complaints')
export class ComplaintSearchController {
  constructor(
    @Inject(SUBJECTS) private readonly subjectIndex: SubjectIndex,
    @Inject(READ_MODELS) private readonly readModels: ReadModels,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Post('search')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'searchComplaints',
    summary: 'Find complaints, open or ended, by name, phone, e-mail, account or order; all given values must match',
    tags: ['queries'],
  })
  @ApiBody({ type: SearchForPerson })
  @ApiResponse({ status: 200, description: 'A page, the complaint recorded last first', schema: ANSWER })
  async search(
    @Body(new CommandPipe(SearchForPerson)) query: SearchForPerson,
  ): Promise<SearchAnswer & { readonly view: View }> {
    const values = searchedValues(query);
    const view = await this.gate.openComplete(SUBJECT_INDEX, query);
    const { cursor, limit } = query;
    const page = { ...(cursor !== undefined && { cursor }), ...(limit !== undefined && { limit }) };
    const { ids, next } = await this.subjectIndex.search(values, page).catch((error: unknown) => {
      throw problemOf(error);
    });
    return { items: await this.rows(ids, view.position), next, view };
  }

  /** The rows in the order of the ids. Waits for the read model of the rows if it is behind the index. */
  private async rows(ids: readonly string[], position: string | null): Promise<ComplaintRow[]> {
    let rows = await complaintRows(this.readModels, ids);
    if (rows.size < ids.length && position !== null) {
      await this.gate.open(complaints.name, { minPosition: position }).catch((error: unknown) => {
        if (!(error instanceof NotYetVisible)) throw error;
      });
      rows = await complaintRows(this.readModels, ids);
    }
    return ids.map((id) => rows.get(id) ?? unknownRow(id));
  }
}

/** The searched values of a query, also for the command line. @throws Problem if there is none */
export function searchedValues(query: SearchForPerson): SearchedValues {
  const values = Object.fromEntries(
    PERSONAL_KINDS.flatMap((kind) => (query[kind] === undefined ? [] : [[kind, query[kind]]])),
  );
  if (Object.keys(values).length > 0) return values;
  const message = 'give at least one of name, phone, email, account and order';
  throw invalid('validation_failed', [{ pointer: '', code: 'required', message }]);
}

/** The problem for an invalid value or cursor; any other error unchanged. */
function problemOf(error: unknown): unknown {
  if (error instanceof NotSearchable)
    return invalid(
      'validation_failed',
      error.kinds.map((kind) => ({
        pointer: `/${kind}`,
        code: 'wrong_form',
        message: `${kind} ${WHAT_IT_NEEDS[kind]}`,
      })),
    );
  if (error instanceof CursorInvalid)
    return invalid('validation_failed', [{ pointer: '/cursor', code: 'wrong_form', message: error.message }]);
  return error;
}
