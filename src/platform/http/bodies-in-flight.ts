import type { FastifyInstance, FastifyRequest } from 'fastify';

import { ByteBudget, heapShare } from '../byte-budget.js';
import { BODY_LIMIT } from './body-parser.js';
import { isStreamed } from './streamed-body.js';

/**
 * Bounds the bodies that are held from their arrival to the answer. A request that finds no room waits with its body
 * unread, so that its sender waits too. Streamed bodies are bounded where their lines are worked on.
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

/** Bytes that a body may have: as its header says, or the limit where it does not. */
function announced({ headers }: FastifyRequest): number {
  if (isStreamed(headers['content-type'])) return 0;
  if (headers['transfer-encoding'] !== undefined) return BODY_LIMIT;
  return Math.min(Number(headers['content-length'] ?? 0), BODY_LIMIT);
}
