import { ServerInterceptingCall } from '@grpc/grpc-js';

/** Maximum number of messages of one call that grpc-js is sending at the same time. */
const MAX_SENDING = 16;

/**
 * Lets grpc-js send several messages of a call at the same time. By default, grpc-js starts a message only after it has
 * sent the previous one: at most one message in each turn of the event loop. A subscription would then fall behind one
 * busy writer, unlike a subscription to a real server.
 */
export class PipelinedCall extends ServerInterceptingCall {
  #sending = 0;
  #waitingSendNext: (() => void) | undefined;

  override sendMessage(message: unknown, sendNext: () => void): void {
    this.#sending += 1;
    super.sendMessage(message, () => {
      this.#sending -= 1;
      const waiting = this.#waitingSendNext;
      this.#waitingSendNext = undefined;
      waiting?.();
    });
    if (this.#sending < MAX_SENDING) sendNext();
    else this.#waitingSendNext = sendNext;
  }
}
