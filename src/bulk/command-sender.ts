import type { Unmet } from '../complaint/decision.js';

/** Sends the commands of bulk requests and imports. */
export interface CommandSender {
  send(request: BulkCommand): Promise<BulkAnswer>;
}

/** One command as plain JSON. */
export interface BulkCommand {
  /** Name of the command. */
  readonly command: string;
  /** The idempotency key: the same command sent again with this key is recorded once. */
  readonly key: string;
  /** Id, reference or lodging key of the complaint; absent for `LodgeComplaint`. */
  readonly complaint?: string;
  /** The fields of the command, not validated yet. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The revision that the complaint must have; absent if it may have any. */
  readonly ifRevision?: number;
}

/** Codes of refusals that say nothing about the command: the same command may be accepted later. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  'busy',
  'event_store_unavailable',
  'read_models_unavailable',
  'projections_unavailable',
  'not_yet_visible',
  'internal_error',
]);

export const isTransient = (code: string): boolean => TRANSIENT_CODES.has(code);

export type BulkAnswer = BulkAcceptance | BulkNoChange | BulkRefusal;

export interface BulkAcceptance {
  /** `already_there`: the command had been recorded before. */
  readonly status: 'accepted' | 'already_there';
  readonly id: string;
  readonly reference: string;
  readonly revision: number;
  readonly position: string;
  /** Types of the recorded events. */
  readonly events: readonly string[];
}

/** The complaint already is as the command asks: nothing was recorded, and nothing is at fault. */
export interface BulkNoChange {
  readonly status: 'unchanged';
  readonly id: string;
  readonly reference: string;
  /** Revision of the last event of the complaint. */
  readonly revision: number;
  /** What already is as the command asks. */
  readonly message: string;
}

export interface BulkRefusal {
  readonly status: 'rejected';
  /** With one of {@link TRANSIENT_CODES}, the command itself is not at fault: send the same line again. */
  readonly code: string;
  /** The reasons. */
  readonly unmet: readonly Unmet[];
  /** Id of the complaint, if it was found. */
  readonly id?: string;
}
