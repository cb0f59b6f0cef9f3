import { Inject, type Type } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandRow } from './table.js';
import { submissionOf } from './submission-context.js';
import { COMPLAINT_DESK, type ComplaintDesk, type Outcome } from './submission.js';
import type { ComplaintCommand } from './commands/parts.js';

/** One handler a row of the table; each hands its submission to the desk. */
export function createComplaintHandlers(
  table: readonly Pick<CommandRow, 'command'>[],
): Type<ICommandHandler<ComplaintCommand>>[] {
  return table.map(({ command }) => {
    class Handler implements ICommandHandler<ComplaintCommand> {
      constructor(private readonly desk: ComplaintDesk) {}

      execute(command: ComplaintCommand): Promise<Outcome> {
        return this.desk.submit(submissionOf(command));
      }
    }
    Object.defineProperty(Handler, 'name', { value: `${command.name}Handler` });
    Inject(COMPLAINT_DESK)(Handler, undefined, 0);
    CommandHandler(command)(Handler);
    return Handler;
  });
}
