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
import type { Decider } from './decision.js';

/** One row of the command table. */
export interface CommandRow {
  /** The validated command class; its name is the command's name. */
  readonly command: new () => ComplaintCommand;
  readonly name: string;
  /** Path segment of the command: kebab case, without a trailing Complaint. */
  readonly path: string;
  /** The row of the transition table. */
  readonly row: string;
  /** True for the command that creates a complaint. */
  readonly creates?: true;
  readonly decider: Decider<ComplaintCommand>;
}

/** All commands. A new command needs one class, one decider and one row. */
export const complaintCommands: readonly CommandRow[] = [
  on('T1', LodgeComplaint, lodge, true),
  on('T2', AcknowledgeComplaint, acknowledge),
  on('T3', AdmitComplaint, admit),
  on('T3', DeclareInadmissible, declareInadmissible),
  on('T4', ClassifyComplaint, classify),
  on('T4', AssessSeverity, assessSeverity),
  on('T4', SetPriority, setPriority),
  on('T5', AssignComplaint, assign),
  on('T5', ReassignComplaint, reassign),
  on('T5', AcceptAssignment, acceptAssignment),
  on('T5', DeclareConflictOfInterest, declareConflictOfInterest),
  on('T7', VerifyIdentity, verifyIdentity),
  on('T7', VerifyAuthority, verifyAuthority),
  on('T7', AddEvidence, addEvidence),
  on('T7', ExcludeEvidence, excludeEvidence),
  on('T7', VerifyContent, verifyContent),
  on('T7', AssessMerits, assessMerits),
  on('T8', WaiveInvestigation, waiveInvestigation),
  on('T8', WaiveIdentity, waiveIdentity),
  on('T9', RequestInformation, requestInformation),
  on('T9', ReceiveInformation, receiveInformation),
  on('T9', LapseInformationRequest, lapseInformationRequest),
  on('T9', PlaceHold, placeHold),
  on('T9', ReleaseHold, releaseHold),
  on('T10', MakeDetermination, makeDetermination),
  on('T10', ReviewDetermination, reviewDetermination),
  on('T10', ReturnToInvestigation, returnToInvestigation),
  on('T11', ProposeRemedy, proposeRemedy),
  on('T11', ApproveRemedy, approveRemedy),
  on('T11', ReturnRemedy, returnRemedy),
  on('T12', AcceptRemedy, acceptRemedy),
  on('T12', RejectRemedy, rejectRemedy),
  on('T12', LapseRemedyOffer, lapseRemedyOffer),
  on('T13', CompleteMeasure, completeMeasure),
  on('T13', WaiveMeasure, waiveMeasure),
  on('T13', RecordRedressPayment, recordRedressPayment),
  on('T14', SendFinalResponse, sendFinalResponse),
  on('T14', RecordDelivery, recordDelivery),
  on('T16', ScheduleFollowUp, scheduleFollowUp),
  on('T16', RequestFeedback, requestFeedback),
  on('T16', SubmitFeedback, submitFeedback),
  on('T16', RecordFollowUp, recordFollowUp),
  on('T17', CloseComplaint, close),
  on('T18', ReopenComplaint, reopen),
  on('T19', WithdrawComplaint, withdraw),
  on('T24', ResolveAtFirstContact, resolveAtFirstContact),
  on('T25', RecordExternalOutcome, recordExternalOutcome),
  on('T26', RecordContact, recordContact),
  on('T26', AddNote, addNote),
];

const byClass = new Map<unknown, CommandRow>(complaintCommands.map((row) => [row.command, row]));
const byPath = new Map(complaintCommands.map((row) => [row.path, row]));

/** The row of a command by its class. @throws Error for a class that is not in the table, a programming error */
export function rowOf(command: ComplaintCommand): CommandRow {
  const row = byClass.get(command.constructor);
  if (row === undefined) throw new Error(`${command.constructor.name} is not in the table of commands`);
  return row;
}

/** The row with this path; undefined if there is none. */
export const rowAt = (path: string): CommandRow | undefined => byPath.get(path);

function on<Command extends ComplaintCommand>(
  row: string,
  command: new () => Command,
  decider: Decider<Command>,
  creates?: true,
): CommandRow {
  return {
    command,
    name: command.name,
    path: commandPath(command),
    row,
    ...(creates && { creates }),
    decider: decider as Decider<ComplaintCommand>, // {@link rowOf} finds it by the command's own class
  };
}

/** `/v1/complaints/{id}/…`: the name in kebab case without a trailing `Complaint`. */
export function commandPath(command: CommandRow['command']): string {
  return command.name
    .replace(/Complaint$/, '')
    .replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase();
}
