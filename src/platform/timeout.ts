/** Settles like the promise; if the promise has not settled after `timeoutMs`, rejects with `timeoutError()`. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, timeoutError: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(timeoutError());
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds until a deadline of the monotonic clock (`performance.now()`); 1 if it has passed. */
export const remainingMs = (deadline: number): number => Math.max(1, Math.ceil(deadline - performance.now()));
