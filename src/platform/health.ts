import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import type { Json } from './json.js';

/** One dependency that must work before the process accepts requests: a store, a projection. */
export interface ReadinessCheck {
  readonly name: string;
  /** Must be fast; a check that throws or takes over two seconds counts as down. Details are public. */
  check(): Promise<{
    readonly up: boolean;
    /** It works and accepts requests, but needs operator attention. */
    readonly degraded?: boolean;
    readonly [detail: string]: Json | undefined;
  }>;
}

/** Injection token of the list of checks (`readonly ReadinessCheck[]`). */
export const READINESS_CHECKS = Symbol('ReadinessChecks');

const CHECK_TIMEOUT_MS = 2000;

@Controller('health')
export class HealthController {
  constructor(@Inject(READINESS_CHECKS) private readonly checks: readonly ReadinessCheck[]) {}

  @Get('live')
  @ApiOperation({ summary: 'The process answers', security: [] })
  @ApiResponse({ status: 200, description: 'It does', schema: statusSchema('up') })
  live(): { readonly status: 'up' } {
    return { status: 'up' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Everything that a request needs is there', security: [] })
  @ApiResponse({
    status: 200,
    description: 'Ready; `degraded` means that an operator should look, for example at parked events',
    schema: statusSchema('up', 'degraded'),
  })
  @ApiResponse({ status: 503, description: 'Not ready; says which part is down', schema: statusSchema('down') })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const results = await Promise.all(this.checks.map(outcomeOf));
    const up = results.every(([, result]) => result.up);
    const degraded = results.some(([, result]) => result.degraded === true);
    const status = up ? (degraded ? 'degraded' : 'up') : 'down';
    if (!up) reply.header('retry-after', '5');
    await reply.code(up ? 200 : 503).send({ status, checks: Object.fromEntries(results) });
  }
}

type Result = Awaited<ReturnType<ReadinessCheck['check']>>;

async function outcomeOf(check: ReadinessCheck): Promise<readonly [string, Result]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Result>((resolve) => {
    timer = setTimeout(() => {
      resolve({ up: false, reason: 'no answer' });
    }, CHECK_TIMEOUT_MS);
  });
  try {
    return [check.name, await Promise.race([check.check(), late])];
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
