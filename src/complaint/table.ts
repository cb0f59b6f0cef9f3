import { acknowledge, admit, declareInadmissible } from './admission.js';
import {
  acceptAssignment,
  assessSeverity,
  assign,
  classify,
  declareConflictOfInterest,
  reassign,
  setPriority,
} from './assessment.js';
import { close, reopen, withdraw } from './closing.js';
import {
  AcceptAssignment,
  AssessSeverity,
  AssignComplaint,
  ClassifyComplaint,
  DeclareConflictOfInterest,
  ReassignComplaint,
  SetPriority,
} from './commands/assessment.js';
import {
  CloseComplaint,
  RecordExternalOutcome,
  RecordFollowUp,
  ReopenComplaint,
  RequestFeedback,
  ScheduleFollowUp,
  SubmitFeedback,
  WithdrawComplaint,
} from './commands/feedback.js';
import {
  AcknowledgeComplaint,
  AddNote,
  AdmitComplaint,
  DeclareInadmissible,
  LodgeComplaint,
  RecordContact,
} from './commands/intake.js';
import {
  AcceptRemedy,
  ApproveRemedy,
  CompleteMeasure,
  LapseRemedyOffer,
  MakeDetermination,
  ProposeRemedy,
  RecordDelivery,
  RecordRedressPayment,
  RejectRemedy,
  ResolveAtFirstContact,
  ReturnRemedy,
  ReturnToInvestigation,
  ReviewDetermination,
  SendFinalResponse,
  WaiveMeasure,
} from './commands/resolution.js';
import {
  AddEvidence,
  AssessMerits,
  ExcludeEvidence,
  LapseInformationRequest,
  PlaceHold,
  ReceiveInformation,
  ReleaseHold,
  RequestInformation,
  VerifyAuthority,
  VerifyContent,
  VerifyIdentity,
  WaiveIdentity,
  WaiveInvestigation,
} from './commands/verification.js';
import { addNote, recordContact, recordExternalOutcome } from './contacts.js';
import { makeDetermination, returnToInvestigation, reviewDetermination } from './determination.js';
import {
  AssignmentAccepted,
  AuthorityRejected,
  AuthorityVerified,
  CommunicationFailed,
  ComplainantChased,
  ComplaintAcknowledged,
  ComplaintAdmitted,
  ComplaintAssigned,
  ComplaintClassified,
  ComplaintClosed,
  ComplaintDeclaredInadmissible,
  ComplaintPrioritised,
  ComplaintReassigned,
  ComplaintReceived,
  ComplaintReopened,
  ComplaintWithdrawn,
  ConflictOfInterestDeclared,
  ContactRecorded,
  ContentVerified,
  DeterminationMade,
  DeterminationReviewed,
  EvidenceAdded,
  EvidenceExcluded,
  ExternalOutcomeRecorded,
  FeedbackRequested,
  FeedbackSubmitted,
  FinalResponseSent,
  FollowUpCompleted,
  FollowUpDeclined,
  FollowUpScheduled,
  FollowUpUnreachable,
  HoldPlaced,
  HoldReleased,
  IdentityVerificationFailed,
  IdentityVerified,
  IdentityWaived,
  InformationReceived,
  InformationRequestLapsed,
  InformationRequested,
  InvestigationWaived,
  MeritsAssessed,
  NoteAdded,
  OutcomeCommunicated,
  OutcomeUndeliverable,
  RedressPaid,
  RemedyAccepted,
  RemedyApproved,
  RemedyDrafted,
  RemedyImplemented,
  RemedyMeasureCompleted,
  RemedyMeasureWaived,
  RemedyOfferLapsed,
  RemedyProposed,
  RemedyRejected,
  RemedyReturned,
  ReturnedToInvestigation,
  SeverityAssessed,
  type ComplaintEvent,
  type DefinitionOf,
} from './events.js';
import { recordFollowUp, requestFeedback, scheduleFollowUp, submitFeedback } from './feedback.js';
import { resolveAtFirstContact } from './first-contact.js';
import {
  lapseInformationRequest,
  placeHold,
  receiveInformation,
  releaseHold,
  requestInformation,
} from './information.js';
import { lodge } from './intake.js';
import { completeMeasure, recordRedressPayment, waiveMeasure } from './measures.js';
import { acceptRemedy, approveRemedy, lapseRemedyOffer, proposeRemedy, rejectRemedy, returnRemedy } from './offers.js';
import { recordDelivery, sendFinalResponse } from './response.js';
import {
  addEvidence,
  assessMerits,
  excludeEvidence,
  verifyAuthority,
  verifyContent,
  verifyIdentity,
  waiveIdentity,
  waiveInvestigation,
} from './verification.js';
import type { ComplaintCommand } from './commands/parts.js';
import type { Decider, EmittedBy } from './decision.js';

/** One row of the command table. */
export interface CommandRow {
  /** The validated command class; its name is the command's name. */
  readonly command: new () => ComplaintCommand;
  readonly name: string;
  /** Path segment of the command: kebab case, without a trailing Complaint. */
  readonly path: string;
  /** The step of the procedure, such as `T1`. Several commands can belong to one step. */
  readonly row: string;
  /** True for the command that creates a complaint. */
  readonly creates?: true;
  readonly decider: Decider<ComplaintCommand>;
  /** The types of the events that the command may emit. */
  readonly events: readonly ComplaintEvent['type'][];
}

/**
 * All commands. A new command needs one class, one decider and one row. The compiler compares the events of a row with
 * those that its decider may emit, and reports missing and superfluous events.
 */
export const complaintCommands: readonly CommandRow[] = [
  {
    ...on('T1', LodgeComplaint, lodge, {
      ComplaintReceived,
      ComplaintAcknowledged,
      ComplaintAdmitted,
      ComplaintClassified,
      SeverityAssessed,
      ComplaintAssigned,
      DeterminationMade,
      RemedyImplemented,
      OutcomeCommunicated,
      ComplaintClosed,
    }),
    creates: true,
  },
  on('T2', AcknowledgeComplaint, acknowledge, { ComplaintAcknowledged }),
  on('T3', AdmitComplaint, admit, { ComplaintAdmitted }),
  on('T3', DeclareInadmissible, declareInadmissible, { ComplaintDeclaredInadmissible }),
  on('T4', ClassifyComplaint, classify, { ComplaintClassified }),
  on('T4', AssessSeverity, assessSeverity, { SeverityAssessed }),
  on('T4', SetPriority, setPriority, { ComplaintPrioritised }),
  on('T5', AssignComplaint, assign, { ComplaintAdmitted, ComplaintAssigned }),
  on('T5', ReassignComplaint, reassign, { ComplaintReassigned }),
  on('T5', AcceptAssignment, acceptAssignment, { AssignmentAccepted }),
  on('T5', DeclareConflictOfInterest, declareConflictOfInterest, { ConflictOfInterestDeclared }),
  on('T7', VerifyIdentity, verifyIdentity, { IdentityVerified, IdentityVerificationFailed }),
  on('T7', VerifyAuthority, verifyAuthority, { AuthorityVerified, AuthorityRejected }),
  on('T7', AddEvidence, addEvidence, { EvidenceAdded }),
  on('T7', ExcludeEvidence, excludeEvidence, { EvidenceExcluded }),
  on('T7', VerifyContent, verifyContent, { ContentVerified }),
  on('T7', AssessMerits, assessMerits, { MeritsAssessed }),
  on('T8', WaiveInvestigation, waiveInvestigation, { InvestigationWaived }),
  on('T8', WaiveIdentity, waiveIdentity, { IdentityWaived }),
  on('T9', RequestInformation, requestInformation, { InformationRequested, HoldPlaced }),
  on('T9', ReceiveInformation, receiveInformation, { InformationReceived, HoldReleased }),
  on('T9', LapseInformationRequest, lapseInformationRequest, { InformationRequestLapsed, HoldReleased }),
  on('T9', PlaceHold, placeHold, { HoldPlaced }),
  on('T9', ReleaseHold, releaseHold, { HoldReleased }),
  on('T10', MakeDetermination, makeDetermination, { DeterminationMade }),
  on('T10', ReviewDetermination, reviewDetermination, { DeterminationReviewed }),
  on('T10', ReturnToInvestigation, returnToInvestigation, { ReturnedToInvestigation }),
  on('T11', ProposeRemedy, proposeRemedy, { RemedyDrafted, RemedyProposed }),
  on('T11', ApproveRemedy, approveRemedy, { RemedyProposed, RemedyApproved }),
  on('T11', ReturnRemedy, returnRemedy, { RemedyReturned }),
  on('T12', AcceptRemedy, acceptRemedy, { RemedyAccepted }),
  on('T12', RejectRemedy, rejectRemedy, { RemedyRejected }),
  on('T12', LapseRemedyOffer, lapseRemedyOffer, { RemedyOfferLapsed }),
  on('T13', CompleteMeasure, completeMeasure, { RemedyMeasureCompleted, RemedyImplemented }),
  on('T13', WaiveMeasure, waiveMeasure, { RemedyMeasureWaived, RemedyImplemented }),
  on('T13', RecordRedressPayment, recordRedressPayment, { RemedyMeasureCompleted, RedressPaid, RemedyImplemented }),
  on('T14', SendFinalResponse, sendFinalResponse, { FinalResponseSent, OutcomeCommunicated, OutcomeUndeliverable }),
  on('T14', RecordDelivery, recordDelivery, { OutcomeCommunicated, CommunicationFailed, OutcomeUndeliverable }),
  on('T16', ScheduleFollowUp, scheduleFollowUp, { FollowUpScheduled }),
  on('T16', RequestFeedback, requestFeedback, { FeedbackRequested }),
  on('T16', SubmitFeedback, submitFeedback, { FeedbackSubmitted }),
  on('T16', RecordFollowUp, recordFollowUp, { FollowUpCompleted, FollowUpUnreachable, FollowUpDeclined }),
  on('T17', CloseComplaint, close, { ComplaintClosed }),
  on('T18', ReopenComplaint, reopen, { DeterminationMade, ComplaintReopened }),
  on('T19', WithdrawComplaint, withdraw, { ComplaintWithdrawn }),
  on('T24', ResolveAtFirstContact, resolveAtFirstContact, {
    ComplaintAdmitted,
    ComplaintClassified,
    DeterminationMade,
    RemedyImplemented,
    OutcomeCommunicated,
    ComplaintClosed,
  }),
  on('T25', RecordExternalOutcome, recordExternalOutcome, { ExternalOutcomeRecorded }),
  on('T26', RecordContact, recordContact, { ContactRecorded, ComplainantChased }),
  on('T26', AddNote, addNote, { NoteAdded }),
];

const byClass = new Map<unknown, CommandRow>(complaintCommands.map((row) => [row.command, row]));
const byPath = new Map(complaintCommands.map((row) => [row.path, row]));

/**
 * The row of a command, found by the class of the command.
 * @throws Error if the table has no row for this class, which is a programming error
 */
export function rowOf(command: ComplaintCommand): CommandRow {
  const row = byClass.get(command.constructor);
  if (row === undefined) throw new Error(`${command.constructor.name} is not in the table of commands`);
  return row;
}

/** The row with this path; undefined if there is none. */
export const rowAt = (path: string): CommandRow | undefined => byPath.get(path);

/** Creates the row of a command: step of the procedure, command class, decider, and the events that it may emit. */
function on<Command extends ComplaintCommand, D extends Decider<Command>>(
  row: string,
  command: new () => Command,
  decider: D,
  events: { readonly [Type in EmittedBy<D>['type']]: DefinitionOf<Type> },
): CommandRow {
  const commandDecider: Decider<Command> = decider;
  return {
    command,
    name: command.name,
    path: commandPath(command),
    row,
    // This cast is safe: rowOf selects the row by class, so the decider receives only commands of its class.
    decider: commandDecider as Decider<ComplaintCommand>,
    events: Object.values<DefinitionOf<ComplaintEvent['type']>>(events).map(({ type }) => type),
  };
}

/** The last segment of `/v1/complaints/{id}/{command}`: the name in kebab case without a trailing `Complaint`. */
export function commandPath(command: CommandRow['command']): string {
  return command.name
    .replace(/Complaint$/, '')
    .replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase();
}
