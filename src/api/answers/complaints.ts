import type * as list from '../../../projections/complaints/query.js';
import type { Matches } from '../../../projections/complaints/search.js';
import {
  CHANNELS,
  NATURES,
  OUTCOMES,
  PRIORITIES,
  SEVERITIES,
  STAGES,
  STATUSES,
  type Channel,
  type Nature,
  type Outcome,
  type Priority,
  type Severity,
  type Stage,
  type StatusCode,
} from '../../complaint/terms/vocabulary.js';
import type { StandingLabels } from '../../complaint/terms/labels.js';
import { AnyText, Count, ListOf, Timestamp, Uuid } from '../../platform/answer-fields.js';
import { Code, Flag, Nested, Schema } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { RecordedWhen } from './moment.js';
import { View } from './view.js';

@Schema({ summary: 'A source of a complaint' })
export class SourceRow {
  @AnyText({ description: 'System that the complaint comes from', example: 'crm' })
  readonly system!: string;
  @AnyText({ description: 'Reference of the complaint in that system', example: 'T-4711' })
  readonly ref!: string;
}

@Schema({ summary: 'A complaint in a list' })
export class ComplaintListItem implements list.ComplaintRow, StandingLabels {
  @Uuid({ description: 'Id of the complaint' })
  readonly id!: string;
  @AnyText({ description: 'Short reference for people', example: '7K3QX-9M2VD-4TB8W' })
  readonly reference!: string;
  @Flag({ description: 'False once the complaint has ended', example: true })
  readonly open!: boolean;
  @Flag({ description: 'True if a measure is owed', example: false })
  readonly owed!: boolean;
  @Code(STAGES)
  readonly stage!: Stage;
  @AnyText({ description: 'The stage in words, by Accept-Language', example: 'Under assessment' })
  readonly stageLabel!: string;
  @Code(STATUSES)
  readonly status!: StatusCode;
  @AnyText({ description: 'The status in words, by Accept-Language', example: 'In progress' })
  readonly statusLabel!: string;
  @Code(OUTCOMES, { nullable: true, description: 'Overall outcome; null before it is decided' })
  readonly outcome!: Outcome | null;
  @AnyText({ nullable: true, description: 'The outcome in words, by Accept-Language', example: 'Upheld' })
  readonly outcomeLabel!: string | null;
  @Code(NATURES)
  readonly nature!: Nature;
  @Count({ description: 'Number of the episode', example: 1 })
  readonly episode!: number;
  @AnyText({ nullable: true, description: 'Name of the first complainant', example: '王芳' })
  readonly complainant!: string | null;
  @Flag({ description: 'True if the complaint has no parties', example: false })
  readonly anonymous!: boolean;
  @AnyText({ nullable: true, description: 'Id of the handler', example: 'handler-1' })
  readonly handler!: string | null;
  @AnyText({ nullable: true, description: 'Organisational unit', example: 'care' })
  readonly orgUnit!: string | null;
  @Code(SEVERITIES, { nullable: true, description: 'Severity; null if not assessed' })
  readonly severity!: Severity | null;
  @Flag({ description: 'True if the complaint is safety-critical', example: false })
  readonly safetyCritical!: boolean;
  @Code(PRIORITIES, { nullable: true, description: 'Priority; null if none was set' })
  readonly priority!: Priority | null;
  @Code(CHANNELS)
  readonly channel!: Channel;
  @AnyText({ nullable: true, description: 'Product or service of the first point', example: 'Set menu' })
  readonly product!: string | null;
  @AnyText({ nullable: true, description: 'Category of the first point', example: 'product_quality' })
  readonly category!: string | null;
  @AnyText({ nullable: true, description: 'What is wrong, in a few words', example: 'Dish arrived cold' })
  readonly issue!: string | null;
  @ListOf(() => SourceRow, { description: 'Where the complaint comes from' })
  readonly sources!: readonly SourceRow[];
  @RecordedWhen({ description: 'When the organisation received the complaint' })
  readonly receivedAt!: Moment;
  @RecordedWhen({ nullable: true, description: 'When the incident began, as stated in the lodging' })
  readonly incidentAt!: Moment | null;
  @Timestamp({ description: 'When the complaint was recorded in this system' })
  readonly recordedAt!: string;
  @RecordedWhen({ nullable: true, description: 'When the first final response was sent' })
  readonly respondedAt!: Moment | null;
  @RecordedWhen({ nullable: true, description: 'When the complaint ended' })
  readonly endedAt!: Moment | null;
}

@Schema({ summary: 'How many complaints match a query' })
export class MatchCount implements Matches {
  @Count({ description: 'Number of complaints', example: 12 })
  readonly value!: number;
  @Flag({ description: 'True if counting stopped, so that there may be more', example: false })
  readonly atLeast!: boolean;
}

const NEXT = {
  nullable: true,
  description: '`cursor` of the next page; null on the last page',
  example: 'W2ZhbHNlLCIyMDI2LTExLTIzIl0',
} as const;

@Schema({ summary: 'A page of complaints' })
export class ComplaintList implements list.ComplaintsAnswer {
  @ListOf(() => ComplaintListItem, { description: 'In the order of the query' })
  readonly items!: readonly ComplaintListItem[];
  @AnyText(NEXT)
  readonly next!: string | null;
  @Nested(() => MatchCount, { optional: true, description: 'Only if the query asks for it' })
  readonly count?: MatchCount;
  @Nested(() => View)
  readonly view!: View;
}

@Schema({ summary: 'A complaint that lists do not show yet' })
export class ComplaintReference {
  @Uuid({ description: 'Id of the complaint' })
  readonly id!: string;
  @AnyText({ description: 'Short reference for people', example: '7K3QX-9M2VD-4TB8W' })
  readonly reference!: string;
}

@Schema({ summary: 'A page of complaints that a search has found' })
export class SearchPage implements list.ComplaintsOfIds {
  @ListOf(() => ComplaintListItem, { description: 'The complaint recorded last first' })
  readonly items!: readonly ComplaintListItem[];
  @ListOf(() => ComplaintReference, {
    description: 'Complaints that match too, of which the read model of lists shows nothing yet; usually empty',
  })
  readonly notYetVisible!: readonly ComplaintReference[];
  @AnyText({
    ...NEXT,
    description:
      '`cursor` of the next page; null on the last page. A page may be shorter than its limit and yet not be the last one',
  })
  readonly next!: string | null;
  @Nested(() => View)
  readonly view!: View;
}
