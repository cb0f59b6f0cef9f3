import type { Stage } from '../../src/complaint/terms/vocabulary.js';

/*
 * The lifecycle of one complaint as the procedure states it: from which stages a command is accepted, and to which it
 * leads. It is written from the table of transitions, and uses none of the code that it is compared with.
 */

type Before = Stage | null;

const BEFORE_DECISION: readonly Before[] = ['Received', 'UnderAssessment', 'UnderInvestigation'];
const OPEN: readonly Before[] = [...BEFORE_DECISION, 'Determined', 'Responded'];
const ENDS: readonly Before[] = ['Closed', 'Inadmissible', 'Withdrawn', 'ReferredOut', 'Consolidated'];
const ANY: readonly Before[] = [...OPEN, ...ENDS];

export const isOpenStage = (stage: Before): boolean => OPEN.includes(stage);

/** The stages from which each command is accepted. */
const FROM: Readonly<Record<string, readonly Before[]>> = {
  LodgeComplaint: [null],
  AcknowledgeComplaint: ANY,
  AdmitComplaint: BEFORE_DECISION,
  DeclareInadmissible: BEFORE_DECISION,
  ApproveInadmissibility: BEFORE_DECISION,
  ClassifyComplaint: OPEN,
  AssessSeverity: OPEN,
  SetPriority: OPEN,
  AssignComplaint: OPEN,
  ReassignComplaint: OPEN,
  AcceptAssignment: OPEN,
  DeclareConflictOfInterest: OPEN,
  WithdrawConflictOfInterest: OPEN,
  RequestDepartmentTask: OPEN,
  AcceptTask: OPEN,
  ReturnTask: OPEN,
  CompleteTask: OPEN,
  CancelTask: OPEN,
  VerifyIdentity: ANY,
  VerifyAuthority: ANY,
  AddEvidence: ANY,
  ExcludeEvidence: OPEN,
  VerifyContent: BEFORE_DECISION,
  AssessMerits: BEFORE_DECISION,
  WaiveInvestigation: BEFORE_DECISION,
  WaiveIdentity: ANY, // after Determined only while something is owed
  RequestInformation: OPEN,
  ReceiveInformation: ANY,
  LapseInformationRequest: OPEN,
  PlaceHold: OPEN,
  ReleaseHold: OPEN,
  MakeDetermination: BEFORE_DECISION,
  ReviewDetermination: ['Determined'],
  ReturnToInvestigation: ['Determined', 'Responded'],
  ProposeRemedy: ['Determined', 'Responded'],
  ApproveRemedy: ['Determined', 'Responded'],
  ReturnRemedy: ['Determined', 'Responded'],
  WithdrawOffer: ANY,
  DiscardDraft: ANY,
  AcceptRemedy: ANY,
  RejectRemedy: ANY,
  LapseRemedyOffer: ANY,
  CompleteMeasure: ANY,
  RecordRedressPayment: ANY,
  RecordPaymentReturned: ANY,
  WaiveMeasure: ANY,
  ApproveWaiver: ANY,
  ProvideInterimRelief: BEFORE_DECISION,
  ApproveRelief: BEFORE_DECISION,
  SendFinalResponse: OPEN, // an answer also before the decision
  RecordDelivery: ANY,
  SendHoldingResponse: ANY, // after an end if sent before
  SendProgressUpdate: ANY,
  ScheduleFollowUp: ['Responded', ...ENDS],
  RequestFeedback: ['Responded', ...ENDS],
  SubmitFeedback: ['Responded', ...ENDS],
  RecordFollowUp: ['Responded', ...ENDS],
  CloseComplaint: ['Responded'],
  ReopenComplaint: ['Responded', 'Closed', 'Withdrawn', 'Inadmissible', 'ReferredOut'],
  WithdrawComplaint: OPEN,
  EscalateComplaint: ANY,
  ReferExternally: OPEN,
  RecordExternalDecision: ANY,
  ProposeCorrection: ANY,
  ApproveCorrection: ANY,
  RejectCorrection: ANY,
  ConfirmTime: ANY,
  ResolveAtFirstContact: BEFORE_DECISION,
  RecordExternalOutcome: ANY,
  RecordContact: ANY,
  AddNote: ANY,
  AddPoint: BEFORE_DECISION,
  SplitPoint: BEFORE_DECISION,
  SplitOff: BEFORE_DECISION,
  FinishSplitOff: ANY, // records on the first file what the second one has become
  AddParty: ANY,
  AddContactDetails: ANY,
  RetireContactDetails: ANY,
  RaiseFlag: ANY,
  ClearFlag: ANY,
  RecordNeed: ANY,
  PlaceLegalHold: ANY,
  ReleaseLegalHold: ANY,
  RelateComplaint: ANY,
  LinkRecurrence: ANY,
  RecordEffort: ANY,
  RecordSuggestionShown: ANY,
};

/** The stages from which a command is accepted. @throws Error for a command that the table does not have */
export function stagesBefore(command: string): readonly Before[] {
  const stages = FROM[command];
  if (stages === undefined) throw new Error(`the table of transitions has no command ${command}`);
  return stages;
}

/** What the model needs to know of an accepted command. */
export interface Accepted {
  readonly command: string;
  readonly before: Before;
  /** The events of the command. */
  readonly events: readonly { readonly type: string; readonly data: object }[];
}

const admits = (before: Before): Before => (before === 'Received' ? 'UnderAssessment' : before);

/** The stages to which an accepted command may lead; more than one where the table leaves it to the fields. */
export function stagesAfter({ command, before, events }: Accepted): readonly Before[] {
  const types = new Set(events.map(({ type }) => type));
  const dataOf = (wanted: string) =>
    events.find(({ type }) => type === wanted)?.data as Record<string, unknown> | undefined;
  switch (command) {
    case 'LodgeComplaint':
      if (types.has('DeterminationMade')) return firstContactStages('Received', types);
      return [
        ['ComplaintAdmitted', 'ComplaintClassified', 'SeverityAssessed', 'ComplaintAssigned'].some((type) =>
          types.has(type),
        )
          ? 'UnderAssessment'
          : 'Received',
      ];
    case 'AdmitComplaint':
    case 'ClassifyComplaint':
    case 'AssessSeverity':
    case 'SetPriority':
    case 'AssignComplaint':
      return [admits(before)];
    case 'DeclareInadmissible':
    case 'ApproveInadmissibility':
      return [types.has('ComplaintDeclaredInadmissible') ? 'Inadmissible' : before];
    case 'VerifyContent':
    case 'AssessMerits':
    case 'ReturnToInvestigation':
      return ['UnderInvestigation'];
    case 'MakeDetermination':
      return ['Determined'];
    case 'ReviewDetermination':
      return [dataOf('DeterminationReviewed')?.decision === 'return' ? 'UnderInvestigation' : before];
    case 'SendFinalResponse':
      return ['Responded'];
    case 'CloseComplaint':
      return ['Closed'];
    case 'ReopenComplaint':
      return [types.has('DeterminationMade') ? 'Determined' : 'UnderAssessment'];
    case 'WithdrawComplaint': {
      const { continuedOnOwnInitiative, partial } = dataOf('ComplaintWithdrawn') ?? {};
      return [continuedOnOwnInitiative === true || partial === true ? before : 'Withdrawn'];
    }
    case 'ReferExternally':
      return [before, 'ReferredOut'];
    case 'RecordExternalDecision':
      return [BEFORE_DECISION.includes(before) ? 'Determined' : before];
    case 'ResolveAtFirstContact':
      return firstContactStages(before, types);
    case 'RecordExternalOutcome':
      return isOpenStage(before) && dataOf('ExternalOutcomeRecorded')?.final === true ? [before, 'Closed'] : [before];
    default:
      return [before];
  }
}

function firstContactStages(before: Before, types: ReadonlySet<string>): readonly Before[] {
  return types.has('ComplaintClosed') ? ['Closed'] : ['Responded', admits(before)];
}
