import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../platform/http/problem.js';
import { StreamedBody } from '../platform/http/streamed-body.js';
import { errorText } from '../platform/log.js';
import { Spool, SpoolQuota } from '../platform/spool.js';
import { JSON_LINES, wantsOneJson } from './json-lines.js';

/** Bytes of results that may wait on disk for the clients with one credential to read them. */
export const SPOOL_QUOTA_BYTES = 256 * 1024 * 1024;

/** How long the client may take to read the results of a request that was interrupted, in milliseconds. */
const READ_TIMEOUT_MS = 50_000;

/** The last line of an answer to a request that was interrupted, instead of the summary. */
export interface Interruption {
  readonly status: 'interrupted';
  readonly code: string;
  readonly message: string;
}

export const isInterruption = (line: object): line is Interruption =>
  'status' in line && line.status === 'interrupted' && 'message' in line;

/** The request body as a stream. @throws Problem 415 if the content type is not `type` */
export function streamedBody(request: FastifyRequest, type: string): StreamedBody {
  if (request.body instanceof StreamedBody) return request.body;
  throw new Problem(415, 'unsupported_media_type', `this address only accepts the content type ${type}`);
}

/**
 * Sends answers while their requests are still being received. A spool holds the lines until the client reads them, so
 * a client may send its whole request before it reads. The spool may write the lines to a temporary file; they contain
 * no personal data. If the body arrives too slowly, the last line is an {@link Interruption} instead of the summary, and
 * the connection is closed. After any other failure, or when the service stops, the connection is closed without a last
 * line. In both cases the answer is incomplete.
 */
@Injectable()
export class StreamedAnswers implements OnModuleDestroy {
  private readonly log = new Logger('bulk');
  private readonly running = new Map<Promise<void>, FastifyRequest>();
  /** By credential; there are at most as many as in keys.json. */
  private readonly quotas = new Map<string, SpoolQuota>();
  private stopping = false;

  /**
   * Writes one JSON line for each item, or one JSON object if the client wants that; the summary is the
   * last item. Resolves when `items` has ended or failed; a failure is only logged.
   */
  async send(request: FastifyRequest, reply: FastifyReply, items: AsyncIterable<object>): Promise<void> {
    const spool = new Spool({ quota: this.quotaOf(request.caller?.name ?? '') });
    const asJson = wantsOneJson(request.headers.accept);
    reply
      .code(200)
      .type(asJson ? 'application/json' : JSON_LINES)
      .send(spool);
    reply.raw.flushHeaders();
    const writing = this.write(request, reply, spool, asJson ? oneJson(items) : lines(items));
    this.running.set(writing, request);
    if (this.stopping) request.raw.destroy();
    await writing;
    this.running.delete(writing);
  }

  private quotaOf(credential: string): SpoolQuota {
    const quota = this.quotas.get(credential) ?? new SpoolQuota(SPOOL_QUOTA_BYTES);
    this.quotas.set(credential, quota);
    return quota;
  }

  /** Interrupts requests that are still being received, and waits until their batches are recorded. */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    for (const request of this.running.values()) request.raw.destroy();
    await Promise.all(this.running.keys());
  }

  private async write(
    request: FastifyRequest,
    reply: FastifyReply,
    spool: Spool,
    texts: AsyncIterable<string>,
  ): Promise<void> {
    try {
      for await (const text of texts) await spool.add(Buffer.from(text));
      spool.end();
    } catch (error) {
      this.logFailure(request, spool, error);
      if (error instanceof Problem && !spool.destroyed) this.endInterrupted(request, reply, spool);
      else {
        spool.destroy();
        request.raw.destroy(); // closes the connection too
      }
    }
  }

  /** Ends the answer; closes the connection when the client has read it or has taken too long. */
  private endInterrupted(request: FastifyRequest, reply: FastifyReply, spool: Spool): void {
    const { socket } = request.raw;
    const timer = setTimeout(() => {
      socket.destroy();
    }, READ_TIMEOUT_MS).unref();
    reply.raw
      .once('finish', () => {
        socket.end(); // the client still gets everything that was written
      })
      .once('close', () => {
        clearTimeout(timer);
      });
    spool.end();
  }

  private logFailure(request: FastifyRequest, spool: Spool, error: unknown): void {
    const message = `bulk request ${request.id} was interrupted`;
    // a spool that was destroyed without an error has lost its reader: the client closed the connection
    const senderLeft = isDisconnect(error) || (spool.destroyed && spool.errored === null);
    if (this.stopping) this.log.warn(`${message}: the service is stopping`);
    else if (senderLeft) this.log.warn(`${message} by its sender`);
    else if (error instanceof Problem) this.log.warn(`${message}: ${error.detail}`);
    else this.log.error(`${message}: ${errorText(error)}`);
  }
}

/** One line for each item. If the items are interrupted, the last line is an {@link Interruption}. */
async function* lines(items: AsyncIterable<object>): AsyncGenerator<string> {
  try {
    for await (const item of items) yield `${JSON.stringify(item)}\n`;
  } catch (error) {
    if (error instanceof Problem) yield `${JSON.stringify(interruptionOf(error))}\n`;
    throw error;
  }
}

/** The text of `{results, summary}`, whose summary is the last item, or of `{results, interruption}`. */
async function* oneJson(items: AsyncIterable<object>): AsyncGenerator<string> {
  let last: string | undefined;
  let separator = '{"results":[\n';
  const result = (text: string): string => {
    const separated = separator + text;
    separator = ',\n';
    return separated;
  };
  const end = (name: 'summary' | 'interruption', value: string): string =>
    `${separator === ',\n' ? '' : separator}\n],"${name}":${value}}\n`;
  try {
    for await (const item of items) {
      if (last !== undefined) yield result(last);
      last = JSON.stringify(item);
    }
  } catch (error) {
    if (error instanceof Problem) {
      if (last !== undefined) yield result(last);
      yield end('interruption', JSON.stringify(interruptionOf(error)));
    }
    throw error;
  }
  yield end('summary', last ?? 'null');
}

const interruptionOf = ({ code, detail }: Problem): Interruption => ({ status: 'interrupted', code, message: detail });

/**
 * True if the client closed the connection before the end of the body. `request.raw.destroyed` is not enough, because
 * it is also true after an error in the service.
 */
const isDisconnect = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && DISCONNECT_CODES.has(error.code);

const DISCONNECT_CODES = new Set<unknown>(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']);
