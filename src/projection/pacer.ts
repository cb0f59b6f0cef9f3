import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Feed } from './feed.js';

/** A batch of this duration in milliseconds was large enough; also the maximum pause. */
const MAX_PAUSE_MS = 100;

/** Shares the thread and the processor between the read models and the commands that record events. */
export class Pacer {
  /** End of the pause of the live models, by the monotonic clock of this process. */
  private pausedUntil = 0;

  constructor(private readonly feed: Pick<Feed, 'endMovedAt'>) {}

  /**
   * Call it with the duration in milliseconds of a batch at the end of the log. All models together pause as long as
   * they have worked, and resume together: events recorded meanwhile are read once for all models, and written once.
   */
  async throttle(worked: number, signal: AbortSignal): Promise<void> {
    if (worked >= MAX_PAUSE_MS) {
      await nextTurn();
      return;
    }
    let now = performance.now();
    this.pausedUntil = Math.min(Math.max(this.pausedUntil, now - worked) + 2 * worked, now + MAX_PAUSE_MS);
    for (; now < this.pausedUntil && !signal.aborted; now = performance.now())
      await pause(this.pausedUntil - now, undefined, { signal }).catch(() => undefined);
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
