import type { Readable } from 'node:stream';

import { Problem } from './problem.js';

/** The rate at which a streamed body must arrive. */
export interface MinimumRate {
  readonly bytes: number;
  /** Time in which that many bytes must arrive, in milliseconds. Only time in which the service waits for bytes counts. */
  readonly waitMs: number;
}

/**
 * Yields the chunks of a body as long as they arrive at the minimum rate. The body may pause for `waitMs`; each byte that
 * arrives later makes a pause possible again, in proportion.
 * @throws Problem 408 `request_timeout`; the body is then still open
 */
export async function* withMinimumRate(body: Readable, rate: MinimumRate): AsyncGenerator<Buffer, void, undefined> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>; // not in a loop, which would close the body
  const msPerByte = rate.waitMs / rate.bytes;
  let remainingMs = rate.waitMs;
  for (;;) {
    const startTime = performance.now();
    const { done, value } = await withTimeout(chunks.next(), remainingMs, () => tooSlow(rate));
    if (done === true) return;
    const restMs = Math.max(0, remainingMs - (performance.now() - startTime));
    remainingMs = Math.min(rate.waitMs, restMs + value.length * msPerByte);
    yield value;
  }
}

const tooSlow = ({ bytes, waitMs }: MinimumRate): Problem =>
  new Problem(
    408,
    'request_timeout',
    `the body arrived too slowly: less than ${String(bytes)} bytes in ${String(waitMs / 1000)} s; send the request again`,
  );

/** Settles like the promise. @throws the error of `onTimeout` if the promise has not settled in time */
async function withTimeout<T>(promise: Promise<T>, ms: number, onTimeout: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      // bytes that have arrived are read first, because this thread may have been busy
      setImmediate(() => {
        reject(onTimeout());
      });
    }, ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
