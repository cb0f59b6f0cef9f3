import type { FastifyInstance } from 'fastify';

import { Problem } from './problem.js';

/** Content types whose bodies are passed on as streams, without a limit on the total size. */
export const STREAMED = ['application/x-ndjson', 'text/csv'] as const;

export const isStreamed = (contentType = ''): boolean => STREAMED.some((type) => contentType.startsWith(type));

/** Accepts those content types on the paths that support them; on all others they are 415. */
export function streamBodies(
  server: FastifyInstance,
  addresses: Readonly<Record<string, (typeof STREAMED)[number]>>,
): void {
  for (const type of STREAMED)
    server.addContentTypeParser(type, (request, payload, done) => {
      if (addresses[request.routeOptions.url ?? ''] === type) done(null, payload);
      else done(new Problem(415, 'unsupported_media_type', 'this path accepts application/json'));
    });
}
