import type { Allowed as AllowedCommand } from '../../complaint/allowed.js';
import type { Complaint } from '../../complaint/complaint.js';
import type { CompanyResponse } from '../../complaint/status.js';
import { complaintCommands } from '../../complaint/table.js';
import {
  OUTCOMES,
  STAGES,
  STATUSES,
  type Outcome,
  type Stage,
  type StatusCode,
} from '../../complaint/terms/vocabulary.js';
import { AnyText, Count, ListOf, Timestamp, Uuid } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Flag, Nested, Schema } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { InadmissibilityDraft, LegalHold, Need, RaisedFlag, Recurrence, Safety, Suggestion } from './care.js';
import {
  AfterCare,
  Communication,
  Determination,
  Feedback,
  Letter,
  MeasureWaiver,
  Payment,
  Relief,
  Remedy,
  Update,
} from './decisions.js';
import {
  Acknowledgement,
  Classification,
  ConflictOfInterest,
  ContactFile,
  ConfirmedTime,
  Correction,
  Escalation,
  EvidenceFile,
  ExternalDecision,
  ExternalOutcome,
  Hold,
  InformationRequest,
  Note,
  Ownership,
  Prioritisation,
  RelatedComplaint,
  Reopening,
  SeverityAssessment,
  SplitOffFile,
  VerificationFile,
  Waiver,
  Withdrawal,
} from './handling.js';
import { RecordedWhen } from './moment.js';
import { Lodging, PartyFile, PointFile } from './parties.js';
import { Unmet } from './problem.js';
import { DepartmentTask } from './tasks.js';
import { View } from './view.js';

const COMMAND_NAMES = enumeration(
  'CommandName',
  complaintCommands.map(({ name }) => name),
  'Name of a command',
);

@Schema({ summary: 'Whether the caller may send a command to the complaint now' })
export class Allowed implements AllowedCommand {
  @Code(COMMAND_NAMES)
  readonly command!: string;
  @AnyText({ description: 'Last segment of the URL path of the command', example: 'acknowledge' })
  readonly path!: string;
  @Flag({ description: 'True if the command is allowed; its fields are checked only when it is sent' })
  readonly allowed!: boolean;
  @ListOf(() => Unmet, { description: 'Unmet conditions; empty if allowed', example: [] })
  readonly unmet!: readonly Unmet[];
}

const COMPANY_RESPONSES = enumeration(
  'CompanyResponse',
  [
    'In progress',
    'Closed',
    'Closed with explanation',
    'Closed with non-monetary relief',
    'Closed with monetary relief',
  ] satisfies readonly CompanyResponse[],
  'Company response in the terms of the CFPB register',
);

const CLOSED_REASONS = enumeration(
  'ClosedReason',
  ['handled', 'resolved_at_first_contact', 'external_register'],
  'Why a complaint is closed',
);

@Schema({ summary: 'The complaint file: its state now or at an earlier point in time' })
export class ComplaintFile implements Omit<Complaint, 'progress'> {
  @Uuid({ description: 'Id of the complaint' })
  readonly id!: string;
  @AnyText({ nullable: true, description: 'Short reference for people', example: '7K3QX-9M2VD-4TB8W' })
  readonly reference!: string | null;
  @Code(STAGES, { nullable: true, description: 'Stage; null before the receipt (`asOf`, `knownAt`)' })
  readonly stage!: Stage | null;
  @AnyText({ nullable: true, description: 'The stage in words, by Accept-Language', example: 'Under assessment' })
  readonly stageLabel!: string | null;
  @Code(STATUSES, { description: 'Status in the terms of other systems' })
  readonly status!: StatusCode;
  @AnyText({ description: 'The status in words, by Accept-Language', example: 'In progress' })
  readonly statusLabel!: string;
  @Code(COMPANY_RESPONSES, { description: 'Company response, derived from the recorded events' })
  readonly response!: CompanyResponse;
  @Flag({
    nullable: true,
    description:
      'True if the complainant is dissatisfied, was not reached or reopened the complaint; false if satisfied; null if unknown',
    example: null,
  })
  readonly disputed!: boolean | null;
  @Code(OUTCOMES, {
    nullable: true,
    description:
      'Overall outcome of the current episode, as external bodies decided it where they did; null before it is decided',
  })
  readonly outcome!: Outcome | null;
  @Code(OUTCOMES, { nullable: true, description: 'Overall outcome of our own determination; null without one' })
  readonly ownOutcome!: Outcome | null;
  @AnyText({
    nullable: true,
    description: 'The outcome in a public register, in the words of the register',
    example: 'Closed with explanation',
  })
  readonly registerResponse!: string | null;
  @Count({ description: 'Number of the episode: 1, and 1 more after each reopening', example: 1 })
  readonly episode!: number;
  @RecordedWhen({ nullable: true, description: 'When the organisation received the complaint' })
  readonly receivedAt!: Moment | null;
  @RecordedWhen({ nullable: true, description: 'When the complaint was admitted' })
  readonly admittedAt!: Moment | null;
  @RecordedWhen({ nullable: true, description: 'When the complaint ended; null while it is open, or if unknown' })
  readonly endedAt!: Moment | null;
  @Timestamp({ nullable: true, description: 'When the end was recorded', example: null })
  readonly endRecordedAt!: string | null;
  @Flag({ description: 'True if the time of the end comes from the upstream system itself, or was confirmed' })
  readonly endProven!: boolean;
  @Count({ nullable: true, description: 'Revision of the event that ended the complaint', example: null })
  readonly endRevision!: number | null;
  @Code(CLOSED_REASONS, { nullable: true, description: 'Why the complaint is closed; null in every other stage' })
  readonly closedReason!: (typeof CLOSED_REASONS)[number] | null;
  @Nested(() => Lodging, {
    nullable: true,
    description: 'What was lodged; null before the receipt (`asOf`, `knownAt`)',
  })
  readonly lodged!: Lodging | null;
  @ListOf(() => PartyFile, { description: 'Empty for an anonymous complaint' })
  readonly parties!: readonly PartyFile[];
  @ListOf(() => PointFile, { description: 'The points; each is decided on its own' })
  readonly points!: readonly PointFile[];
  @Nested(() => Acknowledgement, {
    nullable: true,
    description: 'Acknowledgement of this episode; null if there is none',
  })
  readonly acknowledgement!: Acknowledgement | null;
  @Nested(() => Ownership)
  readonly ownership!: Ownership;
  @Nested(() => Classification, { nullable: true, description: 'Latest classification; null if not classified' })
  readonly classification!: Classification | null;
  @Nested(() => SeverityAssessment, { nullable: true, description: 'Latest assessment; null if not assessed' })
  readonly severity!: SeverityAssessment | null;
  @Nested(() => Prioritisation, { nullable: true, description: 'Latest priority; null if none was set' })
  readonly priority!: Prioritisation | null;
  @ListOf(() => InadmissibilityDraft, { description: 'Declarations of inadmissibility that need a second person' })
  readonly inadmissibilityDrafts!: readonly InadmissibilityDraft[];
  @ListOf(() => RaisedFlag, { description: 'Risk flags, also those that were cleared' })
  readonly flags!: readonly RaisedFlag[];
  @Nested(() => Safety)
  readonly safety!: Safety;
  @ListOf(() => ConflictOfInterest, { description: 'Declared conflicts of interest' })
  readonly interests!: readonly ConflictOfInterest[];
  @ListOf(() => DepartmentTask, { description: 'Tasks of departments beside the lead owner' })
  readonly tasks!: readonly DepartmentTask[];
  @Nested(() => VerificationFile)
  readonly verification!: VerificationFile;
  @ListOf(() => EvidenceFile, { description: 'The evidence' })
  readonly evidence!: readonly EvidenceFile[];
  @ListOf(() => InformationRequest, { description: 'Requests for missing information' })
  readonly requests!: readonly InformationRequest[];
  @ListOf(() => Hold, { description: 'Holds, also those that ended' })
  readonly holds!: readonly Hold[];
  @ListOf(() => Determination, { description: 'Determinations of every episode' })
  readonly determinations!: readonly Determination[];
  @ListOf(() => Remedy, { description: 'Remedies of every episode' })
  readonly remedies!: readonly Remedy[];
  @ListOf(() => Payment, { description: 'Payments of every episode' })
  readonly payments!: readonly Payment[];
  @ListOf(() => MeasureWaiver, { description: 'Waivers of measures' })
  readonly measureWaivers!: readonly MeasureWaiver[];
  @ListOf(() => Relief, { description: 'Interim relief' })
  readonly relief!: readonly Relief[];
  @ListOf(() => Letter, { description: 'Final responses and notices of inadmissibility' })
  readonly letters!: readonly Letter[];
  @ListOf(() => Update, { description: 'Holding responses and progress updates' })
  readonly updates!: readonly Update[];
  @Nested(() => Communication)
  readonly communication!: Communication;
  @Nested(() => AfterCare)
  readonly afterCare!: AfterCare;
  @ListOf(() => Feedback, { description: 'Feedback of every episode' })
  readonly feedback!: readonly Feedback[];
  @ListOf(() => Reopening, { description: 'Reopenings' })
  readonly reopenings!: readonly Reopening[];
  @Nested(() => Withdrawal, { nullable: true, description: 'Null unless the complaint was withdrawn' })
  readonly withdrawal!: Withdrawal | null;
  @ListOf(() => SplitOffFile, { description: 'Files that points were split off into' })
  readonly splitOffs!: readonly SplitOffFile[];
  @ListOf(() => RelatedComplaint, { description: 'Links to other complaints' })
  readonly related!: readonly RelatedComplaint[];
  @ListOf(() => Correction, { description: 'Corrections of recorded values' })
  readonly corrections!: readonly Correction[];
  @ListOf(() => ConfirmedTime, { description: 'Late recorded times that a second person confirmed' })
  readonly confirmedTimes!: readonly ConfirmedTime[];
  @Nested(() => Escalation)
  readonly escalation!: Escalation;
  @ListOf(() => ExternalDecision, { description: 'Decisions of external bodies' })
  readonly externalDecisions!: readonly ExternalDecision[];
  @Nested(() => ExternalOutcome, {
    nullable: true,
    description: 'Outcome in a public register; null if none was recorded',
  })
  readonly external!: ExternalOutcome | null;
  @ListOf(() => Need, { description: 'Needs of the parties; read them before every contact' })
  readonly needs!: readonly Need[];
  @ListOf(() => ContactFile, { description: 'Contacts and contact attempts' })
  readonly contacts!: readonly ContactFile[];
  @ListOf(() => LegalHold, { description: 'Legal holds, also those that were released' })
  readonly legalHolds!: readonly LegalHold[];
  @ListOf(() => Recurrence, { description: 'Earlier complaints about what happens again' })
  readonly recurrences!: readonly Recurrence[];
  @Count({ description: 'Minutes spent on the complaint', example: 0 })
  readonly effortMinutes!: number;
  @ListOf(() => Suggestion, { description: 'Suggestions that were shown, and what people made of them' })
  readonly suggestions!: readonly Suggestion[];
  @Count({ description: 'How often the complainant asked for an update', example: 0 })
  readonly chasers!: number;
  @ListOf(() => Note, { description: 'Internal notes' })
  readonly notes!: readonly Note[];
  @ListOf(() => Waiver, {
    description: 'Acts of one person that rules for two people let through because they were off',
  })
  readonly waivers!: readonly Waiver[];
  @AnyText({ each: true, description: 'Rules for two people that are off now', example: 'inadmissibleByTwo' })
  readonly rulesOff!: readonly string[];
  @Count({ description: 'Revision of the last event that the file includes', example: 3 })
  readonly revision!: number;
  @AnyText({ description: 'Position of the last event that the file includes', example: '00000000000000000042' })
  readonly position!: string;
  @Timestamp({ description: 'When the last event that the file includes was recorded' })
  readonly lastRecordedAt!: string;
  @ListOf(() => Allowed, {
    optional: true,
    description: 'Every command, and whether the caller may send it now; absent in a file of an earlier point in time',
  })
  readonly commands?: readonly Allowed[];
  @Nested(() => View, { optional: true, description: 'Absent in a file of an earlier point in time' })
  readonly view?: View;
}
