import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

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

@Controller('health')
export class HealthController {
  constructor(
    @Inject(READINESS_CHECKS) private readonly checks: readonly ReadinessCheck[],
    @Inject(MAY_SEE_DETAILS) private readonly maySeeDetails: (request: FastifyRequest) => boolean,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Check that the process answers', security: [] })
  @ApiResponse({ status: 200, description: 'The process answers', schema: statusSchema('up') })
  live(): { readonly status: 'up' } {
    return { status: 'up' };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'Check that the process can accept requests; with a key, also the details of each check',
    security: [],
  })
  @ApiResponse({
    status: 200,
    description: 'Ready; `degraded` means that something, such as a parked event, needs operator attention',
    schema: statusSchema('up', 'degraded'),
  })
  @ApiResponse({
    status: 503,
    description: 'Not ready; `checks` shows which dependency is down',
    schema: statusSchema('down'),
  })
  async ready(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const results = await Promise.all(this.checks.map(runCheck));
    const up = results.every(([, result]) => result.up);
    const degraded = results.some(([, result]) => result.degraded === true);
    const status = up ? (degraded ? 'degraded' : 'up') : 'down';
    if (!up) reply.header('retry-after', '5');
    const shown = this.maySeeDetails(request) ? results : results.map(withoutDetails);
    await reply.code(up ? 200 : 503).send({ status, checks: Object.fromEntries(shown) });
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

function statusSchema(...status: readonly ('up' | 'degraded' | 'down')[]) {
  return {
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string', enum: [...status] }, checks: { type: 'object' } },
  };
}
