import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { Problem } from '../platform/http/problem.js';
import { errorText } from '../platform/log.js';
import { Spool } from '../platform/spool.js';

/** The request body as a stream. @throws Problem 415 if the content type is not `type` */
export function streamedBody(request: FastifyRequest, type: string): Readable {
  if (request.body instanceof Readable) return request.body;
  throw new Problem(415, 'unsupported_media_type', `this address only accepts the content type ${type}`);
}

/**
 * Sends answers while their requests are still being received. A spool holds the lines until the client reads them, so
 * a client may send its whole request before it reads. The spool may write the lines to a temporary file; they contain
 * no personal data. After a failure, or when the service stops, the connection is closed without the last line (the
 * summary); such an answer is incomplete.
 */
@Injectable()
export class StreamedAnswers implements OnModuleDestroy {
  private readonly log = new Logger('bulk');
  private readonly running = new Map<Promise<void>, FastifyRequest>();
  private stopping = false;

  /** Writes one JSON line for each item. Resolves when `items` has ended or failed; a failure is only logged. */
  async send(request: FastifyRequest, reply: FastifyReply, items: AsyncIterable<object>): Promise<void> {
    const spool = new Spool();
    reply.code(200).type('application/x-ndjson').send(spool);
    reply.raw.flushHeaders();
    const writing = this.writeLines(request, spool, items);
    this.running.set(writing, request);
    if (this.stopping) request.raw.destroy();
    await writing;
    this.running.delete(writing);
  }

  /** Interrupts requests that are still being received, and waits until their batches are recorded. */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    for (const request of this.running.values()) request.raw.destroy();
    await Promise.all(this.running.keys());
  }

  private async writeLines(request: FastifyRequest, spool: Spool, items: AsyncIterable<object>): Promise<void> {
    try {
      for await (const item of items) await spool.add(Buffer.from(`${JSON.stringify(item)}\n`));
      spool.end();
    } catch (error) {
      this.logFailure(request, spool, error);
      spool.destroy();
      request.raw.destroy(); // closes the connection too
    }
  }

  private logFailure(request: FastifyRequest, spool: Spool, error: unknown): void {
    const message = `bulk request ${request.id} was interrupted`;
    // a spool that was destroyed without an error has lost its reader: the client closed the connection
    const senderLeft = isDisconnect(error) || (spool.destroyed && spool.errored === null);
    if (this.stopping) this.log.warn(`${message}: the service is stopping`);
    else if (senderLeft) this.log.warn(`${message} by its sender`);
    else this.log.error(`${message}: ${errorText(error)}`);
  }
}

/**
 * True if the client closed the connection before the end of the body. `request.raw.destroyed` is not enough, because
 * it is also true after an error in the service.
 */
const isDisconnect = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && DISCONNECT_CODES.has(error.code);

const DISCONNECT_CODES = new Set<unknown>(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']);
