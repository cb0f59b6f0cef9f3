import type * as earlier from '../../audit/earlier-result.js';
import type * as others from '../../audit/other-programs.js';
import type * as verification from '../../audit/verify.js';
import { AnyText, Count, ListOf, Timestamp, Uuid } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Flag, Nested, Schema } from '../../platform/fields.js';
import type * as jobs from '../../platform/jobs.js';
import { BUILD_OUTCOMES, ModelDigests } from './projections.js';

const POSITION = '00000000000000000042';

const JOB_KINDS = enumeration(
  'JobKind',
  ['verify', 'rebuild', 'compare'],
  'What a job does: it verifies the event store, or rebuilds or compares a read model',
);
const JOB_STATES = enumeration('JobState', ['running', 'done', 'failed', 'cancelled'], 'State of a job');

@Schema({ summary: 'The first error of a verification' })
export class VerifyError implements verification.VerifyError {
  @AnyText({
    optional: true,
    description: 'Stream of the event',
    example: 'complaint-37367fd5-6616-5286-a6fe-c4735ea7036c',
  })
  readonly stream?: string;
  @Count({ optional: true, description: 'Revision of the event', example: 3 })
  readonly revision?: number;
  @AnyText({ optional: true, description: 'Position of the event', example: POSITION })
  readonly position?: string;
  @AnyText({ description: 'Description of the error', example: 'its data is not canonical JSON' })
  readonly what!: string;
}

@Schema({ summary: 'Events of other programs in the same log; they are counted and not verified' })
export class OtherPrograms implements others.OtherPrograms {
  @Count({ description: 'Number of events', example: 12 })
  readonly events!: number;
  @AnyText({ each: true, description: 'The first 20 categories', example: 'order' })
  readonly categories!: readonly string[];
  @Flag({ optional: true, description: 'Present if there are more than 20 categories' })
  readonly moreCategories?: true;
}

/** The root of an empty log. */
const ROOT = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

@Schema({ summary: 'Comparison of the log with an earlier verification' })
export class VerificationComparison implements earlier.Comparison {
  @Count({ description: 'Number of events of the earlier verification', example: 40 })
  readonly events!: number;
  @AnyText({ description: 'Root of the earlier verification', example: ROOT })
  readonly root!: string;
  @Flag({ description: 'True if the log still begins with the same events' })
  readonly contained!: boolean;
  @AnyText({ optional: true, description: 'The difference, if there is one', example: 'the first 40 events differ' })
  readonly what?: string;
}

@Schema({
  summary: 'Latest progress of a job: of a verification the events, of a rebuild or comparison the collection',
  example: { kind: 'progress', events: 20_000, position: POSITION },
})
export class JobProgress {
  @AnyText({ optional: true, description: 'Only of a verification: progress', example: 'progress' })
  readonly kind?: string;
  @Count({ optional: true, description: 'Only of a verification: number of verified events', example: 20_000 })
  readonly events?: number;
  @AnyText({
    optional: true,
    description: 'Only of a rebuild or comparison: the new collection',
    example: 'trends@2.2',
  })
  readonly collection?: string;
  @AnyText({ nullable: true, description: 'Position of the last event', example: POSITION })
  readonly position!: string | null;
}

@Schema({
  summary:
    'Result of a job: the fields from `ok` on belong to a verification, those from `name` on to a rebuild or comparison',
  example: { kind: 'result', ok: true, events: 42, streams: 7, head: POSITION, root: ROOT },
  rules: {
    if: { required: ['ok'] },
    then: { required: ['kind', 'streams', 'head', 'root'] },
    else: { required: ['name', 'position', 'outcome', 'swapped', 'live', 'built', 'differing', 'parked'] },
  },
})
export class JobResult {
  @Count({ description: 'Number of verified events, or of events in the new collection', example: 42 })
  readonly events!: number;
  @AnyText({ optional: true, description: 'Only of a verification: result', example: 'result' })
  readonly kind?: string;
  @Flag({ optional: true, description: 'True if the event store is sound' })
  readonly ok?: boolean;
  @Count({ optional: true, description: 'Number of streams', example: 7 })
  readonly streams?: number;
  @AnyText({
    optional: true,
    nullable: true,
    description: 'Position of the last verified event; null if there is none',
    example: POSITION,
  })
  readonly head?: string | null;
  @AnyText({
    optional: true,
    description: 'Root of the Merkle tree (RFC 6962) over the hashes of the verified events, hex',
    example: ROOT,
  })
  readonly root?: string;
  @Nested(() => VerificationComparison, { optional: true })
  readonly against?: VerificationComparison;
  @AnyText({ each: true, optional: true, description: 'Differences of the database schema', example: [] })
  readonly schema?: readonly string[];
  @Nested(() => OtherPrograms, { optional: true })
  readonly others?: OtherPrograms;
  @Nested(() => VerifyError, { optional: true })
  readonly firstError?: VerifyError;
  @AnyText({ optional: true, description: 'Name of the read model', example: 'complaints' })
  readonly name?: string;
  @AnyText({ optional: true, nullable: true, description: 'Position of the comparison', example: POSITION })
  readonly position?: string | null;
  @Code(BUILD_OUTCOMES, { optional: true })
  readonly outcome?: (typeof BUILD_OUTCOMES)[number];
  @Flag({ optional: true, description: 'True if the new collection is live' })
  readonly swapped?: boolean;
  @Nested(() => ModelDigests, { optional: true, nullable: true, description: 'The collection that was live' })
  readonly live?: ModelDigests | null;
  @Nested(() => ModelDigests, { optional: true, nullable: true, description: 'The new collection' })
  readonly built?: ModelDigests | null;
  @AnyText({ each: true, optional: true, description: 'The first ids whose documents differ', example: [] })
  readonly differing?: readonly string[];
  @AnyText({ each: true, optional: true, description: 'Ids of documents with parked events', example: [] })
  readonly parked?: readonly string[];
  @AnyText({ optional: true, description: 'The old collection, if it was kept', example: 'complaints@2.1' })
  readonly kept?: string;
}

@Schema({ summary: 'A long operation' })
export class Job implements jobs.Job {
  @Uuid({ description: 'Id of the job' })
  readonly id!: string;
  @Code(JOB_KINDS)
  readonly kind!: string;
  @AnyText({ description: 'What it operates on, such as the name of a read model', example: 'event store' })
  readonly subject!: string;
  @Code(JOB_STATES, { example: 'done' })
  readonly state!: jobs.Job['state'];
  @Timestamp({ description: 'When it was started' })
  readonly startedAt!: string;
  @Timestamp({ optional: true, description: 'When it ended' })
  readonly endedAt?: string;
  @Nested(() => JobProgress, { optional: true })
  readonly progress?: object;
  @Nested(() => JobResult, { optional: true, description: 'Present if the job ended without an error' })
  readonly result?: object;
  @AnyText({
    optional: true,
    description: 'Error message, if the job failed',
    example: 'the event store is unavailable',
  })
  readonly error?: string;
}

@Schema({ summary: 'Jobs that are running or ended recently' })
export class JobList {
  @ListOf(() => Job, { description: 'The jobs, newest first' })
  readonly jobs!: readonly Job[];
}
