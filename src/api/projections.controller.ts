import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { withProgress } from '../projection/build-progress.js';
import type { Operation, OperationResult } from '../projection/operations.js';
import type { Projections } from '../projection/projections.js';
import { callerOf } from '../access/bearer.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { Flag, Schema, Text } from '../platform/fields.js';
import { CommandPipe, OptionalBody } from '../platform/http/command-pipe.js';
import { Answer, Describe, JsonBody } from '../platform/http/describe.js';
import { Problem } from '../platform/http/problem.js';
import { Jobs } from '../platform/jobs.js';
import { Job } from './answers/jobs.js';
import { DropResult, ParkedEvents, ProjectionsStatus, RetryResult, SkipResult } from './answers/projections.js';
import { POSITION, positionOf, PROJECTIONS } from './read-gate.js';

const NAME = {
  name: 'name',
  description: 'Name of the read model',
  schema: { type: 'string', minLength: 1, maxLength: 100 },
} as const;

@Schema({ summary: 'How to rebuild a read model', example: { keep: true } })
export class RebuildProjection {
  @Flag({ optional: true, description: 'Keep the replaced collection until `POST …/drop`; default: false' })
  readonly keep?: boolean;
}

@Schema({ summary: 'What to retry', example: {} })
export class RetryParked {
  @Text({ max: 300, optional: true, description: 'The parked document to retry; default: all parked documents' })
  readonly document?: string;
}

@Schema({
  summary: 'The event to leave out of a document, and the reason',
  example: {
    document: '37367fd5-6616-5286-a6fe-c4735ea7036c',
    position: '00000000000000000042',
    reason: 'Written by a faulty version',
  },
})
export class SkipParked {
  @Text({ max: 300, description: 'The parked document' })
  readonly document!: string;
  @Text({ max: 64, form: POSITION, description: 'Position of the first parked event of the document' })
  readonly position!: string;
  @Text({ max: 1000, description: 'Reason; it is stored permanently, so it must not contain personal data' })
  readonly reason!: string;
}

/** The read models: their status, and operations on them. */
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    @Inject(PROJECTIONS) private readonly projections: Projections,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Describe({
    id: 'projections',
    summary: 'List every read model with its position and state',
    tag: 'operations',
  })
  @Answer(200, ProjectionsStatus, { description: 'The read models' })
  list(): ProjectionsStatus {
    return this.projections.status();
  }

  @Post(':name/rebuild')
  @HttpCode(202)
  @Describe({
    id: 'rebuildProjection',
    summary: 'Start a job that folds the whole history again, compares, and replaces the live read model',
    tag: 'operations',
  })
  @ApiParam(NAME)
  @JsonBody(RebuildProjection, { required: false })
  @Answer(202, Job, { description: 'The job' })
  rebuild(
    @Param('name') name: string,
    @Body(new OptionalBody(RebuildProjection)) { keep = false }: RebuildProjection,
  ): Job {
    return this.startJob({ kind: 'rebuild', name, keep });
  }

  @Post(':name/compare')
  @HttpCode(202)
  @Describe({
    id: 'compareProjection',
    summary: 'Start a job that folds the whole history again and compares; changes nothing',
    tag: 'operations',
  })
  @ApiParam(NAME)
  @Answer(202, Job, { description: 'The job' })
  compare(@Param('name') name: string): Job {
    return this.startJob({ kind: 'compare', name });
  }

  @Post(':name/drop')
  @HttpCode(200)
  @Describe({
    id: 'dropKept',
    summary: 'Drop the replaced collection that a rebuild, or the build of a new version, kept',
    tag: 'operations',
  })
  @ApiParam(NAME)
  @Answer(200, DropResult, { description: 'Whether a kept collection existed and was dropped' })
  async drop(@Param('name') name: string): Promise<DropResult> {
    return this.execute({ kind: 'drop', name });
  }

  @Post(':name/pause')
  @HttpCode(200)
  @Describe({
    id: 'pauseProjection',
    summary: 'Pause a read model until `POST …/resume`; it stays paused after a restart of the service',
    tag: 'operations',
  })
  @ApiParam(NAME)
  @Answer(200, ProjectionsStatus, { description: 'The read models' })
  async pause(@Param('name') name: string): Promise<ProjectionsStatus> {
    await this.execute({ kind: 'pause', name });
    return this.list();
  }

  @Post(':name/resume')
  @HttpCode(200)
  @Describe({
    id: 'resumeProjection',
    summary: 'Resume a read model from its checkpoint after a pause, a halt or a failure',
    tag: 'operations',
  })
  @ApiParam(NAME)
  @Answer(200, ProjectionsStatus, { description: 'The read models' })
  async resume(@Param('name') name: string): Promise<ProjectionsStatus> {
    await this.execute({ kind: 'resume', name });
    return this.list();
  }

  @Get(':name/parked')
  @Describe({
    id: 'parkedEvents',
    summary: 'List the parked documents (those with an event that could not be folded) and the skipped events',
    tag: 'operations',
  })
  @ApiParam(NAME)
  @Answer(200, ParkedEvents, { description: 'The parked documents, the oldest first, and the skipped events' })
  async parked(@Param('name') name: string): Promise<ParkedEvents> {
    return this.execute({ kind: 'parked', name });
  }

  @Post(':name/retry')
  @HttpCode(200)
  @Describe({
    id: 'retryParked',
    summary: 'Fold parked events again, in order; a document is no longer parked when all its events have succeeded',
    tag: 'operations',
  })
  @ApiParam(NAME)
  @JsonBody(RetryParked, { required: false })
  @Answer(200, RetryResult, { description: 'The result for each document' })
  async retry(
    @Param('name') name: string,
    @Body(new OptionalBody(RetryParked)) { document }: RetryParked,
  ): Promise<RetryResult> {
    return this.execute({ kind: 'retry', name, ...(document !== undefined && { document }) });
  }

  @Post(':name/skip')
  @HttpCode(200)
  @Describe({
    id: 'skipParked',
    summary: 'Leave an event out of a document, also in every rebuild of this version, and fold the later events',
    tag: 'operations',
  })
  @ApiParam(NAME)
  @JsonBody(SkipParked)
  @Answer(200, SkipResult, { description: 'The skipped event, who skipped it and why' })
  async skip(
    @Param('name') name: string,
    @Body(new CommandPipe(SkipParked)) { document, position, reason }: SkipParked,
    @Req() request: FastifyRequest,
  ): Promise<SkipResult> {
    const { type, id } = callerOf(request).actor;
    const at = this.clock.now();
    const skipRequest = { document, position: positionOf(position), reason, by: { type, id }, at };
    const result = await this.execute({ kind: 'skip', name, request: skipRequest });
    if (!result.skipped)
      throw new Problem(
        409,
        'nothing_to_skip',
        'the first parked event of this document is not at this position; GET …/parked lists the positions',
      );
    return result;
  }

  private startJob(operation: Extract<Operation, { kind: 'rebuild' | 'compare' }>): Job {
    const { kind, name } = operation;
    this.checkExists(name);
    return this.jobs.start(kind, name, ({ signal, progress }) =>
      withProgress(this.projections, name, this.projections.execute(operation, signal), progress),
    );
  }

  private async execute<O extends Operation>(operation: O): Promise<OperationResult<O>> {
    this.checkExists(operation.name);
    return this.projections.execute(operation);
  }

  private checkExists(name: string): void {
    if (!this.projections.status().projections.some((projection) => projection.name === name))
      throw new Problem(404, 'projection_not_found', `there is no projection ${JSON.stringify(name)}`);
  }
}
