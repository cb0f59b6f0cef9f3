import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';

import { withMinimumRate, type MinimumRate } from './minimum-rate.js';
import { Problem } from './problem.js';

/** Content types of bodies that a route receives as a stream, without a limit on the total size. */
export const STREAMED_TYPES = ['application/x-ndjson', 'text/csv'] as const;

export const isStreamed = (contentType = ''): boolean =>
  (STREAMED_TYPES as readonly string[]).includes(contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '');

/** A body that a route reads while it arrives. */
export class StreamedBody implements AsyncIterable<Buffer> {
  constructor(
    private readonly payload: Readable,
    private readonly rate: MinimumRate,
  ) {}

  /** Reads the body. Reading fails with Problem 408 `request_timeout` if the body arrives too slowly. */
  [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    return withMinimumRate(this.payload, this.rate);
  }

  /** Discards the unread bytes, because some clients read the answer only after they have sent everything. */
  discard(): void {
    this.payload.removeAllListeners('readable').resume();
  }
}

export interface StreamOptions {
  /** The content type of each path that accepts a streamed body. */
  readonly typesByPath: Readonly<Record<string, (typeof STREAMED_TYPES)[number]>>;
  readonly rate: MinimumRate;
  /** Maximum number of requests with a streamed body that one credential may have open. */
  readonly maxOpen: number;
  /** Name of the caller's credential; undefined if the request was not authenticated. */
  readonly callerName: (request: FastifyRequest) => string | undefined;
}

/**
 * Accepts a streamed content type on the paths that support it; on any other path, it is answered with 415. A request
 * that exceeds `maxOpen` is answered with 429 before its body is read.
 */
export function streamBodies(server: FastifyInstance, { typesByPath, rate, maxOpen, callerName }: StreamOptions): void {
  const openRequests = new Map<string, number>();
  const countOpen = (caller: string, change: 1 | -1): void => {
    const count = (openRequests.get(caller) ?? 0) + change;
    if (count > 0) openRequests.set(caller, count);
    else openRequests.delete(caller);
  };
  server.addHook('preParsing', (request: FastifyRequest, reply: FastifyReply, _payload, done) => {
    const caller = callerName(request) ?? '';
    if (!isStreamed(request.headers['content-type'])) done();
    else if ((openRequests.get(caller) ?? 0) >= maxOpen) done(tooManyOpen(maxOpen));
    else {
      countOpen(caller, 1);
      reply.raw.once('close', () => {
        countOpen(caller, -1);
      });
      done();
    }
  });
  for (const type of STREAMED_TYPES)
    server.addContentTypeParser(type, (request, payload, done) => {
      if (typesByPath[request.routeOptions.url ?? ''] === type) done(null, new StreamedBody(payload, rate));
      else done(new Problem(415, 'unsupported_media_type', `this path does not accept the content type ${type}`));
    });
}

const tooManyOpen = (maxOpen: number): Problem =>
  new Problem(
    429,
    'too_many_requests',
    `this credential already has ${String(maxOpen)} bulk requests in progress; wait until one has ended`,
    { headers: { 'retry-after': '5' } },
  );
