import { Worker } from 'node:worker_threads';
import { systemClock } from '../../platform/clock.js';
import type { JsonObject } from '../../platform/json.js';
import { ReadModelsUnavailable, UnknownCollection } from '../read-models.js';

/** A request to the thread; `stop` asks it to exit. */
export type ToAggregation =
  | { readonly kind: 'aggregate'; readonly id: number; readonly collection: string; readonly pipeline: JsonObject[] }
  | { readonly kind: 'stop' };

/** The result of a request. `isUnknown`: there is no such collection. */
export type FromAggregation = { readonly id: number } & (
  | { readonly groups: JsonObject[] }
  | { readonly isUnknown: true }
  | { readonly error: { readonly name: string; readonly message: string; readonly code?: unknown } }
);

interface Pending {
  readonly collection: string;
  readonly resolve: (groups: JsonObject[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Groups documents in a thread of its own, because SQLite blocks its thread until all documents of a query are grouped:
 * a second for a million documents. The thread starts with the first query; if it ends because of an error, it starts
 * again with the next one.
 */
export class AggregationThread {
  private thread: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  /**
   * @param worker the compiled entry point of the thread
   * @param file the file of the read models; the thread only reads it
   */
  constructor(
    private readonly worker: URL | string,
    private readonly file: string,
  ) {}

  /** @throws UnknownCollection, ReadModelsUnavailable */
  aggregate(collection: string, pipeline: readonly JsonObject[]): Promise<JsonObject[]> {
    const thread = (this.thread ??= this.start());
    thread.ref(); // until the last result: Node.js would exit although a query waits
    const id = (this.lastId += 1);
    const groups = new Promise<JsonObject[]>((resolve, reject) => {
      this.pending.set(id, { collection, resolve, reject });
    });
    thread.postMessage({ kind: 'aggregate', id, collection, pipeline: [...pipeline] } satisfies ToAggregation);
    return groups;
  }

  /** Waits for the query in progress: a thread that is terminated inside the SQLite driver would end the process. */
  async close(): Promise<void> {
    const { thread } = this;
    if (thread === undefined) return;
    const exited = new Promise((resolve) => thread.once('exit', resolve));
    thread.ref(); // otherwise Node.js could exit before the thread has, with code 13
    thread.postMessage({ kind: 'stop' } satisfies ToAggregation);
    await exited;
  }

  private start(): Worker {
    const thread = new Worker(this.worker, { workerData: this.file });
    thread.on('message', (message: FromAggregation) => {
      this.receive(message);
    });
    thread.on('error', () => undefined); // the handler of `exit` rejects the queries
    thread.on('exit', () => {
      this.thread = undefined;
      const error = new ReadModelsUnavailable(this.file, systemClock.now());
      for (const { reject } of this.pending.values()) reject(error);
      this.pending.clear();
    });
    thread.unref();
    return thread;
  }

  private receive(message: FromAggregation): void {
    const pending = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (this.pending.size === 0) this.thread?.unref();
    if ('groups' in message) pending?.resolve(message.groups);
    else if ('isUnknown' in message) pending?.reject(new UnknownCollection(pending.collection));
    else pending?.reject(Object.assign(new Error(message.error.message), message.error));
  }
}
