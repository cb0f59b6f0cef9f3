import fc from 'fast-check';
import type { ComplaintCommand } from '../../src/complaint/commands/parts.js';
import { initial, type Complaint } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import { allowedNow } from '../../src/complaint/allowed.js';
import { DEFAULT_SETTINGS, isRejection, type Decision } from '../../src/complaint/decision.js';
import { evolve } from '../../src/complaint/complaint.js';
import { complaintCommands, rowAt, type CommandRow } from '../../src/complaint/table.js';
import * as vocabulary from '../../src/complaint/terms/vocabulary.js';
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
  UPSTREAM,
} from '../support/given.js';

/**
 * Random stories of one complaint: each step throws dice for a command, most often one that is allowed, and for a body
 * that fits the state, most often; the body passes the same validation as from outside.
 */
export interface Step {
  readonly state: Complaint;
  readonly submitted: ComplaintCommand;
  readonly row: CommandRow;
  readonly by: Actor;
  readonly now: string;
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
  let state = initial(COMPLAINT_ID);
  let now = '2026-11-01T08:00:00.000Z';
  for (const dice of throws) {
    now = plusDays(now, dice.pick([0.01, 0.1, 1, 4, 9]));
    const by = dice.pick(ACTORS);
    const row = choose(state, by, now, dice);
    const submitted = build(row, state, now, dice);
    const decision = decideAsTheServiceDoes(submitted, state, { now, by, settings: DEFAULT_SETTINGS });
    const before = state;
    for (const event of isRejection(decision) ? [] : decision) {
      const how = { now, by, occurredAt: instant(now), commandId: `k${steps.length}` };
      const kept = recorded(event, history.length, how);
      history.push(kept);
      state = evolve(state, kept);
    }
    steps.push({ state: before, submitted, row, by, now, decision, after: state });
  }
  return { steps, history };
}

/** Lodging first; then nine times in ten something that is allowed, most often a step onwards and rarely an end. */
function choose(state: Complaint, by: Actor, now: string, dice: Dice): CommandRow {
  const any = dice.pick(complaintCommands);
  if (state.stage === null) return dice.chance(90) ? (rowAt('lodge') ?? any) : any;
  if (dice.chance(10)) return any;
  const context = { now, occurredAt: instant(now), actor: by, settings: DEFAULT_SETTINGS };
  const allowed = allowedNow(state, context).flatMap((one) => (one.allowed ? (rowAt(one.path) ?? []) : []));
  const onwards = allowed.filter(({ row }) =>
    ['T7', 'T8', 'T10', 'T11', 'T12', 'T13', 'T14', 'T17', 'T18'].includes(row),
  );
  const going = allowed.filter(({ path }) => !ENDS.includes(path));
  const among = [dice.chance(65) ? onwards : going, going, allowed, [any]].find((some) => some.length > 0) ?? [any];
  return dice.pick(dice.chance(3) && allowed.length > 0 ? allowed : among);
}

const ENDS: readonly string[] = ['withdraw', 'declare-inadmissible', 'resolve-at-first-contact'];

export function build(row: CommandRow, state: Complaint, now: string, dice: Dice): ComplaintCommand {
  const body = BODIES[row.name]?.({ state, dice, now, at: (days) => plusDays(now, days) });
  if (body === undefined) throw new Error(`no generator for ${row.name}`);
  const validated = validateObject(row.command, JSON.parse(JSON.stringify(body)));
  if (!validated.ok) throw new Error(`${row.name}: ${JSON.stringify(validated.errors)} of ${JSON.stringify(body)}`);
  return validated.value;
}

/** Numbers that were thrown beforehand, so that a story that fails can be made smaller. */
export class Dice {
  private next = 0;
  constructor(private readonly numbers: readonly number[]) {}

  number(): number {
    const number = this.numbers[this.next % this.numbers.length] ?? 0;
    this.next += 1;
    return Math.imul(number * 64 + this.next, 0x9e3779b1) >>> 8; // spread: thrown numbers are small more often than not
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.number() % from.length];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }

  /** One of the list, or the other where there is none; sometimes the other all the same. */
  of<T>(from: readonly T[], otherwise: T): T {
    return from.length === 0 || this.chance(4) ? otherwise : this.pick(from);
  }

  chance(percent: number): boolean {
    return this.number() % 100 < percent;
  }

  maybe<T extends object>(properties: T): T | Record<string, never> {
    return this.chance(40) ? properties : {};
  }
}

interface Situation {
  readonly state: Complaint;
  readonly dice: Dice;
  readonly now: string;
  readonly at: (days: number) => string;
}

const PEOPLE = ['handler-1', 'handler-2', 'supervisor-1', 'waiter-1'];
const partyOf = ({ state, dice }: Situation) =>
  dice.of(
    state.parties.map(({ id }) => id),
    'a1',
  );
const remedyOf =
  (statuses: readonly string[]) =>
  ({ state, dice }: Situation) =>
    dice.of(
      state.remedies.filter(({ status }) => statuses.includes(status)).map(({ remedyId }) => remedyId),
      'r1',
    );
const saidBy = (now: Situation) => ({
  party: partyOf(now),
  medium: now.dice.pick(vocabulary.MEDIA),
  at: now.at(now.dice.pick([-0.005, -0.005, -0.2, -5])), // often typed later than it was said
});
const measureOf = (now: Situation) => {
  const owed = now.state.remedies.filter(({ status }) => status === 'Accepted' || status === 'InProgress');
  const remedy = owed.length > 0 ? now.dice.pick(owed) : undefined;
  const open = remedy?.measures.filter(({ status }) => status === 'Open') ?? [];
  return {
    remedyId: remedy?.remedyId ?? 'r1',
    measureId: now.dice.of(
      open.map(({ id }) => id),
      'm1',
    ),
  };
};
const decisions = ({ state, dice }: Situation) =>
  (state.points.length > 0 ? state.points : [{ id: 'p1' }]).map(({ id }) => ({
    id,
    outcome: dice.pick(vocabulary.OUTCOMES),
    reasons: dice.chance(10) ? 'Log '.repeat(400) : 'Log',
  }));
const reachable = ({ state }: Situation) =>
  state.parties
    .filter(({ contacts, authority }) => (contacts ?? []).length > 0 && authority !== 'rejected')
    .map(({ id }) => id);
const recourse = (now: Situation) => (now.dice.chance(90) ? { recourse: '12315' } : {});

const BODIES: Readonly<Record<string, (now: Situation) => object>> = {
  LodgeComplaint: (now) => ({
    channel: now.dice.pick(vocabulary.CHANNELS),
    ...(now.dice.chance(95) && { narrative: 'The dish was cold.' }),
    points: [
      { issue: 'Cold', subject: now.dice.maybe({ employeeId: 'waiter-1' }) },
      ...(now.dice.chance(30) ? [{ issue: 'Rude' }] : []),
    ],
    parties: now.dice.pick([
      [],
      [{ role: 'complainant', name: 'Wang', contacts: [{ channel: 'email', address: 'w@example.org' }] }],
      [{ role: 'complainant' }],
      [
        { role: 'complainant', contacts: [{ channel: 'phone', address: '1' }] },
        { role: 'representative', contacts: [{ channel: 'email', address: 'l@example.org' }] },
      ],
    ]),
    sources: [{ system: 'crm', ref: 'T-1' }],
    ...now.dice.maybe({ classification: { nature: 'complaint', points: [{ id: 'p1', category: 'price' }] } }),
    ...now.dice.maybe({ assignment: { handler: now.dice.pick(PEOPLE) } }),
    ...now.dice.maybe({ acknowledgement: { channel: 'phone' } }),
    ...(now.dice.chance(5) && {
      resolution: {
        category: 'price',
        whatWasDone: 'Corrected',
        statedBy: { party: 'a1', medium: 'phone', at: now.at(-0.001) },
      },
    }),
  }),
  AcknowledgeComplaint: ({ dice }) => ({ channel: dice.pick(vocabulary.CHANNELS) }),
  AdmitComplaint: () => ({}),
  DeclareInadmissible: (now) => ({
    reasonCode: now.dice.pick(vocabulary.INADMISSIBLE_REASONS),
    nature: 'complaint',
    reasons: 'Four years ago',
    ...recourse(now),
    addressees: reachable(now),
    channel: 'email',
  }),
  RecordContact: (now) => ({
    channel: 'phone',
    ...(now.state.parties.length > 0 && { party: partyOf(now) }),
    ...(now.dice.chance(50)
      ? { direction: 'inbound', result: 'reached', asksForUpdate: now.dice.chance(50) }
      : { direction: 'outbound', result: now.dice.pick(['reached', 'no_answer']), substantive: now.dice.chance(70) }),
  }),
  AddNote: () => ({ text: 'Check the camera.' }),
  ClassifyComplaint: (now) => ({
    nature: now.dice.pick(vocabulary.NATURES),
    points: [
      {
        id: now.dice.of(
          now.state.points.map(({ id }) => id),
          'p9',
        ),
        category: now.dice.pick(vocabulary.CATEGORIES),
      },
    ],
  }),
  AssessSeverity: ({ dice }) => ({ severity: dice.pick(vocabulary.SEVERITIES), safetyCritical: dice.chance(10) }),
  SetPriority: ({ dice }) => ({ priority: dice.pick(vocabulary.PRIORITIES), reason: 'Third call' }),
  AssignComplaint: ({ dice }) => ({ handler: dice.pick(PEOPLE), ...dice.maybe({ orgUnit: 'kitchen' }) }),
  ReassignComplaint: ({ dice }) => ({
    to: dice.pick(PEOPLE),
    reason: 'On leave',
    ...dice.maybe({ orgUnit: dice.pick(['kitchen', 'bar']) }),
  }),
  AcceptAssignment: () => ({}),
  DeclareConflictOfInterest: ({ dice }) => ({
    person: dice.pick(['cook-1', 'handler-2', 'waiter-1']),
    reason: 'On shift',
  }),
  VerifyIdentity: (now) => ({
    party: partyOf(now),
    result: now.dice.chance(90) ? 'verified' : 'failed',
    method: now.dice.pick(['call_back', 'passport']),
    reason: 'Seen',
  }),
  VerifyAuthority: (now) => ({
    party: partyOf(now),
    result: now.dice.chance(70) ? 'verified' : 'rejected',
    reason: 'Letter',
  }),
  AddEvidence: ({ dice }) => ({
    sha256: dice.pick(['a', 'b', 'c', 'd', 'e', 'f']).repeat(64),
    kind: 'photo',
    source: 'guest',
  }),
  ExcludeEvidence: ({ state, dice }) => ({
    evidenceId: dice.of(
      state.evidence.filter(({ excluded }) => excluded === undefined).map(({ evidenceId }) => evidenceId),
      'e1',
    ),
    reason: 'Another table',
  }),
  VerifyContent: ({ dice }) => ({
    finding: dice.pick(['substantiated', 'partly']),
    grounds: dice.pick(['Log', 'Photo']),
  }),
  AssessMerits: ({ dice }) => ({ reasonable: dice.pick(['yes', 'no']), grounds: dice.pick(['Promise', 'Law']) }),
  WaiveInvestigation: ({ dice }) => ({ reason: 'Same batch', responsible: dice.pick(PEOPLE) }),
  WaiveIdentity: () => ({ cause: 'not_needed', reason: 'Nothing disclosed', responsible: 'supervisor-1' }),
  RequestInformation: (now) => ({
    from: partyOf(now),
    question: 'When?',
    ...now.dice.maybe({ hold: { expectedEnd: now.at(now.dice.pick([3, 20])) } }),
  }),
  ReceiveInformation: ({ state, dice }) => ({
    ...(state.requests.length > 0 && { requestId: dice.pick(state.requests).requestId }),
    from: 'a1',
    content: 'On 3 March',
  }),
  LapseInformationRequest: ({ state, dice }) => ({
    requestId: dice.of(
      state.requests.filter(({ status }) => status === 'Open').map(({ requestId }) => requestId),
      'q1',
    ),
    reason: 'Two reminders',
  }),
  PlaceHold: (now) => ({
    reason: now.dice.pick(vocabulary.HOLD_REASONS),
    counterparty: 'Laboratory',
    expectedEnd: now.at(now.dice.pick([-1, 3, 20])),
  }),
  ReleaseHold: ({ state, dice }) => ({
    holdId: dice.of(
      state.holds.filter(({ ended }) => ended === undefined).map(({ holdId }) => holdId),
      'h1',
    ),
  }),
  MakeDetermination: (now) => ({ points: decisions(now), ...recourse(now) }),
  ReviewDetermination: ({ dice }) => ({
    decision: dice.chance(70) ? 'approve' : 'return',
    capacity: 'legal',
    reasons: 'Ask',
  }),
  ReturnToInvestigation: () => ({ reason: 'Till records' }),
  ProposeRemedy: (now) => ({
    needsAcceptance: now.dice.chance(70),
    draft: now.dice.chance(25),
    ...now.dice.maybe({ validUntil: now.at(2) }),
    measures: [
      {
        type: now.dice.pick(vocabulary.REMEDY_TYPES),
        pointIds: ['p1'],
        action: 'Do it',
        owner: 'handler-1',
        provider: 'self',
        dueAt: now.at(5),
        ...now.dice.maybe({ amount: { amount: 100, currency: 'CNY' } }),
      },
      ...(now.dice.chance(40)
        ? [
            {
              type: 'apology',
              pointIds: ['p1'],
              action: 'Write',
              owner: 'handler-1',
              provider: 'self',
              dueAt: now.at(5),
            },
          ]
        : []),
    ],
  }),
  ApproveRemedy: (now) => ({ remedyId: remedyOf(['Drafted'])(now) }),
  ReturnRemedy: (now) => ({ remedyId: remedyOf(['Drafted'])(now), reason: 'Too little' }),
  AcceptRemedy: (now) => ({ remedyId: remedyOf(['Proposed'])(now), statedBy: saidBy(now) }),
  RejectRemedy: (now) => ({ remedyId: remedyOf(['Proposed'])(now), statedBy: saidBy(now), reason: 'Too little' }),
  LapseRemedyOffer: (now) => ({ remedyId: remedyOf(['Proposed'])(now) }),
  CompleteMeasure: (now) => measureOf(now),
  WaiveMeasure: (now) => ({ ...measureOf(now), reason: 'Not wanted', responsible: 'supervisor-1' }),
  RecordRedressPayment: (now) =>
    now.dice.chance(70)
      ? { ...measureOf(now), money: { amount: now.dice.pick([40, 100]), currency: 'CNY' }, exGratia: false }
      : { money: { amount: 50, currency: 'CNY' }, exGratia: true },
  SendFinalResponse: (now) => ({
    kind: now.dice.pick(['accept_in_part', 'offer_without_acceptance', 'accept', 'reject']),
    addressees: reachable(now),
    channel: now.dice.pick(['email', 'phone', 'in_person', 'letter']),
    text: 'This is our answer. '.repeat(now.dice.pick([1, 100])),
    ...recourse(now),
  }),
  RecordDelivery: ({ state, dice }) => ({
    of: dice.of(
      state.letters.map(({ id }) => id),
      'f1',
    ),
    result: dice.pick(['delivered', 'delivered', 'failed', 'undeliverable']),
    channel: 'email',
    reason: 'Bounced',
  }),
  ScheduleFollowUp: (now) => now.dice.maybe({ windowEndsAt: now.at(now.dice.pick([1, 10])) }),
  RequestFeedback: () => ({ channel: 'sms' }),
  SubmitFeedback: (now) => ({
    score: 1 + (now.dice.number() % 5),
    ...now.dice.maybe({ resolved: now.dice.pick(['yes', 'partly', 'no']) }),
    ...now.dice.maybe({ statedBy: saidBy(now) }),
  }),
  RecordFollowUp: ({ dice }) => ({ result: dice.pick(['done', 'unreachable', 'declined']), channel: 'phone' }),
  CloseComplaint: () => ({}),
  ReopenComplaint: (now) =>
    now.dice.chance(80)
      ? { kind: now.dice.pick(['dissatisfied', 'new_evidence', 'recurrence', 'internal_review']), reason: 'Not yet' }
      : { kind: 'external_decision', reason: 'Decided', decidedBy: 'Ombudsman', points: decisions(now) },
  WithdrawComplaint: (now) => ({ statedBy: saidBy(now) }),
  ResolveAtFirstContact: (now) => ({
    category: now.dice.of(
      now.state.points.flatMap(({ category }) => vocabulary.CATEGORIES.find((one) => one === category) ?? []),
      'price',
    ),
    whatWasDone: 'Corrected the bill',
    statedBy: saidBy(now),
    ...now.dice.maybe({ remedyType: now.dice.pick(vocabulary.REMEDY_TYPES) }),
    ...(now.dice.chance(20) && { amount: { amount: now.dice.pick([0, 500]), currency: 'CNY' } }),
    keepOpen: now.dice.chance(40),
  }),
  RecordExternalOutcome: ({ dice }) => ({
    register: 'CFPB',
    response: dice.pick(['In progress', 'Closed', 'Closed with explanation']),
    ...dice.maybe({ disputed: dice.chance(50) }),
    ...dice.maybe({ timely: dice.chance(50) }),
  }),
};

export const GENERATED = Object.keys(BODIES);
