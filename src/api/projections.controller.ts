import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { withProgress } from '../projection/build-progress.js';
import type { Dropped, Operation, OperationResult, Parked, Retried, Skipped } from '../projection/operations.js';
import type { Projections, ProjectionsStatus } from '../projection/projections.js';
import { callerOf } from '../access/bearer.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { Flag, Text } from '../platform/fields.js';
import { CommandPipe } from '../platform/http/command-pipe.js';
import { Problem } from '../platform/http/problem.js';
import { Jobs, type Job } from '../platform/jobs.js';
import { POSITION, PROJECTIONS } from './read-gate.js';

const NAME = { name: 'name', schema: { type: 'string', minLength: 1, maxLength: 100 } } as const;
const OBJECT = { type: 'object', additionalProperties: true } as const;

export class RebuildProjection {
  @Flag({ optional: true, description: 'Keep the collection that is replaced, until `drop`; default: false' })
  readonly keep?: boolean;
}

/** The document to retry; all parked documents when absent. */
export class RetryParked {
  @Text({ max: 300, optional: true, description: 'One parked document; all parked documents when absent' })
  readonly document?: string;
}

/** The event to leave out of a document permanently, and the reason. */
export class SkipParked {
  @Text({ max: 300, description: 'The parked document' })
  readonly document!: string;
  @Text({ max: 64, form: POSITION, description: 'Position of its first parked event' })
  readonly position!: string;
  @Text({ max: 1000, description: 'Reason, stored permanently: do not name a person' })
  readonly reason!: string;
}

/** A body that may be absent. */
class OptionalBody<Command extends object> extends CommandPipe<Command> {
  override transform(body: unknown): Command {
    return super.transform(body ?? {});
  }
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
  @ApiOperation({
    operationId: 'projections',
    summary: 'List every read model with its position and state',
    tags: ['operations'],
  })
  @ApiResponse({ status: 200, description: 'The read models', schema: OBJECT })
  list(): ProjectionsStatus {
    return this.projections.status();
  }

  @Post(':name/rebuild')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'rebuildProjection',
    summary: 'Fold the whole history again, compare, and replace the live read model',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiBody({ type: RebuildProjection, required: false })
  @ApiResponse({ status: 202, description: 'The job', schema: OBJECT })
  rebuild(
    @Param('name') name: string,
    @Body(new OptionalBody(RebuildProjection)) { keep = false }: RebuildProjection,
  ): Job {
    return this.build({ kind: 'rebuild', name, keep });
  }

  @Post(':name/compare')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'compareProjection',
    summary: 'Fold the whole history again and compare; changes nothing',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiResponse({ status: 202, description: 'The job', schema: OBJECT })
  compare(@Param('name') name: string): Job {
    return this.build({ kind: 'compare', name });
  }

  @Post(':name/drop')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'dropKept',
    summary: 'Drop the collection that a rebuild, or the build of a new version, kept',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiResponse({ status: 200, description: 'Whether a collection was kept', schema: OBJECT })
  async drop(@Param('name') name: string): Promise<Dropped> {
    return this.execute({ kind: 'drop', name });
  }

  @Post(':name/pause')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'pauseProjection',
    summary: 'Pause a read model until it is resumed, also across restarts',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiResponse({ status: 200, description: 'The read models', schema: OBJECT })
  async pause(@Param('name') name: string): Promise<ProjectionsStatus> {
    await this.execute({ kind: 'pause', name });
    return this.list();
  }

  @Post(':name/resume')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'resumeProjection',
    summary: 'Resume a read model from its checkpoint',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiResponse({ status: 200, description: 'The read models', schema: OBJECT })
  async resume(@Param('name') name: string): Promise<ProjectionsStatus> {
    await this.execute({ kind: 'resume', name });
    return this.list();
  }

  @Get(':name/parked')
  @ApiOperation({
    operationId: 'parkedEvents',
    summary: 'List parked documents, whose next event could not be folded, and skipped events',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiResponse({
    status: 200,
    description: 'The parked documents, the oldest first, and the skipped events',
    schema: OBJECT,
  })
  async parked(@Param('name') name: string): Promise<Parked> {
    return this.execute({ kind: 'parked', name });
  }

  @Post(':name/retry')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'retryParked',
    summary: 'Fold parked events again, in order; a document whose events all succeed is no longer parked',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiBody({ type: RetryParked, required: false })
  @ApiResponse({ status: 200, description: 'The result for each document', schema: OBJECT })
  async retry(
    @Param('name') name: string,
    @Body(new OptionalBody(RetryParked)) { document }: RetryParked,
  ): Promise<Retried> {
    return this.execute({ kind: 'retry', name, ...(document !== undefined && { document }) });
  }

  @Post(':name/skip')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'skipParked',
    summary: 'Leave an event out of a document permanently, also in every rebuild of this version, and continue',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiBody({ type: SkipParked })
  @ApiResponse({ status: 200, description: 'The skipped event, who skipped it and why', schema: OBJECT })
  async skip(
    @Param('name') name: string,
    @Body(new CommandPipe(SkipParked)) { document, position, reason }: SkipParked,
    @Req() request: FastifyRequest,
  ): Promise<Skipped> {
    const { type, id } = callerOf(request).actor;
    const at = this.clock.now();
    const skip = { document, position, reason, by: { type, id }, at };
    const skipped = await this.execute({ kind: 'skip', name, request: skip });
    if (!skipped.skipped)
      throw new Problem(
        409,
        'nothing_to_skip',
        'the first parked event of this document is not at this position; GET …/parked lists the positions',
      );
    return skipped;
  }

  private build(operation: Extract<Operation, { kind: 'rebuild' | 'compare' }>): Job {
    const { kind, name } = operation;
    this.check(name);
    return this.jobs.start(kind, name, ({ signal, progress }) =>
      withProgress(this.projections, name, this.projections.execute(operation, signal), progress),
    );
  }

  private async execute<O extends Operation>(operation: O): Promise<OperationResult<O>> {
    this.check(operation.name);
    return this.projections.execute(operation);
  }

  private check(name: string): void {
    if (!this.projections.status().projections.some((projection) => projection.name === name))
      throw new Problem(404, 'projection_not_found', `there is no projection ${JSON.stringify(name)}`);
  }
}
