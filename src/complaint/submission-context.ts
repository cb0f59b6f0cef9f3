import type { ComplaintCommand } from './commands/parts.js';
import type { Submission } from './submission.js';

/**
 * The bus carries the validated command alone; its submission is found again by that very object. Not by
 * AsyncLocalStorage, which on Node 20 slows every promise of the process (docs/performance.md).
 */
const submissions = new WeakMap<ComplaintCommand, Submission>();

/** The command of a submission, to be executed on the bus, where its handler calls {@link submissionOf}. */
export function carrierOf(submission: Submission): ComplaintCommand {
  submissions.set(submission.command, submission);
  return submission.command;
}

/** @throws Error for a command without a submission: one without an actor and an id is a mistake of ours */
export function submissionOf(command: ComplaintCommand): Submission {
  const submission = submissions.get(command);
  if (submission === undefined) throw new Error('a command was executed without its submission');
  return submission;
}
