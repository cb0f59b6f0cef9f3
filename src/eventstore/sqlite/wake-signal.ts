/**
 * Wakes all waiters. A wake is not stored: a caller must check for work and call `wait` in the same turn of the event loop,
 * otherwise it can miss a wake.
 */
export class WakeSignal {
  private readonly waiters = new Set<() => void>();

  wake(): void {
    for (const wake of this.waiters) wake();
  }

  /** Resolves at the next wake, when the signal aborts, or after `timeoutMs` milliseconds (default: no timeout). */
  wait(signal: AbortSignal, timeoutMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiters.delete(wake);
        signal.removeEventListener('abort', wake);
        clearTimeout(timer);
        resolve();
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(wake, timeoutMs);
      this.waiters.add(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });
  }
}
