import type * as workQueue from '../../../projections/complaints/queue.js';
import {
  CHANNELS,
  PRIORITIES,
  SEVERITIES,
  STAGES,
  type Channel,
  type Priority,
  type Severity,
  type Stage,
} from '../../complaint/terms/vocabulary.js';
import type { StageLabel } from '../../complaint/terms/labels.js';
import { AnyText, Count, Decimal, ListOf, Timestamp, Uuid } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Flag, Nested, Schema } from '../../platform/fields.js';
import { RecordedWhen } from './moment.js';
import { View } from './view.js';

const TARGET_KINDS = enumeration('TargetKind', ['target'], 'An internal target, not a legal deadline');
const TARGET_STATES = enumeration('TargetState', ['met', 'met_late', 'running', 'overdue'], 'Whether a target is met');

@Schema({ summary: 'An internal target, not a legal deadline' })
export class Target implements workQueue.TargetRow {
  @Code(TARGET_KINDS)
  readonly kind!: 'target';
  @Timestamp({ description: 'When the target is due' })
  readonly dueAt!: string;
  @RecordedWhen({ nullable: true, description: 'When the target was met' })
  readonly metAt!: workQueue.TargetRow['metAt'];
  @Code(TARGET_STATES)
  readonly state!: workQueue.TargetRow['state'];
  @Decimal({
    nullable: true,
    description: 'Hours until the due time with one decimal; negative if overdue, null if the target is met',
    example: 23.5,
  })
  readonly remainingHours!: number | null;
}

@Schema({ summary: 'The internal targets of a complaint' })
export class Targets {
  @Nested(() => Target)
  readonly firstResponse!: Target;
  @Nested(() => Target)
  readonly resolution!: Target;
}

@Schema({ summary: 'An open complaint in the work queue' })
export class QueueItem implements workQueue.QueueRow, StageLabel {
  @Uuid({ description: 'Id of the complaint' })
  readonly id!: string;
  @AnyText({ description: 'Short reference for people', example: '7K3QX-9M2VD-4TB8W' })
  readonly reference!: string;
  @Code(STAGES)
  readonly stage!: Stage;
  @AnyText({ description: 'The stage in words, by Accept-Language', example: 'Under assessment' })
  readonly stageLabel!: string;
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
  @AnyText({
    nullable: true,
    description: 'Id of the first point; product, category and issue are those of this point',
    example: 'p1',
  })
  readonly mainPoint!: string | null;
  @AnyText({ nullable: true, description: 'Product or service', example: 'Set menu' })
  readonly product!: string | null;
  @AnyText({ nullable: true, description: 'Category', example: 'product_quality' })
  readonly category!: string | null;
  @AnyText({ nullable: true, description: 'What is wrong, in a few words', example: 'Dish arrived cold' })
  readonly issue!: string | null;
  @AnyText({ each: true, description: 'Systems that the complaint comes from', example: 'crm' })
  readonly sources!: readonly string[];
  @AnyText({ each: true, description: 'Ids of the active holds', example: 'h1' })
  readonly holds!: readonly string[];
  @RecordedWhen({ description: 'When the organisation received the complaint' })
  readonly receivedAt!: workQueue.QueueRow['receivedAt'];
  @RecordedWhen({ description: 'When the targets began: receipt or latest reopening' })
  readonly since!: workQueue.QueueRow['since'];
  @Nested(() => Targets)
  readonly targets!: Targets;
  @Flag({ description: 'True if both targets are met', example: false })
  readonly settled!: boolean;
  @Timestamp({ description: 'When the next target is due; the queue is ordered by it' })
  readonly nextDue!: string;
  @Count({ description: 'Whole hours since receipt', example: 4 })
  readonly ageHours!: number;
}

@Schema({ summary: 'A page of the work queue' })
export class QueuePage implements workQueue.QueueAnswer {
  @ListOf(() => QueueItem, { description: 'Open complaints, the earliest due date first' })
  readonly items!: readonly QueueItem[];
  @AnyText({
    nullable: true,
    description: '`cursor` of the next page; null on the last page',
    example: 'W2ZhbHNlLCIyMDI2LTExLTIzIl0',
  })
  readonly next!: string | null;
  @Nested(() => View)
  readonly view!: View;
}
