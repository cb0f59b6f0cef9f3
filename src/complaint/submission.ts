import type { Actor } from '../access/actor.js';
import type { ComplaintCommand } from './commands/parts.js';
import type { Unmet } from './decision.js';

/** A command to decide. HTTP, CLI, bulk lines and process managers all create this. */
export interface Submission {
  /** A validated instance of one of the command classes. */
  readonly command: ComplaintCommand;
  /** Id or reference of the complaint; absent for `LodgeComplaint`, whose id derives from source or commandId. */
  readonly complaint?: string;
  /** uuidv5(credential name + idempotency key). */
  readonly commandId: string;
  /** HMAC-SHA-256 (hex) of the canonical body with the installation's key. */
  readonly commandDigest: string;
  readonly actor: Actor;
  readonly correlationId?: string;
  readonly causationId?: string;
  /** From If-Match: any other revision is rejected without a retry. */
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
  /** True if this command, or a lodging of the same source with the same content, was already recorded. */
  readonly alreadyThere: boolean;
}

export interface Refused {
  readonly accepted: false;
  readonly kind: 'not_found' | 'rejected' | 'key_reused' | 'precondition_failed' | 'busy' | 'too_large' | 'unavailable';
  readonly code: string;
  readonly unmet: readonly Unmet[];
  /** Current revision of the complaint, if it exists. */
  readonly id?: string;
  readonly revision?: number;
}

/** Injection token of `ComplaintSettings` (decision.ts). */
export const COMPLAINT_SETTINGS = Symbol('ComplaintSettings');

export const COMMAND_SERVICE = Symbol('ComplaintCommands');

/** The only entry point for commands. */
export interface ComplaintCommands {
  submit(submission: Submission): Promise<Outcome>;
  /**
   * Resolves an id or a reference to an id without checking that the complaint exists; undefined for any other text.
   * @throws NotYetVisible if a reference cannot be looked up now
   */
  resolve(idOrReference: string): Promise<string | undefined>;
  /**
   * Finds a complaint by its id, its reference, or the sender's own key of the lodging command. Undefined if there is none.
   * @throws NotYetVisible if it may be recorded but is not visible yet
   */
  find(name: string, credential: string): Promise<string | undefined>;
}
