/**
 * Wakes all waiters. A signal is not stored: check for work and call `wait` in the same turn of the event loop, so that
 * no signal is missed.
 */
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
