import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Keys } from '../access/keys.js';
import type { ComplaintCommands } from '../complaint/submission.js';
import type { Clock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import { ScheduledCommands } from '../processes/scheduled-commands.js';
import { Timers } from '../processes/timers.js';
import { runUnderLease } from '../processes/under-lease.js';
import type { Stores } from './stores.js';

/** Name of the lease that the process with the running timers holds. */
export const TIMERS_LEASE = 'timers';

/** What the timers of a process need. */
export interface TimersParts {
  readonly configuration: Pick<Configuration, 'role' | 'leaseSeconds'>;
  readonly stores: Pick<Stores, 'readModels' | 'projections' | 'leases'>;
  readonly commands: Pick<ComplaintCommands, 'submit'>;
  readonly keys: Pick<Keys, 'digestKey'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The timers of this process: they run in the roles `all` and `timers`, in one process at a time. */
export class ProcessTimers {
  private readonly stopping = new AbortController();
  private readonly timers: Timers;
  private running: Promise<void> | undefined;
  private isLeading = false;
  private hasFailed = false;

  constructor(private readonly parts: TimersParts) {
    const { stores, commands, keys, clock, log } = parts;
    const sender = new ScheduledCommands(commands, keys.digestKey);
    this.timers = new Timers({
      readModels: stores.readModels,
      projections: stores.projections,
      clock,
      submit: (work) => sender.submit(work),
      onRefused: ({ complaint, subject, purpose, dueAt }, { code }) => {
        log.warn({ complaint, subject, purpose, dueAt, code }, 'a due command was refused; it is tried again later');
      },
      onFailure: (error) => {
        if (this.hasFailed) return; // one message for one outage
        this.hasFailed = true;
        log.warn({ err: error }, 'the timers cannot work now and try again');
      },
      onSweep: () => (this.hasFailed = false),
    });
  }

  /** Whether the timers run in this process now. */
  get leads(): boolean {
    return this.isLeading;
  }

  /** Number of due commands that were refused and that this process tries again later. */
  get refused(): number {
    return this.timers.refused;
  }

  /** Starts the timers, unless the role of the process has none. */
  start(): void {
    const { configuration, stores } = this.parts;
    if (configuration.role !== 'all' && configuration.role !== 'timers') return;
    this.running ??= runUnderLease(
      {
        leases: stores.leases,
        name: TIMERS_LEASE,
        holder: `${hostname()} ${String(process.pid)}`,
        term: configuration.leaseSeconds * 1000,
        work: async (signal) => {
          this.isLeading = true;
          await this.timers.run(signal).finally(() => (this.isLeading = false));
        },
      },
      this.stopping.signal,
    );
  }

  /** Waits for the outcomes of commands in progress. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }
}
