import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Position } from '../eventstore/event-store.js';
import { errorMessage, retryDelay } from './failures.js';
import { isRunning, seenAtHead } from './freshness.js';
import { UnknownProjection, type Operation, type OperationResult } from './operations.js';
import { PositionWaiters } from './position-waiters.js';
import type { Projections, ProjectionsStatus, ProjectionStatus } from './projections.js';
import { errorFrom } from './thread-errors.js';
import type { FromWorker, ToWorker, WorkerStores } from './worker-messages.js';

export interface WorkerOptions {
  /** The compiled projection-worker.js. */
  readonly worker: URL | string;
  readonly stores: WorkerStores;
  /** Called when the thread ended without a request to stop. */
  readonly onCrash?: (error: Error) => void;
  /** Timeout for a stop in milliseconds (default 30,000), which covers the current batch and the checkpoints. */
  readonly stopTimeout?: number;
}

/** The worker ended during an operation; its outcome is unknown. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The projections in a worker thread. Queries and events send it no requests: it reports its status after every batch,
 * and callers wait in this thread. When it dies it is restarted with back-off and counts as unhealthy.
 */
export class WorkerProjectionRunner implements Projections {
  private worker: Worker | undefined;
  private phase: 'stopped' | 'starting' | 'running' | 'restarting' = 'stopped';
  private reported: Omit<ProjectionsStatus, 'worker'> = {
    healthy: false,
    degraded: false,
    head: null,
    observedMsAgo: 0,
    projections: [],
  };
  private readonly waiters = new PositionWaiters();
  private readonly pending = new Map<number, Pending>();
  private requests = 0;
  private crashes = 0;
  private restart: NodeJS.Timeout | undefined;
  private head: Position | null = null;
  private isNotifying = false;
  /** Call it when no more messages of the thread are expected. */
  private end: (error: Error) => void = () => undefined;

  constructor(private readonly options: WorkerOptions) {}

  /** @throws the error with which the thread ended */
  async start(): Promise<void> {
    this.phase = 'starting';
    await this.launch();
  }

  async stop(): Promise<void> {
    clearTimeout(this.restart);
    this.phase = 'stopped';
    const { worker } = this;
    if (worker !== undefined) {
      // Stopped by a message, never terminated: terminating a thread inside the SQLite driver ends the whole process.
      // A thread that hangs does not block the stop of the service: its unfinished work is folded again.
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      this.post({ kind: 'stop' });
      await Promise.race([ended, pause(this.options.stopTimeout ?? 30_000, undefined, { ref: false })]);
      worker.unref();
      this.end(new WorkerLost('the projections were stopped'));
    }
    this.waiters.close();
  }

  /** The last reported status, compared with the head known here, which may be newer. */
  status(): ProjectionsStatus {
    const { healthy, degraded, head: reported, projections } = this.reported;
    const { phase } = this;
    const head = this.head !== null && (reported === null || this.head > reported) ? this.head : reported;
    const seen = projections.map((projection) =>
      seenAtHead(phase === 'running' ? projection : withoutThread(projection, phase), head),
    );
    return {
      healthy: phase === 'running' && healthy,
      degraded,
      head,
      observedMsAgo: 0,
      worker: phase,
      projections: seen,
    };
  }

  /** Cheap: sends one message for all notifications in one turn of the event loop. */
  notify(head: Position): void {
    this.head = head;
    if (this.isNotifying) return;
    this.isNotifying = true;
    setImmediate(() => {
      this.isNotifying = false;
      if (this.phase === 'running' && this.head !== null) this.post({ kind: 'notify', head: this.head });
    });
  }

  async waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean> {
    const projection = this.reported.projections.find((candidate) => candidate.name === name);
    if (projection === undefined) throw new UnknownProjection(name);
    return this.waiters.wait(projection, position, timeoutMs);
  }

  execute<O extends Operation>(operation: O, signal?: AbortSignal): Promise<OperationResult<O>> {
    if (this.worker === undefined) return Promise.reject(new WorkerLost('the projections are not running'));
    const id = ++this.requests;
    const cancel = (): void => this.post({ kind: 'cancel', id });
    const result = new Promise<OperationResult<O>>((resolve, reject) => this.pending.set(id, { resolve, reject }));
    this.post({ kind: 'execute', id, operation, isCancelled: signal?.aborted === true });
    signal?.addEventListener('abort', cancel);
    return result.finally(() => signal?.removeEventListener('abort', cancel));
  }

  private launch(): Promise<void> {
    // folding allocates many short-lived objects: a larger young generation avoids copying
    const resourceLimits = { maxYoungGenerationSizeMb: 96 };
    const worker = new Worker(this.options.worker, { workerData: this.options.stores, resourceLimits });
    this.worker = worker;
    return new Promise((resolve, reject) => {
      let failure: Error | undefined;
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'started') {
          if (this.phase !== 'stopped') this.phase = 'running';
          resolve();
        } else this.receive(message);
      });
      worker.on('error', (error) => (failure = error));
      this.end = (error) => {
        this.worker = undefined;
        for (const { reject: fail } of this.pending.values()) fail(new WorkerLost(errorMessage(error)));
        this.pending.clear();
        reject(error);
      };
      worker.on('exit', (code) => {
        const error = failure ?? new WorkerLost(`the projections' thread ended with code ${String(code)}`);
        this.end(error);
        if (this.phase === 'stopped') return;
        this.options.onCrash?.(error);
        if (this.phase === 'starting') this.phase = 'stopped';
        else this.launchLater();
      });
    });
  }

  private launchLater(): void {
    this.phase = 'restarting';
    this.restart = setTimeout(() => {
      this.launch().catch(() => undefined); // the exit handler reports the failure
    }, retryDelay(this.crashes++));
  }

  private receive(message: Exclude<FromWorker, { kind: 'started' }>): void {
    if (message.kind === 'status') {
      const { projections, head } = (this.reported = message.status);
      if (this.head !== null && head !== null && head >= this.head) this.head = null; // the thread knows this position
      if (projections.some(({ state }) => state === 'live')) this.crashes = 0;
      for (const projection of projections) this.waiters.notify(projection);
      return;
    }
    const pending = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (message.kind === 'result') pending?.resolve(message.value as never);
    else pending?.reject(errorFrom(message.error));
  }

  private post(message: ToWorker): void {
    this.worker?.postMessage(message);
  }
}

/** The status of a projection while its thread is restarting: it will continue from its position. */
function withoutThread(projection: ProjectionStatus, phase: 'stopped' | 'starting' | 'restarting'): ProjectionStatus {
  if (!isRunning(projection.state)) return projection;
  return { ...projection, state: phase === 'stopped' ? 'stopped' : 'backing-off' };
}
