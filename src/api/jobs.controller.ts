import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { ROOT } from '../audit/earlier-result.js';
import { VERIFY, type Verify } from '../audit/verify.js';
import { Nested, Schema, Text, Whole } from '../platform/fields.js';
import { OptionalBody } from '../platform/http/command-pipe.js';
import { Answer, Describe, JsonBody } from '../platform/http/describe.js';
import { Problem } from '../platform/http/problem.js';
import { Jobs } from '../platform/jobs.js';
import { Job, JobList } from './answers/jobs.js';

const ID = { name: 'id', description: 'Id of the job', schema: { type: 'string', format: 'uuid' } } as const;

/** The root of an empty log. */
const EXAMPLE_ROOT = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** What is kept of an earlier verification: the log must still begin with the same events. */
@Schema({ summary: 'What is kept of an earlier verification', example: { events: 12, root: EXAMPLE_ROOT } })
export class EarlierVerification {
  @Whole({ min: 0, max: Number.MAX_SAFE_INTEGER, description: '`events` of the earlier result', example: 12 })
  readonly events!: number;
  @Text({
    max: 64,
    form: { pattern: ROOT, name: '64 characters of lower-case hexadecimal' },
    description: '`root` of the earlier result',
    example: EXAMPLE_ROOT,
  })
  readonly root!: string;
}

@Schema({
  summary: 'How to verify the event store',
  example: { against: { events: 12, root: EXAMPLE_ROOT } },
})
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
  @Describe({
    id: 'verify',
    summary: 'Start a job that checks every stored event, or join the one that runs; it can compare an earlier result',
    tag: 'audit',
  })
  @JsonBody(StartVerification, { required: false })
  @Answer(202, Job, { description: 'The job' })
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
  @Describe({ id: 'jobs', summary: 'List jobs that are running or ended recently, newest first', tag: 'operations' })
  @Answer(200, JobList, { description: 'The jobs' })
  list(): JobList {
    return { jobs: this.jobs.list() };
  }

  @Get('jobs/:id')
  @Describe({ id: 'job', summary: 'Read the state and progress of a job', tag: 'operations' })
  @ApiParam(ID)
  @Answer(200, Job, { description: 'The job' })
  find(@Param('id') id: string): Job {
    const job = this.jobs.find(id);
    if (job === undefined) throw jobNotFound(id);
    return job;
  }

  @Delete('jobs/:id')
  @HttpCode(202)
  @Describe({ id: 'cancelJob', summary: 'Ask a job to stop', tag: 'operations' })
  @ApiParam(ID)
  @Answer(202, Job, { description: 'The job, which stops soon' })
  cancel(@Param('id') id: string): Job {
    this.jobs.cancel(id);
    return this.find(id);
  }
}

const jobNotFound = (id: string): Problem => new Problem(404, 'job_not_found', `there is no job ${JSON.stringify(id)}`);
