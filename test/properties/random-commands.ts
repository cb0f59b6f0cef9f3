import fc from 'fast-check';
import type { ComplaintCommand } from '../../src/complaint/commands/parts.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import { allowedNow } from '../../src/complaint/allowed.js';
import { DEFAULT_SETTINGS, isRejection, type Context, type Decision } from '../../src/complaint/decision.js';
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
 * Random stories of one complaint: each step throws dice for a command of the table, most often one that is allowed, and
 * for a body of its described fields, most often one that is accepted. The body passes the same validation as from
 * outside. A new command is in the stories as soon as it is in the table.
 */
export interface Step {
  readonly state: Complaint;
  readonly submitted: ComplaintCommand;
  readonly row: CommandRow;
  /** In which it is decided; it happened now if the time that it gives is rejected. */
  readonly context: Context;
  readonly decision: Decision;
  readonly after: Complaint;
}

export interface Story {
  readonly steps: readonly Step[];
  readonly history: readonly Recorded<ComplaintEvent>[];
}

const ACTORS: readonly Actor[] = [HANDLER, HANDLER, HANDLER, SUPERVISOR, person('reviewer-1', 'reviewer'), UPSTREAM];

export const story = (length = 45): fc.Arbitrary<Story> =>
  fc
    .array(fc.array(fc.nat(9999), { minLength: 16, maxLength: 16 }), { minLength: 3, maxLength: length, size: 'max' })
    .map((throws) => told(throws.map((numbers) => new Dice(numbers))));

function told(throws: readonly Dice[]): Story {
  const steps: Step[] = [];
  const history: Recorded<ComplaintEvent>[] = [];
  const choice = new Choice();
  let state = initial(COMPLAINT_ID);
  let now = '2026-11-01T08:00:00.000Z';
  for (const dice of throws) {
    now = plusDays(now, dice.pick([0.01, 0.1, 1, 4, 9]));
    const context = { now, occurredAt: instant(now), actor: dice.pick(ACTORS), settings: DEFAULT_SETTINGS };
    const step = attempt(choice.next(state, context, dice), state, context, dice);
    for (const event of isRejection(step.decision) ? [] : step.decision) {
      const { occurredAt, actor: by } = step.context;
      const kept = recorded(event, history.length, { now, by, occurredAt, commandId: `k${steps.length}` });
      history.push(kept);
      state = evolve(state, kept);
    }
    steps.push({ ...step, after: state });
  }
  return { steps, history };
}

/** Chooses commands so that a story goes on through the procedure, without knowing it. */
class Choice {
  /** How often a command was allowed in this story, and chosen. */
  private readonly counts = new Map<CommandRow, number>();

  /**
   * Lodging first; then nine times in ten a command that is allowed: of some, the one that was allowed and chosen least.
   * That is a step onwards, since most steps of the procedure allow others. Rarely an end.
   */
  next(state: Complaint, context: Context, dice: Dice): CommandRow {
    const any = dice.pick(complaintCommands);
    if (dice.chance(10)) return any;
    if (state.stage === null) return complaintCommands.find(({ creates }) => creates) ?? any;
    const allowed = allowedNow(state, context).flatMap((one) => (one.allowed ? (rowAt(one.path) ?? []) : []));
    for (const row of allowed) this.count(row, 1);
    const going = allowed.filter(({ path }) => !ENDS.includes(path) || dice.chance(10));
    if (going.length === 0) return any;
    const some = Array.from({ length: 10 }, () => dice.pick(going));
    const chosen = some.reduce((least, row) => (this.countOf(row) < this.countOf(least) ? row : least));
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

/** They are allowed from the beginning, and would end every story at once. */
const ENDS: readonly string[] = ['withdraw', 'declare-inadmissible', 'resolve-at-first-contact'];

/** Most often several bodies are tried until one is accepted: so the generator need not know the rules between fields. */
function attempt(row: CommandRow, state: Complaint, context: Context, dice: Dice): Omit<Step, 'after'> {
  for (let left = dice.chance(80) ? 8 : 1; ; left -= 1) {
    const submitted = build(row, state, context.now, dice);
    const { now, actor: by, settings } = context;
    const decision = decideAsTheServiceDoes(submitted, state, { now, by, settings });
    const time = timeOf(submitted, state, now);
    if (left <= 1 || !isRejection(decision))
      return { state, submitted, row, context: 'unmet' in time ? context : { ...context, ...time }, decision };
  }
}

/** A valid body; the complaint has what it refers to, most often. */
export function build(row: CommandRow, state: Complaint, now: string, dice: Dice): ComplaintCommand {
  const generic = bodyOf(row.command, { state, dice, now });
  const body = { ...generic, ...PARTICULARS[row.name]?.(generic, dice) };
  const validated = validateObject(row.command, body);
  if (!validated.ok) throw new Error(`${row.name}: ${JSON.stringify(validated.errors)} of ${JSON.stringify(body)}`);
  return validated.value;
}

/** Fields that decide how far a story goes, and how often they are given; undefined leaves one out. */
const PARTICULARS: Readonly<Record<string, (body: Body, dice: Dice) => Body>> = {
  LodgeComplaint: ({ resolution, parties }, dice) => ({
    resolution: dice.chance(10) ? resolution : undefined,
    parties: parties ?? (dice.chance(60) ? [REACHABLE] : undefined),
  }),
  // when absent, it is the sender's own, and they can do nothing more
  DeclareConflictOfInterest: ({ person: named = 'cook-1' }, dice) => ({ person: dice.chance(5) ? undefined : named }),
};

const REACHABLE = { role: 'complainant', contacts: [{ channel: 'email', address: 'w@example.org' }] };
