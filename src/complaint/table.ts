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
  readonly step: string;
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
    ...rowFor('T1', LodgeComplaint, lodge, {
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
  rowFor('T2', AcknowledgeComplaint, acknowledge, { ComplaintAcknowledged }),
  rowFor('T3', AdmitComplaint, admit, { ComplaintAdmitted }),
  rowFor('T3', DeclareInadmissible, declareInadmissible, { ComplaintDeclaredInadmissible }),
  rowFor('T4', ClassifyComplaint, classify, { ComplaintClassified }),
  rowFor('T4', AssessSeverity, assessSeverity, { SeverityAssessed }),
  rowFor('T4', SetPriority, setPriority, { ComplaintPrioritised }),
  rowFor('T5', AssignComplaint, assign, { ComplaintAdmitted, ComplaintAssigned }),
  rowFor('T5', ReassignComplaint, reassign, { ComplaintReassigned }),
  rowFor('T5', AcceptAssignment, acceptAssignment, { AssignmentAccepted }),
  rowFor('T5', DeclareConflictOfInterest, declareConflictOfInterest, { ConflictOfInterestDeclared }),
  rowFor('T7', VerifyIdentity, verifyIdentity, { IdentityVerified, IdentityVerificationFailed }),
  rowFor('T7', VerifyAuthority, verifyAuthority, { AuthorityVerified, AuthorityRejected }),
  rowFor('T7', AddEvidence, addEvidence, { EvidenceAdded }),
  rowFor('T7', ExcludeEvidence, excludeEvidence, { EvidenceExcluded }),
  rowFor('T7', VerifyContent, verifyContent, { ContentVerified }),
  rowFor('T7', AssessMerits, assessMerits, { MeritsAssessed }),
  rowFor('T8', WaiveInvestigation, waiveInvestigation, { InvestigationWaived }),
  rowFor('T8', WaiveIdentity, waiveIdentity, { IdentityWaived }),
  rowFor('T9', RequestInformation, requestInformation, { InformationRequested, HoldPlaced }),
  rowFor('T9', ReceiveInformation, receiveInformation, { InformationReceived, HoldReleased }),
  rowFor('T9', LapseInformationRequest, lapseInformationRequest, { InformationRequestLapsed, HoldReleased }),
  rowFor('T9', PlaceHold, placeHold, { HoldPlaced }),
  rowFor('T9', ReleaseHold, releaseHold, { HoldReleased }),
  rowFor('T10', MakeDetermination, makeDetermination, { DeterminationMade }),
  rowFor('T10', ReviewDetermination, reviewDetermination, { DeterminationReviewed }),
  rowFor('T10', ReturnToInvestigation, returnToInvestigation, { ReturnedToInvestigation }),
  rowFor('T11', ProposeRemedy, proposeRemedy, { RemedyDrafted, RemedyProposed }),
  rowFor('T11', ApproveRemedy, approveRemedy, { RemedyProposed, RemedyApproved }),
  rowFor('T11', ReturnRemedy, returnRemedy, { RemedyReturned }),
  rowFor('T12', AcceptRemedy, acceptRemedy, { RemedyAccepted }),
  rowFor('T12', RejectRemedy, rejectRemedy, { RemedyRejected }),
  rowFor('T12', LapseRemedyOffer, lapseRemedyOffer, { RemedyOfferLapsed }),
  rowFor('T13', CompleteMeasure, completeMeasure, { RemedyMeasureCompleted, RemedyImplemented }),
  rowFor('T13', WaiveMeasure, waiveMeasure, { RemedyMeasureWaived, RemedyImplemented }),
  rowFor('T13', RecordRedressPayment, recordRedressPayment, { RemedyMeasureCompleted, RedressPaid, RemedyImplemented }),
  rowFor('T14', SendFinalResponse, sendFinalResponse, { FinalResponseSent, OutcomeCommunicated, OutcomeUndeliverable }),
  rowFor('T14', RecordDelivery, recordDelivery, { OutcomeCommunicated, CommunicationFailed, OutcomeUndeliverable }),
  rowFor('T16', ScheduleFollowUp, scheduleFollowUp, { FollowUpScheduled }),
  rowFor('T16', RequestFeedback, requestFeedback, { FeedbackRequested }),
  rowFor('T16', SubmitFeedback, submitFeedback, { FeedbackSubmitted }),
  rowFor('T16', RecordFollowUp, recordFollowUp, { FollowUpCompleted, FollowUpUnreachable, FollowUpDeclined }),
  rowFor('T17', CloseComplaint, close, { ComplaintClosed }),
  rowFor('T18', ReopenComplaint, reopen, { DeterminationMade, ComplaintReopened }),
  rowFor('T19', WithdrawComplaint, withdraw, { ComplaintWithdrawn }),
  rowFor('T24', ResolveAtFirstContact, resolveAtFirstContact, {
    ComplaintAdmitted,
    ComplaintClassified,
    DeterminationMade,
    RemedyImplemented,
    OutcomeCommunicated,
    ComplaintClosed,
  }),
  rowFor('T25', RecordExternalOutcome, recordExternalOutcome, { ExternalOutcomeRecorded }),
  rowFor('T26', RecordContact, recordContact, { ContactRecorded, ComplainantChased }),
  rowFor('T26', AddNote, addNote, { NoteAdded }),
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
function rowFor<Command extends ComplaintCommand, D extends Decider<Command>>(
  step: string,
  command: new () => Command,
  decider: D,
  events: { readonly [Type in EmittedBy<D>['type']]: DefinitionOf<Type> },
): CommandRow {
  const commandDecider: Decider<Command> = decider;
  return {
    command,
    name: command.name,
    path: commandPath(command),
    step,
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
