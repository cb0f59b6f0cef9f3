import type { PipeTransform } from '@nestjs/common';

import { validateCommand } from '../validate-command.js';
import { invalid } from './problem.js';

/** Converts a body to a validated instance of the class, or throws a problem that lists every invalid field. */
export class CommandPipe<Command extends object> implements PipeTransform<unknown, Command> {
  constructor(private readonly target: new () => Command) {}

  transform(body: unknown): Command {
    const result = validateCommand(this.target, body);
    if (result.ok) return result.command;
    throw invalid('validation_failed', result.errors);
  }
}
