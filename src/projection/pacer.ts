import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Feed } from './feed.js';

/** A batch of this duration in milliseconds was large enough; also the maximum pause. */
const MAX_REST_MS = 100;

/** Shares the thread and the processor between the read models and the commands that record events. */
export class Pacer {
  /** End of the pause of the live models, by the monotonic clock of this process. */
  private restUntil = 0;

  constructor(private readonly feed: Pick<Feed, 'endMovedAt'>) {}

  /**
   * Call it with the duration in milliseconds of a batch at the end of the log. All models together pause as long as
   * they have worked, and resume together: events recorded meanwhile are read once for all models, and written once.
   */
  async rest(worked: number, signal: AbortSignal): Promise<void> {
    if (worked >= MAX_REST_MS) {
      await nextTurn();
      return;
    }
    let now = performance.now();
    this.restUntil = Math.min(Math.max(this.restUntil, now - worked) + 2 * worked, now + MAX_REST_MS);
    for (; now < this.restUntil && !signal.aborted; now = performance.now())
      await pause(this.restUntil - now, undefined, { signal }).catch(() => undefined);
  }

  /**
   * Call it with the duration in milliseconds of a slice of a build: lets other tasks run, and pauses as long while
   * events are recorded, so that a build does not slow down commands.
   */
  async yieldToCommands(worked: number, signal: AbortSignal): Promise<void> {
    const began = performance.now() - worked;
    await nextTurn(); // delivers pending notifications
    if (this.feed.endMovedAt >= began) await pause(worked, undefined, { signal });
    signal.throwIfAborted();
  }
}
