import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Feed } from './feed.js';

/** A batch that took this long, in milliseconds, was large enough, and no rest is longer. */
const MAX_REST_MS = 100;

/** Shares the thread and the processor between the read models and whoever records events. */
export class Pacer {
  /** Until when the models that follow the log rest, by this process's monotonic clock. */
  private restUntil = 0;

  constructor(private readonly feed: Pick<Feed, 'endMovedAt'>) {}

  /**
   * Called with the milliseconds of a batch at the end of the log. All models together rest as long as they have worked,
   * and wake together: what comes meanwhile is read once for all of them, and written once.
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
   * Called with the milliseconds of a piece of a build: lets others work, and for as long while events are recorded, so
   * that a build is not felt in the answers to commands.
   */
  async yieldToCommands(worked: number, signal: AbortSignal): Promise<void> {
    const began = performance.now() - worked;
    await nextTurn(); // brings the news, if there is any
    if (this.feed.endMovedAt >= began) await pause(worked, undefined, { signal });
    signal.throwIfAborted();
  }
}
