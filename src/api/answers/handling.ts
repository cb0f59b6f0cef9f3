import type * as state from '../../complaint/state-types.js';
import { CONTACT_DIRECTIONS, CONTACT_RESULTS, CONTENT_FINDINGS, EXTENTS } from '../../complaint/commands/codes.js';
import { PolicyRef } from '../../complaint/commands/parts.js';
import {
  CAUSES,
  CHANNELS,
  COMPLEXITIES,
  HOLD_REASONS,
  IMPACT_SCOPES,
  NATURES,
  PRIORITIES,
  RELATIONS,
  REOPEN_KINDS,
  SEVERITIES,
  type Cause,
  type Channel,
} from '../../complaint/terms/vocabulary.js';
import { AnyText, Count, Decimal, Uuid } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Flag, Nested, Schema } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { Attribution, RecordedWhen } from './moment.js';
import { Check, RecordedStatement } from './parties.js';

/* Assessment, verification, contacts and ends in the complaint file. */

@Schema({ summary: 'The acknowledgement of receipt' })
export class Acknowledgement extends Attribution implements state.Acknowledgement {
  @Code(CHANNELS)
  readonly channel!: Channel;
  @AnyText({ optional: true, description: 'Id of the party who received it', example: 'a1' })
  readonly to?: string;
}

const OWNERSHIP_STATUSES = enumeration(
  'OwnershipStatus',
  ['Unassigned', 'Assigned', 'PickedUp'],
  'Whether the complaint has a handler, and whether they have accepted it',
);

@Schema({ summary: 'Who handles the complaint' })
export class Ownership implements state.Ownership {
  @Code(OWNERSHIP_STATUSES)
  readonly status!: state.Ownership['status'];
  @AnyText({ optional: true, description: 'Id of the handler', example: 'handler-1' })
  readonly handler?: string;
  @AnyText({ optional: true, description: 'Organisational unit of the handler', example: 'care' })
  readonly orgUnit?: string;
  @RecordedWhen({ optional: true, description: 'When the complaint was assigned' })
  readonly since?: Moment;
}

@Schema({ summary: 'The classification of the complaint' })
export class Classification extends Attribution implements state.Classification {
  @Code(NATURES)
  readonly nature!: state.Classification['nature'];
  @Code(CAUSES, { optional: true, description: 'Suspected cause' })
  readonly suspectedCause?: Cause;
  @AnyText({
    optional: true,
    description: 'What the complaint means for the complainant and others',
    example: 'One family',
  })
  readonly impact?: string;
  @Count({ description: 'Version of the taxonomy that the codes belong to', example: 1 })
  readonly taxonomyVersion!: number;
}

@Schema({ summary: 'The severity of the complaint' })
export class SeverityAssessment extends Attribution implements state.SeverityAssessment {
  @Code(SEVERITIES)
  readonly severity!: state.SeverityAssessment['severity'];
  @Code(IMPACT_SCOPES, { optional: true })
  readonly impactScope?: string;
  @Flag({ description: 'True if the complaint is safety-critical', example: false })
  readonly safetyCritical!: boolean;
  @Code(COMPLEXITIES, { optional: true })
  readonly complexity?: string;
}

@Schema({ summary: 'What the priority rule was applied to' })
export class PriorityInputs {
  @Code(SEVERITIES, { optional: true })
  readonly severity?: state.SeverityAssessment['severity'];
  @Code(IMPACT_SCOPES, { optional: true })
  readonly impactScope?: string;
  @Flag({ description: 'True if safety was set', example: false })
  readonly safetyCritical!: boolean;
  @Flag({ description: 'True if a need or a vulnerable circumstance was known', example: false })
  readonly vulnerable!: boolean;
}

@Schema({ summary: 'The priority that a person set with a reason' })
export class PriorityOverride {
  @Code(PRIORITIES)
  readonly priority!: state.Prioritisation['priority'];
  @AnyText({ description: 'Why they set it', example: 'Third call in two days' })
  readonly reason!: string;
}

@Schema({ summary: 'The priority of the complaint' })
export class Prioritisation extends Attribution implements state.Prioritisation {
  @Code(PRIORITIES)
  readonly priority!: state.Prioritisation['priority'];
  @Nested(() => PolicyRef, { description: 'The priority rule', example: { id: 'house-priority', version: 1 } })
  readonly rule!: PolicyRef;
  @Nested(() => PriorityInputs)
  readonly inputs!: PriorityInputs;
  @AnyText({
    optional: true,
    description: 'Why the priority differs from that of the rule',
    example: 'Third call in two days',
  })
  readonly reason?: string;
  @Nested(() => PriorityOverride, {
    optional: true,
    description: 'Set by a person; stands until a person sets another priority or asks for the rule',
  })
  readonly override?: PriorityOverride;
}

@Schema({ summary: 'Who recorded a fact, and when it happened' })
export class Recording extends Attribution {}

@Schema({ summary: 'A declared conflict of interest' })
export class ConflictOfInterest extends Attribution implements state.ConflictOfInterest {
  @AnyText({ description: 'Id of the person with the conflict', example: 'handler-2' })
  readonly person!: string;
  @Nested(() => Recording, { optional: true, description: 'Set if another person withdrew the conflict' })
  readonly withdrawn?: Recording;
}

@Schema({ summary: 'The verification of the content' })
export class ContentCheck extends Check implements state.ContentCheck {
  @Code(CONTENT_FINDINGS, { optional: true })
  readonly finding?: (typeof CONTENT_FINDINGS)[number];
}

@Schema({ summary: 'The assessment of the merits' })
export class MeritsCheck extends Check implements state.MeritsCheck {
  @Code(EXTENTS, { optional: true, description: 'Whether the complaint is reasonable' })
  readonly reasonable?: (typeof EXTENTS)[number];
  @Code(CAUSES, { optional: true, description: 'Cause that was found' })
  readonly cause?: Cause;
}

@Schema({ summary: 'Content and merits of the current episode' })
export class VerificationFile {
  @Nested(() => ContentCheck)
  readonly content!: ContentCheck;
  @Nested(() => MeritsCheck)
  readonly merits!: MeritsCheck;
  @Nested(() => Check, { description: 'Replaces the identity checks of a complaint without parties' })
  readonly anonymity!: Check;
}

@Schema({ summary: 'A piece of evidence' })
export class EvidenceFile extends Attribution implements state.EvidenceFile {
  @AnyText({ description: 'Id of the evidence', example: 'e1' })
  readonly evidenceId!: string;
  @AnyText({
    description: 'SHA-256 of the content, hex',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  readonly sha256!: string;
  @AnyText({ description: 'Kind of the evidence, such as photo or log', example: 'photo' })
  readonly kind!: string;
  @AnyText({ optional: true, description: 'Media type of the content', example: 'image/jpeg' })
  readonly mime?: string;
  @Count({ optional: true, description: 'Size of the content in bytes', example: 48_213 })
  readonly bytes?: number;
  @RecordedWhen({ optional: true, description: 'When the evidence came into being' })
  readonly capturedAt?: Moment;
  @AnyText({ description: 'Person or organisation that provided the evidence', example: 'complainant' })
  readonly source!: string;
  @AnyText({ optional: true, description: 'Where the evidence is kept', example: 'shelf 4' })
  readonly custody?: string;
  @AnyText({ each: true, optional: true, description: 'Ids of the points that the evidence concerns', example: 'p1' })
  readonly pointIds?: readonly string[];
  @AnyText({ optional: true, description: 'What the evidence shows', example: 'The dish as it was served' })
  readonly description?: string;
  @AnyText({
    optional: true,
    description: 'Why the evidence was excluded; absent if it was not',
    example: 'Another table',
  })
  readonly excluded?: string;
}

const REQUEST_STATUSES = enumeration(
  'RequestStatus',
  ['Open', 'Answered', 'Lapsed'],
  'Status of an information request',
);

@Schema({ summary: 'A request for missing information' })
export class InformationRequest extends Attribution implements state.InformationRequest {
  @AnyText({ description: 'Id of the request', example: 'q1' })
  readonly requestId!: string;
  @AnyText({ description: 'Party id, department or third party', example: 'a1' })
  readonly from!: string;
  @AnyText({ description: 'What is asked', example: 'On which day was it?' })
  readonly question!: string;
  @AnyText({ optional: true, description: 'Id of the party that is asked', example: 'a1' })
  readonly party?: string;
  @AnyText({
    optional: true,
    description: 'What is asked for: a field, the id of a question, or a kind of evidence',
    example: 'authority',
  })
  readonly about?: string;
  @AnyText({
    optional: true,
    description: 'Why what the complaint file holds about it will not do',
    example: 'The photo shows another dish',
  })
  readonly reason?: string;
  @RecordedWhen({ optional: true, description: 'When the answer is due' })
  readonly answerBy?: Moment;
  @Code(REQUEST_STATUSES)
  readonly status!: state.InformationRequest['status'];
}

const HOLD_ENDS = enumeration(
  'HoldEnd',
  ['answered', 'lapsed', 'released', 'ended'],
  'Why a hold ended; ended if the complaint ended',
);

@Schema({ summary: 'A hold. It is active until `ended` is set or the expected end has passed' })
export class Hold extends Attribution implements state.Hold {
  @AnyText({ description: 'Id of the hold', example: 'h1' })
  readonly holdId!: string;
  @Code(HOLD_REASONS)
  readonly reason!: state.Hold['reason'];
  @AnyText({ description: 'Person or organisation that must act', example: 'City laboratory' })
  readonly counterparty!: string;
  @RecordedWhen({
    optional: true,
    description: 'When the hold ends automatically; absent if an upstream system did not state it',
  })
  readonly expectedEnd?: Moment;
  @AnyText({
    optional: true,
    description: 'Id of the information request whose answer releases the hold',
    example: 'q1',
  })
  readonly requestId?: string;
  @Code(HOLD_ENDS, { optional: true })
  readonly ended?: (typeof HOLD_ENDS)[number];
}

@Schema({ summary: 'A contact or contact attempt' })
export class ContactFile implements state.Contact {
  @AnyText({ description: 'Id of the contact', example: 'c1' })
  readonly contactId!: string;
  @Code(CONTACT_DIRECTIONS)
  readonly direction!: state.Contact['direction'];
  @Code(CHANNELS)
  readonly channel!: Channel;
  @AnyText({ optional: true, description: 'Id of the party on the other side', example: 'a1' })
  readonly party?: string;
  @RecordedWhen({ description: 'When the contact took place' })
  readonly at!: Moment;
  @Code(CONTACT_RESULTS)
  readonly result!: state.Contact['result'];
  @Flag({ description: 'True if the contact dealt with the substance of the complaint', example: false })
  readonly substantive!: boolean;
  @AnyText({ optional: true, description: 'What was said or written', example: 'Told her what we found so far.' })
  readonly content?: string;
  @AnyText({ description: 'Id of the person or system that recorded it', example: 'handler-1' })
  readonly by!: string;
}

@Schema({ summary: 'An internal note; complainants never see it' })
export class Note extends Attribution implements state.Note {
  @AnyText({ description: 'Id of the note', example: 'n1' })
  readonly noteId!: string;
  @AnyText({ description: 'Text of the note', example: 'Check the kitchen camera.' })
  readonly text!: string;
}

@Schema({ summary: 'An act of one person that a rule would have left to two, if the rule had been on' })
export class Waiver extends Attribution implements state.Waiver {
  @AnyText({ description: 'Name of the rule', example: 'remedyByTwo' })
  readonly rule!: string;
  @Count({ description: 'Version of the house rules in which it was off', example: 2 })
  readonly version!: number;
  @AnyText({ description: 'Type of the event that it let through', example: 'RemedyProposed' })
  readonly type!: string;
  @Count({ description: 'Revision of this event', example: 7 })
  readonly revision!: number;
}

@Schema({ summary: 'A reopening, which starts an episode' })
export class Reopening extends Attribution implements state.Reopening {
  @Count({ description: 'Number of the episode that it started', example: 2 })
  readonly episode!: number;
  @Code(REOPEN_KINDS)
  readonly kind!: state.Reopening['kind'];
  @AnyText({ description: 'Why the complaint was reopened', example: 'The refund never arrived' })
  readonly reason!: string;
  @AnyText({ optional: true, description: 'The deciding body of an external decision', example: 'Ombudsman' })
  readonly decidedBy?: string;
  @RecordedWhen({ optional: true, description: 'When reopening was asked for, if before it was recorded' })
  readonly requestedAt?: Moment;
}

@Schema({ summary: 'The withdrawal of the complaint' })
export class Withdrawal extends Attribution implements state.Withdrawal {
  @Nested(() => RecordedStatement)
  readonly statedBy!: RecordedStatement;
  @AnyText({ optional: true, description: 'Reason that the complainant gives', example: 'Found the parcel' })
  readonly reason?: string;
  @Flag({ description: 'True if the complaint stays open because it is safety-critical', example: false })
  readonly continuedOnOwnInitiative!: boolean;
  @Flag({ optional: true, description: 'True if other complainants have not withdrawn' })
  readonly partial?: boolean;
}

@Schema({ summary: 'A second file that points were split off into' })
export class SplitOffFile implements state.SplitOffFile {
  @Uuid({ description: 'Id of the second file' })
  readonly complaintId!: string;
  @AnyText({ each: true, description: 'Ids of the points', example: 'p2' })
  readonly pointIds!: readonly string[];
  @Code(NATURES)
  readonly nature!: state.SplitOffFile['nature'];
}

@Schema({ summary: 'A recorded event' })
export class RecordedTarget {
  @Count({ description: 'Revision of the event', example: 3 })
  readonly revision!: number;
  @AnyText({ description: 'Type of the event', example: 'SeverityAssessed' })
  readonly type!: string;
}

@Schema({ summary: 'A value of an event; exactly one field is present' })
export class FiledValue {
  @AnyText({ optional: true, description: 'A text or a code', example: 'serious' })
  readonly text?: string;
  @Decimal({ optional: true, description: 'A number', example: 6800 })
  readonly number?: number;
  @Flag({ optional: true, description: 'Yes or no', example: true })
  readonly flag?: boolean;
  @RecordedWhen({ optional: true, description: 'A time' })
  readonly time?: Moment;
}

const CORRECTION_STATUSES = enumeration(
  'CorrectionStatus',
  ['Proposed', 'Corrected', 'Rejected'] satisfies readonly state.Correction['status'][],
  'Whether a correction is in force',
);

@Schema({ summary: 'A correction of a recorded value, with both values' })
export class Correction extends Attribution implements state.Correction {
  @AnyText({ description: 'Id of the correction in this complaint', example: 'k1' })
  readonly correctionId!: string;
  @Nested(() => RecordedTarget)
  readonly target!: RecordedTarget;
  @AnyText({ description: 'Path of the value in the data of the event, or `occurredAt`', example: 'severity' })
  readonly field!: string;
  @Nested(() => FiledValue, { description: 'The value before' })
  readonly oldValue!: FiledValue;
  @Nested(() => FiledValue, { description: 'The corrected value' })
  readonly newValue!: FiledValue;
  @AnyText({ description: 'What the correction rests on', example: 'The scan of the letter' })
  readonly basis!: string;
  @Code(CORRECTION_STATUSES)
  readonly status!: state.Correction['status'];
  @AnyText({ optional: true, description: 'Id of the person who approved or rejected it', example: 'supervisor-1' })
  readonly decidedBy?: string;
  @AnyText({ optional: true, description: 'Why it was rejected', example: 'The letter says otherwise' })
  readonly reason?: string;
}

@Schema({ summary: 'A late recorded time that a second person confirmed' })
export class ConfirmedTime extends Attribution implements state.ConfirmedTime {
  @Count({ description: 'Revision of the event', example: 3 })
  readonly revision!: number;
  @AnyText({ description: 'Type of the event', example: 'ComplaintAcknowledged' })
  readonly type!: string;
}

@Schema({ summary: 'A link to another complaint' })
export class RelatedComplaint extends Attribution implements state.RelatedComplaint {
  @Uuid({ description: 'Id of the other complaint' })
  readonly complaintId!: string;
  @Code(RELATIONS)
  readonly relation!: state.RelatedComplaint['relation'];
  @AnyText({ optional: true, description: 'Why they are related', example: 'The same delivery' })
  readonly reason?: string;
}

const ESCALATION_STATUSES = enumeration(
  'EscalationStatus',
  ['None', 'Internal', 'Supervisor', 'External', 'Returned'] satisfies readonly state.Escalation['status'][],
  'Where the complaint is escalated to',
);

@Schema({ summary: 'Where the complaint is escalated to' })
export class Escalation implements state.Escalation {
  @Code(ESCALATION_STATUSES)
  readonly status!: state.Escalation['status'];
  @Count({ optional: true, description: 'Level within the organisation', example: 1 })
  readonly level?: number;
  @AnyText({ optional: true, description: 'The external body', example: 'Consumer association' })
  readonly body?: string;
  @AnyText({ optional: true, description: 'Why it was escalated or returned', example: 'No answer' })
  readonly reason?: string;
  @RecordedWhen({ optional: true, description: 'When it was escalated or returned' })
  readonly at?: Moment;
  @AnyText({ optional: true, description: 'Id of the person or system that recorded it', example: 'handler-1' })
  readonly by?: string;
}

@Schema({ summary: 'The decision of an external body; its outcomes are in the determination of the same body' })
export class ExternalDecision extends Attribution implements state.ExternalDecision {
  @AnyText({ description: 'Id of the decision in this complaint', example: 'x1' })
  readonly decisionId!: string;
  @Count({ description: 'Number of the episode', example: 1 })
  readonly episode!: number;
  @AnyText({ description: 'The deciding body', example: 'Consumer association' })
  readonly body!: string;
  @AnyText({ optional: true, description: 'Reference of the decision', example: '2026-114' })
  readonly ref?: string;
  @RecordedWhen({ optional: true, description: 'When its orders must be carried out' })
  readonly complyBy?: Moment;
}

@Schema({ summary: 'The outcome that a public register states' })
export class ExternalOutcome extends Attribution implements state.ExternalOutcome {
  @AnyText({ description: 'Name of the register', example: 'CFPB' })
  readonly register!: string;
  @AnyText({
    description: 'Response of the company, in the words of the register',
    example: 'Closed with explanation',
  })
  readonly response!: string;
  @Flag({ description: 'True if the register has ended the case', example: true })
  readonly final!: boolean;
  @Flag({ optional: true, description: 'True if the case was handled elsewhere' })
  readonly handledElsewhere?: boolean;
  @AnyText({
    optional: true,
    description: 'Public response of the company, in the words of the register',
    example: 'Company chooses not to provide a public response',
  })
  readonly publicResponse?: string;
  @Flag({ optional: true, description: 'True if the company answered in time according to the register' })
  readonly timely?: boolean;
  @Flag({ optional: true, description: 'Absent means unknown, not false', example: false })
  readonly disputed?: boolean;
  @RecordedWhen({ optional: true, description: 'When the register stated the outcome' })
  readonly statedOn?: Moment;
}
