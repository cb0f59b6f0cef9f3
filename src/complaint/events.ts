import { defineEvent, type EventOf } from '../eventstore/envelope.js';
import type { Upcaster } from '../eventstore/codec.js';
import type { JsonObject } from '../platform/json.js';
import type { Moment } from '../platform/moment.js';
import type {
  Answer,
  ContactAttempt,
  DeliveryAttempt,
  IncidentTime,
  Measure,
  Money,
  Party,
  Point,
  PointDecision,
  Source,
  StatedBy,
} from './terms/facts.js';
import type {
  Category,
  Cause,
  Channel,
  HoldReason,
  Nature,
  Priority,
  RemedyType,
  ReopenKind,
  ResponseKind,
  Severity,
} from './terms/vocabulary.js';

/*
 * The events of one complaint. The comment above a group names the step of the procedure (see table.ts)
 * whose commands emit these events. Every definition lists each text field as `personal` or `open`;
 * src/eventstore/envelope.ts defines both terms.
 */

// T1 – intake
export const ComplaintReceived = defineEvent<{
  readonly reference: string;
  readonly receivedAt: Moment;
  readonly incidentAt?: IncidentTime;
  readonly channel: Channel;
  readonly channelAccount?: string;
  readonly intakePoint?: string;
  readonly sources: readonly Source[];
  readonly parties: readonly Party[];
  readonly points: readonly Point[];
  readonly narrative?: string;
  readonly remedySought?: string;
  readonly language?: string;
  readonly handlingMethod?: string;
  readonly answers?: readonly Answer[];
  readonly contactAttempts?: readonly ContactAttempt[];
  readonly tenure?: string;
  readonly consentToPublish?: string;
  readonly sentToRespondentAt?: Moment;
  readonly vulnerabilityTags?: readonly string[];
}>()('ComplaintReceived', {
  personal: [
    'narrative',
    'remedySought',
    'handlingMethod',
    'answers.*.answer',
    'contactAttempts.*.result',
    'parties.*.name',
    'parties.*.contacts.*.address',
    'points.*.remedySought',
    'points.*.subject.postalCode',
    'points.*.subject.orderId',
    'channelAccount',
    'vulnerabilityTags.*',
  ],
  open: [
    'reference',
    'intakePoint',
    'sources.*.system',
    'sources.*.ref',
    'parties.*.id',
    'parties.*.subjectId',
    'parties.*.contacts.*.channel',
    'parties.*.employeeId',
    'points.*.id',
    'points.*.category',
    'points.*.issue',
    'points.*.subIssue',
    'points.*.subject.orgUnit',
    'points.*.subject.thirdParty',
    'points.*.subject.respondent',
    'points.*.subject.product',
    'points.*.subject.subProduct',
    'points.*.subject.employeeId',
    'points.*.subject.shift',
    'points.*.subject.region',
    'language',
    'answers.*.questionId',
    'contactAttempts.*.channel',
    'tenure',
    'consentToPublish',
  ],
});

// T2
export const ComplaintAcknowledged = defineEvent<{
  readonly channel: Channel;
  readonly to?: string;
  readonly message?: string;
}>()('ComplaintAcknowledged', { personal: ['message'], open: ['to'] });

// T3
export const ComplaintAdmitted = defineEvent<{ readonly reason?: string }>()('ComplaintAdmitted', {
  personal: ['reason'],
});

export const ComplaintDeclaredInadmissible = defineEvent<{
  readonly noticeId?: string;
  readonly reasonCode: string;
  readonly nature: Nature;
  readonly reasons: string;
  readonly recourse?: string;
  /** Parties that receive the notice; empty for spam or if no party can be reached. */
  readonly addressees: readonly string[];
  readonly channel?: Channel;
}>()('ComplaintDeclaredInadmissible', {
  personal: ['reasons', 'recourse'],
  open: ['noticeId', 'reasonCode', 'addressees.*'],
});

// T4
export const ComplaintClassified = defineEvent<{
  readonly nature: Nature;
  readonly points: readonly {
    readonly id: string;
    readonly category: Category;
    readonly issue?: string;
    readonly subIssue?: string;
  }[];
  readonly suspectedCause?: Cause;
  readonly impact?: string;
  readonly taxonomyVersion: number;
}>()('ComplaintClassified', { personal: ['impact'], open: ['points.*.id', 'points.*.issue', 'points.*.subIssue'] });

export const SeverityAssessed = defineEvent<{
  readonly severity: Severity;
  readonly impactScope?: string;
  readonly safetyCritical: boolean;
  readonly complexity?: string;
  readonly reason?: string;
}>()('SeverityAssessed', { personal: ['reason'], open: ['impactScope', 'complexity'] });

/** The priority with the inputs and the version of the rule (R21, R22). */
export const ComplaintPrioritised = defineEvent<{
  readonly priority: Priority;
  readonly rule: { readonly id: string; readonly version: number };
  readonly inputs: {
    readonly severity?: Severity;
    readonly impactScope?: string;
    readonly safetyCritical: boolean;
    readonly vulnerable: boolean;
  };
  readonly reason?: string;
}>()('ComplaintPrioritised', { personal: ['reason'], open: ['rule.id', 'inputs.impactScope'] });

// T5
export const ComplaintAssigned = defineEvent<{ readonly handler: string; readonly orgUnit?: string }>()(
  'ComplaintAssigned',
  { open: ['handler', 'orgUnit'] },
);
export const ComplaintReassigned = defineEvent<{
  readonly from: string;
  readonly to: string;
  readonly orgUnit?: string;
  readonly reason: string;
}>()('ComplaintReassigned', { personal: ['reason'], open: ['from', 'to', 'orgUnit'] });
export const AssignmentAccepted = defineEvent<{ readonly handler: string }>()('AssignmentAccepted', {
  open: ['handler'],
});
export const ConflictOfInterestDeclared = defineEvent<{ readonly person: string; readonly reason: string }>()(
  'ConflictOfInterestDeclared',
  { personal: ['reason'], open: ['person'] },
);

// T7
export const IdentityVerified = defineEvent<{
  readonly party: string;
  readonly method: string;
  readonly level: string;
  readonly evidenceIds?: readonly string[];
}>()('IdentityVerified', { open: ['party', 'method', 'level', 'evidenceIds.*'] });
export const IdentityVerificationFailed = defineEvent<{
  readonly party: string;
  readonly method: string;
  readonly reason: string;
  readonly evidenceIds?: readonly string[];
}>()('IdentityVerificationFailed', { personal: ['reason'], open: ['party', 'method', 'evidenceIds.*'] });
export const AuthorityVerified = defineEvent<{
  readonly party: string;
  readonly basis: string;
  readonly evidenceIds?: readonly string[];
}>()('AuthorityVerified', { personal: ['basis'], open: ['party', 'evidenceIds.*'] });
export const AuthorityRejected = defineEvent<{
  readonly party: string;
  readonly reason: string;
  readonly evidenceIds?: readonly string[];
}>()('AuthorityRejected', { personal: ['reason'], open: ['party', 'evidenceIds.*'] });
export const EvidenceAdded = defineEvent<{
  readonly evidenceId: string;
  readonly sha256: string;
  readonly kind: string;
  readonly mime?: string;
  readonly bytes?: number;
  readonly capturedAt?: Moment;
  readonly source: string;
  readonly custody?: string;
  readonly pointIds?: readonly string[];
  readonly description?: string;
}>()('EvidenceAdded', {
  personal: ['source', 'custody', 'description'],
  open: ['evidenceId', 'sha256', 'kind', 'mime', 'pointIds.*'],
});
export const EvidenceExcluded = defineEvent<{ readonly evidenceId: string; readonly reason: string }>()(
  'EvidenceExcluded',
  {
    personal: ['reason'],
    open: ['evidenceId'],
  },
);
export const ContentVerified = defineEvent<{
  readonly finding: 'substantiated' | 'partly' | 'unsubstantiated';
  readonly grounds: string;
  readonly evidenceIds?: readonly string[];
}>()('ContentVerified', { personal: ['grounds'], open: ['evidenceIds.*'] });
export const MeritsAssessed = defineEvent<{
  readonly reasonable: 'yes' | 'partly' | 'no';
  readonly grounds: string;
  readonly cause?: Cause;
}>()('MeritsAssessed', { personal: ['grounds'] });

// T8
export const InvestigationWaived = defineEvent<{ readonly reason: string; readonly responsible: string }>()(
  'InvestigationWaived',
  {
    personal: ['reason'],
    open: ['responsible'],
  },
);
export const IdentityWaived = defineEvent<{
  /** Absent for a complaint without parties. */
  readonly party?: string;
  readonly cause: 'anonymous' | 'not_needed' | 'unreachable';
  readonly reason: string;
  readonly responsible: string;
}>()('IdentityWaived', { personal: ['reason'], open: ['party', 'responsible'] });

// T9
export const InformationRequested = defineEvent<{
  readonly requestId: string;
  readonly from: string;
  readonly question: string;
  readonly channel?: Channel;
  readonly answerBy?: Moment;
}>()('InformationRequested', { personal: ['from', 'question'], open: ['requestId'] });
export const InformationReceived = defineEvent<{
  readonly requestId?: string;
  readonly from: string;
  readonly content: string;
  readonly evidenceIds?: readonly string[];
}>()('InformationReceived', { personal: ['from', 'content'], open: ['requestId', 'evidenceIds.*'] });
export const InformationRequestLapsed = defineEvent<{ readonly requestId: string; readonly reason: string }>()(
  'InformationRequestLapsed',
  {
    personal: ['reason'],
    open: ['requestId'],
  },
);
export const HoldPlaced = defineEvent<{
  readonly holdId: string;
  readonly reason: HoldReason;
  readonly counterparty: string;
  readonly expectedEnd: Moment;
  /** The information request whose answer releases the hold. */
  readonly requestId?: string;
  readonly note?: string;
}>()('HoldPlaced', { personal: ['counterparty', 'note'], open: ['holdId', 'requestId'] });
export const HoldReleased = defineEvent<{
  readonly holdId: string;
  readonly cause: 'answered' | 'lapsed' | 'released' | 'ended';
  readonly note?: string;
}>()('HoldReleased', { personal: ['note'], open: ['holdId'] });

// T10
export const DeterminationMade = defineEvent<{
  readonly determinationId: string;
  readonly points: readonly PointDecision[];
  readonly recourse?: string;
  /** The deciding body of an external decision (T18). */
  readonly decidedBy?: string;
}>()('DeterminationMade', {
  personal: ['points.*.reasons', 'points.*.findings.*.text', 'recourse'],
  open: [
    'determinationId',
    'points.*.id',
    'points.*.findings.*.evidenceIds.*',
    'points.*.policyRefs.*.id',
    'decidedBy',
  ],
});
export const DeterminationReviewed = defineEvent<{
  readonly determinationId: string;
  readonly decision: 'approve' | 'return';
  readonly capacity: string;
  readonly reasons?: string;
}>()('DeterminationReviewed', { personal: ['reasons'], open: ['determinationId', 'capacity'] });
export const ReturnedToInvestigation = defineEvent<{ readonly reason: string }>()('ReturnedToInvestigation', {
  personal: ['reason'],
});

// T11
export interface RemedyOffer {
  readonly remedyId: string;
  readonly measures: readonly Measure[];
  readonly needsAcceptance: boolean;
  readonly validUntil?: Moment;
  readonly policyRefs?: readonly { readonly id: string; readonly version: number }[];
}
const REMEDY_OFFER = {
  version: 2,
  personal: ['measures.*.action'],
  open: [
    'remedyId',
    'measures.*.id',
    'measures.*.pointIds.*',
    'measures.*.owner',
    'measures.*.amount.currency',
    'policyRefs.*.id',
  ],
};
export const RemedyDrafted = defineEvent<RemedyOffer>()('RemedyDrafted', REMEDY_OFFER);
export const RemedyProposed = defineEvent<RemedyOffer>()('RemedyProposed', REMEDY_OFFER);
export const RemedyApproved = defineEvent<{ readonly remedyId: string; readonly note?: string }>()('RemedyApproved', {
  personal: ['note'],
  open: ['remedyId'],
});
export const RemedyReturned = defineEvent<{ readonly remedyId: string; readonly reason: string }>()('RemedyReturned', {
  personal: ['reason'],
  open: ['remedyId'],
});

// T12
export const RemedyAccepted = defineEvent<{ readonly remedyId: string; readonly statedBy: StatedBy }>()(
  'RemedyAccepted',
  { open: ['remedyId', 'statedBy.party', 'statedBy.evidenceId'] },
);
export const RemedyRejected = defineEvent<{
  readonly remedyId: string;
  readonly statedBy: StatedBy;
  readonly reason: string;
}>()('RemedyRejected', { personal: ['reason'], open: ['remedyId', 'statedBy.party', 'statedBy.evidenceId'] });
export const RemedyOfferLapsed = defineEvent<{ readonly remedyId: string }>()('RemedyOfferLapsed', {
  open: ['remedyId'],
});

// T13
export const RemedyMeasureCompleted = defineEvent<{
  readonly remedyId: string;
  readonly measureId: string;
  readonly confirmation?: string;
  readonly evidenceIds?: readonly string[];
}>()('RemedyMeasureCompleted', { personal: ['confirmation'], open: ['remedyId', 'measureId', 'evidenceIds.*'] });
export const RemedyMeasureWaived = defineEvent<{
  readonly remedyId: string;
  readonly measureId: string;
  readonly reason: string;
  readonly responsible: string;
}>()('RemedyMeasureWaived', { personal: ['reason'], open: ['remedyId', 'measureId', 'responsible'] });
export const RedressPaid = defineEvent<{
  readonly paymentId: string;
  readonly remedyId?: string;
  readonly measureId?: string;
  readonly money: Money;
  readonly exGratia: boolean;
  readonly paymentRef?: string;
}>()('RedressPaid', { personal: ['paymentRef'], open: ['paymentId', 'remedyId', 'measureId', 'money.currency'] });
export const RemedyImplemented = defineEvent<{
  readonly remedyId: string;
  /**
   * This field and the following ones are set only at first contact (T24): the remedy and the statement that accepts
   * it.
   */
  readonly whatWasDone?: string;
  readonly remedyType?: RemedyType;
  readonly money?: Money;
  readonly statedBy?: StatedBy;
}>()('RemedyImplemented', {
  personal: ['whatWasDone'],
  open: ['remedyId', 'money.currency', 'statedBy.party', 'statedBy.evidenceId'],
});

// T14
export const FinalResponseSent = defineEvent<{
  readonly responseId: string;
  readonly kind: ResponseKind;
  readonly addressees: readonly string[];
  readonly channel: Channel;
  readonly text: string;
  readonly recourse?: string;
  readonly templateVersion?: string;
}>()('FinalResponseSent', { personal: ['text', 'recourse'], open: ['responseId', 'addressees.*', 'templateVersion'] });
export const OutcomeCommunicated = defineEvent<{
  /** Id of the final response or notice that was delivered; at first contact (T24), id of the determination. */
  readonly of: string;
  readonly channel: Channel;
  readonly to?: string;
  readonly deliveredAt: Moment;
  readonly proof?: string;
}>()('OutcomeCommunicated', { personal: ['proof'], open: ['of', 'to'] });
export const CommunicationFailed = defineEvent<{
  /** Id of the final response or notice. */
  readonly of: string;
  readonly channel: Channel;
  readonly to?: string;
  readonly at: Moment;
  readonly reason: string;
}>()('CommunicationFailed', { personal: ['reason'], open: ['of', 'to'] });
export const OutcomeUndeliverable = defineEvent<{
  /** Id of the final response or notice. */
  readonly of: string;
  readonly attempts: readonly DeliveryAttempt[];
  readonly reason: string;
}>()('OutcomeUndeliverable', { personal: ['attempts.*.reason', 'reason'], open: ['of', 'attempts.*.channel'] });

// T16
export const FollowUpScheduled = defineEvent<{ readonly windowEndsAt: Moment; readonly channel?: Channel }>()(
  'FollowUpScheduled',
);
export const FeedbackRequested = defineEvent<{ readonly channel: Channel; readonly to?: string }>()(
  'FeedbackRequested',
  { open: ['to'] },
);
export const FeedbackSubmitted = defineEvent<{
  readonly score: number;
  readonly resolved?: 'yes' | 'partly' | 'no';
  readonly comment?: string;
  readonly nps?: number;
  readonly statedBy?: StatedBy;
}>()('FeedbackSubmitted', { personal: ['comment'], open: ['statedBy.party', 'statedBy.evidenceId'] });
export const FollowUpCompleted = defineEvent<{ readonly channel: Channel; readonly note?: string }>()(
  'FollowUpCompleted',
  {
    personal: ['note'],
  },
);
export const FollowUpUnreachable = defineEvent<{
  readonly channel: Channel;
  readonly attempts: number;
  readonly note?: string;
}>()('FollowUpUnreachable', { personal: ['note'] });
export const FollowUpDeclined = defineEvent<{ readonly channel: Channel; readonly note?: string }>()(
  'FollowUpDeclined',
  {
    personal: ['note'],
  },
);

// T17–T19
export const ComplaintClosed = defineEvent<{
  readonly reason: 'handled' | 'resolved_at_first_contact';
  readonly note?: string;
}>()('ComplaintClosed', { personal: ['note'] });
export const ComplaintReopened = defineEvent<{
  readonly episode: number;
  readonly kind: ReopenKind;
  readonly reason: string;
  readonly decidedBy?: string;
  readonly statedBy?: StatedBy;
}>()('ComplaintReopened', { personal: ['reason'], open: ['decidedBy', 'statedBy.party', 'statedBy.evidenceId'] });
export const ComplaintWithdrawn = defineEvent<{
  readonly statedBy: StatedBy;
  readonly reason?: string;
  /** True for a safety-critical complaint: it stays open after the withdrawal (T19). */
  readonly continuedOnOwnInitiative: boolean;
}>()('ComplaintWithdrawn', { personal: ['reason'], open: ['statedBy.party', 'statedBy.evidenceId'] });

// T25
export const ExternalOutcomeRecorded = defineEvent<{
  readonly register: string;
  readonly response: string;
  readonly publicResponse?: string;
  readonly timely?: boolean;
  readonly disputed?: boolean;
  readonly statedOn?: Moment;
}>()('ExternalOutcomeRecorded', { open: ['register', 'response', 'publicResponse'] });

// T26
export const ContactRecorded = defineEvent<{
  readonly contactId: string;
  readonly direction: 'inbound' | 'outbound';
  readonly channel: Channel;
  readonly party?: string;
  readonly at: Moment;
  readonly result: 'reached' | 'no_answer' | 'bounced';
  readonly substantive: boolean;
  readonly content?: string;
}>()('ContactRecorded', { personal: ['content'], open: ['contactId', 'party'] });
export const ComplainantChased = defineEvent<{ readonly contactId: string; readonly at: Moment }>()(
  'ComplainantChased',
  { open: ['contactId'] },
);
/** An internal note; complainants never see it. */
export const NoteAdded = defineEvent<{ readonly noteId: string; readonly text: string }>()('NoteAdded', {
  personal: ['text'],
  open: ['noteId'],
});

/** Every event type of the complaint stream, used by the codec registry and the tests. */
export const complaintEventTypes = [
  ComplaintReceived,
  ComplaintAcknowledged,
  ComplaintAdmitted,
  ComplaintDeclaredInadmissible,
  ComplaintClassified,
  SeverityAssessed,
  ComplaintPrioritised,
  ComplaintAssigned,
  ComplaintReassigned,
  AssignmentAccepted,
  ConflictOfInterestDeclared,
  IdentityVerified,
  IdentityVerificationFailed,
  AuthorityVerified,
  AuthorityRejected,
  EvidenceAdded,
  EvidenceExcluded,
  ContentVerified,
  MeritsAssessed,
  InvestigationWaived,
  IdentityWaived,
  InformationRequested,
  InformationReceived,
  InformationRequestLapsed,
  HoldPlaced,
  HoldReleased,
  DeterminationMade,
  DeterminationReviewed,
  ReturnedToInvestigation,
  RemedyDrafted,
  RemedyProposed,
  RemedyApproved,
  RemedyReturned,
  RemedyAccepted,
  RemedyRejected,
  RemedyOfferLapsed,
  RemedyMeasureCompleted,
  RemedyMeasureWaived,
  RedressPaid,
  RemedyImplemented,
  FinalResponseSent,
  OutcomeCommunicated,
  CommunicationFailed,
  OutcomeUndeliverable,
  FollowUpScheduled,
  FeedbackRequested,
  FeedbackSubmitted,
  FollowUpCompleted,
  FollowUpUnreachable,
  FollowUpDeclined,
  ComplaintClosed,
  ComplaintReopened,
  ComplaintWithdrawn,
  ExternalOutcomeRecorded,
  ContactRecorded,
  ComplainantChased,
  NoteAdded,
] as const;

/** Conversions of recorded events to the newest version of their types. */
export const complaintUpcasters: readonly Upcaster[] = [RemedyDrafted, RemedyProposed].map(({ type }) => ({
  type,
  from: 1,
  up: withCurrentProviders,
}));

/** In version 1 of an offer, `thirdParty` stands for `third_party`. */
function withCurrentProviders(data: JsonObject): JsonObject {
  const measures = data.measures as readonly JsonObject[];
  return {
    ...data,
    measures: measures.map((measure) =>
      measure.provider === 'thirdParty' ? { ...measure, provider: 'third_party' } : measure,
    ),
  };
}

type ComplaintEventType = (typeof complaintEventTypes)[number];

export type ComplaintEvent = EventOf<ComplaintEventType>;

/** The definition of the event with this type. */
export type DefinitionOf<Type extends ComplaintEvent['type']> = Extract<ComplaintEventType, { readonly type: Type }>;
