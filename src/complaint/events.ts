import { defineEvent, type EventOf } from '../eventstore/envelope.js';
import type { Upcaster } from '../eventstore/codec.js';
import type { JsonObject } from '../platform/json.js';
import type { Moment } from '../platform/moment.js';
import { comparableText } from '../platform/text.js';
import type {
  Answer,
  ContactAttempt,
  DeliveryAttempt,
  IdentifiedContact,
  IncidentTime,
  Measure,
  Money,
  Party,
  Point,
  PointDecision,
  RecordedValue,
  Source,
  StatedBy,
} from './terms/facts.js';
import type {
  Category,
  Cause,
  Channel,
  EscalationLevel,
  HoldReason,
  InadmissibleReason,
  Nature,
  NeedDriver,
  Priority,
  Relation,
  RemedyType,
  ReopenKind,
  ResponseKind,
  RiskFlag,
  Scope,
  Severity,
  SuggestionResult,
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
  /** Id of the complaint from which this file was split off (T27). */
  readonly splitFrom?: string;
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
    'parties.*.actsFor.*',
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
    'splitFrom',
  ],
});

// T2
export const ComplaintAcknowledged = defineEvent<{
  readonly channel: Channel;
  readonly to?: string;
  readonly message?: string;
}>()('ComplaintAcknowledged', { personal: ['message'], open: ['to'] });

// T3
export const ComplaintAdmitted = defineEvent<{
  readonly reason?: string;
  /** True if a later step implies the admission. */
  readonly implied?: boolean;
}>()('ComplaintAdmitted', { personal: ['reason'] });

interface Inadmissibility {
  readonly reasonCode: InadmissibleReason;
  readonly nature: Nature;
  readonly reasons: string;
  readonly recourse?: string;
  /** Parties that receive the notice; empty for spam or if nobody may be told. */
  readonly addressees: readonly string[];
  readonly channel?: Channel;
}
interface DraftedInadmissibility extends Inadmissibility {
  readonly draftId: string;
}
interface DeclaredInadmissibility extends Inadmissibility {
  readonly noticeId?: string;
  /** The draft that is approved; absent if one person declared it. */
  readonly draftId?: string;
}
const INADMISSIBILITY = { personal: ['reasons', 'recourse'], open: ['draftId', 'addressees.*'] };
/** Waits for the approval of a second person; the draft has the id that its notice will have. */
export const InadmissibilityDrafted = defineEvent<DraftedInadmissibility>()('InadmissibilityDrafted', INADMISSIBILITY);
export const ComplaintDeclaredInadmissible = defineEvent<DeclaredInadmissibility>()('ComplaintDeclaredInadmissible', {
  ...INADMISSIBILITY,
  open: ['noticeId', ...INADMISSIBILITY.open],
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
  /**
   * Why the priority is set: by a person with a reason, by rule on request, or by rule after an input changed. Absent: by
   * a person if there is a reason, otherwise by rule.
   */
  readonly basis?: 'person' | 'rule' | 'input_changed';
  readonly inputs: {
    readonly severity?: Severity;
    readonly impactScope?: string;
    readonly safetyCritical: boolean;
    readonly vulnerable: boolean;
  };
  readonly reason?: string;
}>()('ComplaintPrioritised', { personal: ['reason'], open: ['rule.id', 'inputs.impactScope'] });

// T5
export const ComplaintAssigned = defineEvent<{ readonly handler?: string; readonly orgUnit?: string }>()(
  'ComplaintAssigned',
  { open: ['handler', 'orgUnit'] },
);
export const ComplaintReassigned = defineEvent<{
  /** The former handler; absent if the complaint was assigned to a unit only. */
  readonly from?: string;
  /** The new handler; absent if the complaint is assigned to a unit only. */
  readonly to?: string;
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
/** The owner has a conflict of interest: the complaint has no owner any more. */
export const ComplaintUnassigned = defineEvent<{ readonly from: string }>()('ComplaintUnassigned', { open: ['from'] });
export const ConflictOfInterestWithdrawn = defineEvent<{ readonly person: string; readonly reason: string }>()(
  'ConflictOfInterestWithdrawn',
  { personal: ['reason'], open: ['person'] },
);

// T6
export const DepartmentTaskRequested = defineEvent<{
  readonly taskId: string;
  readonly orgUnit: string;
  readonly person?: string;
  readonly task: string;
  readonly dueAt?: Moment;
  readonly pointIds?: readonly string[];
}>()('DepartmentTaskRequested', { personal: ['task'], open: ['taskId', 'orgUnit', 'person', 'pointIds.*'] });
export const DepartmentTaskAccepted = defineEvent<{ readonly taskId: string }>()('DepartmentTaskAccepted', {
  open: ['taskId'],
});
export const DepartmentTaskReturned = defineEvent<{ readonly taskId: string; readonly reason: string }>()(
  'DepartmentTaskReturned',
  { personal: ['reason'], open: ['taskId'] },
);
export const DepartmentTaskCompleted = defineEvent<{
  readonly taskId: string;
  readonly result: string;
  readonly evidenceIds?: readonly string[];
}>()('DepartmentTaskCompleted', { personal: ['result'], open: ['taskId', 'evidenceIds.*'] });
export const DepartmentTaskCancelled = defineEvent<{
  readonly taskId: string;
  /** Absent if the end of the complaint cancels the task. */
  readonly reason?: string;
  readonly cause?: 'ended';
}>()('DepartmentTaskCancelled', { personal: ['reason'], open: ['taskId'] });

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
  /** What the authority covers; to act and to receive letters when absent. */
  readonly scope?: readonly Scope[];
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
  /** The party that is asked. */
  readonly party?: string;
  /** What is asked for: a field, the id of a question, or a kind of evidence. */
  readonly about?: string;
  /** Why what the complaint file holds about it will not do. */
  readonly reason?: string;
  readonly channel?: Channel;
  readonly answerBy?: Moment;
}>()('InformationRequested', { personal: ['from', 'question', 'reason'], open: ['requestId', 'party', 'about'] });
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
  /** Absent only if an upstream system does not state it; the hold then lasts until it is released. */
  readonly expectedEnd?: Moment;
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
  /** The statements with which the complainants agreed to a resolution without finding. */
  readonly agreedBy?: readonly StatedBy[];
  readonly recourse?: string;
  /** The deciding body of an external decision (T21). */
  readonly decidedBy?: string;
}>()('DeterminationMade', {
  personal: ['points.*.reasons', 'points.*.findings.*.text', 'recourse'],
  open: [
    'determinationId',
    'points.*.id',
    'points.*.findings.*.evidenceIds.*',
    'points.*.policyRefs.*.id',
    'agreedBy.*.party',
    'agreedBy.*.evidenceId',
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
  /** The complainants to whom it is made; absent if nobody is named: the first answer then settles it. */
  readonly to?: readonly string[];
  readonly measures: readonly Measure[];
  readonly needsAcceptance: boolean;
  readonly validUntil?: Moment;
  readonly policyRefs?: readonly { readonly id: string; readonly version: number }[];
  /** The external body that orders the measures (T21). */
  readonly orderedBy?: string;
}
const REMEDY_OFFER = {
  version: 2,
  personal: ['measures.*.action'],
  open: [
    'remedyId',
    'to.*',
    'measures.*.id',
    'measures.*.pointIds.*',
    'measures.*.owner',
    'measures.*.amount.currency',
    'policyRefs.*.id',
    'orderedBy',
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

/** An open offer is taken back. The letter that says so has the id `noticeId`. */
export const RemedyOfferWithdrawn = defineEvent<{
  readonly remedyId: string;
  /** Absent if the complainants themselves do not want the remedy. */
  readonly noticeId?: string;
  readonly reason: string;
  /** Absent if another letter tells it: that of the waiver of the last measure. */
  readonly addressees?: readonly string[];
  readonly channel?: Channel;
}>()('RemedyOfferWithdrawn', { personal: ['reason'], open: ['remedyId', 'noticeId', 'addressees.*'] });
/** A draft that waits for a second person no longer waits. It has the id of what it would become. */
export const DraftDiscarded = defineEvent<{
  readonly draftId: string;
  /** `ended` if the end of the complaint discarded it. */
  readonly cause?: 'ended';
  readonly reason?: string;
}>()('DraftDiscarded', { personal: ['reason'], open: ['draftId'] });

// T12
export const RemedyAccepted = defineEvent<{
  readonly remedyId: string;
  readonly statedBy: StatedBy;
  /** The complainants who have not accepted the offer yet; absent if it is accepted by all. */
  readonly awaiting?: readonly string[];
}>()('RemedyAccepted', { open: ['remedyId', 'statedBy.party', 'statedBy.evidenceId', 'awaiting.*'] });
export const RemedyRejected = defineEvent<{
  readonly remedyId: string;
  readonly statedBy: StatedBy;
  readonly reason: string;
}>()('RemedyRejected', { personal: ['reason'], open: ['remedyId', 'statedBy.party', 'statedBy.evidenceId'] });
export const RemedyOfferLapsed = defineEvent<{
  readonly remedyId: string;
  /** `validity` when absent. */
  readonly cause?: 'validity' | 'ended';
}>()('RemedyOfferLapsed', { open: ['remedyId'] });
/** The complainant answered the offer in time, although its lapse or withdrawal was recorded before the answer was. */
export const RemedyOfferLapseReversed = defineEvent<{ readonly remedyId: string }>()('RemedyOfferLapseReversed', {
  open: ['remedyId'],
});

// T13
export const RemedyMeasureCompleted = defineEvent<{
  readonly remedyId: string;
  readonly measureId: string;
  readonly confirmation?: string;
  readonly evidenceIds?: readonly string[];
}>()('RemedyMeasureCompleted', { personal: ['confirmation'], open: ['remedyId', 'measureId', 'evidenceIds.*'] });
interface MeasureWaiver {
  /** Also the id of the letter that tells it. */
  readonly waiverId?: string;
  readonly remedyId: string;
  readonly measureId: string;
  readonly reason: string;
  readonly responsible: string;
  /** Who receives the letter; absent without one. */
  readonly addressees?: readonly string[];
  readonly channel?: Channel;
}
export const MeasureWaiverDrafted = defineEvent<MeasureWaiver>()('MeasureWaiverDrafted', {
  personal: ['reason'],
  open: ['waiverId', 'remedyId', 'measureId', 'responsible', 'addressees.*'],
});
interface StatedMeasureWaiver extends MeasureWaiver {
  /** The statements of the complainants who do not want the measure. */
  readonly statedBy?: readonly StatedBy[];
}
export const RemedyMeasureWaived = defineEvent<StatedMeasureWaiver>()('RemedyMeasureWaived', {
  personal: ['reason'],
  open: [
    'waiverId',
    'remedyId',
    'measureId',
    'responsible',
    'addressees.*',
    'statedBy.*.party',
    'statedBy.*.evidenceId',
  ],
});
export const RedressPaid = defineEvent<{
  readonly paymentId: string;
  readonly remedyId?: string;
  readonly measureId?: string;
  /** A party, or `unidentified`; absent for money that others receive in place of the complainant. */
  readonly payee?: string;
  readonly money: Money;
  readonly paidAt?: Moment;
  readonly exGratia: boolean;
  readonly paymentRef?: string;
}>()('RedressPaid', {
  personal: ['paymentRef'],
  open: ['paymentId', 'remedyId', 'measureId', 'payee', 'money.currency'],
});
/** A payment came back. Its measure is owed again. */
export const RedressReturned = defineEvent<{
  readonly paymentId: string;
  readonly reason: string;
}>()('RedressReturned', { personal: ['reason'], open: ['paymentId'] });
/** Help before the determination, without admission of liability. */
interface Relief {
  readonly reliefId: string;
  readonly type: RemedyType;
  readonly amount?: Money;
  /** A party, or `unidentified`; absent for what others receive in place of the complainant. */
  readonly payee?: string;
  readonly reason: string;
}
const RELIEF = { personal: ['reason'], open: ['reliefId', 'amount.currency', 'payee'] };
export const InterimReliefDrafted = defineEvent<Relief>()('InterimReliefDrafted', RELIEF);
export const InterimReliefProvided = defineEvent<Relief>()('InterimReliefProvided', RELIEF);
export const RemedyImplemented = defineEvent<{
  readonly remedyId: string;
  /**
   * This field and the following ones are set only at first contact (T24): the remedy and the statement that accepts
   * it.
   */
  readonly whatWasDone?: string;
  readonly remedyType?: RemedyType;
  readonly money?: Money;
  /** Who received the money: a party, or `unidentified`. */
  readonly payee?: string;
  readonly statedBy?: StatedBy;
}>()('RemedyImplemented', {
  personal: ['whatWasDone'],
  open: ['remedyId', 'money.currency', 'payee', 'statedBy.party', 'statedBy.evidenceId'],
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
  /** The earlier response that this one replaces, and why. */
  readonly supersedes?: string;
  readonly reason?: string;
  /** Until when the complainant may turn to an external body. */
  readonly referUntil?: Moment;
  /** Codes of the leaflets that went with it. */
  readonly leaflets?: readonly string[];
  readonly language?: string;
}>()('FinalResponseSent', {
  personal: ['text', 'recourse', 'reason'],
  open: ['responseId', 'addressees.*', 'templateVersion', 'supersedes', 'leaflets.*', 'language'],
});
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
  /** Id of the letter. */
  readonly of: string;
  /** The addressee; every addressee when absent. */
  readonly to?: string;
  readonly attempts: readonly DeliveryAttempt[];
  /** `nobody` if nobody may be told; when absent, `attempts` if there are any. */
  readonly cause?: 'attempts' | 'nobody';
  readonly reason?: string;
}>()('OutcomeUndeliverable', { personal: ['attempts.*.reason', 'reason'], open: ['of', 'to', 'attempts.*.channel'] });
export const DeliveryContested = defineEvent<{
  /** Id of the letter. */
  readonly of: string;
  readonly to: string;
  readonly at: Moment;
  readonly reason: string;
}>()('DeliveryContested', { personal: ['reason'], open: ['of', 'to'] });

/** The letter on a resolution at first contact, where a response policy asks for one (T24). */
export const SummaryResolutionCommunicated = defineEvent<{
  readonly letterId: string;
  /** Id of the determination at first contact. */
  readonly of: string;
  readonly addressees: readonly string[];
  readonly channel: Channel;
  readonly text: string;
  readonly recourse?: string;
  readonly referUntil?: Moment;
  readonly leaflets?: readonly string[];
}>()('SummaryResolutionCommunicated', {
  personal: ['text', 'recourse'],
  open: ['letterId', 'of', 'addressees.*', 'leaflets.*'],
});

// T15
interface Update {
  readonly updateId: string;
  readonly addressees: readonly string[];
  readonly channel: Channel;
  /** Why the complaint is not answered yet, or what was done. */
  readonly text: string;
  /** When the next news is expected. */
  readonly until: Moment;
}
interface HoldingResponse extends Update {
  readonly recourse?: string;
  readonly referUntil?: Moment;
  readonly leaflets?: readonly string[];
  readonly language?: string;
}
export const HoldingResponseSent = defineEvent<HoldingResponse>()('HoldingResponseSent', {
  personal: ['text', 'recourse'],
  open: ['updateId', 'addressees.*', 'leaflets.*', 'language'],
});
export const ProgressUpdateSent = defineEvent<Update>()('ProgressUpdateSent', {
  personal: ['text'],
  open: ['updateId', 'addressees.*'],
});

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
  /** Whether the complainant would buy again. */
  readonly repurchase?: 'yes' | 'partly' | 'no';
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
  /** When reopening was asked for, if that was before the event. */
  readonly requestedAt?: Moment;
  /** The offers that still wait for an answer. Absent in older events: then none, and the drafts lapsed too. */
  readonly standingOffers?: readonly string[];
}>()('ComplaintReopened', {
  personal: ['reason'],
  open: ['decidedBy', 'statedBy.party', 'statedBy.evidenceId', 'standingOffers.*'],
});
export const ComplaintWithdrawn = defineEvent<{
  readonly statedBy: StatedBy;
  readonly reason?: string;
  /** True if the complaint stays open on our own initiative after the last withdrawal (T19). */
  readonly continuedOnOwnInitiative: boolean;
  /** True if other complainants have not withdrawn, so that the complaint stays open. */
  readonly partial?: boolean;
}>()('ComplaintWithdrawn', { personal: ['reason'], open: ['statedBy.party', 'statedBy.evidenceId'] });

// T21
export const ComplaintEscalated = defineEvent<{
  readonly to: EscalationLevel;
  /** Level within the organisation. */
  readonly level?: number;
  /** The external body. */
  readonly body?: string;
  readonly reason: string;
}>()('ComplaintEscalated', { personal: ['reason'], open: ['body'] });
/** The points no longer count. */
export const ComplaintReferredExternally = defineEvent<{
  readonly referralId: string;
  readonly pointIds: readonly string[];
  readonly body: string;
  /** Parties that receive the letter; empty if nobody may be told. */
  readonly addressees: readonly string[];
  readonly channel?: Channel;
  readonly text?: string;
  readonly recourse?: string;
  /** True if no point stays with us. */
  readonly endsComplaint: boolean;
}>()('ComplaintReferredExternally', {
  personal: ['text', 'recourse'],
  open: ['referralId', 'pointIds.*', 'body', 'addressees.*'],
});
/** The decision itself is the `DeterminationMade` with `decidedBy` that follows; orders are the `RemedyProposed`. */
export const ExternalDecisionRecorded = defineEvent<{
  readonly decisionId: string;
  readonly body: string;
  readonly ref?: string;
  readonly decidedOn: Moment;
  readonly complyBy?: Moment;
}>()('ExternalDecisionRecorded', { open: ['decisionId', 'body', 'ref'] });

// T22
export interface CorrectionTerms {
  readonly correctionId: string;
  readonly target: { readonly revision: number; readonly type: string };
  /** Path of the value in the data of the event, such as `points.0.outcome`, or `occurredAt`. */
  readonly field: string;
  readonly oldValue: RecordedValue;
  readonly newValue: RecordedValue;
  /** What the correction rests on. */
  readonly basis: string;
}
const CORRECTION = {
  personal: ['oldValue.text', 'newValue.text', 'basis'],
  open: ['correctionId', 'target.type', 'field'],
};
export const CorrectionProposed = defineEvent<CorrectionTerms>()('CorrectionProposed', CORRECTION);
/** Changes how the event is read from now on; the event itself stays as it was recorded. */
export const RecordCorrected = defineEvent<CorrectionTerms>()('RecordCorrected', CORRECTION);
export const CorrectionRejected = defineEvent<{ readonly correctionId: string; readonly reason: string }>()(
  'CorrectionRejected',
  { personal: ['reason'], open: ['correctionId'] },
);
/** A second person confirms the time of an event that was recorded late (I12). */
export const TimeConfirmed = defineEvent<{
  readonly target: { readonly revision: number; readonly type: string };
  readonly basis?: string;
}>()('TimeConfirmed', { personal: ['basis'], open: ['target.type'] });

// T25
export const ExternalOutcomeRecorded = defineEvent<{
  readonly register: string;
  readonly response: string;
  /** Whether the sender says that the register has ended the case. */
  readonly final: boolean;
  /** True if the case was handled elsewhere, so that it ends from any open stage. */
  readonly handledElsewhere?: boolean;
  readonly publicResponse?: string;
  readonly timely?: boolean;
  readonly disputed?: boolean;
  readonly statedOn?: Moment;
}>()('ExternalOutcomeRecorded', { version: 2, open: ['register', 'response', 'publicResponse'] });

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

// T27
const POINT_TEXTS = {
  personal: ['remedySought', 'subject.postalCode', 'subject.orderId'],
  open: [
    'id',
    'category',
    'issue',
    'subIssue',
    ...['orgUnit', 'thirdParty', 'respondent', 'product', 'subProduct', 'employeeId', 'shift', 'region'].map(
      (field) => `subject.${field}`,
    ),
  ],
};
const within = (parent: string, paths: readonly string[]): string[] => paths.map((path) => `${parent}.${path}`);
export const PointAdded = defineEvent<{ readonly point: Point }>()('PointAdded', {
  personal: within('point', POINT_TEXTS.personal),
  open: within('point', POINT_TEXTS.open),
});
/** The point stays; `points` are new ones beside it. */
export const PointSplit = defineEvent<{ readonly pointId: string; readonly points: readonly Point[] }>()('PointSplit', {
  personal: within('points.*', POINT_TEXTS.personal),
  open: ['pointId', ...within('points.*', POINT_TEXTS.open)],
});
/** The points no longer count here: `complaintId` is the file that is opened for them. */
export const PointsSplitOff = defineEvent<{
  readonly pointIds: readonly string[];
  readonly nature: Nature;
  readonly complaintId: string;
}>()('PointsSplitOff', { open: ['pointIds.*', 'complaintId'] });
/** The other complaint exists when this is recorded. */
export const RelatedComplaintLinked = defineEvent<{
  readonly complaintId: string;
  readonly relation: Relation;
  readonly reason?: string;
}>()('RelatedComplaintLinked', { personal: ['reason'], open: ['complaintId'] });
export const PartyAdded = defineEvent<{ readonly party: Party }>()('PartyAdded', {
  personal: ['party.name', 'party.contacts.*.address'],
  open: ['party.id', 'party.actsFor.*', 'party.subjectId', 'party.contacts.*.channel', 'party.employeeId'],
});
export const ContactDetailsAdded = defineEvent<{
  readonly party: string;
  readonly contacts: readonly IdentifiedContact[];
}>()('ContactDetailsAdded', {
  personal: ['contacts.*.address'],
  open: ['party', 'contacts.*.id', 'contacts.*.channel'],
});
export const ContactDetailsRetired = defineEvent<{
  readonly party: string;
  /** Id of the contact details. */
  readonly contact: string;
  readonly reason: string;
}>()('ContactDetailsRetired', { personal: ['reason'], open: ['party', 'contact'] });

// T28
export const RiskFlagged = defineEvent<{
  readonly flag: RiskFlag;
  readonly reason?: string;
  readonly evidenceIds?: readonly string[];
}>()('RiskFlagged', { personal: ['reason'], open: ['evidenceIds.*'] });
export const RiskFlagCleared = defineEvent<{ readonly flag: RiskFlag; readonly reason: string }>()('RiskFlagCleared', {
  personal: ['reason'],
});

/** A later record of the same need of the party replaces it. */
export const NeedRecorded = defineEvent<{
  readonly party: string;
  readonly driver: NeedDriver;
  readonly need: string;
  readonly adjustment: string;
  readonly consent: boolean;
  readonly until?: Moment;
  /** The complaint arose because the need was not met. */
  readonly harm?: boolean;
}>()('NeedRecorded', { personal: ['need', 'adjustment'], open: ['party'] });
export const LegalHoldPlaced = defineEvent<{ readonly legalHoldId: string; readonly reason: string }>()(
  'LegalHoldPlaced',
  { personal: ['reason'], open: ['legalHoldId'] },
);
export const LegalHoldReleased = defineEvent<{ readonly legalHoldId: string; readonly reason: string }>()(
  'LegalHoldReleased',
  { personal: ['reason'], open: ['legalHoldId'] },
);
export const RecurrenceLinked = defineEvent<{ readonly priorComplaintId: string; readonly reason?: string }>()(
  'RecurrenceLinked',
  { personal: ['reason'], open: ['priorComplaintId'] },
);
export const EffortRecorded = defineEvent<{ readonly minutes: number; readonly onWhat?: string }>()('EffortRecorded', {
  personal: ['onWhat'],
});
export const SuggestionShown = defineEvent<{
  readonly kind: string;
  readonly version: string;
  readonly shown: string;
  readonly taken: SuggestionResult;
}>()('SuggestionShown', { personal: ['shown'], open: ['kind', 'version'] });

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
  ComplaintUnassigned,
  ConflictOfInterestWithdrawn,
  DepartmentTaskRequested,
  DepartmentTaskAccepted,
  DepartmentTaskReturned,
  DepartmentTaskCompleted,
  DepartmentTaskCancelled,
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
  RemedyOfferWithdrawn,
  DraftDiscarded,
  RemedyAccepted,
  RemedyRejected,
  RemedyOfferLapsed,
  RemedyOfferLapseReversed,
  RemedyMeasureCompleted,
  MeasureWaiverDrafted,
  RemedyMeasureWaived,
  RedressPaid,
  RedressReturned,
  InterimReliefDrafted,
  InterimReliefProvided,
  RemedyImplemented,
  FinalResponseSent,
  OutcomeCommunicated,
  CommunicationFailed,
  OutcomeUndeliverable,
  DeliveryContested,
  SummaryResolutionCommunicated,
  HoldingResponseSent,
  ProgressUpdateSent,
  FollowUpScheduled,
  FeedbackRequested,
  FeedbackSubmitted,
  FollowUpCompleted,
  FollowUpUnreachable,
  FollowUpDeclined,
  ComplaintClosed,
  ComplaintReopened,
  ComplaintWithdrawn,
  ComplaintEscalated,
  ComplaintReferredExternally,
  ExternalDecisionRecorded,
  CorrectionProposed,
  RecordCorrected,
  CorrectionRejected,
  TimeConfirmed,
  ExternalOutcomeRecorded,
  ContactRecorded,
  ComplainantChased,
  NoteAdded,
  PointAdded,
  PointSplit,
  PointsSplitOff,
  RelatedComplaintLinked,
  PartyAdded,
  ContactDetailsAdded,
  ContactDetailsRetired,
  RiskFlagged,
  RiskFlagCleared,
  NeedRecorded,
  LegalHoldPlaced,
  LegalHoldReleased,
  RecurrenceLinked,
  EffortRecorded,
  SuggestionShown,
  InadmissibilityDrafted,
] as const;

/** Conversions of recorded events to the newest version of their types. */
export const complaintUpcasters: readonly Upcaster[] = [
  ...[RemedyDrafted, RemedyProposed].map(({ type }) => ({ type, from: 1, up: withCurrentProviders })),
  { type: ExternalOutcomeRecorded.type, from: 1, up: withFinal },
];

/** In version 1 of a register outcome, every response but "In progress" was final. */
function withFinal(data: JsonObject): JsonObject {
  const response = typeof data.response === 'string' ? data.response : '';
  return { ...data, final: comparableText(response).toLowerCase() !== 'in progress' };
}

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
