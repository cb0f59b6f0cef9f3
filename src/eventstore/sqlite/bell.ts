/** Wakes everybody who waits. Whoever finds nothing to do and then waits in the same turn misses no ring. */
export class Bell {
  private readonly waiting = new Set<() => void>();

  ring(): void {
    for (const wake of this.waiting) wake();
  }

  /** Resolves at the next ring, when the signal aborts, or after `patience` milliseconds. */
  wait(signal: AbortSignal, patience?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        clearTimeout(timer);
        resolve();
      };
      const timer = patience === undefined ? undefined : setTimeout(wake, patience);
      this.waiting.add(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });
  }
}
