/** Wakes all waiters. A caller that checks for work and waits in the same turn of the event loop misses no signal. */
export class WakeSignal {
  private readonly waiting = new Set<() => void>();

  wake(): void {
    for (const wake of this.waiting) wake();
  }

  /** Resolves at the next wake, when the signal aborts, or after `timeoutMs` milliseconds. */
  wait(signal: AbortSignal, timeoutMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        clearTimeout(timer);
        resolve();
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(wake, timeoutMs);
      this.waiting.add(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });
  }
}
