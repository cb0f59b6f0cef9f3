import type { Actor } from '../access/actor.js';
import type { ComplaintCommand } from './commands/parts.js';
import type { Unmet } from './decision.js';

/** A command with its sender and its identity, as HTTP requests, CLI commands and lines of bulk requests create it. */
export interface Submission {
  /** A validated instance of one of the command classes. */
  readonly command: ComplaintCommand;
  /**
   * Id or reference of the complaint. Absent for `LodgeComplaint`: the id of its complaint is computed from the source
   * or, without one, from the command id.
   */
  readonly complaint?: string;
  /** UUID derived from the name of the credential and the idempotency key: see `commandIdOf`. */
  readonly commandId: string;
  /** HMAC-SHA-256 (hex) of command name and canonical body under the key of the installation: see `commandDigest`. */
  readonly commandDigest: string;
  readonly actor: Actor;
  readonly correlationId?: string;
  readonly causationId?: string;
  /** The revision that the complaint must have (header If-Match). Any other revision is rejected without a retry. */
  readonly ifRevision?: number;
}

export type Outcome = Accepted | Refused;

export interface Accepted {
  readonly accepted: true;
  readonly id: string;
  readonly reference: string;
  /** Revision of the last event of the command. */
  readonly revision: number;
  /** Log position of the last event of the command. */
  readonly position: string;
  /** Types of the events of the command. */
  readonly events: readonly string[];
  /** True if this command, or a lodging of the same source with the same content, was already recorded. */
  readonly alreadyThere: boolean;
}

export interface Refused {
  readonly accepted: false;
  readonly kind: 'not_found' | 'rejected' | 'key_reused' | 'precondition_failed' | 'busy' | 'too_large' | 'unavailable';
  readonly code: string;
  readonly unmet: readonly Unmet[];
  /** Id of the complaint, if known. */
  readonly id?: string;
  /** Current revision of the complaint, if known; -1 if the complaint does not exist. */
  readonly revision?: number;
}

/** Injection token of `ComplaintSettings` (decision.ts). */
export const COMPLAINT_SETTINGS = Symbol('ComplaintSettings');

/** Injection token of {@link ComplaintCommands}. */
export const COMPLAINT_COMMANDS = Symbol('ComplaintCommands');

/** The only entry point for commands. */
export interface ComplaintCommands {
  /** Decides the command and records its events. A rejection or a failure of the store is an outcome, not an error. */
  submit(submission: Submission): Promise<Outcome>;
  /**
   * Resolves an id or a reference to an id without checking that the complaint exists; undefined for any other text.
   * @throws NotYetVisible if a reference cannot be looked up now
   */
  resolve(idOrReference: string): Promise<string | undefined>;
  /**
   * Finds a complaint by its id, its reference, or the idempotency key with which this credential lodged it. Undefined
   * if there is none.
   * @throws NotYetVisible if the complaint may be recorded but is not visible yet
   */
  find(name: string, credential: string): Promise<string | undefined>;
}
