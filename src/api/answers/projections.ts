import type * as operations from '../../projection/operations.js';
import type * as parkedDocuments from '../../projection/parked-documents.js';
import type * as projections from '../../projection/projections.js';
import type * as skippedEvents from '../../projection/skipped-events.js';
import { AnyText, Count, ListOf, Timestamp, Uuid } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Flag, Nested, Schema } from '../../platform/fields.js';
import { ACTOR_TYPES } from './actor.js';

/* The read models: their state, and the results of operations on them. */

const POSITION = '00000000000000000042';
const DIGEST = '32fc4611cb22cadcdccbce0ac0b9769f96fb48373c71976196dd414089e749a0';

const PROJECTION_STATES = enumeration(
  'ProjectionState',
  ['stopped', 'catching-up', 'live', 'paused', 'backing-off', 'failed', 'halted'],
  'State of a read model. It retries by itself while backing-off; failed and halted need operator action',
  ['STOPPED', 'CATCHING_UP', 'LIVE', 'PAUSED', 'BACKING_OFF', 'FAILED', 'HALTED'],
);
const HALT_REASONS = enumeration(
  'HaltReason',
  [
    'history_changed',
    'undecodable',
    'keys_failed',
    'evolve_failed',
    'document_rejected',
    'checkpoint_lost',
    'storage_failed',
  ],
  'Why a read model stopped',
);

@Schema({ summary: 'The event at which a read model stopped' })
export class HaltEvent {
  @AnyText({ description: 'Position of the event', example: POSITION })
  readonly position!: string;
  @AnyText({ description: 'Type of the event', example: 'NoteAdded' })
  readonly type!: string;
  @AnyText({ description: 'Stream of the event', example: 'complaint-37367fd5-6616-5286-a6fe-c4735ea7036c' })
  readonly stream!: string;
  @Count({ description: 'Revision of the event', example: 3 })
  readonly revision!: number;
  @AnyText({
    optional: true,
    description: 'Id of the document into which the event could not be folded',
    example: '37367fd5-6616-5286-a6fe-c4735ea7036c',
  })
  readonly document?: string;
}

@Schema({ summary: 'Why a read model stopped' })
export class Halt implements projections.Halt {
  @Code(HALT_REASONS)
  readonly reason!: projections.HaltReason;
  @AnyText({ description: 'Error message', example: 'the event cannot be decoded' })
  readonly error!: string;
  @Nested(() => HaltEvent, { optional: true, description: 'Absent for a reason that does not come from one event' })
  readonly event?: HaltEvent;
}

@Schema({ summary: 'The retries of a read model' })
export class RetryStatus implements projections.RetryStatus {
  @Count({ description: 'Number of consecutive failures', example: 2 })
  readonly attempt!: number;
  @AnyText({ description: 'Last error message', example: 'the event store is unavailable' })
  readonly error!: string;
  @AnyText({
    optional: true,
    description: 'What is wrong with which server or disk, and what to do; absent if the cause is not known',
    example:
      'the event store at esdb://eventstore.example:2113 (REDRESS_EVENTSTORE) cannot be used because nothing listens there: ' +
      'start the server, or correct the address',
  })
  readonly cause?: string;
}

@Schema({ summary: 'Progress of a rebuild or comparison' })
export class BuildProgress implements projections.BuildProgress {
  @AnyText({ description: 'Name of the new collection', example: 'work_queue@3.2' })
  readonly collection!: string;
  @AnyText({ nullable: true, description: 'It includes every event up to this position', example: POSITION })
  readonly position!: string | null;
}

@Schema({ summary: 'Digests of a collection; equal digests mean equal documents' })
export class ModelDigests implements operations.ModelDigests {
  @AnyText({ description: 'Name of the collection', example: 'work_queue@3.1' })
  readonly collection!: string;
  @Count({ description: 'Number of documents', example: 42 })
  readonly documents!: number;
  @AnyText({ description: 'SHA-256 of all documents, hex', example: DIGEST })
  readonly digest!: string;
  @AnyText({ description: 'Like `digest`, without values that differ in each run of a history', example: DIGEST })
  readonly contentDigest!: string;
}

export const BUILD_OUTCOMES = enumeration(
  'BuildOutcome',
  ['equal', 'different', 'refused', 'uncomparable', 'cancelled'],
  'Result of a rebuild or comparison: refused leaves the live collection as it is; uncomparable means that the live collection was folded from another history',
);

@Schema({ summary: 'Result of a rebuild or comparison. Both collections include the events up to the same position' })
export class BuildReport implements operations.BuildReport {
  @AnyText({ description: 'Name of the read model', example: 'work_queue' })
  readonly name!: string;
  @AnyText({ nullable: true, description: 'Position of the comparison', example: POSITION })
  readonly position!: string | null;
  @Count({ description: 'Number of events in the new collection', example: 41 })
  readonly events!: number;
  @Code(BUILD_OUTCOMES)
  readonly outcome!: operations.BuildReport['outcome'];
  @Flag({ description: 'True if the new collection is live', example: false })
  readonly swapped!: boolean;
  @Nested(() => ModelDigests, { nullable: true, description: 'The collection that was live' })
  readonly live!: ModelDigests | null;
  @Nested(() => ModelDigests, { nullable: true, description: 'The new collection' })
  readonly built!: ModelDigests | null;
  @AnyText({ each: true, description: 'The first ids whose documents differ', example: [] })
  readonly differing!: readonly string[];
  @AnyText({ each: true, description: 'Ids of documents with parked events', example: [] })
  readonly parked!: readonly string[];
  @AnyText({ optional: true, description: 'The old collection, if it was kept', example: 'work_queue@2.1' })
  readonly kept?: string;
}

@Schema({ summary: 'The parked event with the lowest position' })
export class OldestParked {
  @AnyText({ description: 'Position of the event', example: POSITION })
  readonly position!: string;
  @Timestamp({ description: 'When the event was recorded' })
  readonly recordedAt!: string;
}

@Schema({ summary: 'How much is parked' })
export class ParkedCounts implements parkedDocuments.ParkedCounts {
  @Count({ description: 'Number of documents', example: 0 })
  readonly documents!: number;
  @Count({ description: 'Number of events', example: 0 })
  readonly events!: number;
  @Nested(() => OldestParked, {
    nullable: true,
    example: null,
    description: 'The event parked first; null if none is parked',
  })
  readonly oldest!: OldestParked | null;
}

@Schema({ summary: 'The state of a read model' })
export class ProjectionStatus implements projections.ProjectionStatus {
  @AnyText({ description: 'Name of the read model', example: 'work_queue' })
  readonly name!: string;
  @Count({ description: 'Version of the read model', example: 3 })
  readonly version!: number;
  @Code(PROJECTION_STATES, { example: 'live' })
  readonly state!: projections.ProjectionState;
  @AnyText({ nullable: true, description: 'The collection that it writes', example: 'work_queue@3.1' })
  readonly collection!: string | null;
  @AnyText({ nullable: true, description: 'It includes every event up to this position', example: POSITION })
  readonly position!: string | null;
  @Timestamp({ nullable: true, description: 'When the event at `position` was recorded' })
  readonly recordedAt!: string | null;
  @Flag({ description: 'True if it includes every event that is known to be recorded' })
  readonly caughtUp!: boolean;
  @Flag({ description: 'True if it has caught up since this process opened it; before that it may lack events' })
  readonly complete!: boolean;
  @Count({
    description: 'Distance to the end of the log: events on the embedded store, bytes on EventStoreDB',
    example: 0,
  })
  readonly lag!: number;
  @Count({ description: 'Events that were folded since the start', example: 41 })
  readonly folded!: number;
  @Nested(() => ParkedCounts)
  readonly parked!: ParkedCounts;
  @Nested(() => Halt, { optional: true, description: 'Present if the state is halted or failed' })
  readonly halt?: Halt;
  @Nested(() => RetryStatus, { optional: true, description: 'Present while it retries' })
  readonly retry?: RetryStatus;
  @Nested(() => BuildProgress, { optional: true, description: 'Present while a rebuild or comparison runs' })
  readonly building?: BuildProgress;
  @Nested(() => BuildReport, { optional: true, description: 'The last rebuild, comparison or change of version' })
  readonly lastBuild?: BuildReport;
}

const WORKER_STATES = enumeration(
  'WorkerState',
  ['in-process', 'starting', 'running', 'restarting', 'stopped'],
  'State of the thread that runs the read models',
  ['IN_PROCESS', 'STARTING', 'RUNNING', 'RESTARTING', 'STOPPED'],
);

@Schema({ summary: 'The state of all read models' })
export class ProjectionsStatus implements projections.ProjectionsStatus {
  @Flag({ description: 'True if every read model runs or is paused, and their thread is alive' })
  readonly healthy!: boolean;
  @Flag({ description: 'True if a read model is paused or has parked events', example: false })
  readonly degraded!: boolean;
  @AnyText({
    nullable: true,
    description: 'Position of the last event that is known to be recorded',
    example: POSITION,
  })
  readonly head!: string | null;
  @Count({ description: 'Age of this answer in milliseconds', example: 0 })
  readonly observedMsAgo!: number;
  @Code(WORKER_STATES, { example: 'running' })
  readonly worker!: projections.ProjectionsStatus['worker'];
  @ListOf(() => ProjectionStatus, { description: 'The read models' })
  readonly projections!: readonly ProjectionStatus[];
}

@Schema({ summary: 'Result of a drop' })
export class DropResult implements operations.DropResult {
  @Flag({ description: 'False if no collection was kept' })
  readonly dropped!: boolean;
}

@Schema({ summary: 'An event that is parked for a document' })
export class ParkedEvent implements parkedDocuments.ParkedEvent {
  @AnyText({ description: 'Id of the document', example: '37367fd5-6616-5286-a6fe-c4735ea7036c' })
  readonly document!: string;
  @AnyText({ description: 'Position of the event', example: POSITION })
  readonly position!: string;
  @AnyText({ description: 'Stream of the event', example: 'complaint-37367fd5-6616-5286-a6fe-c4735ea7036c' })
  readonly stream!: string;
  @Count({ description: 'Revision of the event', example: 3 })
  readonly revision!: number;
  @AnyText({ description: 'Type of the event', example: 'NoteAdded' })
  readonly type!: string;
  @Timestamp({ description: 'When the event was recorded' })
  readonly recordedAt!: string;
  @AnyText({ description: 'Error message', example: 'Cannot read properties of undefined' })
  readonly error!: string;
}

@Schema({ summary: 'A document with parked events, described by the first of them' })
export class ParkedDocument extends ParkedEvent implements parkedDocuments.ParkedDocument {
  @Count({ description: 'Number of parked events, including the first', example: 1 })
  readonly events!: number;
}

@Schema({ summary: 'Who skipped an event' })
export class Operator {
  @Code(ACTOR_TYPES)
  readonly type!: string;
  @AnyText({ description: 'Id of the person or system', example: 'supervisor-1' })
  readonly id!: string;
}

@Schema({ summary: 'An event that is left out of a document' })
export class SkippedEvent implements skippedEvents.SkippedEvent {
  @AnyText({ description: 'Id of the document', example: '37367fd5-6616-5286-a6fe-c4735ea7036c' })
  readonly document!: string;
  @AnyText({ description: 'Position of the event', example: POSITION })
  readonly position!: string;
  @AnyText({ description: 'Stream of the event', example: 'complaint-37367fd5-6616-5286-a6fe-c4735ea7036c' })
  readonly stream!: string;
  @Count({ description: 'Revision of the event', example: 3 })
  readonly revision!: number;
  @AnyText({ description: 'Type of the event', example: 'NoteAdded' })
  readonly type!: string;
  @Uuid({ description: 'Id of the event' })
  readonly eventId!: string;
  @AnyText({ description: 'Reason', example: 'Written by a faulty version' })
  readonly reason!: string;
  @Nested(() => Operator)
  readonly by!: Operator;
  @Timestamp({ description: 'When it was skipped' })
  readonly at!: string;
}

@Schema({ summary: 'The parked documents and the skipped events of a read model' })
export class ParkedEvents implements operations.ParkedEvents {
  @ListOf(() => ParkedDocument, { description: 'In the order of their first parked events' })
  readonly documents!: readonly ParkedDocument[];
  @ListOf(() => SkippedEvent, { description: 'In the order of their positions' })
  readonly skipped!: readonly SkippedEvent[];
}

@Schema({ summary: 'Result of folding the parked events of a document' })
export class RetriedDocument implements operations.RetriedDocument {
  @AnyText({ description: 'Id of the document', example: '37367fd5-6616-5286-a6fe-c4735ea7036c' })
  readonly document!: string;
  @Count({ description: 'Events that were folded or skipped', example: 1 })
  readonly folded!: number;
  @Count({ description: 'Events that are still parked', example: 0 })
  readonly waiting!: number;
  @Nested(() => ParkedEvent, { optional: true, description: 'The event that failed again' })
  readonly failed?: ParkedEvent;
}

@Schema({ summary: 'Result of a retry' })
export class RetryResult implements operations.RetryResult {
  @AnyText({ description: 'Name of the read model', example: 'work_queue' })
  readonly name!: string;
  @ListOf(() => RetriedDocument, { description: 'The result for each document' })
  readonly documents!: readonly RetriedDocument[];
}

@Schema({ summary: 'Result of a skip' })
export class SkipResult {
  @Flag({ description: 'True: the event is left out' })
  readonly skipped!: true;
  @Nested(() => SkippedEvent)
  readonly skip!: SkippedEvent;
  @Nested(() => RetriedDocument, { optional: true, description: 'Result of folding the events after it' })
  readonly retried?: RetriedDocument;
}
