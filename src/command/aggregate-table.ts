import type { DomainEvent } from '../eventstore/envelope.js';
import type { Aggregate } from '../eventstore/fold.js';
import type { ConcreteClass } from '../platform/fields.js';
import type { DeciderOf } from './decision.js';

/** One command of an aggregate. */
export interface AggregateCommand<State, Event extends DomainEvent, Context> {
  /** The validated command class; its name is the command's name. */
  readonly command: ConcreteClass;
  readonly name: string;
  /** Last segment of `/v1/{collection}/{id}/{path}`. */
  readonly path: string;
  readonly decider: DeciderOf<object, State, Event, Context>;
}

/** An aggregate with its commands: all that the command path, the HTTP routes and the CLI need of it. */
export interface AggregateTable<State, Event extends DomainEvent, Context> {
  /** Segment of the URL path, such as `staff`. */
  readonly collection: string;
  /** What one of them is called in messages. */
  readonly noun: string;
  /** The only id, if there is just one of them. */
  readonly onlyId?: string;
  readonly aggregate: Aggregate<State, Event>;
  readonly commands: readonly AggregateCommand<State, Event, Context>[];
}

/** The row of a command: its path, its class, and its decider. */
export const commandRow = <Command extends object, State, Event extends DomainEvent, Context>(
  path: string,
  command: new () => Command,
  decider: DeciderOf<Command, State, Event, Context>,
): AggregateCommand<State, Event, Context> => ({
  command,
  name: command.name,
  path,
  // This cast is safe: a row is selected by the class of the command, so the decider receives only commands of its class.
  decider: decider as DeciderOf<object, State, Event, Context>,
});
