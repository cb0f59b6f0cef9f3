import { v5 } from 'uuid';
import type { Source } from './terms/facts.js';

/** Fixed for ever: the ids of everything recorded derive from them. */
const COMMANDS = '6f1c7a54-2f0b-5d3e-9a87-40c2b1d5e6f0';
const COMPLAINTS = 'b3a9d1e2-7c46-5f80-8e15-29d4c3a7f6b1';

/** One key of one credential is one command, however often it is sent (I19). */
export const commandIdOf = (credential: string, idempotencyKey: string): string =>
  v5(`${credential}\n${idempotencyKey}`, COMMANDS);

/**
 * A repeated lodging meets its own stream: the id follows from the first source's system and reference, else from the
 * command. A UUID in lower case.
 */
export const complaintIdOf = (
  lodging: { readonly sources?: readonly Pick<Source, 'system' | 'ref'>[] },
  commandId: string,
): string => {
  const first = lodging.sources?.[0];
  return v5(first === undefined ? commandId : `${first.system}\n${first.ref}`, COMPLAINTS);
};

/** Whether a text has the form of an id, in lower case as we write it. */
export const isComplaintId = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
