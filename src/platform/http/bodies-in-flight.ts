import type { FastifyInstance, FastifyRequest } from 'fastify';

import { ByteBudget, heapShare } from '../byte-budget.js';
import { BODY_LIMIT } from './body-parser.js';
import { isStreamed } from './streamed-body.js';

/**
 * Bounds the total size of request bodies held until their response. A request without room waits with its body unread,
 * which applies back-pressure to the client. Streamed bodies have their own bound per line.
 */
export function boundBodies(server: FastifyInstance, budget = new ByteBudget(heapShare(1 / 32, 64))): void {
  server.addHook('preParsing', (request, reply, _payload, done) => {
    const bytes = announced(request);
    if (bytes === 0) {
      done();
      return;
    }
    let isClosed = false;
    let release = (): void => {
      isClosed = true; // while it waits
    };
    reply.raw.once('close', () => {
      release();
    });
    const taken = budget.tryTake(bytes);
    if (taken !== undefined) {
      ({ release } = taken);
      done();
      return;
    }
    void budget.take(bytes).then((room) => {
      if (isClosed) room.release();
      else {
        ({ release } = room);
        done();
      }
    });
  });
}

/** Maximum bytes of a body: its content-length, or the limit where there is none. */
function announced({ headers }: FastifyRequest): number {
  if (isStreamed(headers['content-type'])) return 0;
  if (headers['transfer-encoding'] !== undefined) return BODY_LIMIT;
  return Math.min(Number(headers['content-length'] ?? 0), BODY_LIMIT);
}
