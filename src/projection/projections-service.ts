import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import type { Position } from '../eventstore/event-store.js';
import { errorFrom } from './errors-between-threads.js';
import { pauseBefore, told } from './failures.js';
import { PositionWaiters } from './position-waiters.js';
import {
  UnknownProjection,
  type BuildReport,
  type CompareOptions,
  type Parked,
  type Projections,
  type ProjectionsStatus,
  type ProjectionStatus,
  type RebuildOptions,
  type Retried,
  type SkipRequest,
  type Skipped,
} from './projections.js';
import { distance } from './running-projection.js';
import type { Answers, FromWorker, Method, Requests, ToWorker, WorkerStores } from './worker-messages.js';

export interface ServiceOptions {
  /** The compiled projection-worker.js. */
  readonly worker: URL | string;
  readonly stores: WorkerStores;
  /** Called when the thread ended and nobody had asked it to. */
  readonly onCrash?: (error: Error) => void;
  /** How long it may take to stop, in milliseconds (default 30,000): the batch at hand and the checkpoints. */
  readonly stopPatience?: number;
}

/** The worker ended while it was asked; what was asked may or may not have happened. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
}

interface Asked {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The projections in a worker thread. Nothing is asked of it for an event or a query: it says where it stands after
 * every batch, and waiting happens here. When it dies it is started again, later each time, and counts as unhealthy.
 */
export class ProjectionsService implements Projections {
  private worker: Worker | undefined;
  private phase: 'stopped' | 'starting' | 'running' | 'restarting' = 'stopped';
  private last: Omit<ProjectionsStatus, 'worker'> = { healthy: false, degraded: false, head: null, projections: [] };
  private readonly waiters = new PositionWaiters();
  private readonly asked = new Map<number, Asked>();
  private requests = 0;
  private crashes = 0;
  private restart: NodeJS.Timeout | undefined;
  private head: Position | null = null;
  private notifying = false;
  /** To be called when there is nothing more to expect of the thread. */
  private end: (error: Error) => void = () => undefined;

  constructor(private readonly options: ServiceOptions) {}

  /** Resolves when the projections have begun to catch up; rejects when the worker cannot start. */
  async start(): Promise<void> {
    this.phase = 'starting';
    await this.launch();
  }

  async stop(): Promise<void> {
    clearTimeout(this.restart);
    const { worker } = this;
    this.phase = 'stopped';
    if (worker !== undefined) {
      // Asked, never terminated: cut off inside SQLite's driver, a thread takes the whole process with it. One that
      // hangs does not keep the service from stopping either: what it was at is folded again.
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      this.ask('stop', {}).catch(() => undefined); // it died meanwhile
      await Promise.race([ended, pause(this.options.stopPatience ?? 30_000, undefined, { ref: false })]);
      worker.unref();
      this.end(new WorkerLost('the projections were stopped'));
    }
    this.waiters.close();
  }

  status(): ProjectionsStatus {
    const { healthy, degraded, head: told, projections } = this.last;
    const head = this.head !== null && (told === null || this.head > told) ? this.head : told;
    const { phase } = this;
    const now = projections.map((projection) => {
      // the thread has not said yet what it makes of the newest events
      const lag = head === told ? projection.lag : distance(projection.position, head);
      return phase === 'running' ? { ...projection, lag } : { ...standing(projection, phase), lag };
    });
    return { healthy: phase === 'running' && healthy, degraded, head, worker: phase, projections: now };
  }

  /** Cheap: notifications of one turn of the event loop are one message. */
  notify(head: Position): void {
    this.head = head;
    if (this.notifying) return;
    this.notifying = true;
    setImmediate(() => {
      this.notifying = false;
      if (this.phase === 'running' && this.head !== null) this.post({ kind: 'notify', head: this.head });
    });
  }

  async waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean> {
    const projection = this.last.projections.find((candidate) => candidate.name === name);
    if (projection === undefined) throw new UnknownProjection(name);
    return this.waiters.wait(projection, position, timeoutMs);
  }

  rebuild(name: string, { signal, keep = false }: RebuildOptions = {}): Promise<BuildReport> {
    return this.ask('rebuild', { name, keep }, signal);
  }

  compare(name: string, { signal }: CompareOptions = {}): Promise<BuildReport> {
    return this.ask('compare', { name }, signal);
  }

  drop(name: string): Promise<boolean> {
    return this.ask('drop', { name });
  }

  async pause(name: string): Promise<void> {
    await this.ask('pause', { name });
  }

  async resume(name: string): Promise<void> {
    await this.ask('resume', { name });
  }

  parked(name: string): Promise<Parked> {
    return this.ask('parked', { name });
  }

  retry(name: string, document?: string): Promise<Retried> {
    return this.ask('retry', { name, ...(document !== undefined && { document }) });
  }

  skip(name: string, request: SkipRequest): Promise<Skipped> {
    return this.ask('skip', { name, request });
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
        } else this.hear(message);
      });
      worker.on('error', (error) => (failure = error));
      this.end = (error) => {
        this.worker = undefined;
        for (const { reject: refuse } of this.asked.values()) refuse(new WorkerLost(told(error)));
        this.asked.clear();
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
    }, pauseBefore(this.crashes++));
  }

  private hear(message: Exclude<FromWorker, { kind: 'started' }>): void {
    if (message.kind === 'status') {
      const { projections } = (this.last = message.status);
      if (projections.some(({ state }) => state === 'live')) this.crashes = 0;
      for (const projection of projections) this.waiters.tell(projection);
      return;
    }
    const asked = this.asked.get(message.id);
    this.asked.delete(message.id);
    if (message.kind === 'answer') asked?.resolve(message.value as never);
    else asked?.reject(errorFrom(message.error));
  }

  private ask<M extends Method>(method: M, parameters: Requests[M], signal?: AbortSignal): Promise<Answers[M]> {
    if (this.worker === undefined) return Promise.reject(new WorkerLost('the projections are not running'));
    const id = ++this.requests;
    const cancel = (): void => this.post({ kind: 'cancel', id });
    const answer = new Promise<Answers[M]>((resolve, reject) => this.asked.set(id, { resolve, reject }));
    this.post({ kind: 'request', id, method, ...parameters } as ToWorker);
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted === true) cancel();
    return answer.finally(() => signal?.removeEventListener('abort', cancel));
  }

  private post(message: ToWorker): void {
    this.worker?.postMessage(message);
  }
}

/** What can be said of a projection whose thread is away: it goes on from where it was. */
function standing(projection: ProjectionStatus, phase: 'stopped' | 'starting' | 'restarting'): ProjectionStatus {
  if (projection.state !== 'live' && projection.state !== 'catching-up') return projection;
  return { ...projection, caughtUp: false, state: phase === 'stopped' ? 'stopped' : 'backing-off' };
}
