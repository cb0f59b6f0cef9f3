import { isDisputed } from '../../src/complaint/status.js';
import type { JsonObject } from '../../src/platform/json.js';
import type { Outcome } from '../../src/complaint/terms/vocabulary.js';

/** A share: `numerator` of `denominator` complaints with a known value; `unknown` have none. */
export interface Share {
  readonly numerator: number;
  readonly denominator: number;
  readonly unknown: number;
}

/** Measures of the complaints of one row. */
export interface Measures {
  readonly complaints: number;
  readonly open: Share;
  readonly firstContact: Share;
  readonly reopened: Share;
  readonly withdrawn: Share;
  readonly inadmissible: Share;
  readonly undeliverable: Share;
  /** Share of the complaints with a determination. */
  readonly upheld: Share;
  readonly upheldOrPartly: Share;
  /** As stated by the register. */
  readonly timely: Share;
  /** As stated by the register, else by the latest statement of the complainant. */
  readonly disputed: Share;
  /** Share of complaints with feedback in the current episode whose latest score is below the limit or that are not resolved. */
  readonly dissatisfied: Share;
  /** Whole days from receipt to the first final response; nearest rank; null if unknown. */
  readonly daysToResponse: { readonly median: number | null; readonly p90: number | null; readonly known: number };
}

const SUMS = [
  'open',
  'firstContact',
  'reopened',
  'withdrawn',
  'inadmissible',
  'undeliverable',
  'timelyYes',
  'timelyNo',
  'disputedYes',
  'disputedNo',
] as const;
type Sum = (typeof SUMS)[number];

/** Sums the cells of one row: groups of complaints with equal values of {@link Tally.KEYS}. */
export class Tally {
  /** Grouping columns of a cell besides those of the row. */
  static readonly KEYS = ['outcome', 'daysToResponse', 'satisfaction', 'feedback'] as const;
  /** Columns that a cell sums. */
  static readonly SUMS = SUMS;

  private complaints = 0;
  private readonly sums = new Map<Sum, number>();
  private readonly outcomes = new Map<Outcome | null, number>();
  private readonly days = new Map<number, number>();
  private dissatisfied = 0;
  private feedback = 0;

  constructor(private readonly satisfiedScore: number) {}

  add(id: JsonObject, cell: JsonObject): void {
    const complaints = Number(cell.complaints);
    this.complaints += complaints;
    for (const sum of SUMS) this.sums.set(sum, this.sum(sum) + Number(cell[sum] ?? 0));
    const { outcome = null, daysToResponse = null, satisfaction = null, feedback = null } = id;
    more(this.outcomes, outcome as Outcome | null, complaints);
    if (typeof daysToResponse === 'number') more(this.days, daysToResponse, complaints);
    // without a statement of the register, the complainant's statement counts
    const unstated = complaints - Number(cell.disputedYes ?? 0) - Number(cell.disputedNo ?? 0);
    const disputed = isDisputed(satisfaction as number | null, this.satisfiedScore);
    if (disputed !== null) more(this.sums, disputed ? 'disputedYes' : 'disputedNo', unstated);
    if (typeof feedback !== 'number') return;
    this.feedback += complaints;
    if (isDisputed(feedback, this.satisfiedScore) === true) this.dissatisfied += complaints;
  }

  measures(): Measures {
    const { complaints } = this;
    const all = (sum: Sum): Share => ({ numerator: this.sum(sum), denominator: complaints, unknown: 0 });
    const known = (numerator: number, denominator: number): Share => ({
      numerator,
      denominator,
      unknown: complaints - denominator,
    });
    const determined = complaints - (this.outcomes.get(null) ?? 0);
    const upheld = this.outcomes.get('upheld') ?? 0;
    return {
      complaints,
      open: all('open'),
      firstContact: all('firstContact'),
      reopened: all('reopened'),
      withdrawn: all('withdrawn'),
      inadmissible: all('inadmissible'),
      undeliverable: all('undeliverable'),
      upheld: known(upheld, determined),
      upheldOrPartly: known(upheld + (this.outcomes.get('partly_upheld') ?? 0), determined),
      timely: known(this.sum('timelyYes'), this.sum('timelyYes') + this.sum('timelyNo')),
      disputed: known(this.sum('disputedYes'), this.sum('disputedYes') + this.sum('disputedNo')),
      dissatisfied: known(this.dissatisfied, this.feedback),
      daysToResponse: this.daysToResponse(),
    };
  }

  private daysToResponse(): Measures['daysToResponse'] {
    const days = [...this.days].sort(([a], [b]) => a - b);
    const known = days.reduce((sum, [, complaints]) => sum + complaints, 0);
    const rank = (share: number): number | null => {
      let seen = 0;
      for (const [value, complaints] of days) {
        seen += complaints;
        if (seen >= Math.ceil(share * known)) return value;
      }
      return null;
    };
    return { median: rank(0.5), p90: rank(0.9), known };
  }

  private sum(sum: Sum): number {
    return this.sums.get(sum) ?? 0;
  }
}

function more<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
