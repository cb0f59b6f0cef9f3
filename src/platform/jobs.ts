import { v4 as uuid } from 'uuid';
import type { Clock } from './clock.js';

/** Work that takes longer than a request: it can be asked after and cancelled. Kept in memory, gone with the process. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  /** What it works on, e.g. the name of a projection. */
  readonly subject: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly startedAt: string;
  readonly endedAt?: string;
  /** How far it is, in the terms of its kind. */
  readonly progress?: object;
  /** What it found, once done. */
  readonly result?: object;
  /** Why it failed. */
  readonly error?: string;
}

export interface Work {
  readonly signal: AbortSignal;
  readonly progress: (progress: object) => void;
}

/** Ended jobs that can still be asked after. */
const REMEMBERED = 100;

/** Only the work knows whether a cancellation came in time. */
const saysCancelled = (result: object): boolean => 'outcome' in result && result.outcome === 'cancelled';

export class Jobs {
  private readonly jobs = new Map<string, { job: Job; readonly cancel: AbortController }>();

  constructor(private readonly clock: Clock) {}

  start(kind: string, subject: string, work: (work: Work) => Promise<object>): Job {
    const cancel = new AbortController();
    const id = uuid();
    const entry = { cancel, job: { id, kind, subject, state: 'running', startedAt: this.clock.now() } as Job };
    this.jobs.set(id, entry);
    this.forget();
    const end = (ending: Partial<Job>): void => {
      entry.job = { ...entry.job, ...ending, endedAt: this.clock.now() };
    };
    const progress = (done: object): void => {
      entry.job = { ...entry.job, progress: done };
    };
    const working = new Promise<object>((resolve) => resolve(work({ signal: cancel.signal, progress })));
    working.then(
      (result) => {
        end({ state: saysCancelled(result) ? 'cancelled' : 'done', result });
      },
      (error: unknown) => {
        end({
          state: cancel.signal.aborted ? 'cancelled' : 'failed',
          error: error instanceof Error ? error.message : String(error),
        });
      },
    );
    return entry.job;
  }

  /** The one of that kind and subject that runs already, else a new one. */
  startOrJoin(kind: string, subject: string, work: (work: Work) => Promise<object>): Job {
    const same = ({ job }: { readonly job: Job }): boolean =>
      job.state === 'running' && job.kind === kind && job.subject === subject;
    return [...this.jobs.values()].find(same)?.job ?? this.start(kind, subject, work);
  }

  find(id: string): Job | undefined {
    return this.jobs.get(id)?.job;
  }

  /** Newest first. */
  list(): Job[] {
    return [...this.jobs.values()].map(({ job }) => job).reverse();
  }

  /** Asks a job to stop; false when there is none of that id. */
  cancel(id: string): boolean {
    const entry = this.jobs.get(id);
    entry?.cancel.abort();
    return entry !== undefined;
  }

  cancelAll(): void {
    for (const { cancel } of this.jobs.values()) cancel.abort();
  }

  private forget(): void {
    const ended = [...this.jobs.values()].filter(({ job }) => job.state !== 'running');
    for (const { job } of ended.slice(0, Math.max(0, ended.length - REMEMBERED))) this.jobs.delete(job.id);
  }
}
