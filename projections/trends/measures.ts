import { isDisputed, type Dispute } from '../../src/complaint/status.js';
import type { JsonObject } from '../../src/platform/json.js';
import type { Outcome } from '../../src/complaint/terms/vocabulary.js';

/**
 * A share: `numerator` divided by `denominator`. Only complaints whose value is known are in the denominator; `unknown`
 * counts the others.
 */
export interface Share {
  readonly numerator: number;
  readonly denominator: number;
  readonly unknown: number;
}

/** Counts and shares of the complaints in one row of the answer. */
export interface Measures {
  readonly complaints: number;
  readonly open: Share;
  readonly firstContact: Share;
  readonly reopened: Share;
  readonly withdrawn: Share;
  readonly inadmissible: Share;
  readonly undeliverable: Share;
  /** Denominator: complaints with a determination; the same for `upheldOrPartly`. */
  readonly upheld: Share;
  readonly upheldOrPartly: Share;
  /** As stated by the register. */
  readonly timely: Share;
  /** As stated by the register, otherwise from the latest statement of the complainant. */
  readonly disputed: Share;
  /**
   * Denominator: complaints with feedback in the current episode. Numerator: the latest feedback has a score below
   * `satisfiedScore`, or says that the complaint is not resolved.
   */
  readonly dissatisfied: Share;
  /** Whole days from receipt to the first final response, by nearest rank; null if no complaint has a known value. */
  readonly daysToResponse: { readonly median: number | null; readonly p90: number | null; readonly known: number };
}

const SUMMED_COLUMNS = [
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
type SummedColumn = (typeof SUMMED_COLUMNS)[number];

/** Adds up the cells of one row. A cell is a group of complaints with the same values of {@link Tally.KEYS}. */
export class Tally {
  /** Columns by which cells are grouped, besides the columns of the row. */
  static readonly KEYS = ['outcome', 'daysToResponse', 'satisfaction', 'disputedOtherwise', 'feedback'] as const;
  /** Columns whose sum a cell has. */
  static readonly SUMS = SUMMED_COLUMNS;

  private complaints = 0;
  private readonly sums = new Map<SummedColumn, number>();
  private readonly outcomes = new Map<Outcome | null, number>();
  private readonly days = new Map<number, number>();
  private dissatisfied = 0;
  private withFeedback = 0;

  constructor(private readonly satisfiedScore: number) {}

  /** Adds a cell. `id` has its values of {@link Tally.KEYS}, `cell` its number of complaints and its sums. */
  add(id: JsonObject, cell: JsonObject): void {
    const complaints = Number(cell.complaints);
    this.complaints += complaints;
    for (const column of SUMMED_COLUMNS) this.sums.set(column, this.sum(column) + Number(cell[column] ?? 0));
    const { outcome = null, daysToResponse = null, satisfaction = null, disputedOtherwise, feedback = null } = id;
    increase(this.outcomes, outcome as Outcome | null, complaints);
    if (typeof daysToResponse === 'number') increase(this.days, daysToResponse, complaints);
    // where the register states nothing, the statement of the complainant counts
    const notStatedByRegister = complaints - Number(cell.disputedYes ?? 0) - Number(cell.disputedNo ?? 0);
    const dispute = { score: satisfaction, otherwise: disputedOtherwise } as Dispute;
    const disputed = isDisputed(dispute, this.satisfiedScore);
    if (disputed !== null) increase(this.sums, disputed ? 'disputedYes' : 'disputedNo', notStatedByRegister);
    if (typeof feedback !== 'number') return;
    this.withFeedback += complaints;
    if (feedback < this.satisfiedScore) this.dissatisfied += complaints;
  }

  measures(): Measures {
    const { complaints } = this;
    const ofAll = (column: SummedColumn): Share => ({
      numerator: this.sum(column),
      denominator: complaints,
      unknown: 0,
    });
    const ofKnown = (numerator: number, denominator: number): Share => ({
      numerator,
      denominator,
      unknown: complaints - denominator,
    });
    const determined = complaints - (this.outcomes.get(null) ?? 0);
    const upheld = this.outcomes.get('upheld') ?? 0;
    return {
      complaints,
      open: ofAll('open'),
      firstContact: ofAll('firstContact'),
      reopened: ofAll('reopened'),
      withdrawn: ofAll('withdrawn'),
      inadmissible: ofAll('inadmissible'),
      undeliverable: ofAll('undeliverable'),
      upheld: ofKnown(upheld, determined),
      upheldOrPartly: ofKnown(upheld + (this.outcomes.get('partly_upheld') ?? 0), determined),
      timely: ofKnown(this.sum('timelyYes'), this.sum('timelyYes') + this.sum('timelyNo')),
      disputed: ofKnown(this.sum('disputedYes'), this.sum('disputedYes') + this.sum('disputedNo')),
      dissatisfied: ofKnown(this.dissatisfied, this.withFeedback),
      daysToResponse: this.daysToResponse(),
    };
  }

  private daysToResponse(): Measures['daysToResponse'] {
    const days = [...this.days].sort(([a], [b]) => a - b);
    const known = days.reduce((sum, [, complaints]) => sum + complaints, 0);
    const percentile = (share: number): number | null => {
      let rank = 0;
      for (const [value, complaints] of days) {
        rank += complaints;
        if (rank >= Math.ceil(share * known)) return value;
      }
      return null;
    };
    return { median: percentile(0.5), p90: percentile(0.9), known };
  }

  private sum(column: SummedColumn): number {
    return this.sums.get(column) ?? 0;
  }
}

function increase<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
