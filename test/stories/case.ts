import type { Actor, Role } from '../../src/access/actor.js';
import { allowedNow } from '../../src/complaint/allowed.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import { isRejection, type Decision } from '../../src/complaint/decision.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import { statusOf, type Status } from '../../src/complaint/status.js';
import { complaintCommands, type CommandRow } from '../../src/complaint/table.js';
import type { Stage, StatusCode } from '../../src/complaint/terms/vocabulary.js';
import type { HouseRules } from '../../src/house-policy/rules.js';
import { instant, plusDays } from '../../src/platform/moment.js';
import { validateObject } from '../../src/platform/validate-object.js';
import type { ReferenceData } from '../../src/reference/reference-data.js';
import { directoryOf, REFERENCE, staffMember } from '../support/directory.js';
import { COMPLAINT_ID, decideAsTheServiceDoes, recorded } from '../support/given.js';
import { toldBy, moneyOf, owedMeasures, type Told } from './reading.js';

/*
 * A story is a case as an office meets it: the commands in their order, and what must be true at its end. Commands are
 * named by their path and have the JSON body of a request, so that a story reads like the requests of a client.
 */

/** The people who work on the cases, by their id. */
export const STAFF = {
  'officer-1': person('officer-1', 'intake_officer'),
  'handler-1': person('handler-1', 'handler'),
  'handler-2': person('handler-2', 'handler'),
  'supervisor-1': person('supervisor-1', 'supervisor'),
  'supervisor-2': person('supervisor-2', 'supervisor'),
  'reviewer-1': person('reviewer-1', 'reviewer'),
  'lawyer-1': person('lawyer-1', 'reviewer'),
  importer: { type: 'upstream', id: 'importer', role: 'upstream' },
} as const satisfies Record<string, Actor>;
export type StaffId = keyof typeof STAFF;

export type Body = Readonly<Record<string, unknown>>;

/** What must be true at the end of a story. */
export interface End {
  readonly stage: Stage;
  readonly status: StatusCode;
  readonly response?: Status['response'];
  readonly outcome?: Status['outcome'];
  readonly disputed?: boolean | null;
  readonly episode?: number;
  /** Payments that stand, relief and money at first contact, in minor units by currency. */
  readonly paid: Readonly<Record<string, number>>;
  /** Measures that are owed, such as `r1/m1`. */
  readonly owed: readonly string[];
  /** The state of each letter by party: sent, delivered, failed, undeliverable or contested. */
  readonly told: Told;
  /** Commands that the handler may send next. */
  readonly may: readonly string[];
  /** Commands that the handler may not send next. */
  readonly mayNot: readonly string[];
}

/**
 * Declares a story as a test.
 * @param house house rules that differ from the defaults
 */
export function story(title: string, tell: (file: Case) => void, house: Partial<HouseRules> = {}): void {
  test(title, () => {
    const file = new Case({ ...DIRECTORY, house: { ...REFERENCE.house, ...house } });
    tell(file);
    if (!file.hasEnded) throw new Error('a story states what must be true at its end');
  });
}

const DIRECTORY = directoryOf(
  Object.values(STAFF).map(({ id, role }) =>
    staffMember(id, { roles: [role], ...(id === 'lawyer-1' && { skills: ['legal'] }) }),
  ),
);

const UNITS = { m: 1 / 1440, h: 1 / 24, d: 1 } as const;
const FIVE_MINUTES = '5m';

/** One complaint with a clock. Each command is sent five minutes after the previous one, by handler-1 unless said. */
export class Case {
  state: Complaint = initial(COMPLAINT_ID);
  now = '2026-11-02T01:00:00.000Z';
  hasEnded = false;
  readonly events: ComplaintEvent[] = [];
  private latest: readonly ComplaintEvent['type'][] = [];
  private commands = 0;

  constructor(private readonly reference: ReferenceData) {}

  /** Sends a command that must be accepted. */
  do(path: string, body: Body = {}): this {
    return this.by('handler-1', path, body);
  }

  /** Sends a command of this person that must be accepted. */
  by(sender: StaffId, path: string, body: Body = {}): this {
    this.later(FIVE_MINUTES);
    const decision = this.decide(sender, path, body);
    if (isRejection(decision)) throw new Error(`${path} is refused: ${JSON.stringify(decision.unmet, null, 1)}`);
    this.commands += 1;
    for (const event of decision) {
      const by: Actor = STAFF[sender];
      const metadata = { now: this.now, by, occurredAt: this.occurredAt(body), commandId: `k${this.commands}` };
      this.state = evolve(this.state, recorded(event, this.events.length, metadata));
      this.events.push(event);
    }
    this.latest = decision.map(({ type }) => type);
    return this;
  }

  /** Sends a command of handler-1 that must be refused; each of the codes must be among the reasons. */
  refused(path: string, body: Body, ...codes: readonly string[]): this {
    return this.refusedTo('handler-1', path, body, ...codes);
  }

  /** Sends a command of this person that must be refused; each of the codes must be among the reasons. */
  refusedTo(sender: StaffId, path: string, body: Body, ...codes: readonly string[]): this {
    const decision = this.decide(sender, path, body);
    if (!isRejection(decision))
      throw new Error(`${path} must be refused, but records ${decision.map(({ type }) => type).join(', ')}`);
    expect({ [path]: decision.unmet.map(({ code }) => code) }).toEqual({ [path]: expect.arrayContaining([...codes]) });
    return this;
  }

  /** The last command recorded exactly these events. */
  recorded(...types: readonly ComplaintEvent['type'][]): this {
    expect(this.latest).toEqual(types);
    return this;
  }

  /** The complaint has this stage and status now. */
  is(stage: Stage, status?: StatusCode): this {
    expect([this.state.stage, ...(status === undefined ? [] : [this.status.status])]).toEqual([
      stage,
      ...(status === undefined ? [] : [status]),
    ]);
    return this;
  }

  /** Measures that are owed now. */
  owes(...measures: readonly string[]): this {
    expect(owedMeasures(this.state)).toEqual(measures);
    return this;
  }

  /** Moves the clock forward by a duration such as `5m`, `2h` or `3d`. */
  later(duration: string): this {
    this.now = this.in(duration);
    return this;
  }

  /** The time in this duration. */
  in(duration: string): string {
    return plusDays(this.now, days(duration));
  }

  /** The time this duration ago. */
  ago(duration: string): string {
    return plusDays(this.now, -days(duration));
  }

  /** What a party says, now or at `at`. */
  says(party = 'a1', medium: 'phone' | 'in_person' | 'written' | 'online' = 'phone', at = this.now): Body {
    return { party, medium, at };
  }

  /** States what must be true at the end of the story. */
  ends({ paid, owed, told, may, mayNot, ...expected }: End): void {
    this.hasEnded = true;
    const { status, response, outcome, disputed } = this.status;
    const { stage, episode } = this.state;
    expect({ stage, status, response, outcome, disputed, episode }).toMatchObject(expected);
    expect({ paid: moneyOf(this.events), owed: owedMeasures(this.state), told: toldBy(this.events) }).toEqual({
      paid,
      owed,
      told,
    });
    const allowed = this.allowedPaths();
    expect({ may: may.filter((path) => !allowed.includes(path)) }).toEqual({ may: [] });
    expect({ mayNot: mayNot.filter((path) => allowed.includes(path)) }).toEqual({ mayNot: [] });
    for (const path of mayNot) rowAt(path);
  }

  private get status(): Status {
    return statusOf(this.state.progress, this.reference.house);
  }

  private allowedPaths(): string[] {
    const context = {
      now: this.now,
      occurredAt: instant(this.now),
      actor: STAFF['handler-1'],
      reference: this.reference,
    };
    return allowedNow(this.state, context).flatMap(({ path, allowed }) => (allowed ? [path] : []));
  }

  private decide(sender: StaffId, path: string, body: Body): Decision {
    const validated = validateObject(rowAt(path).command, body);
    if (!validated.ok) throw new Error(`${path} is not valid: ${JSON.stringify(validated.errors, null, 1)}`);
    return decideAsTheServiceDoes(validated.value, this.state, {
      now: this.now,
      by: STAFF[sender],
      reference: this.reference,
    });
  }

  private occurredAt({ occurredAt, receivedAt }: Body) {
    const stated = occurredAt ?? receivedAt;
    return instant(typeof stated === 'string' ? new Date(stated).toISOString() : this.now);
  }
}

function rowAt(path: string): CommandRow {
  const row = complaintCommands.find((candidate) => candidate.path === path);
  if (row === undefined) throw new Error(`there is no command ${path}`);
  return row;
}

function days(duration: string): number {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(duration) ?? [];
  if (count === undefined) throw new Error(`${duration} is not a duration`);
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}

function person(id: string, role: Role): Actor & { readonly role: Role } {
  return { type: 'person', id, role };
}
