import type * as measures from '../../../projections/trends/measures.js';
import { TREND_BASES, TREND_GROUPS, type TrendBasis, type TrendGroup } from '../../../projections/trends/query.js';
import type * as trends from '../../../projections/trends/query.js';
import { AnyText, Count, ListOf, TextMap } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Nested, Schema } from '../../platform/fields.js';
import { View } from './view.js';

enumeration('TrendBasis', TREND_BASES, 'Date that decides the period of a complaint');
enumeration('TrendGroup', TREND_GROUPS, 'What complaints can be grouped by');

@Schema({
  summary: 'A share: `numerator` divided by `denominator`',
  example: { numerator: 3, denominator: 40, unknown: 2 },
})
export class Share implements measures.Share {
  @Count({ description: 'Complaints for which it is true', example: 3 })
  readonly numerator!: number;
  @Count({ description: 'Complaints for which it is known', example: 40 })
  readonly denominator!: number;
  @Count({ description: 'Complaints for which it is not known', example: 2 })
  readonly unknown!: number;
}

@Schema({ summary: 'Whole days from receipt to the first final response' })
export class DaysToResponse {
  @Count({ nullable: true, description: 'Median; null if no complaint has a known value', example: 2 })
  readonly median!: number | null;
  @Count({ nullable: true, description: '90th percentile by nearest rank; null if no value is known', example: 5 })
  readonly p90!: number | null;
  @Count({ description: 'Complaints with a known value', example: 40 })
  readonly known!: number;
}

@Schema({ summary: 'Counts and shares of complaints' })
export class Measures implements measures.Measures {
  @Count({ description: 'Number of complaints', example: 42 })
  readonly complaints!: number;
  @Nested(() => Share, { description: 'Open complaints' })
  readonly open!: Share;
  @Nested(() => Share, { description: 'Complaints that were resolved at first contact' })
  readonly firstContact!: Share;
  @Nested(() => Share, { description: 'Reopened complaints' })
  readonly reopened!: Share;
  @Nested(() => Share, { description: 'Withdrawn complaints' })
  readonly withdrawn!: Share;
  @Nested(() => Share, { description: 'Inadmissible complaints' })
  readonly inadmissible!: Share;
  @Nested(() => Share, { description: 'Complaints with an undeliverable outcome' })
  readonly undeliverable!: Share;
  @Nested(() => Share, { description: 'Upheld complaints, of those with a determination' })
  readonly upheld!: Share;
  @Nested(() => Share, { description: 'Complaints that are upheld or partly upheld, of those with a determination' })
  readonly upheldOrPartly!: Share;
  @Nested(() => Share, { description: 'Complaints that were answered in time, as the register states' })
  readonly timely!: Share;
  @Nested(() => Share, {
    description: 'Disputed complaints, as the register states, otherwise from the latest statement of the complainant',
  })
  readonly disputed!: Share;
  @Nested(() => Share, {
    description: 'Complaints with dissatisfied complainants, of those with feedback in the current episode',
  })
  readonly dissatisfied!: Share;
  @Nested(() => DaysToResponse)
  readonly daysToResponse!: DaysToResponse;
}

@Schema({ summary: 'A group of complaints, with counts and shares' })
export class TrendRow extends Measures implements trends.TrendRow {
  @TextMap({ description: 'The value of each requested group; null means unknown', example: { outcome: 'upheld' } })
  readonly key!: trends.TrendRow['key'];
}

@Schema({ summary: 'Complaints in groups, with shares' })
export class Trends implements trends.TrendsAnswer {
  @Code(TREND_GROUPS, { each: true, description: 'The requested groups', example: 'outcome' })
  readonly groupBy!: readonly TrendGroup[];
  @Code(TREND_BASES)
  readonly basis!: TrendBasis;
  @AnyText({ description: 'Time zone in which days begin', example: 'UTC' })
  readonly zone!: string;
  @ListOf(() => TrendRow, {
    description: 'By period if the query groups by one, then by the number of complaints, largest first',
  })
  readonly rows!: readonly TrendRow[];
  @Nested(() => Measures, { description: 'All rows together' })
  readonly total!: Measures;
  @Count({
    description:
      'Complaints without a date on this basis. Their period is null; with `from` or `to` they are in no row',
    example: 0,
  })
  readonly undated!: number;
  @Nested(() => View)
  readonly view!: View;
}
