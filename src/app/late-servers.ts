import { setTimeout as pause } from 'node:timers/promises';
import { ServerUnusable } from '../platform/server-unusable.js';

/** Calls `open`, a function that opens a store; may call it again after a failure. Resolves to its result. */
export type OpenStore = <T>(open: () => Promise<T>) => Promise<T>;

const RETRY_INTERVAL_MS = 2_000;

export interface LateServersOptions {
  /** Milliseconds from now until the last attempt begins. */
  readonly limitMs: number;
  /** Called after each failed attempt that is followed by another one. */
  readonly onRetry: (failure: ServerUnusable) => void;
  /** Pause between two attempts, in milliseconds (default 2,000). */
  readonly intervalMs?: number;
}

/**
 * Returns a function that opens stores and waits for servers that are still starting. It retries after ServerUnusable
 * with `mayComeUp`, and throws any other error at once. When the time limit has passed, it throws the last failure. The
 * limit counts from this call, for all stores together.
 */
export function waitForServers({ limitMs, onRetry, intervalMs = RETRY_INTERVAL_MS }: LateServersOptions): OpenStore {
  const deadline = performance.now() + limitMs;
  return async (open) => {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        const remainingMs = deadline - performance.now();
        if (!(error instanceof ServerUnusable && error.mayComeUp) || remainingMs <= 0) throw error;
        onRetry(error);
        await pause(Math.min(intervalMs, remainingMs));
      }
    }
  };
}
