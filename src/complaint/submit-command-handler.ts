import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { COMMAND_SERVICE, type ComplaintCommands, type Outcome, type Submission } from './submission.js';

/** The one message on the command bus: a command of a complaint with its sender, its id and its digest. */
export class SubmitCommand extends Command<Outcome> {
  constructor(readonly submission: Submission) {
    super();
  }
}

@CommandHandler(SubmitCommand)
export class SubmitCommandHandler implements ICommandHandler<SubmitCommand> {
  constructor(@Inject(COMMAND_SERVICE) private readonly commands: ComplaintCommands) {}

  execute({ submission }: SubmitCommand): Promise<Outcome> {
    return this.commands.submit(submission);
  }
}
