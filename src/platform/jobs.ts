import { v4 as uuid } from 'uuid';
import type { Clock } from './clock.js';

/**
 * An operation that takes longer than a request. Clients can poll and cancel it. Jobs are lost when the process ends.
 */
export interface Job {
  readonly id: string;
  /** Name of the operation, such as `rebuild`. */
  readonly kind: string;
  /** What the job operates on, such as the name of a projection. */
  readonly subject: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly startedAt: string;
  readonly endedAt?: string;
  /** The latest progress report; its fields depend on the kind. */
  readonly progress?: object;
  /** The result, once the work has ended without an error. */
  readonly result?: object;
  /** The error message, if the work has ended with an error. */
  readonly error?: string;
}

/** What the work of a job receives. */
export interface JobContext {
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal;
  /** Reports progress. */
  readonly progress: (progress: object) => void;
}

/** Maximum number of ended jobs that are kept. */
const MAX_ENDED_JOBS = 100;

/** True if the cancellation stopped the work. An aborted signal is no proof, because it may come too late. */
const isCancelled = (result: object): boolean => 'outcome' in result && result.outcome === 'cancelled';

export class Jobs {
  private readonly jobs = new Map<string, { job: Job; readonly cancel: AbortController }>();

  constructor(private readonly clock: Clock) {}

  start(kind: string, subject: string, work: (context: JobContext) => Promise<object>): Job {
    const cancel = new AbortController();
    const id = uuid();
    const entry = { cancel, job: { id, kind, subject, state: 'running', startedAt: this.clock.now() } as Job };
    this.jobs.set(id, entry);
    this.removeOldJobs();
    const end = (outcome: Partial<Job>): void => {
      entry.job = { ...entry.job, ...outcome, endedAt: this.clock.now() };
    };
    const progress = (report: object): void => {
      entry.job = { ...entry.job, progress: report };
    };
    // called in the executor, so that an error that `work` throws synchronously rejects the promise too
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

  /** Returns the running job with this kind and subject; if there is none, starts one. */
  startOrJoin(kind: string, subject: string, work: (context: JobContext) => Promise<object>): Job {
    const isSame = ({ job }: { readonly job: Job }): boolean =>
      job.state === 'running' && job.kind === kind && job.subject === subject;
    return [...this.jobs.values()].find(isSame)?.job ?? this.start(kind, subject, work);
  }

  find(id: string): Job | undefined {
    return this.jobs.get(id)?.job;
  }

  /** All jobs, newest first. */
  list(): Job[] {
    return [...this.jobs.values()].map(({ job }) => job).reverse();
  }

  /** Asks a job to stop; does not wait for it. Returns false if no job has this id. */
  cancel(id: string): boolean {
    const entry = this.jobs.get(id);
    entry?.cancel.abort();
    return entry !== undefined;
  }

  /** Asks all jobs to stop; does not wait for them. */
  cancelAll(): void {
    for (const { cancel } of this.jobs.values()) cancel.abort();
  }

  private removeOldJobs(): void {
    const ended = [...this.jobs.values()].filter(({ job }) => job.state !== 'running');
    for (const { job } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED_JOBS))) this.jobs.delete(job.id);
  }
}
