/** Runs tasks with the same key one after the other, and tasks with different keys in parallel. */
export class KeyedQueue {
  /** For each key, a promise that resolves when its last task has settled. */
  private readonly tails = new Map<string, Promise<unknown>>();

  /** Runs the task after all earlier tasks with this key have settled. Settles like the task. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const previous = this.tails.get(key);
    const result = previous === undefined ? task() : previous.then(task, task);
    const tail = result.then(ignore, ignore).then(() => {
      if (this.tails.get(key) === tail) this.tails.delete(key);
    });
    this.tails.set(key, tail);
    return result;
  }

  /** Number of keys with waiting or running tasks. */
  get size(): number {
    return this.tails.size;
  }

  /** Resolves when no task is waiting or running. */
  async drained(): Promise<void> {
    while (this.tails.size > 0) await Promise.all(this.tails.values());
  }
}

const ignore = (): void => undefined;
