import { Chance } from '../service/chance.js';

/** An event of a ticket, as the helpdesk exports it. */
export interface HelpdeskRow {
  /** Number of the event in the export; an event that was exported twice has the same number. */
  readonly id: number;
  readonly ticket: string;
  /** RFC 3339 with an offset. */
  readonly at: string;
  readonly event:
    | 'created'
    | 'viewed'
    | 'categorised'
    | 'assigned'
    | 'accepted'
    | 'waiting'
    | 'resumed'
    | 'replied'
    | 'message'
    | 'note'
    | 'closed'
    | 'rated'
    | 'reopened';
  /** Who did it, if it was a person of the organisation. */
  readonly agent?: string;
  readonly group?: string;
  readonly shift?: string;
  readonly channel?: string;
  readonly text?: string;
  readonly requester?: string;
  readonly product?: string;
  readonly category?: string;
  /** The new owner. */
  readonly to?: string;
  readonly toGroup?: string;
  /** For whom the ticket waits; absent if it was not entered. */
  readonly waitsFor?: string;
  readonly until?: string;
  readonly score?: number;
  readonly chases?: boolean;
}

const DAY_MINUTES = 24 * 60;
const FIRST_DAY = Date.parse('2024-01-01T00:00:00Z');
const GROUPS = ['care', 'billing', 'depot', 'field'];
const AGENTS = 40;

/** The rows of this number of tickets, oldest first, about twelve a ticket. The same seed gives the same rows. */
export function helpdeskRows(tickets: number, seed: number): HelpdeskRow[] {
  const chance = new Chance(seed);
  const rows = Array.from({ length: tickets }, (_, index) =>
    new Ticket(`T-${String(index + 1)}`, chance).rows(),
  ).flat();
  rows.sort((one, other) => one.minute - other.minute);
  const numbered = rows.map(({ minute, ...row }, index) => ({ id: index + 1, ...row, at: timeOf(minute) }));
  // an export that was taken in two parts has some rows twice
  return numbered.flatMap((row) => (chance.percent(1) ? [row, row] : [row]));
}

const timeOf = (minute: number): string =>
  new Date(FIRST_DAY + minute * 60_000 + 8 * 3_600_000).toISOString().replace('.000Z', '+08:00');

type TimedRow = Omit<HelpdeskRow, 'id' | 'at'> & { readonly minute: number };

/** Makes the history of one ticket. */
class Ticket {
  private readonly made: TimedRow[] = [];
  private minute: number;
  private owner: { agent?: string; group: string } | undefined;

  constructor(
    private readonly ticket: string,
    private readonly chance: Chance,
  ) {
    this.minute = chance.between(0, 500 * DAY_MINUTES);
  }

  rows(): TimedRow[] {
    const { chance } = this;
    const requester = chance.percent(95) ? `客户 ${this.ticket}` : undefined;
    const channel = chance.percent(90) ? chance.oneOf(['email', 'phone', 'web', 'chat']) : undefined;
    this.add('created', {
      text: '包裹没有到。The parcel never came.',
      product: `Line ${String(chance.between(1, 7))}`,
      ...(requester && { requester }),
      ...(channel && { channel }),
    });
    if (chance.percent(80)) this.add('viewed', this.byAgent());
    if (chance.percent(80))
      this.add('categorised', { ...this.byAgent(), category: chance.oneOf(['delivery', 'price', 'after_sales']) });
    this.work(chance.between(3, 7));
    if (chance.percent(8)) return this.made; // still open
    this.close();
    if (chance.percent(1)) this.assign(); // our rules refuse it: the ticket is closed
    if (chance.percent(15)) {
      this.wait(DAY_MINUTES, 60 * DAY_MINUTES);
      this.add('reopened', { text: 'Nothing has happened since.', ...(chance.percent(50) && this.byAgent()) });
      this.work(chance.between(2, 4));
      if (chance.percent(80)) this.close();
    } else if (chance.percent(2)) {
      this.wait(120 * DAY_MINUTES, 160 * DAY_MINUTES); // after the window of our rules
      this.add('reopened', { text: 'A year later.' });
    }
    return this.made;
  }

  private work(steps: number): void {
    const { chance } = this;
    if (this.owner === undefined && chance.percent(95)) this.assign();
    for (let step = 0; step < steps; step += 1) {
      const kind = chance.between(1, 100);
      if (kind <= 25) this.add('replied', { ...this.byOwner(), text: 'We are asking the carrier.', channel: 'email' });
      else if (kind <= 45)
        this.add('message', { text: 'Any news?', channel: 'email', ...(chance.percent(50) && { chases: true }) });
      else if (kind <= 65) this.add('note', { ...this.byOwner(), text: 'Carrier called.' });
      else if (kind <= 85) this.hold();
      else if (this.owner !== undefined) this.assign();
    }
  }

  private assign(): void {
    const { chance } = this;
    const isSame = this.owner !== undefined && chance.percent(15);
    const owner = isSame
      ? this.owner
      : { group: chance.oneOf(GROUPS), ...(chance.percent(85) && { agent: this.agent() }) };
    if (owner === undefined) return;
    this.add('assigned', { ...this.byAgent(), toGroup: owner.group, ...(owner.agent && { to: owner.agent }) });
    if (isSame || this.isClosed) return;
    this.owner = owner;
    if (!chance.percent(80)) return;
    const agent = owner.agent ?? this.agent();
    this.owner = { ...owner, agent };
    this.add('accepted', { agent, group: owner.group, shift: 'day' });
  }

  private hold(): void {
    const { chance } = this;
    const waitsFor = chance.percent(85) ? chance.oneOf(['requester', 'vendor', 'internal']) : undefined;
    this.add('waiting', {
      ...this.byOwner(),
      ...(waitsFor && { waitsFor }),
      ...(chance.percent(50) && { until: timeOf(this.minute + 10 * DAY_MINUTES) }),
    });
    if (chance.percent(80)) this.add('resumed', this.byOwner());
  }

  private close(): void {
    this.add('closed', { ...this.byOwner(), text: this.chance.oneOf(['Solved', 'Refunded', 'No answer']) });
    if (this.chance.percent(30)) this.add('rated', { score: this.chance.between(1, 5) });
  }

  private get isClosed(): boolean {
    const last = this.made.findLast(({ event }) => event === 'closed' || event === 'reopened');
    return last?.event === 'closed';
  }

  private add(event: HelpdeskRow['event'], fields: Partial<HelpdeskRow>): void {
    this.made.push({ ticket: this.ticket, event, ...fields, minute: this.minute });
    this.wait(1, 2 * DAY_MINUTES);
  }

  private wait(least: number, most: number): void {
    this.minute += this.chance.between(least, most);
  }

  /** Some rows have the id in capitals. */
  private agent(): string {
    const id = `agent-${String(this.chance.between(1, AGENTS))}`;
    return this.chance.percent(5) ? id.toUpperCase() : id;
  }

  private readonly byAgent = () => ({ agent: this.agent(), group: this.chance.oneOf(GROUPS) });
  private readonly byOwner = () => ({ agent: this.owner?.agent ?? this.agent(), group: this.owner?.group ?? 'care' });
}
