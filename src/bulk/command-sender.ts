import type { Unmet } from '../complaint/decision.js';

/** Sends the commands of bulk requests and imports. */
export interface CommandSender {
  send(request: BulkCommand): Promise<BulkAnswer>;
}

/** One command as plain JSON. A command that is sent again with the same key is a repetition. */
export interface BulkCommand {
  readonly command: string;
  readonly key: string;
  /** Absent for `LodgeComplaint`. */
  readonly complaint?: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export type BulkAnswer = BulkAcceptance | BulkRefusal;

export interface BulkAcceptance {
  readonly status: 'accepted' | 'already_there';
  readonly id: string;
  readonly reference: string;
  readonly revision: number;
  readonly position: string;
  readonly events: readonly string[];
}

export interface BulkRefusal {
  readonly status: 'rejected';
  /**
   * `busy`, `event_store_unavailable`, `read_models_unavailable`, `projections_unavailable`, `not_yet_visible` and
   * `internal_error` do not depend on the line: send it again.
   */
  readonly code: string;
  readonly unmet: readonly Unmet[];
  readonly id?: string;
}
