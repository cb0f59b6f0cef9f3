import { acceptedCommand, refused, type Refused } from '../command/outcome.js';
import type { RecordedCommand } from '../eventstore/known-commands.js';
import { referenceOf } from './reference.js';
import type { Accepted } from './submission.js';
import { noSuchComplaint } from './reference.js';

/** A recorded command. */
export const accepted = (id: string, command: RecordedCommand, alreadyThere: boolean): Accepted => ({
  ...acceptedCommand(id, command, alreadyThere),
  reference: referenceOf(id),
});

export const notFound = (complaint: string | undefined): Refused =>
  refused('not_found', 'complaint_not_found', noSuchComplaint(complaint ?? ''));
