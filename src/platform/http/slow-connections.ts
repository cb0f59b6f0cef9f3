import type { FastifyInstance } from 'fastify';
import { Socket } from 'node:net';

import type { MinimumRate } from './minimum-rate.js';
import { isStreamed } from './streamed-body.js';

/** Limits for connections. Those in milliseconds together end a connection that brings nothing within a minute. */
export interface ConnectionLimits {
  /** Maximum time until the headers of a request are complete, even if nothing is sent. */
  readonly headersMs: number;
  /** Maximum time from the headers to the end of the body, unless the body is streamed. */
  readonly bodyMs: number;
  /** The rate at which a streamed body must arrive. */
  readonly streamRate: MinimumRate;
  /** Maximum number of requests with a streamed body that one credential may have open. */
  readonly maxOpenStreams: number;
  /**
   * Maximum time without any byte in a request with a streamed body, in an answer, and between two requests; also the
   * maximum time from the answer to the end of a body that is not read.
   */
  readonly idleMs: number;
  /** Interval at which `headersMs` is checked. */
  readonly checkMs: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  headersMs: 20_000,
  bodyMs: 30_000,
  streamRate: { bytes: 512, waitMs: 40_000 },
  maxOpenStreams: 16,
  idleMs: 50_000, // longer than the time of `streamRate`, which ends with an answer
  checkMs: 5_000,
};

/**
 * Closes connections whose request body arrives too slowly, or whose client does not read the answer. The times of a body
 * begin when the service starts to read it, because a request may have to wait for room first. Install it after
 * `limitBodiesInFlight`.
 * @param onTimeout answers on the socket that a request did not arrive in time, and closes the socket
 */
export function limitSlowConnections(
  server: FastifyInstance,
  { bodyMs, idleMs }: ConnectionLimits,
  onTimeout: (socket: Socket) => void,
): void {
  server.addHook('preParsing', (request, reply, _payload, done) => {
    const { raw, headers } = request;
    if (isStreamed(headers['content-type']))
      raw.socket.setTimeout(idleMs); // Node then destroys the socket
    else if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0) {
      const timer = setTimeout(() => {
        // bytes that have arrived are read first, because this thread may have been busy
        setImmediate(() => {
          if (!raw.complete) onTimeout(raw.socket);
        });
      }, bodyMs).unref();
      reply.raw.once('close', () => {
        clearTimeout(timer);
      });
    }
    done();
  });
  // a client that does not read leaves the answer in memory; after the answer, Node sets the time between two requests
  server.addHook('onSend', ({ raw }, _reply, payload, done) => {
    if (raw.socket instanceof Socket) raw.socket.setTimeout(idleMs); // an injected request has none
    done(null, payload);
  });
  // an answer such as 401 is sent before the body is read; the client may then send the rest, but not for ever
  server.addHook('onResponse', (request, _reply, done) => {
    const { raw } = request;
    if (!raw.complete)
      setTimeout(() => {
        if (!raw.complete) raw.destroy(); // closes the connection
      }, idleMs).unref();
    done();
  });
}
