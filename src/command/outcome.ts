import type { RecordedCommand } from '../eventstore/known-commands.js';
import type { LoopOutcome } from '../eventstore/loop-command.js';
import type { Rejection, Unmet } from './decision.js';

/** What became of a command of any aggregate. A rejection or a failure of the store is an outcome, not an error. */
export type CommandOutcome = AcceptedCommand | Refused;

export interface AcceptedCommand {
  readonly accepted: true;
  readonly id: string;
  /** Revision of the last event of the command. */
  readonly revision: number;
  /** Log position of the last event of the command. */
  readonly position: string;
  /** Types of the events of the command. */
  readonly events: readonly string[];
  /** True if this command was already recorded. */
  readonly alreadyThere: boolean;
}

export interface Refused {
  readonly accepted: false;
  readonly kind: 'not_found' | 'rejected' | 'key_reused' | 'precondition_failed' | 'busy' | 'too_large' | 'unavailable';
  readonly code: string;
  readonly unmet: readonly Unmet[];
  /** Id of the subject of the command, if known. */
  readonly id?: string;
  /** Its current revision, if known; -1 if it does not exist. */
  readonly revision?: number;
}

export const acceptedCommand = (id: string, command: RecordedCommand, alreadyThere: boolean): AcceptedCommand => ({
  accepted: true,
  id,
  revision: command.revision,
  position: command.position,
  events: command.events,
  alreadyThere,
});

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

/** @param id the subject with which the key was used */
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

/**
 * The outcome of a command that the loop neither recorded nor refused by a rule.
 * @param noun what the command is about, such as `complaint`
 */
export function notRecorded<State>(
  outcome: Exclude<LoopOutcome<State, never>, { kind: 'recorded' | 'refused' }>,
  id: string,
  noun: string,
): Refused {
  switch (outcome.kind) {
    case 'key_reused':
      return keyReused(id, outcome.folded.revision);
    case 'precondition_failed': {
      const { revision } = outcome.folded;
      const message =
        revision < 0
          ? `the ${noun} does not exist`
          : `the ${noun} is at revision ${String(revision)}; read it again and repeat the command`;
      return { ...refused('precondition_failed', 'precondition_failed', message, id), revision };
    }
    case 'busy':
      return refused(
        'busy',
        'busy',
        `concurrent commands kept changing this ${noun}; nothing was recorded; send the command again with the same key`,
        id,
      );
    case 'unavailable':
      return unavailable(id);
  }
}
