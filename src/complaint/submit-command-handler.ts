import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { COMPLAINT_COMMANDS, type ComplaintCommands, type Outcome, type Submission } from './submission.js';

/** The only message on the command bus. It carries a command of any class, in a submission. */
export class SubmitCommand extends Command<Outcome> {
  constructor(readonly submission: Submission) {
    super();
  }
}

@CommandHandler(SubmitCommand)
export class SubmitCommandHandler implements ICommandHandler<SubmitCommand> {
  constructor(@Inject(COMPLAINT_COMMANDS) private readonly commands: ComplaintCommands) {}

  execute({ submission }: SubmitCommand): Promise<Outcome> {
    return this.commands.submit(submission);
  }
}
