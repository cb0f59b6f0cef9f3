import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Position } from '../eventstore/event-store.js';
import { errorMessage, retryDelay } from './failures.js';
import { isGoing, seenAtHead } from './freshness.js';
import { UnknownProjection, type Operation, type OperationResult } from './operations.js';
import { PositionWaiters } from './position-waiters.js';
import type { Projections, ProjectionsStatus, ProjectionStatus } from './projections.js';
import { errorFrom } from './thread-errors.js';
import type { FromWorker, ToWorker, WorkerStores } from './worker-messages.js';

export interface WorkerOptions {
  /** The compiled projection-worker.js. */
  readonly worker: URL | string;
  readonly stores: WorkerStores;
  /** Called when the thread ended and nobody had asked it to. */
  readonly onCrash?: (error: Error) => void;
  /** How long it may take to stop, in milliseconds (default 30,000): the batch at hand and the checkpoints. */
  readonly stopTimeout?: number;
}

/** The worker ended while it carried out an operation, which may or may not have happened. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The projections in a worker thread. Nothing is asked of it for an event or a query: it reports its status after every
 * batch, and waiting happens here. When it dies it is started again, later each time, and counts as unhealthy.
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
  /** To be called when there is nothing more to expect of the thread. */
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
      // Asked, never terminated: cut off inside SQLite's driver, a thread takes the whole process with it. One that
      // hangs does not keep the service from stopping either: what it was at is folded again.
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      this.post({ kind: 'stop' });
      await Promise.race([ended, pause(this.options.stopTimeout ?? 30_000, undefined, { ref: false })]);
      worker.unref();
      this.end(new WorkerLost('the projections were stopped'));
    }
    this.waiters.close();
  }

  /** What the thread reported last, seen at the head that is known here: it may not have heard of the newest events. */
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

  /** Cheap: notifications of one turn of the event loop are one message. */
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
    // folding makes much that dies young: more room for it spares copying
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
      this.launch().catch(() => undefined); // its end was heard as an exit
    }, retryDelay(this.crashes++));
  }

  private receive(message: Exclude<FromWorker, { kind: 'started' }>): void {
    if (message.kind === 'status') {
      const { projections, head } = (this.reported = message.status);
      if (this.head !== null && head !== null && head >= this.head) this.head = null; // the thread knows of it
      if (projections.some(({ state }) => state === 'live')) this.crashes = 0;
      for (const projection of projections) this.waiters.tell(projection);
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

/** What can be said of a projection whose thread is away: it goes on from where it was. */
function withoutThread(projection: ProjectionStatus, phase: 'stopped' | 'starting' | 'restarting'): ProjectionStatus {
  if (!isGoing(projection.state)) return projection;
  return { ...projection, state: phase === 'stopped' ? 'stopped' : 'backing-off' };
}
