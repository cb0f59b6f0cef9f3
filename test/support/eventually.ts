import { setTimeout as pause } from 'node:timers/promises';

/** Shorter than the timeout of any test, so that a failure shows what was waited for. */
const LIMIT_MS = 45_000;
const INTERVAL_MS = 10;

/**
 * Repeats an attempt until it neither throws nor returns false; returns what the attempt returned.
 * A test waits with this for what must happen; it never sleeps for as long as that usually takes.
 * @throws what the last attempt threw, or Error, when the limit has passed
 */
export async function eventually<T>(attempt: () => T | Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const { failure, result } = await tried(attempt);
    if (result !== undefined) return result.value;
    if (performance.now() > deadline) throw failure;
    await pause(INTERVAL_MS);
  }
}

async function tried<T>(
  attempt: () => T | Promise<T>,
): Promise<{ readonly failure?: unknown; readonly result?: { readonly value: T } }> {
  try {
    const value = await attempt();
    return value === false ? { failure: new Error('the condition never held') } : { result: { value } };
  } catch (failure) {
    return { failure };
  }
}
