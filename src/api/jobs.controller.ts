import { Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { VERIFY, type Verify } from '../audit/verify.js';
import { Problem } from '../platform/http/problem.js';
import { Jobs, type Job } from '../platform/jobs.js';

const ID = { name: 'id', schema: { type: 'string', format: 'uuid' } } as const;
const JOB = { type: 'object', additionalProperties: true } as const;

/** Jobs: long operations that a client started, such as a verification, a rebuild or a comparison. */
@Controller('v1')
export class JobsController {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(VERIFY) private readonly runVerification: Verify,
  ) {}

  @Post('verifications')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'verify',
    summary: 'Start a job that checks every stored event: its bytes, its hash, its chain and its position',
    tags: ['audit'],
  })
  @ApiResponse({ status: 202, description: 'The job', schema: JOB })
  verify(): Job {
    return this.jobs.startOrJoin('verify', 'event store', async ({ signal, progress }) => {
      for await (const step of this.runVerification(signal)) {
        if (step.kind === 'result') return step;
        progress(step);
      }
      throw new Error('verification ended without a result');
    });
  }

  @Get('jobs')
  @ApiOperation({
    operationId: 'jobs',
    summary: 'List jobs that are running or ended recently, newest first',
    tags: ['operations'],
  })
  @ApiResponse({ status: 200, description: 'The jobs', schema: JOB })
  list(): { readonly jobs: readonly Job[] } {
    return { jobs: this.jobs.list() };
  }

  @Get('jobs/:id')
  @ApiOperation({ operationId: 'job', summary: 'Read the state and progress of a job', tags: ['operations'] })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'The job', schema: JOB })
  find(@Param('id') id: string): Job {
    const job = this.jobs.find(id);
    if (job === undefined) throw jobNotFound(id);
    return job;
  }

  @Delete('jobs/:id')
  @HttpCode(202)
  @ApiOperation({ operationId: 'cancelJob', summary: 'Ask a job to stop', tags: ['operations'] })
  @ApiParam(ID)
  @ApiResponse({ status: 202, description: 'The job, which stops soon', schema: JOB })
  cancel(@Param('id') id: string): Job {
    this.jobs.cancel(id);
    return this.find(id);
  }
}

const jobNotFound = (id: string): Problem => new Problem(404, 'job_not_found', `there is no job ${JSON.stringify(id)}`);
