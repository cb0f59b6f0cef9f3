import type { PipeTransform } from '@nestjs/common';

import { validateObject, type Validated } from '../validate-object.js';
import { valueOrThrow } from './problem.js';

/** Converts a body to a validated instance of the class, or throws a problem that lists every invalid field. */
export class CommandPipe<Command extends object> implements PipeTransform<unknown, Command> {
  constructor(private readonly target: new () => Command) {}

  transform(body: unknown): Command {
    return valueOrThrow(validateObject(this.target, body));
  }
}

/** Validates a body that may be absent. An absent body counts as an empty object. */
export class OptionalBody<Command extends object> extends CommandPipe<Command> {
  override transform(body: unknown): Command {
    return super.transform(body === undefined ? {} : body);
  }
}

/** Validates a body and passes on its errors, for a route that can answer an invalid body otherwise than with them. */
export class ValidatingPipe<Command extends object> implements PipeTransform<unknown, Validated<Command>> {
  constructor(private readonly target: new () => Command) {}

  transform(body: unknown): Validated<Command> {
    return validateObject(this.target, body);
  }
}
