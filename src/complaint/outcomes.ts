import type { RecordedCommand } from '../eventstore/known-commands.js';
import type { Rejection, Unmet } from './decision.js';
import { referenceOf } from './reference.js';
import type { Accepted, Refused } from './submission.js';
import { noSuchComplaint } from './reference.js';

/** A recorded command. */
export function accepted(id: string, command: RecordedCommand, alreadyThere: boolean): Accepted {
  return {
    accepted: true,
    id,
    reference: referenceOf(id),
    revision: command.revision,
    position: command.position,
    events: command.events,
    alreadyThere,
  };
}

export const refused = (kind: Refused['kind'], code: string, message: string, id?: string): Refused => ({
  accepted: false,
  kind,
  code,
  unmet: [{ code, message }],
  ...(id !== undefined && { id }),
});

export const unavailable = (id: string): Refused =>
  refused(
    'unavailable',
    'event_store_unavailable',
    'the event store is not available; send the same command again with the same key',
    id,
  );

export const TOO_MANY_COMMANDS = refused(
  'busy',
  'busy',
  'too many commands are in progress; nothing was recorded; send the command again with the same key',
);

/** @param id the complaint with which the key was used */
export const keyReused = (id: string, revision: number): Refused => ({
  ...refused(
    'key_reused',
    'idempotency_key_reused',
    'this idempotency key was used with another request; use a new key',
    id,
  ),
  revision,
});

export const toRefused = (refusal: Rejection | { readonly tooLarge: Unmet }): Refused => {
  const [kind, unmet] =
    'tooLarge' in refusal ? (['too_large', [refusal.tooLarge]] as const) : (['rejected', refusal.unmet] as const);
  return { accepted: false, kind, code: unmet[0].code, unmet };
};

export const notFound = (complaint: string | undefined): Refused =>
  refused('not_found', 'complaint_not_found', noSuchComplaint(complaint ?? ''));
