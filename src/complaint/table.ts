import { acceptRemedy, lapseRemedyOffer, rejectRemedy } from './answers.js';
import { acknowledge, admit } from './admission.js';
import { assessSeverity, classify, setPriority } from './assessment.js';
import { close } from './closing.js';
import { AssessSeverity, ClassifyComplaint, SetPriority } from './commands/assessment.js';
import { ApproveCorrection, ConfirmTime, ProposeCorrection, RejectCorrection } from './commands/correction.js';
import { EscalateComplaint, RecordExternalDecision, ReferExternally } from './commands/external.js';
import {
  ClearFlag,
  LinkRecurrence,
  PlaceLegalHold,
  RaiseFlag,
  RecordEffort,
  RecordNeed,
  RecordSuggestionShown,
  RelateComplaint,
  ReleaseLegalHold,
} from './commands/care.js';
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
  ApproveInadmissibility,
  DeclareInadmissible,
  LodgeComplaint,
  RecordContact,
} from './commands/intake.js';
import {
  AddContactDetails,
  AddParty,
  AddPoint,
  RetireContactDetails,
  SplitPoint,
  FinishSplitOff,
  SplitOff,
} from './commands/parties.js';
import {
  AcceptAssignment,
  AcceptTask,
  AssignComplaint,
  CancelTask,
  CompleteTask,
  DeclareConflictOfInterest,
  ReassignComplaint,
  RequestDepartmentTask,
  ReturnTask,
  WithdrawConflictOfInterest,
} from './commands/ownership.js';
import {
  AcceptRemedy,
  ApproveRelief,
  ApproveRemedy,
  ApproveWaiver,
  CompleteMeasure,
  DiscardDraft,
  LapseRemedyOffer,
  ProposeRemedy,
  ProvideInterimRelief,
  RecordPaymentReturned,
  RecordRedressPayment,
  RejectRemedy,
  ReturnRemedy,
  WaiveMeasure,
  WithdrawOffer,
} from './commands/remedies.js';
import {
  MakeDetermination,
  RecordDelivery,
  ResolveAtFirstContact,
  ReturnToInvestigation,
  ReviewDetermination,
  SendFinalResponse,
} from './commands/resolution.js';
import { SendHoldingResponse, SendProgressUpdate } from './commands/response.js';
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
import { clearFlag, raiseFlag } from './flags.js';
import { recordNeed } from './needs.js';
import {
  linkRecurrence,
  placeLegalHold,
  recordEffort,
  recordSuggestionShown,
  relateComplaint,
  releaseLegalHold,
} from './records.js';
import { addNote, recordContact, recordExternalOutcome } from './contacts.js';
import { makeDetermination, returnToInvestigation, reviewDetermination } from './determination.js';
import { approveCorrection, confirmTime, proposeCorrection, rejectCorrection } from './corrections.js';
import { escalate } from './escalation.js';
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
  ComplaintEscalated,
  ComplaintPrioritised,
  ComplaintReassigned,
  ComplaintReceived,
  ComplaintReferredExternally,
  ComplaintReopened,
  ComplaintUnassigned,
  ComplaintWithdrawn,
  ConflictOfInterestDeclared,
  ConflictOfInterestWithdrawn,
  ContactDetailsAdded,
  ContactDetailsRetired,
  ContactRecorded,
  ContentVerified,
  CorrectionProposed,
  CorrectionRejected,
  DepartmentTaskAccepted,
  DepartmentTaskCancelled,
  DepartmentTaskCompleted,
  DepartmentTaskRequested,
  DepartmentTaskReturned,
  DeterminationMade,
  DeterminationReviewed,
  DeliveryContested,
  DraftDiscarded,
  EvidenceAdded,
  EvidenceExcluded,
  ExternalDecisionRecorded,
  ExternalOutcomeRecorded,
  FeedbackRequested,
  FeedbackSubmitted,
  FinalResponseSent,
  FollowUpCompleted,
  FollowUpDeclined,
  FollowUpScheduled,
  FollowUpUnreachable,
  HoldPlaced,
  HoldingResponseSent,
  ProgressUpdateSent,
  SummaryResolutionCommunicated,
  HoldReleased,
  IdentityVerificationFailed,
  IdentityVerified,
  IdentityWaived,
  InadmissibilityDrafted,
  InformationReceived,
  InformationRequestLapsed,
  InformationRequested,
  InterimReliefDrafted,
  InterimReliefProvided,
  InvestigationWaived,
  MeasureWaiverDrafted,
  MeritsAssessed,
  NoteAdded,
  OutcomeCommunicated,
  OutcomeUndeliverable,
  PartyAdded,
  PointAdded,
  PointSplit,
  PointsSplitOff,
  RelatedComplaintLinked,
  RecordCorrected,
  RedressPaid,
  RedressReturned,
  RemedyAccepted,
  RemedyApproved,
  RemedyDrafted,
  RemedyImplemented,
  RemedyMeasureCompleted,
  RemedyMeasureWaived,
  RemedyOfferLapseReversed,
  RemedyOfferLapsed,
  RemedyOfferWithdrawn,
  RemedyProposed,
  RemedyRejected,
  RemedyReturned,
  ReturnedToInvestigation,
  EffortRecorded,
  LegalHoldPlaced,
  LegalHoldReleased,
  NeedRecorded,
  RecurrenceLinked,
  SuggestionShown,
  RiskFlagCleared,
  RiskFlagged,
  SeverityAssessed,
  TimeConfirmed,
  type ComplaintEvent,
  type DefinitionOf,
} from './events.js';
import { recordExternalDecision } from './external-decision.js';
import { recordFollowUp, requestFeedback, scheduleFollowUp, submitFeedback } from './feedback.js';
import { discardDraft } from './drafts.js';
import { resolveAtFirstContact } from './first-contact.js';
import {
  lapseInformationRequest,
  placeHold,
  receiveInformation,
  releaseHold,
  requestInformation,
} from './information.js';
import { approveInadmissibility, declareInadmissible } from './inadmissibility.js';
import { lodge } from './intake.js';
import { completeMeasure } from './measures.js';
import { approveWaiver, waiveMeasure } from './measure-waivers.js';
import { approveRemedy, proposeRemedy, returnRemedy, withdrawOffer } from './offers.js';
import {
  acceptAssignment,
  assign,
  declareConflictOfInterest,
  reassign,
  withdrawConflictOfInterest,
} from './ownership.js';
import { addContactDetails, addParty, retireContactDetails } from './parties.js';
import { addPoint, splitPoint } from './points.js';
import { recordPaymentReturned, recordRedressPayment } from './payments.js';
import { approveRelief, provideInterimRelief } from './relief.js';
import { referExternally } from './referral.js';
import { reopen } from './reopening.js';
import { recordDelivery } from './delivery.js';
import { sendFinalResponse } from './response.js';
import { sendHoldingResponse, sendProgressUpdate } from './updates.js';
import { acceptTask, cancelTask, completeTask, requestDepartmentTask, returnTask } from './tasks.js';
import { finishSplitOff, splitOff } from './split-off.js';
import { withdraw } from './withdrawal.js';
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
      ComplaintPrioritised,
      ComplaintAssigned,
      DeterminationMade,
      RemedyImplemented,
      OutcomeCommunicated,
      SummaryResolutionCommunicated,
      ComplaintClosed,
    }),
    creates: true,
  },
  rowFor('T2', AcknowledgeComplaint, acknowledge, { ComplaintAcknowledged }),
  rowFor('T3', AdmitComplaint, admit, { ComplaintAdmitted }),
  rowFor('T3', DeclareInadmissible, declareInadmissible, {
    DepartmentTaskCancelled,
    RemedyOfferLapsed,
    DraftDiscarded,
    InadmissibilityDrafted,
    ComplaintDeclaredInadmissible,
    OutcomeCommunicated,
    OutcomeUndeliverable,
  }),
  rowFor('T3', ApproveInadmissibility, approveInadmissibility, {
    DepartmentTaskCancelled,
    RemedyOfferLapsed,
    DraftDiscarded,
    ComplaintDeclaredInadmissible,
    OutcomeCommunicated,
    OutcomeUndeliverable,
  }),
  rowFor('T4', ClassifyComplaint, classify, { ComplaintAdmitted, ComplaintClassified }),
  rowFor('T4', AssessSeverity, assessSeverity, { ComplaintAdmitted, SeverityAssessed, ComplaintPrioritised }),
  rowFor('T4', SetPriority, setPriority, { ComplaintAdmitted, ComplaintPrioritised }),
  rowFor('T5', AssignComplaint, assign, { ComplaintAdmitted, ComplaintAssigned }),
  rowFor('T5', ReassignComplaint, reassign, { ComplaintReassigned }),
  rowFor('T5', AcceptAssignment, acceptAssignment, { AssignmentAccepted }),
  rowFor('T5', DeclareConflictOfInterest, declareConflictOfInterest, {
    ConflictOfInterestDeclared,
    ComplaintUnassigned,
  }),
  rowFor('T5', WithdrawConflictOfInterest, withdrawConflictOfInterest, { ConflictOfInterestWithdrawn }),
  rowFor('T6', RequestDepartmentTask, requestDepartmentTask, { DepartmentTaskRequested }),
  rowFor('T6', AcceptTask, acceptTask, { DepartmentTaskAccepted }),
  rowFor('T6', ReturnTask, returnTask, { DepartmentTaskReturned }),
  rowFor('T6', CompleteTask, completeTask, { DepartmentTaskAccepted, DepartmentTaskCompleted }),
  rowFor('T6', CancelTask, cancelTask, { DepartmentTaskCancelled }),
  rowFor('T7', VerifyIdentity, verifyIdentity, { IdentityVerified, IdentityVerificationFailed }),
  rowFor('T7', VerifyAuthority, verifyAuthority, { AuthorityVerified, AuthorityRejected }),
  rowFor('T7', AddEvidence, addEvidence, { EvidenceAdded }),
  rowFor('T7', ExcludeEvidence, excludeEvidence, { EvidenceExcluded }),
  rowFor('T7', VerifyContent, verifyContent, { ComplaintAdmitted, ContentVerified }),
  rowFor('T7', AssessMerits, assessMerits, { ComplaintAdmitted, MeritsAssessed }),
  rowFor('T8', WaiveInvestigation, waiveInvestigation, { InvestigationWaived }),
  rowFor('T8', WaiveIdentity, waiveIdentity, { IdentityWaived }),
  rowFor('T9', RequestInformation, requestInformation, { InformationRequested, HoldPlaced }),
  rowFor('T9', ReceiveInformation, receiveInformation, { InformationReceived, ContactDetailsAdded, HoldReleased }),
  rowFor('T9', LapseInformationRequest, lapseInformationRequest, { InformationRequestLapsed, HoldReleased }),
  rowFor('T9', PlaceHold, placeHold, { HoldPlaced }),
  rowFor('T9', ReleaseHold, releaseHold, { HoldReleased }),
  rowFor('T10', MakeDetermination, makeDetermination, { ComplaintAdmitted, DeterminationMade }),
  rowFor('T10', ReviewDetermination, reviewDetermination, { DeterminationReviewed }),
  rowFor('T10', ReturnToInvestigation, returnToInvestigation, { ReturnedToInvestigation }),
  rowFor('T11', ProposeRemedy, proposeRemedy, { RemedyDrafted, RemedyProposed }),
  rowFor('T11', ApproveRemedy, approveRemedy, { RemedyProposed, RemedyApproved }),
  rowFor('T11', ReturnRemedy, returnRemedy, { RemedyReturned }),
  rowFor('T11', WithdrawOffer, withdrawOffer, { RemedyOfferWithdrawn, OutcomeCommunicated, OutcomeUndeliverable }),
  rowFor('T11', DiscardDraft, discardDraft, { DraftDiscarded }),
  rowFor('T12', AcceptRemedy, acceptRemedy, { RemedyAccepted, RemedyOfferLapseReversed }),
  rowFor('T12', RejectRemedy, rejectRemedy, { RemedyRejected, RemedyOfferLapseReversed }),
  rowFor('T12', LapseRemedyOffer, lapseRemedyOffer, { RemedyOfferLapsed }),
  rowFor('T13', CompleteMeasure, completeMeasure, { RemedyMeasureCompleted, RemedyImplemented }),
  rowFor('T13', RecordRedressPayment, recordRedressPayment, { RemedyMeasureCompleted, RedressPaid, RemedyImplemented }),
  rowFor('T13', RecordPaymentReturned, recordPaymentReturned, { RedressReturned }),
  rowFor('T13', WaiveMeasure, waiveMeasure, {
    MeasureWaiverDrafted,
    RemedyMeasureWaived,
    OutcomeCommunicated,
    OutcomeUndeliverable,
    RemedyImplemented,
    RemedyOfferWithdrawn,
  }),
  rowFor('T13', ApproveWaiver, approveWaiver, {
    RemedyMeasureWaived,
    OutcomeCommunicated,
    OutcomeUndeliverable,
    RemedyImplemented,
    RemedyOfferWithdrawn,
  }),
  rowFor('T13', ProvideInterimRelief, provideInterimRelief, { InterimReliefDrafted, InterimReliefProvided }),
  rowFor('T13', ApproveRelief, approveRelief, { InterimReliefProvided }),
  rowFor('T14', SendFinalResponse, sendFinalResponse, {
    ComplaintAdmitted,
    DeterminationMade,
    FinalResponseSent,
    OutcomeCommunicated,
    OutcomeUndeliverable,
  }),
  rowFor('T14', RecordDelivery, recordDelivery, {
    OutcomeCommunicated,
    CommunicationFailed,
    OutcomeUndeliverable,
    DeliveryContested,
  }),
  rowFor('T15', SendHoldingResponse, sendHoldingResponse, { HoldingResponseSent }),
  rowFor('T15', SendProgressUpdate, sendProgressUpdate, { ProgressUpdateSent }),
  rowFor('T16', ScheduleFollowUp, scheduleFollowUp, { FollowUpScheduled }),
  rowFor('T16', RequestFeedback, requestFeedback, { FeedbackRequested }),
  rowFor('T16', SubmitFeedback, submitFeedback, { FeedbackSubmitted, ComplaintReopened, ComplaintAdmitted }),
  rowFor('T16', RecordFollowUp, recordFollowUp, { FollowUpCompleted, FollowUpUnreachable, FollowUpDeclined }),
  rowFor('T17', CloseComplaint, close, { ComplaintClosed }),
  rowFor('T18', ReopenComplaint, reopen, {
    ComplaintReopened,
    ComplaintAdmitted,
    ExternalDecisionRecorded,
    DeterminationMade,
    RemedyProposed,
  }),
  rowFor('T19', WithdrawComplaint, withdraw, {
    DepartmentTaskCancelled,
    RemedyOfferLapsed,
    DraftDiscarded,
    ComplaintWithdrawn,
  }),
  rowFor('T21', EscalateComplaint, escalate, { ComplaintEscalated }),
  rowFor('T21', ReferExternally, referExternally, {
    DepartmentTaskCancelled,
    RemedyOfferLapsed,
    DraftDiscarded,
    ComplaintReferredExternally,
    OutcomeCommunicated,
    OutcomeUndeliverable,
  }),
  rowFor('T21', RecordExternalDecision, recordExternalDecision, {
    ExternalDecisionRecorded,
    DeterminationMade,
    RemedyProposed,
  }),
  rowFor('T22', ProposeCorrection, proposeCorrection, { CorrectionProposed, RecordCorrected }),
  rowFor('T22', ApproveCorrection, approveCorrection, { RecordCorrected }),
  rowFor('T22', RejectCorrection, rejectCorrection, { CorrectionRejected }),
  rowFor('T22', ConfirmTime, confirmTime, { TimeConfirmed }),
  rowFor('T24', ResolveAtFirstContact, resolveAtFirstContact, {
    ComplaintAdmitted,
    ComplaintClassified,
    DeterminationMade,
    RemedyImplemented,
    OutcomeCommunicated,
    SummaryResolutionCommunicated,
    ComplaintClosed,
  }),
  rowFor('T25', RecordExternalOutcome, recordExternalOutcome, {
    DepartmentTaskCancelled,
    RemedyOfferLapsed,
    DraftDiscarded,
    ExternalOutcomeRecorded,
  }),
  rowFor('T26', RecordContact, recordContact, { ContactRecorded, ComplainantChased }),
  rowFor('T26', AddNote, addNote, { NoteAdded }),
  rowFor('T27', AddPoint, addPoint, { PointAdded }),
  rowFor('T27', SplitPoint, splitPoint, { PointSplit }),
  rowFor('T27', SplitOff, splitOff, { PointsSplitOff }),
  rowFor('T27', FinishSplitOff, finishSplitOff, { RelatedComplaintLinked }),
  rowFor('T27', AddParty, addParty, { PartyAdded }),
  rowFor('T27', AddContactDetails, addContactDetails, { ContactDetailsAdded }),
  rowFor('T27', RetireContactDetails, retireContactDetails, { ContactDetailsRetired }),
  rowFor('T28', RaiseFlag, raiseFlag, { RiskFlagged, ComplaintPrioritised }),
  rowFor('T28', ClearFlag, clearFlag, { RiskFlagCleared, ComplaintPrioritised }),
  rowFor('T28', RecordNeed, recordNeed, { NeedRecorded, ComplaintPrioritised }),
  rowFor('T28', PlaceLegalHold, placeLegalHold, { LegalHoldPlaced }),
  rowFor('T28', ReleaseLegalHold, releaseLegalHold, { LegalHoldReleased }),
  rowFor('T28', RelateComplaint, relateComplaint, { RelatedComplaintLinked }),
  rowFor('T28', LinkRecurrence, linkRecurrence, { RecurrenceLinked }),
  rowFor('T28', RecordEffort, recordEffort, { EffortRecorded }),
  rowFor('T28', RecordSuggestionShown, recordSuggestionShown, { SuggestionShown }),
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
