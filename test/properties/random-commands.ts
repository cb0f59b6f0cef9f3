import { REFERENCE } from '../support/directory.js';
import fc from 'fast-check';
import type { ComplaintCommand } from '../../src/complaint/commands/parts.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import { allowedNow } from '../../src/complaint/allowed.js';
import { isRejection, type Context, type Decision } from '../../src/complaint/decision.js';
import { isAwaitingAnswer, undecidedPoints } from '../../src/complaint/progress.js';
import { complaintCommands, rowAt, type CommandRow } from '../../src/complaint/table.js';
import type { Actor } from '../../src/access/actor.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import { instant, plusDays } from '../../src/platform/moment.js';
import { validateObject } from '../../src/platform/validate-object.js';
import {
  COMPLAINT_ID,
  decideAsTheServiceDoes,
  HANDLER,
  person,
  recorded,
  SUPERVISOR,
  timeOf,
  UPSTREAM,
} from '../support/given.js';
import { Dice } from './dice.js';
import { bodyOf, type Body } from './random-bodies.js';

/**
 * Random histories of one complaint. Each step picks a command of the table, usually an allowed one, and generates a body
 * from its described fields, usually one that is accepted. The body is validated like a request. A new command in the
 * table is included automatically.
 */
export interface Step {
  /** The state before the command. */
  readonly state: Complaint;
  readonly submitted: ComplaintCommand;
  readonly row: CommandRow;
  /** The context of the decision. If the `occurredAt` of the command is rejected, the context has the current time. */
  readonly context: Context;
  readonly decision: Decision;
  /** The state after the command. */
  readonly after: Complaint;
}

export interface RandomHistory {
  readonly steps: readonly Step[];
  readonly history: readonly Recorded<ComplaintEvent>[];
}

const ACTORS: readonly Actor[] = [HANDLER, HANDLER, HANDLER, SUPERVISOR, person('reviewer-1', 'reviewer'), UPSTREAM];

/** A history of 3 to `maxSteps` steps, some of which may be rejected. */
export const randomHistory = (maxSteps = 45): fc.Arbitrary<RandomHistory> =>
  fc
    .array(fc.array(fc.nat(9999), { minLength: 16, maxLength: 16 }), { minLength: 3, maxLength: maxSteps, size: 'max' })
    .map((lists) => runSteps(lists.map((numbers) => new Dice(numbers))));

function runSteps(diceOfSteps: readonly Dice[]): RandomHistory {
  const steps: Step[] = [];
  const history: Recorded<ComplaintEvent>[] = [];
  const picker = new CommandPicker();
  let state = initial(COMPLAINT_ID);
  let now = '2026-11-01T08:00:00.000Z';
  for (const dice of diceOfSteps) {
    const daysLater = dice.pick([0.01, 0.1, 1, 4, 9]);
    now = plusDays(now, daysLater);
    const context = { now, occurredAt: instant(now), actor: dice.pick(ACTORS), reference: REFERENCE };
    const step = submitCommand(picker.next(state, context, dice), state, context, dice);
    for (const event of isRejection(step.decision) ? [] : step.decision) {
      const { occurredAt, actor: by } = step.context;
      const stored = recorded(event, history.length, { now, by, occurredAt, commandId: `k${steps.length}` });
      history.push(stored);
      state = evolve(state, stored);
    }
    steps.push({ ...step, after: state });
  }
  return Object.assign({ steps, history }, { [fc.toStringMethod]: () => steps.map(lineOf).join('\n') });
}

/** One line for a step in the report of a counterexample. */
function lineOf({ row, submitted, context, state, decision }: Step): string {
  const result = isRejection(decision)
    ? `refused: ${decision.unmet.map(({ code }) => code).join(', ')}`
    : decision.map(({ type, data }) => `${type} ${JSON.stringify(data)}`).join('; ');
  return `${context.now} ${context.actor.id} ${String(state.stage)} ${row.name} ${JSON.stringify(submitted)} -> ${result}`;
}

/** Picks commands so that histories reach all stages, without knowledge of the procedure. */
class CommandPicker {
  /** For each command: how often it was allowed in this history, plus twice the number of times it was picked. */
  private readonly counts = new Map<CommandRow, number>();

  /**
   * In one of ten cases any command. Otherwise the lodging first, then the command with the lowest count in a sample of
   * ten allowed commands: usually one that the previous step made possible. Commands that end a complaint are rare.
   */
  next(state: Complaint, context: Context, dice: Dice): CommandRow {
    const anyCommand = dice.pick(complaintCommands);
    if (dice.chance(10)) return anyCommand;
    if (state.stage === null) return complaintCommands.find(({ creates }) => creates) ?? anyCommand;
    const allowed = allowedNow(state, context).flatMap((command) =>
      command.allowed ? (rowAt(command.path) ?? []) : [],
    );
    for (const row of allowed) this.count(row, 1);
    const candidates = allowed.filter(({ path }) => !ENDS.includes(path) || dice.chance(10));
    if (candidates.length === 0) return anyCommand;
    const sample = Array.from({ length: 10 }, () => dice.pick(candidates));
    const chosen = sample.reduce((lowest, row) => (this.countOf(row) < this.countOf(lowest) ? row : lowest));
    this.count(chosen, 2);
    return chosen;
  }

  private countOf(row: CommandRow): number {
    return this.counts.get(row) ?? 0;
  }

  private count(row: CommandRow, by: number): void {
    this.counts.set(row, this.countOf(row) + by);
  }
}

/** Commands that end a complaint and are allowed from the start; picked rarely, because they would end every history. */
const ENDS: readonly string[] = ['withdraw', 'declare-inadmissible', 'resolve-at-first-contact'];

/** Usually tries up to eight bodies until one is accepted, so the generator needs no rules that combine fields. */
function submitCommand(row: CommandRow, state: Complaint, context: Context, dice: Dice): Omit<Step, 'after'> {
  for (let attemptsLeft = dice.chance(80) ? 8 : 1; ; attemptsLeft -= 1) {
    const submitted = build(row, state, context.now, dice);
    const { now, actor: by, reference } = context;
    const decision = decideAsTheServiceDoes(submitted, state, { now, by, reference });
    const time = timeOf(submitted, state, now);
    if (attemptsLeft <= 1 || !isRejection(decision))
      return { state, submitted, row, context: 'unmet' in time ? context : { ...context, ...time }, decision };
  }
}

/** Builds a command with a valid body; the ids in it usually exist in the complaint. */
export function build(row: CommandRow, state: Complaint, now: string, dice: Dice): ComplaintCommand {
  const generic = bodyOf(row.command, { state, dice, now });
  const body = { ...generic, ...OVERRIDES[row.name]?.(generic, dice, state) };
  const validated = validateObject(row.command, body);
  if (!validated.ok) throw new Error(`${row.name}: ${JSON.stringify(validated.errors)} of ${JSON.stringify(body)}`);
  return validated.value;
}

/** Fields with their own probability, because they decide how many steps can follow; undefined omits a field. */
const OVERRIDES: Readonly<Record<string, (body: Body, dice: Dice, state: Complaint) => Body>> = {
  LodgeComplaint: ({ resolution, parties }, dice) => ({
    resolution: dice.chance(10) ? resolution : undefined,
    parties: parties ?? (dice.chance(60) ? [REACHABLE] : undefined),
  }),
  // without `person`, the sender declares their own conflict of interest and can send few commands afterwards
  DeclareConflictOfInterest: ({ person: named = 'cook-1' }, dice) => ({ person: dice.chance(5) ? undefined : named }),
  WithdrawConflictOfInterest: ({ person: named }, dice, { interests }) => {
    const standing = interests.filter(({ withdrawn }) => withdrawn === undefined);
    return { person: standing.length === 0 ? named : dice.pick(standing).person };
  },
  // every point is decided once, without evidence that may be excluded
  MakeDetermination: ({ points }, _dice, { progress }) => {
    const decisions = points as readonly Body[];
    const undecided = undecidedPoints(progress).map((id, index) => {
      const { findings: _findings, ...decision } = decisions[index % decisions.length] ?? {};
      return { ...decision, id };
    });
    return { points: undecided.length === 0 ? points : undecided };
  },
  RelateComplaint: () => ({ complaintId: OTHER_COMPLAINT }),
  LinkRecurrence: () => ({ priorComplaintId: OTHER_COMPLAINT }),
  AcceptRemedy: (_body, dice, state) => offerOf(dice, state),
  RejectRemedy: (_body, dice, state) => offerOf(dice, state),
};

const OTHER_COMPLAINT = '37367fd5-6616-5286-a6fe-c4735ea7036c';

/** Usually an offer that awaits an answer. */
const offerOf = (dice: Dice, { remedies }: Complaint): Body => {
  const waiting = remedies.filter(isAwaitingAnswer);
  return waiting.length === 0 ? {} : { remedyId: dice.pick(waiting).remedyId };
};

const REACHABLE = { role: 'complainant', contacts: [{ channel: 'email', address: 'w@example.org' }] };
