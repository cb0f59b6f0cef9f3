import { setTimeout as pause } from 'node:timers/promises';
import { LodgeComplaint } from '../../../src/complaint/commands/intake.js';
import { complaintIdOf } from '../../../src/complaint/identity.js';
import type { ComplaintCommands, Outcome, Submission } from '../../../src/complaint/submission.js';
import { StoreUnavailable } from '../../../src/eventstore/event-store.js';
import { NotYetVisible } from '../../../src/readmodels/read-models.js';

/** Takes 0 to 2 ms per command, and stores which commands were started and how many were in progress at once. */
export class SlowCommands implements ComplaintCommands {
  readonly started: string[] = [];
  private inProgress = 0;
  maxInProgress = 0;

  constructor(private readonly outcome: (submission: Submission) => Partial<Outcome> | Error = () => ({})) {}

  async submit(submission: Submission): Promise<Outcome> {
    const { command, commandId } = submission;
    const id = command instanceof LodgeComplaint ? complaintIdOf(command, commandId) : (submission.complaint ?? '');
    this.started.push(`${command.constructor.name} ${'text' in command ? String(command.text) : ''}`.trim());
    this.inProgress += 1;
    this.maxInProgress = Math.max(this.maxInProgress, this.inProgress);
    await pause(this.started.length % 3);
    this.inProgress -= 1;
    const outcome = this.outcome(submission);
    if (outcome instanceof Error) throw outcome;
    const accepted = { reference: 'R', revision: 0, position: '1', events: ['E'], alreadyThere: false };
    return { accepted: true, id, ...accepted, ...outcome } as Outcome;
  }

  firstOutcome(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  resolve(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  find(name: string): Promise<string | undefined> {
    if (name === 'store-unavailable') return Promise.reject(new StoreUnavailable('gone'));
    if (name === 'not-yet-visible') return Promise.reject(new NotYetVisible('not yet'));
    return Promise.resolve(undefined);
  }
}

/** Accepts every command at once; for requests of many lines. */
export class QuickCommands extends SlowCommands {
  override submit({ command, commandId, complaint = '' }: Submission): Promise<Outcome> {
    const id = command instanceof LodgeComplaint ? complaintIdOf(command, commandId) : complaint;
    const accepted = { reference: 'R', revision: 0, position: '1', events: ['E'], alreadyThere: false };
    return Promise.resolve({ accepted: true, id, ...accepted });
  }
}
