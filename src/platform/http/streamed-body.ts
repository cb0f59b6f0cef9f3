import type { FastifyInstance } from 'fastify';

import { Problem } from './problem.js';

/** Content types of bodies that a route receives as a stream, without a limit on the total size. */
export const STREAMED_TYPES = ['application/x-ndjson', 'text/csv'] as const;

export const isStreamed = (contentType = ''): boolean => STREAMED_TYPES.some((type) => contentType.startsWith(type));

/** Accepts a streamed content type on the paths that support it; on any other path, it is answered with 415. */
export function streamBodies(
  server: FastifyInstance,
  typesByPath: Readonly<Record<string, (typeof STREAMED_TYPES)[number]>>,
): void {
  for (const type of STREAMED_TYPES)
    server.addContentTypeParser(type, (request, payload, done) => {
      if (typesByPath[request.routeOptions.url ?? ''] === type) done(null, payload);
      else done(new Problem(415, 'unsupported_media_type', `this path does not accept the content type ${type}`));
    });
}
