import type { FastifyInstance } from 'fastify';

import { Problem } from './problem.js';

/** Content types whose bodies are handed on as they arrive, without a limit on the whole. */
export const STREAMED = ['application/x-ndjson', 'text/csv'] as const;

export const isStreamed = (contentType = ''): boolean => STREAMED.some((type) => contentType.startsWith(type));

/** Lets those content types in at the addresses that take them; anywhere else they are 415. */
export function streamBodies(
  server: FastifyInstance,
  addresses: Readonly<Record<string, (typeof STREAMED)[number]>>,
): void {
  for (const type of STREAMED)
    server.addContentTypeParser(type, (request, payload, done) => {
      if (addresses[request.routeOptions.url ?? ''] === type) done(null, payload);
      else done(new Problem(415, 'unsupported_media_type', 'this address takes application/json'));
    });
}
