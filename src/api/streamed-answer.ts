import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { Problem } from '../platform/http/problem.js';
import { Spool } from '../platform/spool.js';

/** The body as it arrives. @throws Problem 415 when it came as another content type */
export function streamedBody(request: FastifyRequest, type: string): Readable {
  if (request.body instanceof Readable) return request.body;
  throw new Problem(415, 'unsupported_media_type', `this address takes ${type}`);
}

/**
 * Answers that are given while their requests still arrive. Lines wait in a spool until they are fetched, so that a
 * client that sends everything before it reads finishes too; they hold no personal data. An answer without its last
 * line is no answer: whatever fails, and the end of the service, breaks the connection.
 */
@Injectable()
export class StreamedAnswers implements OnModuleDestroy {
  private readonly log = new Logger('bulk');
  private readonly running = new Map<Promise<void>, FastifyRequest>();
  private stopping = false;

  /** One JSON line for each item. Resolves when the last was taken; its source is ended however that comes about. */
  async send(request: FastifyRequest, reply: FastifyReply, items: AsyncIterable<object>): Promise<void> {
    const spool = new Spool();
    reply.code(200).type('application/x-ndjson').send(spool);
    reply.raw.flushHeaders();
    const answering = this.answer(request, spool, items);
    this.running.set(answering, request);
    if (this.stopping) request.raw.destroy();
    await answering;
    this.running.delete(answering);
  }

  /** Breaks off what still arrives, and waits until its batches are written down. */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    for (const request of this.running.values()) request.raw.destroy();
    await Promise.all(this.running.keys());
  }

  private async answer(request: FastifyRequest, spool: Spool, items: AsyncIterable<object>): Promise<void> {
    try {
      for await (const item of items) await spool.add(Buffer.from(`${JSON.stringify(item)}\n`));
      spool.end();
    } catch (error) {
      this.tell(request, spool, error);
      spool.destroy();
      request.raw.destroy(); // also the connection
    }
  }

  private tell(request: FastifyRequest, spool: Spool, error: unknown): void {
    const what = `bulk request ${request.id} broken off`;
    if (this.stopping) this.log.warn(`${what}: the service stops`);
    else if (isDeparture(error) || (spool.destroyed && spool.errored === null)) this.log.warn(`${what} by its sender`);
    else this.log.error(`${what}: ${errorText(error)}`);
  }
}

/** A body that ends before its end. The request itself does not tell: it is destroyed as well when its reader fails. */
const isDeparture = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && DEPARTURES.has(error.code);

const DEPARTURES = new Set<unknown>(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']);

/** What the log says of an error that nobody foresaw. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
