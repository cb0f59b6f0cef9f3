import { setTimeout as pause } from 'node:timers/promises';

/** Shorter than the timeout of any test, so that the failure is that of the attempt and not a timeout of the test. */
const LIMIT_MS = 45_000;
const INTERVAL_MS = 10;

/**
 * Repeats an attempt until it neither throws nor returns false, and returns its result. Tests wait with this function
 * for a condition; they do not sleep for the time that the condition usually takes.
 * @throws after the limit: the error of the last attempt, or Error if it returned false
 */
export async function eventually<T>(attempt: () => T | Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const { failure, result } = await attemptOnce(attempt);
    if (result !== undefined) return result.value;
    if (performance.now() > deadline) throw failure;
    await pause(INTERVAL_MS);
  }
}

async function attemptOnce<T>(
  attempt: () => T | Promise<T>,
): Promise<{ readonly failure?: unknown; readonly result?: { readonly value: T } }> {
  try {
    const value = await attempt();
    return value === false ? { failure: new Error('the attempt always returned false') } : { result: { value } };
  } catch (failure) {
    return { failure };
  }
}
