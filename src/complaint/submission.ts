import type { Actor } from '../access/actor.js';
import type { AcceptedCommand, Refused } from '../command/outcome.js';
import type { ComplaintCommand } from './commands/parts.js';

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

/** What identifies a repetition of a command, also of one whose body is no longer valid. */
export type Repetition = Pick<Submission, 'complaint' | 'commandId' | 'commandDigest'>;

export type Outcome = Accepted | Refused;

export interface Accepted extends AcceptedCommand {
  readonly reference: string;
}

/** Injection token of {@link ComplaintCommands}. */
export const COMPLAINT_COMMANDS = Symbol('ComplaintCommands');

/** The only entry point for commands. */
export interface ComplaintCommands {
  /** Decides the command and records its events. A rejection or a failure of the store is an outcome, not an error. */
  submit(submission: Submission): Promise<Outcome>;
  /**
   * The outcome of the recorded command with this id and this digest; undefined if there is none.
   * @throws NotYetVisible if the complaint may be recorded but is not visible yet
   */
  firstOutcome(repetition: Repetition): Promise<Accepted | undefined>;
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
