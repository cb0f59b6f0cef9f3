import { SCHEDULER } from '../access/actor.js';
import { mayDo } from '../access/roles.js';
import { commandDigest } from '../command/command-digest.js';
import { commandIdOf } from '../command/command-id.js';
import type { ComplaintCommands, Outcome } from '../complaint/submission.js';
import { complaintCommands } from '../complaint/table.js';
import { validateObject } from '../platform/validate-object.js';
import { keyOf, type DueWork } from './due-plan.js';

/** Stands for a credential in the command ids of the timers; no credential can have a name with a space. */
const CREDENTIAL = 'redress timers';

const COMMANDS = new Map(complaintCommands.map(({ name, command }) => [name, command]));

/** Submits the commands of due times, in the name of the scheduler. */
export class ScheduledCommands {
  /** @param digestKey the HMAC key of command digests */
  constructor(
    private readonly commands: Pick<ComplaintCommands, 'submit'>,
    private readonly digestKey: Buffer,
  ) {}

  /** @throws Error if the scheduler may not send this command, or its body is invalid: a fault of the projection */
  submit(work: DueWork): Promise<Outcome> {
    const { name, body } = work.command;
    const commandClass = COMMANDS.get(name);
    if (commandClass === undefined || !mayDo(SCHEDULER, name)) throw new Error(`the scheduler may not send ${name}`);
    const validated = validateObject(commandClass, body);
    if (!validated.ok)
      throw new Error(`${name} of the scheduler is invalid: ${validated.errors.map(({ message }) => message).join()}`);
    return this.commands.submit({
      command: validated.value,
      complaint: work.complaint,
      commandId: commandIdOf(CREDENTIAL, keyOf(work)),
      commandDigest: commandDigest(this.digestKey, name, body),
      actor: SCHEDULER,
    });
  }
}
