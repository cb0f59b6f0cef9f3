import type { FastifyReply, FastifyRequest } from 'fastify';
import { WriteStream } from 'fs-capacitor';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../platform/http/problem.js';

/** The body as it arrives. @throws Problem 415 when it came as another content type */
export function streamedBody(request: FastifyRequest, type: string): AsyncIterable<Buffer> {
  if (request.body instanceof Readable) return request.body;
  throw new Problem(415, 'unsupported_media_type', `this address takes ${type}`);
}

/**
 * Answers one JSON line for each item. Lines wait in a temporary file until they are fetched, so that a client that
 * sends everything before it reads finishes too; lines hold no personal data.
 */
export async function answerLines(reply: FastifyReply, items: AsyncIterable<object>): Promise<void> {
  const lines = asLines(items);
  const first = await lines.next(); // what fails before there is a line still has a status of its own
  const spool = new WriteStream();
  const fetched = spool.createReadStream();
  spool.release(); // the file goes when both ends are done
  reply.code(200).type('application/x-ndjson').send(fetched);
  await pipeline(Readable.from(after(first, lines), { objectMode: false }), spool).catch((error: unknown) => {
    fetched.destroy(error as Error); // breaks the connection: an answer without its last line is no answer
  });
}

async function* after(first: IteratorResult<Buffer, void>, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

async function* asLines(items: AsyncIterable<object>): AsyncGenerator<Buffer> {
  for await (const item of items) yield Buffer.from(`${JSON.stringify(item)}\n`);
}
