import type { Actor } from '../access/actor.js';
import type { ComplaintCommand } from './commands/parts.js';
import type { Unmet } from './decision.js';

/** One command on its way to a decision: HTTP, CLI, bulk lines and process managers all hand in this. */
export interface Submission {
  /** A validated instance of one of the command classes. */
  readonly command: ComplaintCommand;
  /** Id or reference of the complaint; absent for `LodgeComplaint`, whose id follows from source or commandId. */
  readonly complaint?: string;
  /** uuidv5(credential name + idempotency key). */
  readonly commandId: string;
  /** HMAC-SHA-256 (hex) of the canonical body with the installation's key. */
  readonly commandDigest: string;
  readonly actor: Actor;
  readonly correlationId?: string;
  readonly causationId?: string;
  /** From If-Match: any other revision is refused, never retried. */
  readonly ifRevision?: number;
}

export type Outcome = Accepted | Refused;

export interface Accepted {
  readonly accepted: true;
  readonly id: string;
  readonly reference: string;
  /** Revision of the command's last event. */
  readonly revision: number;
  readonly position: string;
  readonly events: readonly string[];
  /** True when this command, or a lodging of the same source with the same content, had been recorded before. */
  readonly alreadyThere: boolean;
}

export interface Refused {
  readonly accepted: false;
  readonly kind: 'not_found' | 'rejected' | 'key_reused' | 'precondition_failed' | 'busy' | 'too_large' | 'unavailable';
  readonly code: string;
  readonly unmet: readonly Unmet[];
  /** Where the complaint stands, when it exists. */
  readonly id?: string;
  readonly revision?: number;
}

/** Token of the house rules (`ComplaintSettings` of decision.ts). */
export const COMPLAINT_SETTINGS = Symbol('ComplaintSettings');

export const COMMAND_SERVICE = Symbol('ComplaintCommands');

/** The one way in. */
export interface ComplaintCommands {
  submit(submission: Submission): Promise<Outcome>;
  /**
   * The id that an id or a reference means, whether there is such a complaint or not; undefined for neither.
   * @throws NotYetVisible where a reference cannot be looked up now
   */
  resolve(idOrReference: string): Promise<string | undefined>;
  /**
   * The id of the complaint that a sender calls so: by its id, its reference, or his own key of the command that lodged
   * it. Undefined when there is none.
   * @throws NotYetVisible where it may be recorded and cannot be seen yet
   */
  find(name: string, credential: string): Promise<string | undefined>;
}
