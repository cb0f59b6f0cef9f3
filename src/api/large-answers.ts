import type { FastifyReply, FastifyRequest } from 'fastify';
import { heapShare, SharedByteBudget } from '../platform/byte-budget.js';

/** An eighth of the heap, at most 256 MiB. */
const DEFAULT_MAX_BYTES = heapShare(1 / 8, 256);

/** Maximum number of large answers that are computed at the same time, because their sizes are not known in advance. */
const MAX_COMPUTED = 16;

/**
 * Limits the memory of answers that can have many megabytes, such as the file of a complaint. An answer counts from the
 * start of its query until the client has read it. A query without room waits.
 */
export class LargeAnswers {
  private readonly budget: SharedByteBudget;

  constructor(private readonly maxBytes = DEFAULT_MAX_BYTES) {
    this.budget = new SharedByteBudget(maxBytes);
  }

  /** Sends the text that `compute` returns: JSON, unless `compute` sets another content type. */
  async send(request: FastifyRequest, reply: FastifyReply, compute: () => Promise<string>): Promise<void> {
    const room = await this.budget.take(request.caller?.name ?? '', this.maxBytes / MAX_COMPUTED);
    if (reply.raw.destroyed) {
      room.release(); // the client has disconnected while the query waited
      return;
    }
    reply.raw.once('close', room.release);
    reply.type('application/json; charset=utf-8');
    const body = Buffer.from(await compute()); // Fastify would add a charset to the content type of a string
    room.resize(body.length);
    await reply.send(body);
  }
}
