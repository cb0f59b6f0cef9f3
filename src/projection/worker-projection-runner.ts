import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Position } from '../eventstore/event-store.js';
import { errorMessage, retryDelay } from './failures.js';
import { isRunning, statusAtHead } from './freshness.js';
import { UnknownProjection, type Operation, type OperationResult } from './operations.js';
import { PositionWaiters } from './position-waiters.js';
import type { Projections, ProjectionsStatus, ProjectionStatus } from './projections.js';
import { errorFrom } from './thread-errors.js';
import type { FromWorker, ToWorker, WorkerSettings } from './worker-messages.js';

export interface WorkerOptions {
  /** Path of the compiled projection-worker.js. */
  readonly worker: URL | string;
  readonly settings: WorkerSettings;
  /** Called when the thread has ended although nothing stopped it. */
  readonly onCrash?: (error: Error) => void;
  /** Milliseconds that a stop waits for the thread to finish its batch and store checkpoints (default 30,000). */
  readonly stopTimeout?: number;
}

/** The worker thread has ended or was never started. The outcome of an operation that was in progress is unknown. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
}

/** An operation whose result has not arrived yet. */
interface PendingOperation {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Runs the projections in a worker thread. The worker reports its status after every batch, so that status queries and
 * waits for a position need no request to it. When the worker crashes, it is started again with back-off; until then
 * the status is unhealthy.
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
  private readonly pending = new Map<number, PendingOperation>();
  private lastRequestId = 0;
  /** Number of crashes since a projection was last live. */
  private crashes = 0;
  private restartTimer: NodeJS.Timeout | undefined;
  /** The last notified position that the worker has not reported yet. */
  private head: Position | null = null;
  private isNotificationScheduled = false;
  /** Rejects everything that waits for a message of the current worker. */
  private rejectPending: (error: Error) => void = () => undefined;

  constructor(private readonly options: WorkerOptions) {}

  /** @throws the error of the thread if it ends before it has started the projections */
  async start(): Promise<void> {
    this.phase = 'starting';
    await this.launch();
  }

  async stop(): Promise<void> {
    clearTimeout(this.restartTimer);
    this.phase = 'stopped';
    const { worker } = this;
    if (worker !== undefined) {
      // a message asks the thread to exit: terminating a thread inside the SQLite driver would end the whole process;
      // a thread that does not exit in time is left running, and its unfinished work is folded again later
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      this.post({ kind: 'stop' });
      await Promise.race([ended, pause(this.options.stopTimeout ?? 30_000, undefined, { ref: false })]);
      worker.unref();
      this.rejectPending(new WorkerLost('the projections were stopped'));
    }
    this.waiters.close();
  }

  /**
   * The last status that the worker reported. Its freshness is computed with a newer head, if this thread knows one.
   */
  status(): ProjectionsStatus {
    const { healthy, degraded, head: reportedHead } = this.reported;
    const { phase } = this;
    const isNewer = this.head !== null && (reportedHead === null || this.head > reportedHead);
    const head = isNewer ? this.head : reportedHead;
    const projections = this.reported.projections.map((projection) =>
      statusAtHead(phase === 'running' ? projection : withoutThread(projection, phase), head),
    );
    return {
      healthy: phase === 'running' && healthy,
      degraded,
      head,
      observedMsAgo: 0,
      worker: phase,
      projections,
    };
  }

  /** Sends one message to the worker for all notifications in one turn of the event loop. */
  notify(head: Position): void {
    this.head = head;
    if (this.isNotificationScheduled) return;
    this.isNotificationScheduled = true;
    setImmediate(() => {
      this.isNotificationScheduled = false;
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
    const id = ++this.lastRequestId;
    const cancel = (): void => this.post({ kind: 'cancel', id });
    const result = new Promise<OperationResult<O>>((resolve, reject) => this.pending.set(id, { resolve, reject }));
    this.post({ kind: 'execute', id, operation, isCancelled: signal?.aborted === true });
    signal?.addEventListener('abort', cancel);
    return result.finally(() => signal?.removeEventListener('abort', cancel));
  }

  private launch(): Promise<void> {
    // folding creates many short-lived objects: with a larger young generation, V8 copies fewer of them
    const resourceLimits = { maxYoungGenerationSizeMb: 96 };
    const worker = new Worker(this.options.worker, { workerData: this.options.settings, resourceLimits });
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
      this.rejectPending = (error) => {
        this.worker = undefined;
        for (const operation of this.pending.values()) operation.reject(new WorkerLost(errorMessage(error)));
        this.pending.clear();
        reject(error);
      };
      worker.on('exit', (code) => {
        const error = failure ?? new WorkerLost(`the thread of the projections ended with exit code ${String(code)}`);
        this.rejectPending(error);
        if (this.phase === 'stopped') return;
        this.options.onCrash?.(error);
        if (this.phase === 'starting') this.phase = 'stopped';
        else this.launchLater();
      });
    });
  }

  private launchLater(): void {
    this.phase = 'restarting';
    this.restartTimer = setTimeout(() => {
      this.launch().catch(() => undefined); // the exit handler reports the failure
    }, retryDelay(this.crashes++));
  }

  private receive(message: Exclude<FromWorker, { kind: 'started' }>): void {
    if (message.kind === 'status') {
      const { projections, head } = (this.reported = message.status);
      // forgets the notified position once the thread knows it or a later one
      if (this.head !== null && head !== null && head >= this.head) this.head = null;
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

/** The status of a projection while its thread does not run. After a restart it continues from its position. */
function withoutThread(projection: ProjectionStatus, phase: 'stopped' | 'starting' | 'restarting'): ProjectionStatus {
  if (!isRunning(projection.state)) return projection;
  return { ...projection, state: phase === 'stopped' ? 'stopped' : 'backing-off' };
}
