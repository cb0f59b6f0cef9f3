import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, FastifyRequest } from 'fastify';
import { STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { v4 as uuid } from 'uuid';

import type { Metrics } from '../metrics.js';
import { endRequestSpan, runInSpan, startRequestSpan, type RequestSpan } from '../tracing.js';
import { limitBodiesInFlight } from './bodies-in-flight.js';
import { requirePlainUtf8 } from './body-headers.js';
import { MAX_BODY_BYTES, useJsonBodies } from './body-parser.js';
import { CORRELATION_HEADER, correlationIdOf } from './headers.js';
import { KnownRoutes } from './known-routes.js';
import { invalidPath, requireUtf8Query } from './percent-encoding.js';
import { ProblemFilter, sendProblem, type ErrorMapping } from './problem-filter.js';
import { acceptedType } from './accepted-type.js';
import { CONNECTION_LIMITS, limitSlowConnections, type ConnectionLimits } from './slow-connections.js';
import { Problem, PROBLEM_JSON, problemBody, problemOf } from './problem.js';

export interface AdapterOptions {
  readonly limits?: ConnectionLimits;
  /** Name of the caller's credential; undefined if the request was not authenticated. */
  readonly callerName?: (request: FastifyRequest) => string | undefined;
}

/**
 * Creates the Fastify adapter. It answers every kind of invalid input with problem+json, even before a route is known.
 * Pass it to `NestFactory.create(module, createHttpAdapter(), { bodyParser: false })`.
 */
export function createHttpAdapter({
  limits = CONNECTION_LIMITS,
  callerName = () => undefined,
}: AdapterOptions = {}): FastifyAdapter {
  const options: FastifyHttpOptions<Server> = {
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: limits.checkMs },
    keepAliveTimeout: limits.idleMs,
    bodyLimit: MAX_BODY_BYTES,
    requestIdHeader: false,
    genReqId: (request) => correlationIdOf(request.headers),
    routerOptions: { maxParamLength: 16_384 }, // characters; a longer parameter exceeds the limit of the header size
    forceCloseConnections: 'idle',
    return503OnClosing: false, // a hook of configureApp answers with a problem
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      reply.header(CORRELATION_HEADER, request.id);
      sendProblem(reply, error.code === 'FST_ERR_BAD_URL' ? invalidPath() : problemOf(error), request);
    },
  };
  const adapter = new FastifyAdapter(options);
  requirePlainUtf8(adapter.getInstance());
  useJsonBodies(adapter.getInstance());
  limitBodiesInFlight(adapter.getInstance(), { callerOf: (request) => callerName(request) ?? '' });
  limitSlowConnections(adapter.getInstance(), limits, answerLateRequest);
  return adapter;
}

export interface HttpOptions {
  /** Authenticates the caller or throws a Problem; see src/access/bearer.ts. */
  readonly authenticate: (request: FastifyRequest) => void;
  /** Name of the caller's credential, for the log; undefined if the request was not authenticated. */
  readonly callerName: (request: FastifyRequest) => string | undefined;
  /** Id or reference of the complaint that the path names, for the log; undefined for any other text. */
  readonly complaintOf?: (request: FastifyRequest) => string | undefined;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The content type, besides JSON, that the answer to a query can have; by the path of the query. */
  readonly otherTypes?: Readonly<Record<string, string>>;
  /** Maps known errors of the stores to problems. */
  readonly toProblem?: ErrorMapping;
}

/**
 * Installs the hooks and the exception filter of every request. Call it before `init` or `listen`, because it must see
 * the registration of every route.
 */
export function configureApp(app: NestFastifyApplication, options: HttpOptions): void {
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
    const span = startRequestSpan(request.id, request.method);
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
      if (request.is404) throw routes.problemFor(request); // here, because the body is not read yet
      requireUtf8Query(request.url);
      checkAccept(request, options.otherTypes ?? {});
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
    // the log has the route pattern and not the URL, which can contain personal data
    log.info(
      {
        correlationId: request.id,
        caller: options.callerName(request),
        method: request.method,
        route,
        status: reply.statusCode,
        code: request.problem?.code,
        complaint: request.problem?.extensions.members?.id ?? options.complaintOf?.(request),
        milliseconds,
      },
      'request',
    );
    done();
  });
  app.useGlobalFilters(new ProblemFilter(log, options.toProblem));
}

/** Rejects a query for a media type that its answer does not have, because a client would misread it. */
function checkAccept(
  { method, headers, routeOptions: { url = '' } }: FastifyRequest,
  otherTypes: Readonly<Record<string, string>>,
): void {
  if (method !== 'GET' || !url.startsWith('/v1/')) return;
  const otherType = otherTypes[url];
  const offered = ['application/json', ...(otherType === undefined ? [] : [otherType])];
  if (acceptedType(headers.accept, offered) === undefined)
    throw new Problem(
      406,
      'not_acceptable',
      `this address answers in ${offered.join(' or ')}; change the header Accept`,
    );
}

const shuttingDown = (): Problem =>
  new Problem(503, 'shutting_down', 'this process is shutting down and accepts no more requests', {
    headers: { 'retry-after': '1' },
  });

/** Answers on the socket if the HTTP parser failed, because there is no request and no reply then. */
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

/** Answers 408 and closes the connection. */
function answerLateRequest(socket: Socket): void {
  answerBrokenRequest(Object.assign(new Error('the body is late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
  socket.destroySoon();
}

type ConnectionError = Error & { readonly code?: string };
