import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { withProgress } from '../projection/build-progress.js';
import type { Operation, OperationResult, Parked, Retried, Skipped } from '../projection/operations.js';
import type { Projections, ProjectionsStatus } from '../projection/projections.js';
import { callerOf } from '../access/bearer.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { Text } from '../platform/fields.js';
import { CommandPipe } from '../platform/http/command-pipe.js';
import { Problem } from '../platform/http/problem.js';
import { Jobs, type Job } from '../platform/jobs.js';
import { PROJECTIONS } from './read-gate.js';

const NAME = { name: 'name', schema: { type: 'string', minLength: 1, maxLength: 100 } } as const;
const OBJECT = { type: 'object', additionalProperties: true } as const;

/** Which document; each that waits when absent. */
export class RetryParked {
  @Text({ max: 300, optional: true, description: 'One document; each that waits when absent' })
  readonly document?: string;
}

/** Which event is left out of which document for good, and why. */
export class SkipParked {
  @Text({ max: 300, description: 'The document that waits' })
  readonly document!: string;
  @Text({ max: 64, pattern: /^[0-9]{1,20}(\/[0-9]{1,20})?$/, description: 'Where its first waiting event stands' })
  readonly position!: string;
  @Text({ max: 1000, description: 'Kept for good: name no person' })
  readonly reason!: string;
}

/** A body that may be absent. */
class OptionalBody<Command extends object> extends CommandPipe<Command> {
  override transform(body: unknown): Command {
    return super.transform(body ?? {});
  }
}

/** The read models: how they do, and whether they are what history says. */
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
    summary: 'Every read model, how far it is and how it does',
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
    summary: 'Fold the history anew beside it, compare, swap',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiResponse({ status: 202, description: 'The job', schema: OBJECT })
  rebuild(@Param('name') name: string): Job {
    return this.build({ kind: 'rebuild', name });
  }

  @Post(':name/compare')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'compareProjection',
    summary: 'Fold the history anew and compare',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiResponse({ status: 202, description: 'The job', schema: OBJECT })
  compare(@Param('name') name: string): Job {
    return this.build({ kind: 'compare', name });
  }

  @Post(':name/pause')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'pauseProjection',
    summary: 'Stop it, across restarts, until it is resumed',
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
    summary: 'Start it again from where it stopped',
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
    summary: 'Documents that wait for an event that could not be folded, and events that were skipped',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiResponse({ status: 200, description: 'What waits, the longest first', schema: OBJECT })
  async parked(@Param('name') name: string): Promise<Parked> {
    return this.execute({ kind: 'parked', name });
  }

  @Post(':name/retry')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'retryParked',
    summary: 'Fold what waits, in order; a document that comes through takes events again',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiBody({ type: RetryParked, required: false })
  @ApiResponse({ status: 200, description: 'What came of each document', schema: OBJECT })
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
    summary: 'Leave an event out of a document for good, also in every rebuild of this version, and go on',
    tags: ['operations'],
  })
  @ApiParam(NAME)
  @ApiBody({ type: SkipParked })
  @ApiResponse({ status: 200, description: 'What is skipped, by whom and why', schema: OBJECT })
  async skip(
    @Param('name') name: string,
    @Body(new CommandPipe(SkipParked)) { document, position, reason }: SkipParked,
    @Req() request: FastifyRequest,
  ): Promise<Skipped> {
    const { type, id } = callerOf(request).actor;
    const at = this.clock.now();
    const what = { document, position, reason, by: { type, id }, at };
    const skipped = await this.execute({ kind: 'skip', name, request: what });
    if (!skipped.skipped)
      throw new Problem(
        409,
        'nothing_to_skip',
        'the document waits for no event at that position, or not for it first',
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
