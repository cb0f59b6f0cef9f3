import { v4 as uuid } from 'uuid';
import { keyReused, notRecorded, refused, TOO_MANY_COMMANDS, toRefused, unavailable } from '../command/outcome.js';
import { actingFor, isUpstream, type Actor } from '../access/actor.js';
import { EventDecoder } from '../eventstore/codec.js';
import { CommandLoop, type LoopOptions } from '../eventstore/command-loop.js';
import { AppendTooLarge, StoreUnavailable, type EventStore } from '../eventstore/event-store.js';
import type { Aggregate, Folded } from '../eventstore/fold.js';
import type { Recorded } from '../eventstore/envelope.js';
import type { LoopCommand, LoopDecision } from '../eventstore/loop-command.js';
import { streamPages } from '../eventstore/stream-pages.js';
import { heapShare } from '../platform/byte-budget.js';
import type { Clock } from '../platform/clock.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import { type Moment, instant } from '../platform/moment.js';
import { valueAt } from '../platform/json.js';
import { remainingMs, within } from '../platform/timeout.js';
import { NotYetVisible } from '../readmodels/read-models.js';
import { tracked } from '../reference/reference-data.js';
import type { ReferenceSource } from '../reference/reference-source.js';
import { LodgeComplaint } from './commands/intake.js';
import { ApproveCorrection, ConfirmTime, ProposeCorrection } from './commands/correction.js';
import { RecordExternalOutcome } from './commands/feedback.js';
import { FinishSplitOff, SplitOff } from './commands/parties.js';
import { COMPLAINT_STREAMS } from './complaint-record.js';
import { evolve, initial, type Complaint } from './complaint.js';
import { CORRECTIONS } from './corrected-history.js';
import { decide, isRejection, rejectionOf, type Context, type Rejection, type Unmet } from './decision.js';
import { complaintEventTypes, complaintUpcasters, type ComplaintEvent } from './events.js';
import { commandIdOf } from '../command/command-id.js';
import { complaintIdOf, isComplaintId } from './identity.js';
import { lodgingDifferences } from './intake.js';
import { LodgingKeyService, type LodgingLookup } from './lodging-key-service.js';
import { accepted, notFound } from './outcomes.js';
import { unknownPerson } from './people.js';
import { parseReference } from './reference.js';
import { withPolicyRefs } from './policy-refs.js';
import { upstreamOnlyProblems } from './sending-systems.js';
import { sizeProblem } from './size-limit.js';
import { openSplitOff } from './split-off-opening.js';
import { unfinishedSplitOffs } from './split-off.js';
import type { Accepted, ComplaintCommands, Outcome, Repetition, Submission } from './submission.js';
import { rowOf } from './table.js';
import { checkOccurredAt } from './time.js';

export const complaintDecoder = new EventDecoder<ComplaintEvent>(complaintEventTypes, complaintUpcasters);

export const complaintAggregate: Aggregate<Complaint, ComplaintEvent> = {
  prefix: COMPLAINT_STREAMS,
  decoder: complaintDecoder,
  initial,
  evolve,
  rewriting: CORRECTIONS,
};

/**
 * Finds the id of a complaint in a read model. Returns undefined if the read model is up to date and has no such
 * complaint.
 * @throws NotYetVisible if the read model is behind the log and has no such complaint
 */
export type Lookup = (key: string) => Promise<string | undefined>;

export interface CommandServiceOptions extends LoopOptions {
  /** The people, units and rules with which commands are decided. */
  readonly reference: ReferenceSource;
  /**
   * Records people whom a sending system names and the directory does not know. Without it, they are refused.
   */
  readonly recordPeople?: (ids: readonly string[], actor: Actor) => Promise<void>;
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

/** Commands that refer to a recorded event. */
const NEED_HISTORY = [ProposeCorrection, ApproveCorrection, ConfirmTime] as const;
/** Maximum number of reads of a history that other commands keep changing. */
const MAX_HISTORY_READS = 3;

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
    private readonly store: EventStore,
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
    return this.lodgedBy(commandIdOf(credential, name));
  }

  async firstOutcome({ complaint, commandId, commandDigest }: Repetition): Promise<Accepted | undefined> {
    const id = await (complaint === undefined ? this.lodgedBy(commandId) : this.resolve(complaint));
    if (id === undefined) return undefined;
    const known = (await this.loop.load(id)).commands.get(commandId);
    return known?.digest === commandDigest ? accepted(id, known, true) : undefined;
  }

  async drained(): Promise<void> {
    await this.lodgings.drained();
    await this.loop.drained();
  }

  /** The complaint that a lodging made. Without a source, its id derives from the command id of the lodging. */
  private async lodgedBy(lodgingCommandId: string): Promise<string | undefined> {
    const idWithoutSource = complaintIdOf({}, lodgingCommandId);
    return (await this.exists(idWithoutSource)) ? idWithoutSource : this.options.findByLodgingCommand(lodgingCommandId);
  }

  private async exists(id: string): Promise<boolean> {
    return (await this.loop.load(id)).revision >= 0;
  }

  /** Records a command. It may be recorded although its outcome after the deadline is `unavailable`. */
  private async record(id: string, submission: Submission, deadline: number): Promise<Outcome> {
    const recorded =
      submission.command instanceof LodgeComplaint
        ? this.lodgings.run(submission.commandId, () => this.lodge(id, submission, deadline))
        : this.submitWithSplitOff(id, submission, deadline);
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

  /**
   * After a split-off the second file is opened and linked before the reply. If that fails, the timers send
   * `FinishSplitOff` until it is done.
   */
  private async submitWithSplitOff(id: string, submission: Submission, deadline: number): Promise<Outcome> {
    const { command, commandId, actor, correlationId = commandId } = submission;
    if (command instanceof FinishSplitOff) {
      const { reference } = this.options;
      const { complaintId } = command;
      const opening = { origin: id, complaintId, actor, correlationId, causationId: commandId, reference, deadline };
      if (!(await openSplitOff(this.loop, opening))) return unavailable(id);
    }
    const outcome = await this.submitTo(id, submission, deadline);
    if (outcome.accepted && command instanceof SplitOff)
      await this.finishSplitOffs(id, submission, deadline).catch(() => undefined); // the timers try again
    return outcome;
  }

  private async finishSplitOffs(id: string, submission: Submission, deadline: number): Promise<void> {
    const { state } = await this.loop.load(id, deadline);
    const { ifRevision: _ifRevision, ...rest } = submission;
    for (const { complaintId } of unfinishedSplitOffs(state)) {
      const command = Object.assign(new FinishSplitOff(), { complaintId });
      const commandId = commandIdOf('redress split off', `${id}/${complaintId}/link`);
      await this.submitWithSplitOff(id, { ...rest, command, commandId }, deadline);
    }
  }

  /** A correction is decided with the recorded events, of the same revision as the state. */
  private async submitTo(id: string, submission: Submission, deadline: number): Promise<Outcome> {
    if (!NEED_HISTORY.some((type) => submission.command instanceof type))
      return this.submitWith(id, submission, deadline);
    for (let attempt = 1; ; attempt += 1) {
      const history = await this.historyOf(id, deadline);
      const { ifRevision = history.at(-1)?.revision ?? -1 } = submission;
      const outcome = await this.submitWith(id, { ...submission, ifRevision }, deadline, history);
      const isOutdated =
        !outcome.accepted && outcome.kind === 'precondition_failed' && ifRevision !== submission.ifRevision;
      if (!isOutdated || attempt >= MAX_HISTORY_READS) return outcome;
    }
  }

  private async historyOf(id: string, deadline: number): Promise<readonly Recorded<ComplaintEvent>[]> {
    const history: Recorded<ComplaintEvent>[] = [];
    for await (const page of streamPages(this.store, `${COMPLAINT_STREAMS}${id}`, 0, deadline))
      history.push(...page.map((event) => complaintDecoder.decode(event)));
    return history;
  }

  private async submitWith(
    id: string,
    submission: Submission,
    deadline: number,
    history?: readonly Recorded<ComplaintEvent>[],
  ): Promise<Outcome> {
    const { command, commandId } = submission;
    const correlationId = submission.correlationId ?? uuid();
    /** The streams of people and rules on which the decision rests. */
    const restsOn = new Set<string>();
    const loopCommand: LoopCommand<Complaint, ComplaintEvent, Refusal> = {
      id,
      commandId,
      commandDigest: submission.commandDigest,
      actor: submission.actor,
      ...(command.onBehalfOf !== undefined && { onBehalfOf: { ...command.onBehalfOf } }),
      correlationId,
      causationId: submission.causationId ?? commandId,
      ...('channel' in command && typeof command.channel === 'string' && { channel: command.channel }),
      taxonomyVersion: this.options.reference.current().taxonomy.version,
      ...(submission.ifRevision !== undefined && { ifRevision: submission.ifRevision }),
      startsStream: command instanceof LodgeComplaint,
      decide: (folded, now) => this.decide(submission, folded, now, restsOn, history),
      checkRoom: (storedBytes, addedBytes) => {
        const tooLarge = sizeProblem(storedBytes, addedBytes);
        return tooLarge && { tooLarge };
      },
    };
    let outcome = await this.loop.submit(loopCommand, deadline);
    // people and rules may have changed since this process read them
    if (outcome.kind === 'refused' && restsOn.size > 0 && (await this.options.reference.refresh(restsOn)))
      outcome = await this.loop.submit(loopCommand, deadline);
    if (outcome.kind === 'refused' && (await this.recordUnknownPeople(submission, outcome.refusal)))
      outcome = await this.loop.submit(loopCommand, deadline);
    switch (outcome.kind) {
      case 'recorded':
        this.options.onRecorded?.(outcome.command.position);
        return accepted(id, outcome.command, outcome.alreadyThere);
      case 'refused':
        return outcome.refusal === 'not_found'
          ? notFound(submission.complaint)
          : {
              ...toRefused(this.withoutRecordable(submission, outcome.refusal)),
              id,
              revision: outcome.folded.revision,
            };
      default:
        return notRecorded(outcome, id, 'complaint');
    }
  }

  /** Records the people whom a sending system names, if nothing else is wrong with its command. */
  private async recordUnknownPeople({ command, actor }: Submission, refusal: Refusal): Promise<boolean> {
    const { recordPeople } = this.options;
    if (recordPeople === undefined || !isUpstream(actor)) return false;
    const ids = onlyUnknownPeople(refusal, command);
    if (ids.length > 0) await recordPeople(ids, actor);
    return ids.length > 0;
  }

  /** Unknown people whom a sending system names are recorded once nothing else is wrong, so they are no fault of it. */
  private withoutRecordable(
    { command, actor }: Submission,
    refusal: Exclude<Refusal, string>,
  ): Exclude<Refusal, string> {
    const { recordPeople, reference } = this.options;
    if (recordPeople === undefined || !isUpstream(actor) || !('unmet' in refusal)) return refusal;
    const [first, ...rest] = refusal.unmet.filter(({ code, pointer }) => {
      const id = code === 'unknown_person' && pointer !== undefined ? valueAt(command, pointer) : undefined;
      return typeof id !== 'string' || reference.current().staff.person(id) !== undefined;
    });
    return first === undefined ? refusal : { unmet: [first, ...rest] };
  }

  private decide(
    submission: Submission,
    folded: Folded<Complaint>,
    now: string,
    restsOn: Set<string>,
    history: readonly Recorded<ComplaintEvent>[] | undefined,
  ): LoopDecision<ComplaintEvent, Refusal> {
    const { command, actor } = submission;
    const { onBehalfOf } = command;
    const reference = tracked(this.options.reference.at(now), restsOn);
    const exists = folded.revision >= 0;
    if (command instanceof LodgeComplaint && exists) {
      const [first, ...rest] = lodgingDifferences(command, folded.state, reference);
      if (first !== undefined) return { refusal: { unmet: [first, ...rest] } };
      const firstLodging = folded.commands.first;
      if (firstLodging !== undefined) return { known: firstLodging };
    }
    if (!(command instanceof LodgeComplaint) && !exists) return { refusal: 'not_found' };

    const stated = statedTime(command);
    const { name } = command.constructor;
    const time = checkOccurredAt(stated?.moment ?? instant(now), folded.state, now, name, stated?.pointer);
    if ('unmet' in time) return { refusal: time };
    const context: Context = {
      now,
      occurredAt: time.occurredAt,
      actor: actingFor(actor, isUpstream(actor) ? onBehalfOf : undefined),
      reference,
      ...(history !== undefined && { history }),
    };
    const decision = decide(rowOf(command).decider, command, folded.state, context);
    const rejection = rejectionOf(
      upstreamOnlyProblems(command, actor),
      isUpstream(actor) ? unknownPerson(onBehalfOf?.person, context, '/onBehalfOf/person') : undefined,
      isRejection(decision) ? decision.unmet : undefined,
    );
    if (rejection) return { refusal: rejection };
    if (isRejection(decision)) return { refusal: decision };
    const [first, ...rest] = withPolicyRefs(decision, folded.state, context);
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

/** The unknown people whom a refused command names; empty if the refusal has another reason too. */
function onlyUnknownPeople(refusal: Refusal, command: object): readonly string[] {
  if (typeof refusal === 'string' || !('unmet' in refusal)) return [];
  if (refusal.unmet.some(({ code, pointer }) => code !== 'unknown_person' || pointer === undefined)) return [];
  const ids = refusal.unmet.map(({ pointer }) => valueAt(command, pointer ?? ''));
  return ids.filter((id) => typeof id === 'string');
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
