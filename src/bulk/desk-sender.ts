import { commandDigest } from '../complaint/command-digest.js';
import { commandIdOf } from '../complaint/identity.js';
import type { ComplaintDesk, Outcome } from '../complaint/submission.js';
import { complaintCommands } from '../complaint/table.js';
import type { Actor } from '../eventstore/envelope.js';
import { validateCommand } from '../platform/validate-command.js';
import type { BulkAnswer, BulkCommand, CommandSender } from './command-sender.js';

const COMMANDS = new Map(complaintCommands.map(({ name, command }) => [name, command]));

export interface DeskSenderOptions {
  readonly desk: ComplaintDesk;
  readonly digestKey: Buffer;
  /** Who sends: keys are his own. */
  readonly credential: string;
  readonly actor: Actor;
  readonly correlationId?: string;
}

/** Hands commands to the desk of this process, validated as any other outside input. */
export class DeskSender implements CommandSender {
  constructor(private readonly options: DeskSenderOptions) {}

  async send({ command: name, key, complaint, body }: BulkCommand): Promise<BulkAnswer> {
    const { desk, digestKey, credential, actor, correlationId } = this.options;
    const target = COMMANDS.get(name);
    if (target === undefined)
      return rejected('unknown_command', [
        { code: 'unknown_command', message: `there is no command ${name.slice(0, 100)}` },
      ]);
    const validated = validateCommand(target, body);
    if (!validated.ok) return rejected('validation_failed', validated.errors);
    return answerOf(
      await desk.submit({
        command: validated.command,
        ...(complaint !== undefined && { complaint }),
        commandId: commandIdOf(credential, key),
        commandDigest: commandDigest(digestKey, name, body),
        actor,
        ...(correlationId !== undefined && { correlationId }),
      }),
    );
  }
}

function answerOf(outcome: Outcome): BulkAnswer {
  if (!outcome.accepted)
    return { ...rejected(outcome.code, outcome.unmet), ...(outcome.id !== undefined && { id: outcome.id }) };
  const { id, reference, revision, position, events } = outcome;
  return { status: outcome.alreadyThere ? 'already_there' : 'accepted', id, reference, revision, position, events };
}

const rejected = (code: string, unmet: Extract<BulkAnswer, { status: 'rejected' }>['unmet']) =>
  ({ status: 'rejected', code, unmet }) as const;
