import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest, FastifyServerOptions } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { v4 as uuid } from 'uuid';

import type { Metrics } from '../metrics.js';
import { endRequestSpan, requestSpan, runInSpan, type RequestSpan } from '../tracing.js';
import { boundBodies } from './bodies-in-flight.js';
import { BODY_LIMIT, useJsonBodies } from './body-parser.js';
import { CORRELATION_HEADER, correlationIdOf } from './headers.js';
import { KnownRoutes } from './known-routes.js';
import { ProblemFilter, send, type ErrorMapping } from './problem-filter.js';
import { Problem, PROBLEM_JSON, problemBody, problemOf } from './problem.js';

/**
 * Fastify configured so that every kind of invalid input gets problem+json, even before a route is known. Pass it to
 * `NestFactory.create(module, createHttpAdapter(), { bodyParser: false })`.
 */
export function createHttpAdapter(): FastifyAdapter {
  const options: FastifyServerOptions = {
    bodyLimit: BODY_LIMIT,
    requestIdHeader: false,
    genReqId: (request) => correlationIdOf(request.headers),
    routerOptions: { maxParamLength: 16_384 }, // longer parameters exceed the header limit
    forceCloseConnections: 'idle',
    return503OnClosing: false, // configureApp responds with a problem
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      reply.header(CORRELATION_HEADER, request.id);
      send(reply, problemOf(error), request.id);
    },
  };
  const adapter = new FastifyAdapter(options);
  useJsonBodies(adapter.getInstance());
  boundBodies(adapter.getInstance());
  return adapter;
}

export interface EdgeOptions {
  /** Authenticates the caller or throws a Problem; see src/access/bearer.ts. */
  readonly authenticate: (request: FastifyRequest) => void;
  /** Name of the credential, for the log; undefined where there is none. */
  readonly callerName: (request: FastifyRequest) => string | undefined;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Problems for errors of the ports. */
  readonly mapping?: ErrorMapping;
}

/**
 * Installs the hooks and the exception filter. Call it on a created application before `init` or `listen`, so that it
 * sees every route.
 */
export function configureApp(app: NestFastifyApplication, options: EdgeOptions): void {
  const server = app.getHttpAdapter().getInstance();
  const { authenticate, log, metrics } = options;
  const routes = new KnownRoutes().watch(server);
  const spans = new WeakMap<FastifyRequest, RequestSpan>();
  let closing = false;
  server.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  server.addHook('onRequest', (request, _reply, done) => {
    const span = requestSpan(request.id, request.method);
    if (span === undefined) {
      done();
      return;
    }
    spans.set(request, span);
    runInSpan(span, done);
  });
  server.addHook('onRequest', (request, reply, done) => {
    reply.header(CORRELATION_HEADER, request.id);
    try {
      if (closing) throw shuttingDown();
      authenticate(request);
      if (request.is404) throw routes.missing(request); // at once, before the body is read
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    const milliseconds = Math.round(reply.elapsedTime * 1000) / 1000;
    const span = spans.get(request);
    if (span !== undefined) endRequestSpan(span, route, reply.statusCode);
    metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    // only the route pattern: URLs and queries can contain personal data
    log.info(
      {
        correlationId: request.id,
        caller: options.callerName(request),
        method: request.method,
        route,
        status: reply.statusCode,
        milliseconds,
      },
      'request',
    );
    done();
  });
  app.useGlobalFilters(new ProblemFilter(log, options.mapping));
}

const shuttingDown = (): Problem =>
  new Problem(503, 'shutting_down', 'this process is shutting down and accepts no more requests', {
    headers: { 'retry-after': '1' },
  });

/** When the HTTP parser fails there is no request and no reply: the response is written to the socket. */
function answerBrokenRequest(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.destroyed) return;
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? problemOf(Object.assign(new Error(), { statusCode: 431 }))
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? problemOf(Object.assign(new Error(), { statusCode: 408 }))
        : new Problem(400, 'bad_request', 'the request is not HTTP/1.1');
  const correlationId = uuid();
  const body = JSON.stringify(problemBody(problem, correlationId));
  socket.end(
    [
      `HTTP/1.1 ${String(problem.status)} ${STATUS_CODES[problem.status] ?? ''}`,
      `Content-Type: ${PROBLEM_JSON}`,
      `Content-Length: ${String(Buffer.byteLength(body))}`,
      `${CORRELATION_HEADER}: ${correlationId}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

type ConnectionError = Error & { readonly code?: string };
