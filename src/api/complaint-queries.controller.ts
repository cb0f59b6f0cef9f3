import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { complaintFile } from '../../projections/complaint-file/projection.js';
import { fileOf } from '../../projections/complaint-file/query.js';
import { callerOf } from '../access/bearer.js';
import { History } from '../audit/history.js';
import { isNow, type PointInTime } from '../audit/time-travel.js';
import { allowedNow } from '../complaint/allowed.js';
import type { Complaint } from '../complaint/complaint.js';
import { complaintFileOf } from '../complaint/complaint-view.js';
import { COMPLAINT_COMMANDS, type ComplaintCommands } from '../complaint/submission.js';
import { clampToNow } from '../complaint/time.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { When, Whole } from '../platform/fields.js';
import { AcceptLanguage, acceptedLanguage, languageHeaders } from '../platform/http/accepted-language.js';
import { acceptedType } from '../platform/http/accepted-type.js';
import { Answer, Describe } from '../platform/http/describe.js';
import { revisionTag } from '../platform/http/headers.js';
import { invalid, Problem } from '../platform/http/problem.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { earliest, instant, type Moment } from '../platform/moment.js';
import { NotYetVisible, READ_MODELS, type ReadModels } from '../readmodels/read-models.js';
import { ComplaintFile } from './answers/complaint-file.js';
import { ComplaintHistory, HistoryEntry } from './answers/history.js';
import { JSON_LINES, jsonLines, linesOf } from './json-lines.js';
import { LargeAnswers } from './large-answers.js';
import { PositionedQuery, ReadGate } from './read-gate.js';
import { REFERENCE, type ReferenceSource } from '../reference/reference-source.js';
import { noSuchComplaint } from '../complaint/reference.js';

export class PointInTimeQuery extends PositionedQuery {
  @When({ optional: true, description: 'Only what had happened by this time, as known today; not in the future' })
  readonly asOf?: Moment;
  @When({ optional: true, description: 'Only what was on record by this time; not in the future' })
  readonly knownAt?: Moment;
  @Whole({
    min: 0,
    max: 1_000_000_000,
    optional: true,
    description:
      'The state after this revision, which must exist (404 `revision_not_found`); cannot be combined with asOf or knownAt',
  })
  readonly revision?: number;
}

const COMPLAINTS_PATH = 'v1/complaints';
export const HISTORY_PATH = `${COMPLAINTS_PATH}/:id/history`;

const ID = {
  name: 'id',
  description: 'Id or reference of the complaint',
  schema: { type: 'string', minLength: 1, maxLength: 500 },
} as const;

/** The complaint file and its history, now or at an earlier point in time. */
@Controller(COMPLAINTS_PATH)
export class ComplaintQueriesController {
  constructor(
    @Inject(COMPLAINT_COMMANDS) private readonly commandService: ComplaintCommands,
    @Inject(READ_MODELS) private readonly readModels: ReadModels,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(History) private readonly history: History,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REFERENCE) private readonly reference: ReferenceSource,
    @Inject(LargeAnswers) private readonly largeAnswers: LargeAnswers,
  ) {}

  @Get(':id')
  @Describe({
    id: 'complaintFile',
    summary: 'Read the file of a complaint, and which commands are allowed now',
    tag: 'queries',
    query: PointInTimeQuery,
  })
  @ApiParam(ID)
  @Answer(200, ComplaintFile, {
    description: 'The file',
    headers: { ETag: { description: 'The revision of the complaint, for If-Match', example: '"4"' } },
  })
  @AcceptLanguage('stageLabel and statusLabel')
  async file(
    @Param('id') idOrReference: string,
    @Query(new QueryPipe(PointInTimeQuery)) query: PointInTimeQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const pointInTime = pointInTimeOf(query, this.clock.now());
    const view = await this.gate.open(complaintFile.name, query);
    const id = await this.idOf(idOrReference);
    await this.largeAnswers.send(request, reply, async () => {
      const file = isNow(pointInTime) ? await fileOf(this.readModels, id) : await this.history.file(id, pointInTime);
      if (file === undefined) throw await this.missingFileError(id, idOrReference, pointInTime);
      const now = this.clock.now();
      const language = acceptedLanguage(request.headers);
      reply.headers({ etag: revisionTag(file.revision), ...languageHeaders(language) });
      return JSON.stringify({
        ...complaintFileOf(file, this.reference.at(now), language),
        ...(isNow(pointInTime) && { commands: this.allowedCommands(file, request, now), view }),
      } satisfies ComplaintFile);
    });
  }

  @Get(':id/history')
  @Describe({
    id: 'complaintHistory',
    summary: 'List every event of a complaint, with time of occurrence and of recording, actor and hash',
    tag: 'queries',
    query: PointInTimeQuery,
  })
  @ApiParam(ID)
  @Answer(200, ComplaintHistory, {
    description: 'The events in revision order; with `Accept: application/x-ndjson`, one per line',
    otherTypes: { [JSON_LINES]: linesOf(HistoryEntry) },
  })
  async events(
    @Param('id') idOrReference: string,
    @Query(new QueryPipe(PointInTimeQuery)) query: PointInTimeQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const id = await this.idOf(idOrReference);
    const pointInTime = pointInTimeOf(query, this.clock.now());
    await this.largeAnswers.send(request, reply, async () => {
      const events = await this.history.entries(id, pointInTime);
      if (events === undefined) throw notFound(idOrReference);
      const type = acceptedType(request.headers.accept, ['application/json', JSON_LINES]);
      if (type !== JSON_LINES) return JSON.stringify({ id, events } satisfies ComplaintHistory);
      reply.type(type);
      return [...jsonLines(events)].join('');
    });
  }

  private allowedCommands(file: Complaint, request: FastifyRequest, now: string) {
    const { actor } = callerOf(request);
    return allowedNow(file, { now, occurredAt: instant(now), actor, reference: this.reference.at(now) });
  }

  /** The error for a file that was not found: the complaint is not in the read model yet, or does not exist. */
  private async missingFileError(id: string, idOrReference: string, pointInTime: PointInTime): Promise<Error> {
    if (!isNow(pointInTime) || (await this.history.entries(id, {})) === undefined) return notFound(idOrReference);
    return new NotYetVisible('the complaint is recorded but not visible in this view yet; send the same request again');
  }

  private async idOf(idOrReference: string): Promise<string> {
    const id = await this.commandService.resolve(idOrReference);
    if (id === undefined) throw notFound(idOrReference);
    return id;
  }
}

/** @throws Problem 400 `validation_failed` for a time in the future, and for a revision together with a time */
function pointInTimeOf({ asOf, knownAt, revision }: PointInTimeQuery, now: string): PointInTime {
  const future = Object.entries({ asOf, knownAt }).filter(
    ([, time]) => time !== undefined && clampToNow(time, now) === undefined,
  );
  if (future.length > 0)
    throw invalid(
      'validation_failed',
      future.map(([name]) => ({
        pointer: `/${name}`,
        code: 'out_of_range',
        message: `${name} must not be in the future; omit it to read what is known now`,
      })),
    );
  if (revision !== undefined && (asOf !== undefined || knownAt !== undefined))
    throw invalid('validation_failed', [
      {
        pointer: '/revision',
        code: 'not_together',
        message: 'revision cannot be combined with asOf or knownAt; send one of them',
      },
    ]);
  return {
    ...(asOf && { asOf: earliest(asOf) }),
    ...(knownAt && { knownAt: earliest(knownAt) }),
    ...(revision !== undefined && { revision }),
  };
}

const notFound = (idOrReference: string): Problem =>
  new Problem(404, 'complaint_not_found', noSuchComplaint(idOrReference));
