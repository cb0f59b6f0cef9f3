import type { FastifyInstance, FastifyRequest } from 'fastify';

import { heapShare, SharedByteBudget } from '../byte-budget.js';
import { MAX_BODY_BYTES } from './body-parser.js';
import { isStreamed } from './streamed-body.js';

export interface BodyLimits {
  /** Name of the caller's credential. */
  readonly callerOf: (request: FastifyRequest) => string;
  /** Default: 1/32 of the heap, at most 64 MiB. */
  readonly budget?: SharedByteBudget;
}

/**
 * Limits the total size of request bodies in memory, and that of one caller; a body counts until its request is answered.
 * While there is no room, a request waits and its body is not read, so that the client cannot send more. Streamed bodies
 * do not count.
 */
export function limitBodiesInFlight(
  server: FastifyInstance,
  { callerOf, budget = new SharedByteBudget(heapShare(1 / 32, 64)) }: BodyLimits,
): void {
  server.addHook('preParsing', (request, reply, _payload, done) => {
    const bytes = maxSizeOf(request);
    if (bytes === 0) {
      done();
      return;
    }
    let isClosed = false;
    let onClose = (): void => {
      isClosed = true;
    };
    reply.raw.once('close', () => {
      onClose();
    });
    const caller = callerOf(request);
    const taken = budget.tryTake(caller, bytes);
    if (taken !== undefined) {
      onClose = taken.release;
      done();
      return;
    }
    void budget.take(caller, bytes).then(({ release }) => {
      if (isClosed) release();
      else {
        onClose = release;
        done();
      }
    });
  });
}

/** Maximum size of a body in bytes: its content-length or, if it is sent in chunks, the limit; 0 if it is streamed. */
function maxSizeOf({ headers }: FastifyRequest): number {
  if (isStreamed(headers['content-type'])) return 0;
  if (headers['transfer-encoding'] !== undefined) return MAX_BODY_BYTES;
  return Math.min(Number(headers['content-length'] ?? 0), MAX_BODY_BYTES);
}
