import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { type Projections, type ProjectionsStatus } from '../../projections/runner/projections.js';
import { Problem } from '../platform/http/problem.js';
import { Jobs, type Job } from '../platform/jobs.js';
import { PROJECTIONS } from './read-gate.js';

const NAME = { name: 'name', schema: { type: 'string', minLength: 1, maxLength: 100 } } as const;
const OBJECT = { type: 'object', additionalProperties: true } as const;

/** The read models: how they do, and whether they are what history says. */
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    @Inject(PROJECTIONS) private readonly projections: Projections,
    @Inject(Jobs) private readonly jobs: Jobs,
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
    this.check(name);
    return this.jobs.start('rebuild', name, ({ signal }) => this.projections.rebuild(name, { signal }));
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
    this.check(name);
    return this.jobs.start('compare', name, ({ signal }) => this.projections.compare(name, { signal }));
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
    this.check(name);
    await this.projections.pause(name);
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
    this.check(name);
    await this.projections.resume(name);
    return this.list();
  }

  private check(name: string): void {
    if (!this.projections.status().projections.some((projection) => projection.name === name))
      throw new Problem(404, 'projection_not_found', `there is no projection ${JSON.stringify(name)}`);
  }
}
