import { v4 as uuid } from 'uuid';
import { EventDecoder } from '../eventstore/codec.js';
import { CommandLoop, type LoopOptions } from '../eventstore/command-loop.js';
import { AppendTooLarge, StoreUnavailable, type EventStore } from '../eventstore/event-store.js';
import type { Aggregate, Folded } from '../eventstore/fold.js';
import type { LoopCommand, LoopDecision } from '../eventstore/loop-command.js';
import { heapShare } from '../platform/byte-budget.js';
import type { Clock } from '../platform/clock.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import { type Moment, instant } from '../platform/moment.js';
import { remainingMs, within } from '../platform/timeout.js';
import { NotYetVisible } from '../readmodels/read-models.js';
import { LodgeComplaint } from './commands/intake.js';
import { RecordExternalOutcome } from './commands/feedback.js';
import { COMPLAINT_STREAMS } from './complaint-record.js';
import { evolve, initial, type Complaint } from './complaint.js';
import { decide, isRejection, type ComplaintSettings, type Rejection, type Unmet } from './decision.js';
import { complaintEventTypes, complaintUpcasters, type ComplaintEvent } from './events.js';
import { commandIdOf, complaintIdOf, isComplaintId } from './identity.js';
import { lodgingDifferences } from './intake.js';
import { LodgingKeyService, type LodgingLookup } from './lodging-key-service.js';
import { accepted, keyReused, notFound, refused, TOO_MANY_COMMANDS, toRefused, unavailable } from './outcomes.js';
import { parseReference } from './reference.js';
import { sizeProblem } from './size-limit.js';
import type { ComplaintCommands, Outcome, Submission } from './submission.js';
import { rowOf } from './table.js';
import { checkOccurredAt } from './time.js';
import { TAXONOMY_VERSION } from './terms/vocabulary.js';

export const complaintDecoder = new EventDecoder<ComplaintEvent>(complaintEventTypes, complaintUpcasters);

export const complaintAggregate: Aggregate<Complaint, ComplaintEvent> = {
  prefix: COMPLAINT_STREAMS,
  decoder: complaintDecoder,
  initial,
  evolve,
};

/**
 * Finds the id of a complaint in a read model. Returns undefined if the read model is up to date and has no such
 * complaint.
 * @throws NotYetVisible if the read model is behind the log and has no such complaint
 */
export type Lookup = (key: string) => Promise<string | undefined>;

export interface CommandServiceOptions extends LoopOptions {
  readonly settings: ComplaintSettings;
  readonly findByReference: Lookup;
  /** Finds a complaint by the command id of its lodging. */
  readonly findByLodgingCommand: Lookup;
  /** Finds lodgings whose keys have lodged other complaints, as far as the read model has them. */
  readonly findOtherLodgings: LodgingLookup;
  /** Maximum number of commands in progress; further ones are refused (default {@link DEFAULT_MAX_COMMANDS}). */
  readonly maxCommands?: number;
  /** Called with the position of each accepted command, also of one that was already recorded. */
  readonly onRecorded?: (position: string) => void;
}

type Refusal = Rejection | 'not_found' | { readonly tooLarge: Unmet };

/** 16 KiB of memory for each waiting command with its HTTP request: 16,384 commands with a heap of 2 GiB or more. */
const DEFAULT_MAX_COMMANDS = Math.ceil(heapShare(1 / 8, 256) / (16 * 1024));

/** Milliseconds after the deadline in which the command loop reports why it recorded nothing. */
const GRACE_MS = 500;

/**
 * Decides and records every complaint command, for every transport. Answers each within its time limit, whatever it waits
 * for.
 */
export class CommandService implements ComplaintCommands {
  private readonly loop: CommandLoop<Complaint, ComplaintEvent>;
  private readonly lodgingKeys: LodgingKeyService;
  /** Lodgings with the same key run one after the other, also if they go to different streams. */
  private readonly lodgings = new KeyedQueue();
  private inProgress = 0;

  constructor(
    store: EventStore,
    clock: Clock,
    private readonly options: CommandServiceOptions,
  ) {
    this.loop = new CommandLoop(store, complaintAggregate, clock, options);
    this.lodgingKeys = new LodgingKeyService(options.findOtherLodgings);
  }

  /** @throws NotYetVisible if the read model does not find the complaint within the time limit, and errors of a look-up */
  async submit(submission: Submission): Promise<Outcome> {
    if (this.inProgress >= (this.options.maxCommands ?? DEFAULT_MAX_COMMANDS)) return TOO_MANY_COMMANDS;
    const deadline = this.loop.newDeadline();
    this.inProgress += 1;
    try {
      const id = await within(remainingMs(deadline), this.complaintIdFor(submission), notFoundInTime);
      if (id === undefined) return notFound(submission.complaint);
      return await this.record(id, submission, deadline);
    } finally {
      this.inProgress -= 1;
    }
  }

  /** Resolves an id or a reference to an id; does not check that the id exists. */
  async resolve(idOrReference: string): Promise<string | undefined> {
    const id = idOrReference.toLowerCase();
    if (isComplaintId(id)) return id;
    const reference = parseReference(idOrReference);
    return reference === undefined ? undefined : this.options.findByReference(reference);
  }

  async find(name: string, credential: string): Promise<string | undefined> {
    const id = await this.resolve(name);
    if (id !== undefined && (await this.exists(id))) return id;
    // The name may be the idempotency key of a lodging.
    // The id of a complaint without a source derives from the command id of its lodging.
    const lodgingCommandId = commandIdOf(credential, name);
    const idWithoutSource = complaintIdOf({}, lodgingCommandId);
    return (await this.exists(idWithoutSource)) ? idWithoutSource : this.options.findByLodgingCommand(lodgingCommandId);
  }

  async drained(): Promise<void> {
    await this.lodgings.drained();
    await this.loop.drained();
  }

  private async exists(id: string): Promise<boolean> {
    return (await this.loop.load(id)).revision >= 0;
  }

  /** Records a command. It may be recorded although its outcome after the deadline is `unavailable`. */
  private async record(id: string, submission: Submission, deadline: number): Promise<Outcome> {
    const recorded =
      submission.command instanceof LodgeComplaint
        ? this.lodgings.run(submission.commandId, () => this.lodge(id, submission, deadline))
        : this.submitTo(id, submission, deadline);
    try {
      return await within(remainingMs(deadline) + GRACE_MS, recorded, notRecordedInTime);
    } catch (error) {
      if (error instanceof StoreUnavailable) return unavailable(id);
      if (error instanceof AppendTooLarge) return refused('too_large', 'append_too_large', error.message, id);
      throw error;
    }
  }

  /** Submits a lodging, unless its key has lodged another complaint. */
  private async lodge(id: string, submission: Submission, deadline: number): Promise<Outcome> {
    if (performance.now() >= deadline) return unavailable(id);
    const { commandId } = submission;
    const key = { commandId, complaint: id };
    const other = await this.lodgingKeys.otherComplaint(key);
    if (other !== undefined) {
      // an installation may have recorded one key for two complaints before this was checked
      const isRepetition = (await this.loop.load(id, deadline)).commands.get(commandId) !== undefined;
      // the other complaint may be lost since the event store was restored from an older copy
      const { commands, revision } = await this.loop.load(other, deadline);
      if (!isRepetition && commands.get(commandId) !== undefined) return keyReused(other, revision);
    }
    const outcome = await this.submitTo(id, submission, deadline);
    if (outcome.accepted && !outcome.alreadyThere) this.lodgingKeys.remember(key);
    return outcome;
  }

  private async submitTo(id: string, submission: Submission, deadline: number): Promise<Outcome> {
    const { command, commandId } = submission;
    const correlationId = submission.correlationId ?? uuid();
    const loopCommand: LoopCommand<Complaint, ComplaintEvent, Refusal> = {
      id,
      commandId,
      commandDigest: submission.commandDigest,
      actor: submission.actor,
      correlationId,
      causationId: submission.causationId ?? commandId,
      ...('channel' in command && typeof command.channel === 'string' && { channel: command.channel }),
      taxonomyVersion: TAXONOMY_VERSION,
      ...(submission.ifRevision !== undefined && { ifRevision: submission.ifRevision }),
      startsStream: command instanceof LodgeComplaint,
      decide: (folded, now) => this.decide(submission, folded, now),
      checkRoom: (storedBytes, addedBytes) => {
        const tooLarge = sizeProblem(storedBytes, addedBytes);
        return tooLarge && { tooLarge };
      },
    };
    const outcome = await this.loop.submit(loopCommand, deadline);
    switch (outcome.kind) {
      case 'recorded':
        this.options.onRecorded?.(outcome.command.position);
        return accepted(id, outcome.command, outcome.alreadyThere);
      case 'refused':
        return outcome.refusal === 'not_found'
          ? notFound(submission.complaint)
          : { ...toRefused(outcome.refusal), id, revision: outcome.folded.revision };
      case 'key_reused':
        return keyReused(id, outcome.folded.revision);
      case 'precondition_failed':
        return {
          ...refused(
            'precondition_failed',
            'precondition_failed',
            outcome.folded.revision < 0
              ? 'the complaint does not exist'
              : `the complaint is at revision ${String(outcome.folded.revision)}; read it again and repeat the command`,
            id,
          ),
          revision: outcome.folded.revision,
        };
      case 'busy':
        return refused(
          'busy',
          'busy',
          'concurrent commands kept changing this complaint; nothing was recorded; send the command again with the same key',
          id,
        );
      case 'unavailable':
        return unavailable(id);
    }
  }

  private decide(
    submission: Submission,
    folded: Folded<Complaint>,
    now: string,
  ): LoopDecision<ComplaintEvent, Refusal> {
    const { command, actor } = submission;
    const exists = folded.revision >= 0;
    if (command instanceof LodgeComplaint && exists) {
      const [first, ...rest] = lodgingDifferences(command, folded.state);
      if (first !== undefined) return { refusal: { unmet: [first, ...rest] } };
      const firstLodging = folded.commands.first;
      if (firstLodging !== undefined) return { known: firstLodging };
    }
    if (!(command instanceof LodgeComplaint) && !exists) return { refusal: 'not_found' };

    const stated = statedTime(command);
    const { name } = command.constructor;
    const time = checkOccurredAt(stated?.moment ?? instant(now), folded.state, now, name, stated?.pointer);
    if ('unmet' in time) return { refusal: time };
    const decision = decide(rowOf(command).decider, command, folded.state, {
      now,
      occurredAt: time.occurredAt,
      actor,
      settings: this.options.settings,
    });
    if (isRejection(decision)) return { refusal: decision };
    const [first, ...rest] = decision;
    if (first === undefined) throw new Error(`the decider of ${name} returned no events`);
    return {
      events: [first, ...rest],
      occurredAt: time.occurredAt,
      ...(stated === undefined && { occurredAtBasis: 'recorded' as const }),
    };
  }

  private async complaintIdFor({ command, complaint, commandId }: Submission): Promise<string | undefined> {
    if (command instanceof LodgeComplaint) return complaintIdOf(command, commandId);
    return complaint === undefined ? undefined : this.resolve(complaint);
  }
}

/** The time that the command states, with the pointer to its field; undefined if the command states no time. */
function statedTime(command: Submission['command']): { readonly moment: Moment; readonly pointer: string } | undefined {
  const withPointer = (moment: Moment | undefined, pointer: string) =>
    moment === undefined ? undefined : { moment, pointer };
  return (
    withPointer(command.occurredAt, '/occurredAt') ??
    (command instanceof LodgeComplaint ? withPointer(command.receivedAt, '/receivedAt') : undefined) ??
    (command instanceof RecordExternalOutcome ? withPointer(command.statedOn, '/statedOn') : undefined)
  );
}

const notRecordedInTime = (): Error => new StoreUnavailable('the command was not recorded within its time limit');

const notFoundInTime = (): Error =>
  new NotYetVisible('the reference was not found within the time limit; send the same command again with the same key');
