import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Feed } from './feed.js';

/** Maximum pause. After a batch that took at least this long there is no pause: the batch already had many events. */
const MAX_PAUSE_MS = 100;

/** Pauses the read models, so that commands get a share of the thread and of the processor. */
export class Pacer {
  /** End of the pause of all live models in milliseconds, by the monotonic clock of this process. */
  private pausedUntil = 0;

  constructor(private readonly feed: Pick<Feed, 'endMovedAt'>) {}

  /**
   * Call it after a batch at the end of the log, with the milliseconds that the batch took. All models pause for as
   * long as they have worked in total, up to {@link MAX_PAUSE_MS}, and resume at the same time. Events that are
   * recorded during the pause are then read once for all models, and each model writes them in one batch.
   */
  async throttle(workedMs: number, signal: AbortSignal): Promise<void> {
    if (workedMs >= MAX_PAUSE_MS) {
      await nextTurn();
      return;
    }
    let now = performance.now();
    // counts the batch and a pause of the same length, from the start of the batch or the end of an earlier pause
    const pauseEnd = Math.max(this.pausedUntil, now - workedMs) + 2 * workedMs;
    this.pausedUntil = Math.min(pauseEnd, now + MAX_PAUSE_MS);
    for (; now < this.pausedUntil && !signal.aborted; now = performance.now())
      await pause(this.pausedUntil - now, undefined, { signal }).catch(() => undefined);
  }

  /**
   * Call it after each part of a build, with the milliseconds that the part took. Lets other tasks run. If events were
   * recorded during that time, pauses for the same time, so that the build does not slow down commands.
   */
  async yieldToCommands(workedMs: number, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now() - workedMs;
    await nextTurn(); // delivers pending notifications
    if (this.feed.endMovedAt >= startedAt) await pause(workedMs, undefined, { signal });
    signal.throwIfAborted();
  }
}
