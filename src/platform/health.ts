import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { MapOf } from './answer-fields.js';
import { enumeration } from './enumerations.js';
import { Code, Flag, Schema } from './fields.js';
import { Answer, Describe } from './http/describe.js';
import type { Json } from './json.js';

/** Checks a dependency, such as a store, without which the process cannot accept requests. */
export interface ReadinessCheck {
  readonly name: string;
  /**
   * Only callers with a key see the details of the result. A check that throws, or takes longer than 2 s, counts as down.
   */
  check(): Promise<{
    readonly up: boolean;
    /** True if the dependency works but needs operator attention. */
    readonly degraded?: boolean;
    readonly [detail: string]: Json | undefined;
  }>;
}

/** Injection token of the list of checks (`readonly ReadinessCheck[]`). */
export const READINESS_CHECKS = Symbol('ReadinessChecks');

/** Injection token of a function that decides whether the caller of a request may see the details of the checks. */
export const MAY_SEE_DETAILS = Symbol('MaySeeDetails');

const CHECK_TIMEOUT_MS = 2000;

const UP = enumeration('UpStatus', ['up'], 'The process answers');
const STATUSES = enumeration(
  'ReadyStatus',
  ['up', 'degraded', 'down'],
  'Whether the process can accept requests; degraded if something needs operator attention',
);

@Schema({ summary: 'The process answers' })
export class Liveness {
  @Code(UP)
  readonly status!: 'up';
}

@Schema({ summary: 'The result of the check of a dependency, with details that depend on the check', open: true })
export class CheckResult {
  @Flag({ description: 'True if the dependency works' })
  readonly up!: boolean;
  @Flag({ optional: true, description: 'True if it works but needs operator attention', example: false })
  readonly degraded?: boolean;
}

@Schema({ summary: 'Whether the process can accept requests' })
export class ReadyAnswer {
  @Code(STATUSES)
  readonly status!: (typeof STATUSES)[number];
  @MapOf(() => CheckResult, { description: 'The results of the checks, by name', nameExample: 'event_store' })
  readonly checks!: Readonly<Record<string, CheckResult>>;
}

@Controller('health')
export class HealthController {
  constructor(
    @Inject(READINESS_CHECKS) private readonly checks: readonly ReadinessCheck[],
    @Inject(MAY_SEE_DETAILS) private readonly maySeeDetails: (request: FastifyRequest) => boolean,
  ) {}

  @Get('live')
  @Describe({ id: 'live', summary: 'Check that the process answers', tag: 'operations', isPublic: true })
  @Answer(200, Liveness, { description: 'The process answers' })
  live(): Liveness {
    return { status: 'up' };
  }

  @Get('ready')
  @Describe({
    id: 'ready',
    summary: 'Check that the process can accept requests; with a key, also the details of each check',
    tag: 'operations',
    isPublic: true,
  })
  @Answer(200, ReadyAnswer, {
    description: 'Ready; `degraded` means that something, such as a parked event, needs operator attention',
  })
  @Answer(503, ReadyAnswer, {
    description: 'Not ready; `checks` shows which dependency is down',
    headers: { 'Retry-After': { description: 'Seconds', example: '5' } },
  })
  async ready(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const results = await Promise.all(this.checks.map(runCheck));
    const up = results.every(([, result]) => result.up);
    const degraded = results.some(([, result]) => result.degraded === true);
    const status = up ? (degraded ? 'degraded' : 'up') : 'down';
    if (!up) reply.header('retry-after', '5');
    const shown = this.maySeeDetails(request) ? results : results.map(withoutDetails);
    const answer: ReadyAnswer = { status, checks: Object.fromEntries(shown) };
    await reply.code(up ? 200 : 503).send(answer);
  }
}

type Result = Awaited<ReturnType<ReadinessCheck['check']>>;

/** What anyone may know: not the host, process and positions, which the details may contain. */
const withoutDetails = ([name, { up, degraded }]: readonly [string, Result]): readonly [string, Result] => [
  name,
  { up, ...(degraded === true && { degraded }) },
];

/** The name and the result of a check. Never rejects. */
async function runCheck(check: ReadinessCheck): Promise<readonly [string, Result]> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<Result>((resolve) => {
    timer = setTimeout(() => {
      resolve({ up: false, reason: 'no answer' });
    }, CHECK_TIMEOUT_MS);
  });
  try {
    return [check.name, await Promise.race([check.check(), timedOut])];
  } catch {
    return [check.name, { up: false, reason: 'the check failed' }];
  } finally {
    clearTimeout(timer);
  }
}
