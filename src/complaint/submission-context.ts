import { AsyncLocalStorage } from 'node:async_hooks';

import type { Submission } from './submission.js';

/**
 * The submission that a command on the CommandBus belongs to: the bus carries the validated command alone.
 * `submissionContext.run(submission, () => bus.execute(submission.command))`; a handler calls {@link currentSubmission}.
 */
export const submissionContext = new AsyncLocalStorage<Submission>();

/** @throws Error outside of a submission: a command without an actor and an id is a mistake of ours */
export function currentSubmission(): Submission {
  const submission = submissionContext.getStore();
  if (submission === undefined) throw new Error('a command was executed outside of a submission');
  return submission;
}
