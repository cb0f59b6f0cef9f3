import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

import { acceptedLanguage, languageHeaders } from './accepted-language.js';
import { Problem, PROBLEM_JSON, problemBody, problemOf } from './problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The problem that the request was answered with, for the log. */
    problem?: Problem;
  }
}

/** Maps a known error, such as an unavailable store, to its problem. Returns undefined for any other error. */
export type ErrorMapping = (error: unknown) => Problem | undefined;

/** Answers every error of a route, hook or parser with a problem, and logs errors of the service. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Logger,
    private readonly toProblem: ErrorMapping = () => undefined,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const mapped = this.toProblem(error);
    const problem = mapped ?? problemOf(error);
    if (problem.status >= 500 && !(error instanceof Problem))
      if (mapped === undefined) this.log.error({ correlationId: request.id, err: error }, 'request failed');
      else
        this.log.warn(
          { correlationId: request.id, code: mapped.code, reason: String(error) },
          'request failed, the client may retry',
        );
    request.problem = problem;
    if (reply.sent) return;
    sendProblem(reply, problem, request);
  }
}

/** The title is in the language of the request; the detail is English. */
export function sendProblem(reply: FastifyReply, problem: Problem, request: FastifyRequest): void {
  const language = acceptedLanguage(request.headers);
  void reply
    .code(problem.status)
    .headers({ ...languageHeaders(language), ...problem.extensions.headers })
    .type(PROBLEM_JSON)
    .send(JSON.stringify(problemBody(problem, request.id, language)));
}
