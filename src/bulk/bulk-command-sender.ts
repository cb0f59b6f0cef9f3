import { mayDo } from '../access/roles.js';
import { commandDigest } from '../command/command-digest.js';
import { LodgeComplaint } from '../complaint/commands/intake.js';
import type { ComplaintCommand } from '../complaint/commands/parts.js';
import { commandIdOf } from '../command/command-id.js';
import { complaintIdOf } from '../complaint/identity.js';
import { referenceOf } from '../complaint/reference.js';
import type { Outcome, Submission } from '../complaint/submission.js';
import { complaintCommands } from '../complaint/table.js';
import type { Actor } from '../access/actor.js';
import { mapError } from '../operations/map-error.js';
import { truncate } from '../platform/text.js';
import { validateObject } from '../platform/validate-object.js';
import type { BulkAnswer, BulkCommand, BulkRefusal, CommandSender } from './command-sender.js';

/** The command classes by command name. */
const COMMANDS = new Map(complaintCommands.map(({ name, command }) => [name, command]));

export interface BulkCommandSenderOptions {
  readonly submit: (submission: Submission) => Promise<Outcome>;
  /** Finds the id of the complaint with this id, reference or lodging key; undefined if there is none. */
  readonly find: (name: string) => Promise<string | undefined>;
  /** The HMAC key of command digests. */
  readonly digestKey: Buffer;
  /** Name of the sender's credential. An idempotency key identifies a command only within one credential. */
  readonly credential: string;
  readonly actor: Actor;
  readonly correlationId?: string;
  /** Called with each unexpected error; the sender gets the code `internal_error` for that command. */
  readonly onFailure?: (error: unknown) => void;
}

/** A valid command that has not been submitted yet. */
export interface PreparedCommand {
  /** Id of the complaint that the command lodges; undefined for other commands. */
  readonly lodges: string | undefined;
  /** Submits the command to the complaint with this id. Never rejects: a failure becomes an answer with a code. */
  submit(complaint?: string): Promise<BulkAnswer>;
}

/** Authorizes, validates and submits commands of one sender. */
export class BulkCommandSender implements CommandSender {
  constructor(private readonly options: BulkCommandSenderOptions) {}

  async send(request: BulkCommand): Promise<BulkAnswer> {
    const prepared = this.prepare(request);
    return 'status' in prepared ? prepared : prepared.submit(request.complaint);
  }

  /** Authorizes and validates a command. Returns the refusal if the command is not allowed or not valid. */
  prepare(request: Omit<BulkCommand, 'complaint'>): PreparedCommand | BulkRefusal {
    const { command: name, key, body } = request;
    const { credential, actor } = this.options;
    const commandClass = COMMANDS.get(name);
    if (commandClass === undefined)
      return rejected('unknown_command', `there is no command ${JSON.stringify(truncate(name, 100))}`);
    if (!mayDo(actor, name))
      return rejected(
        'forbidden',
        `the role ${actor.role} is not allowed to send ${name}; use a credential with another role`,
      );
    const validated = validateObject(commandClass, body);
    if (!validated.ok) return { status: 'rejected', code: 'validation_failed', unmet: validated.errors };
    const command = validated.value;
    return {
      lodges: command instanceof LodgeComplaint ? complaintIdOf(command, commandIdOf(credential, key)) : undefined,
      submit: (complaint) => this.submit(command, request, complaint),
    };
  }

  /** Finds the id of the complaint with this id, reference or lodging key; undefined if there is none. */
  find(name: string): Promise<string | undefined> {
    return this.options.find(name);
  }

  /** Converts a thrown error to a refusal; reports it to `onFailure` if it is unexpected. */
  refusalFor(error: unknown): BulkRefusal {
    const mapped = mapError(error);
    if (mapped !== undefined) return rejected(mapped.code, mapped.message);
    this.options.onFailure?.(error);
    return rejected('internal_error', 'an unexpected error occurred in the service; send the same line again');
  }

  private async submit(
    command: ComplaintCommand,
    { command: name, key, body, ifRevision }: Omit<BulkCommand, 'complaint'>,
    complaint: string | undefined,
  ): Promise<BulkAnswer> {
    const { submit, digestKey, credential, actor, correlationId } = this.options;
    try {
      const outcome = await submit({
        command,
        ...(complaint !== undefined && { complaint }),
        commandId: commandIdOf(credential, key),
        commandDigest: commandDigest(digestKey, name, body),
        actor,
        ...(correlationId !== undefined && { correlationId }),
        ...(ifRevision !== undefined && { ifRevision }),
      });
      return answerOf(outcome);
    } catch (error) {
      return this.refusalFor(error);
    }
  }
}

function answerOf(outcome: Outcome): BulkAnswer {
  if (!outcome.accepted) {
    const { code, unmet, id, revision } = outcome;
    const isUnchanged = unmet.length > 0 && unmet.every((reason) => reason.code === 'nothing_to_change');
    if (isUnchanged && id !== undefined && revision !== undefined) {
      const message = unmet.map((reason) => reason.message).join('; ');
      return { status: 'unchanged', id, reference: referenceOf(id), revision, message };
    }
    return { status: 'rejected', code, unmet, ...(id !== undefined && { id }) };
  }
  const { id, reference, revision, position, events } = outcome;
  return { status: outcome.alreadyThere ? 'already_there' : 'accepted', id, reference, revision, position, events };
}

const rejected = (code: string, message: string): BulkRefusal => ({
  status: 'rejected',
  code,
  unmet: [{ code, message }],
});
