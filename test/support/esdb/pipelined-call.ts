import { ServerInterceptingCall } from '@grpc/grpc-js';

/** Messages of one call that may be on their way to the socket at once. */
const PIPELINE = 16;

/**
 * grpc-js hands a call's next message over only when the last one has left, one a turn of the event loop, which no
 * server on other stock does: a subscription would fall behind a single busy writer. This lets several leave together.
 */
export class PipelinedCall extends ServerInterceptingCall {
  #leaving = 0;
  #next: (() => void) | undefined;

  override sendMessage(message: unknown, sendNext: () => void): void {
    this.#leaving += 1;
    super.sendMessage(message, () => {
      this.#leaving -= 1;
      const next = this.#next;
      this.#next = undefined;
      next?.();
    });
    if (this.#leaving < PIPELINE) sendNext();
    else this.#next = sendNext;
  }
}
