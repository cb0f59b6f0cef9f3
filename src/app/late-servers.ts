import { setTimeout as pause } from 'node:timers/promises';
import { ServerUnusable } from '../platform/server-unusable.js';

/** Runs a function that opens a store on a server. */
export type Opening = <T>(open: () => Promise<T>) => Promise<T>;

/** Pause between two attempts, in milliseconds. */
const RETRY_INTERVAL_MS = 2_000;

export interface LateServersOptions {
  /** Milliseconds from now until the last attempt begins. */
  readonly limitMs: number;
  /** Called after each failed attempt that is followed by another one. */
  readonly onRetry: (failure: ServerUnusable) => void;
  readonly intervalMs?: number;
}

/**
 * Waits for servers that are still starting: tries again while one is unusable but may come up. All stores that are
 * opened with it share one limit. Any other error, and the last failure, is thrown.
 */
export function waitForServers({ limitMs, onRetry, intervalMs = RETRY_INTERVAL_MS }: LateServersOptions): Opening {
  const deadline = performance.now() + limitMs;
  return async (open) => {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        const left = deadline - performance.now();
        if (!(error instanceof ServerUnusable && error.mayComeUp) || left <= 0) throw error;
        onRetry(error);
        await pause(Math.min(intervalMs, left));
      }
    }
  };
}
