import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { complaints } from '../../projections/complaints/projection.js';
import { complaintsOfIds, type ComplaintsOfIds } from '../../projections/complaints/query.js';
import { withStandingLabels } from '../complaint/terms/labels.js';
import { Schema, Text, Whole } from '../platform/fields.js';
import { CommandPipe } from '../platform/http/command-pipe.js';
import { AcceptLanguage, languageOf } from '../platform/http/accepted-language.js';
import { Answer, Describe, JsonBody } from '../platform/http/describe.js';
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
import { SearchPage } from './answers/complaints.js';
import { PositionedQuery, ReadGate } from './read-gate.js';
import { REFERENCE, type ReferenceSource } from '../reference/reference-source.js';

/** The personal values of a search. They are sent in a body, because addresses end up in logs. */
@Schema({
  summary: 'The personal values to search for; all given ones must match',
  example: { phone: '010 5555 0100' },
})
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
    example: 'CN-88 1200',
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

/** Finds complaints by personal values. */
@Controller('v1/complaints')
export class ComplaintSearchController {
  constructor(
    @Inject(SUBJECTS) private readonly subjectIndex: SubjectIndex,
    @Inject(READ_MODELS) private readonly readModels: ReadModels,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(REFERENCE) private readonly reference: ReferenceSource,
  ) {}

  @Post('search')
  @HttpCode(200)
  @Describe({
    id: 'searchComplaints',
    summary: 'Find complaints, open or ended, by name, phone, e-mail, account or order; all given values must match',
    tag: 'queries',
  })
  @JsonBody(SearchForPerson)
  @Answer(200, SearchPage, { description: 'A page, the complaint recorded last first' })
  @AcceptLanguage('stageLabel, statusLabel and outcomeLabel')
  async search(
    @Body(new CommandPipe(SearchForPerson)) query: SearchForPerson,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SearchPage> {
    const values = searchedValues(query);
    const view = await this.gate.openComplete(SUBJECT_INDEX, query);
    const { cursor, limit } = query;
    const page = { ...(cursor !== undefined && { cursor }), ...(limit !== undefined && { limit }) };
    const { ids, next } = await this.subjectIndex.search(values, page).catch((error: unknown) => {
      throw problemOf(error);
    });
    const { items, notYetVisible } = await this.complaintsOf(ids, view.position);
    const language = languageOf(request, reply);
    return { items: items.map((row) => withStandingLabels(row, language)), notYetVisible, next, view };
  }

  /** Waits for the read model of the rows if it is behind the index. */
  private async complaintsOf(ids: readonly string[], position: string | null): Promise<ComplaintsOfIds> {
    const found = await complaintsOfIds(this.readModels, ids, this.reference.current().house);
    if (found.notYetVisible.length === 0 || position === null) return found;
    await this.gate.open(complaints.name, { minPosition: position }).catch((error: unknown) => {
      if (!(error instanceof NotYetVisible)) throw error;
    });
    return complaintsOfIds(this.readModels, ids, this.reference.current().house);
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
