import { Inject, type Type } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandRow } from './table.js';
import { submissionOf } from './submission-context.js';
import { COMMAND_SERVICE, type ComplaintCommands, type Outcome } from './submission.js';
import type { ComplaintCommand } from './commands/parts.js';

/** One handler a row of the table; each hands its submission to the command service. */
export function createComplaintHandlers(
  table: readonly Pick<CommandRow, 'command'>[],
): Type<ICommandHandler<ComplaintCommand>>[] {
  return table.map(({ command }) => {
    class Handler implements ICommandHandler<ComplaintCommand> {
      constructor(private readonly commands: ComplaintCommands) {}

      execute(command: ComplaintCommand): Promise<Outcome> {
        return this.commands.submit(submissionOf(command));
      }
    }
    Object.defineProperty(Handler, 'name', { value: `${command.name}Handler` });
    Inject(COMMAND_SERVICE)(Handler, undefined, 0);
    CommandHandler(command)(Handler);
    return Handler;
  });
}
