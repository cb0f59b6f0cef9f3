import { v4 as uuid } from 'uuid';
import type { Actor } from '../access/actor.js';
import { CommandLoop, type LoopOptions } from '../eventstore/command-loop.js';
import type { DomainEvent } from '../eventstore/envelope.js';
import { AppendTooLarge, type EventStore } from '../eventstore/event-store.js';
import type { Folded } from '../eventstore/fold.js';
import type { LoopDecision } from '../eventstore/loop-command.js';
import type { Clock } from '../platform/clock.js';
import { earliest, instant, type Moment } from '../platform/moment.js';
import type { AggregateCommand, AggregateTable } from './aggregate-table.js';
import { decide, isRejection, reject, type DecisionContext, type Rejection } from './decision.js';
import { acceptedCommand, notRecorded, refused, toRefused, type CommandOutcome } from './outcome.js';

/** A command to one aggregate, with its sender and its identity. */
export interface AggregateSubmission {
  /** Id of the aggregate; its stream is the prefix followed by the id. */
  readonly id: string;
  /** A validated instance of the command's class. */
  readonly command: object & { readonly occurredAt?: Moment };
  readonly commandId: string;
  readonly commandDigest: string;
  readonly actor: Actor;
  readonly correlationId?: string;
  readonly ifRevision?: number;
}

/** Decides and records the commands of one kind of aggregate. */
export class AggregateCommands<
  State,
  Event extends DomainEvent,
  Context extends DecisionContext,
  Submission extends AggregateSubmission = AggregateSubmission,
> {
  private readonly loop: CommandLoop<State, Event>;

  /**
   * @param contextOf completes the input of the deciders
   */
  constructor(
    store: EventStore,
    private readonly table: AggregateTable<State, Event, Context>,
    clock: Clock,
    options: LoopOptions,
    private readonly contextOf: (context: DecisionContext, submission: Submission) => Context,
  ) {
    this.loop = new CommandLoop(store, table.aggregate, clock, options);
  }

  async submit(submission: Submission): Promise<CommandOutcome> {
    const { id, command, commandId, commandDigest, actor, correlationId = uuid(), ifRevision } = submission;
    const row = this.rowOf(command);
    try {
      const outcome = await this.loop.submit<Rejection>({
        id,
        commandId,
        commandDigest,
        actor,
        correlationId,
        causationId: commandId,
        ...(ifRevision !== undefined && { ifRevision }),
        decide: (folded, now) => this.decide(row, submission, folded, now),
      });
      if (outcome.kind === 'recorded') return acceptedCommand(id, outcome.command, outcome.alreadyThere);
      if (outcome.kind === 'refused') return { ...toRefused(outcome.refusal), id, revision: outcome.folded.revision };
      return notRecorded(outcome, id, this.table.noun);
    } catch (error) {
      if (error instanceof AppendTooLarge) return refused('too_large', 'append_too_large', error.message, id);
      throw error;
    }
  }

  /** The current state. @throws StoreUnavailable */
  load(id: string): Promise<Folded<State>> {
    return this.loop.load(id);
  }

  drained(): Promise<void> {
    return this.loop.drained();
  }

  private decide(
    { name, decider }: AggregateCommand<State, Event, Context>,
    submission: Submission,
    { state }: Folded<State>,
    now: string,
  ): LoopDecision<Event, Rejection> {
    const { command, actor } = submission;
    const { occurredAt = instant(now) } = command;
    if (earliest(occurredAt) > now)
      return {
        refusal: reject('occurred_in_future', 'the time is in the future; give a time that has passed', '/occurredAt'),
      };
    const decision = decide(decider, command, state, this.contextOf({ now, occurredAt, actor }, submission));
    if (isRejection(decision)) return { refusal: decision };
    const [first, ...rest] = decision;
    if (first === undefined) throw new Error(`the decider of ${name} returned no events`);
    const basis = command.occurredAt === undefined ? { occurredAtBasis: 'recorded' as const } : {};
    return { events: [first, ...rest], occurredAt, ...basis };
  }

  /** @throws Error if the table has no row for this class, which is a programming error */
  private rowOf(command: object): AggregateCommand<State, Event, Context> {
    const row = this.table.commands.find((candidate) => candidate.command === command.constructor);
    if (row === undefined) throw new Error(`${command.constructor.name} is not a command of ${this.table.collection}`);
    return row;
  }
}
