import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { ROOT } from '../audit/earlier-result.js';
import { VERIFY, type Verify } from '../audit/verify.js';
import { Nested, Text, Whole } from '../platform/fields.js';
import { OptionalBody } from '../platform/http/command-pipe.js';
import { Problem } from '../platform/http/problem.js';
import { Jobs, type Job } from '../platform/jobs.js';

const ID = { name: 'id', schema: { type: 'string', format: 'uuid' } } as const;
const JOB = { type: 'object', additionalProperties: true } as const;

/** What is kept of an earlier verification: the log must still begin with the same events. */
export class EarlierVerification {
  @Whole({ min: 0, max: Number.MAX_SAFE_INTEGER, description: '`events` of the earlier result' })
  readonly events!: number;
  @Text({
    max: 64,
    form: { pattern: ROOT, name: '64 characters of lower-case hexadecimal' },
    description: '`root` of the earlier result',
  })
  readonly root!: string;
}

export class StartVerification {
  @Nested(() => EarlierVerification, {
    optional: true,
    description: 'An earlier result to compare with; `against` in the result says whether the log still contains it',
  })
  readonly against?: EarlierVerification;
}

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
    summary: 'Start a job that checks every stored event, or join the one that runs; it can compare an earlier result',
    tags: ['audit'],
  })
  @ApiBody({ type: StartVerification, required: false })
  @ApiResponse({ status: 202, description: 'The job', schema: JOB })
  verify(@Body(new OptionalBody(StartVerification)) { against }: StartVerification): Job {
    const subject =
      against === undefined
        ? 'event store'
        : `event store, compared with ${String(against.events)} events and root ${against.root}`;
    if (this.jobs.list().some((job) => job.kind === 'verify' && job.state === 'running' && job.subject !== subject))
      throw new Problem(
        409,
        'verification_running',
        'another verification runs; send the request again when it has ended',
      );
    return this.jobs.startOrJoin('verify', subject, async ({ signal, progress }) => {
      for await (const step of this.runVerification(signal, against)) {
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
