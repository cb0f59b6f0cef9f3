import { v4 as uuid } from 'uuid';
import type { Clock } from './clock.js';

/**
 * Work that takes longer than a request; clients can poll and cancel it. Kept in memory, lost when the process ends.
 */
export interface Job {
  readonly id: string;
  readonly kind: string;
  /** What it operates on, e.g. the name of a projection. */
  readonly subject: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Progress, in the terms of its kind. */
  readonly progress?: object;
  /** The result, once done. */
  readonly result?: object;
  /** The reason of a failure. */
  readonly error?: string;
}

export interface Work {
  readonly signal: AbortSignal;
  readonly progress: (progress: object) => void;
}

/** Maximum ended jobs that are kept. */
const MAX_ENDED_JOBS = 100;

/** Only the work knows whether a cancellation took effect. */
const isCancelled = (result: object): boolean => 'outcome' in result && result.outcome === 'cancelled';

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
        end({ state: isCancelled(result) ? 'cancelled' : 'done', result });
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

  /** Returns the running job of that kind and subject, otherwise starts one. */
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

  /** Requests cancellation; false when no job has that id. */
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
    for (const { job } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED_JOBS))) this.jobs.delete(job.id);
  }
}
