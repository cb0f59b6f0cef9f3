import { latest, type Moment } from '../platform/moment.js';
import { comparableText } from '../platform/text.js';
import type {
  DeliveryAttempt,
  IdentifiedContact,
  Measure,
  Money,
  Party,
  Point,
  PointDecision,
  PolicyRef,
  RecordedValue,
  StatedBy,
} from './terms/facts.js';
import type {
  Cause,
  Channel,
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
  Severity,
  SuggestionResult,
} from './terms/vocabulary.js';

/* The types of the fields of the complaint state. They are plain JSON; an absent value is unknown. */

/** `at` is the time when the fact happened (`occurredAt`); `by` is the id of the actor who recorded the fact. */
export interface Attribution {
  readonly at: Moment;
  readonly by: string;
}

/** One check. `Failed` has a reason; `Waived` has a reason and a responsible person. */
export interface Check {
  readonly status: 'None' | 'Done' | 'Failed' | 'Waived';
  readonly reason?: string;
  readonly responsible?: string;
  readonly method?: string;
  readonly level?: string;
  readonly evidenceIds?: readonly string[];
  readonly at?: Moment;
  readonly by?: string;
}

export const UNCHECKED: Check = { status: 'None' };

export interface ContentCheck extends Check {
  readonly finding?: 'substantiated' | 'partly' | 'unsubstantiated';
}

export interface MeritsCheck extends Check {
  readonly reasonable?: 'yes' | 'partly' | 'no';
  readonly cause?: Cause;
}

/** An address of a party. Retired ones stay in the file; nothing is sent to them. */
export interface ContactDetails extends IdentifiedContact {
  /** Why the address is no longer used. */
  readonly retired?: string;
}

export interface PartyFile extends Party {
  readonly contacts?: readonly ContactDetails[];
  readonly identity: Check;
  /** The check that determined `authority`. */
  readonly authorityCheck: Check;
}

export interface PointFile extends Point {
  /** Where the point went. It no longer counts: it is not decided here and is not part of the outcome. */
  readonly left?: {
    readonly how: 'split_off' | 'referred';
    /** Id of the other complaint, or the external body. */
    readonly to: string;
  };
}

/** A second file that points were split off into. */
export interface SplitOffFile {
  readonly complaintId: string;
  readonly pointIds: readonly string[];
  readonly nature: Nature;
}

/** A correction of a recorded value, with both values. `at` and `by` are those of the proposal. */
export interface Correction extends Attribution {
  readonly correctionId: string;
  readonly target: { readonly revision: number; readonly type: string };
  readonly field: string;
  readonly oldValue: RecordedValue;
  readonly newValue: RecordedValue;
  readonly basis: string;
  readonly status: 'Proposed' | 'Corrected' | 'Rejected';
  /** Who approved or rejected it. */
  readonly decidedBy?: string;
  /** Why it was rejected. */
  readonly reason?: string;
}

/** The confirmation of the time of a late recorded event. */
export interface ConfirmedTime extends Attribution {
  readonly revision: number;
  readonly type: string;
}

/** A link to another complaint. */
export interface RelatedComplaint extends Attribution {
  readonly complaintId: string;
  readonly relation: Relation;
  readonly reason?: string;
}

export interface Acknowledgement extends Attribution {
  readonly channel: Channel;
  readonly to?: string;
}

export interface Ownership {
  readonly status: 'Unassigned' | 'Assigned' | 'PickedUp';
  readonly handler?: string;
  readonly orgUnit?: string;
  readonly since?: Moment;
}

export interface Classification extends Attribution {
  readonly nature: Nature;
  readonly suspectedCause?: Cause;
  readonly impact?: string;
  readonly taxonomyVersion: number;
}

export interface SeverityAssessment extends Attribution {
  readonly severity: Severity;
  readonly impactScope?: string;
  readonly safetyCritical: boolean;
  readonly complexity?: string;
}

export interface Prioritisation extends Attribution {
  readonly priority: Priority;
  readonly rule: PolicyRef;
  /** What the rule was applied to. */
  readonly inputs: {
    readonly severity?: Severity;
    readonly impactScope?: string;
    readonly safetyCritical: boolean;
    readonly vulnerable: boolean;
  };
  readonly reason?: string;
  /** The priority that a person set with a reason; it stands until a person sets another or asks for the rule. */
  readonly override?: { readonly priority: Priority; readonly reason: string };
}

/** A need of a party. */
export interface Need extends Attribution {
  readonly party: string;
  readonly driver: NeedDriver;
  readonly need: string;
  readonly adjustment: string;
  readonly consent: boolean;
  readonly until?: Moment;
  readonly harm?: boolean;
}

/** True if both are records of one need. */
export const isSameNeed = (one: NeedKey, other: NeedKey): boolean =>
  one.party === other.party && one.driver === other.driver && comparableText(one.need) === comparableText(other.need);

/** True while the need lasts. */
export const isInForce = ({ until }: Pick<Need, 'until'>, now: string): boolean =>
  until === undefined || latest(until) > now;

type NeedKey = Pick<Need, 'party' | 'driver' | 'need'>;

/** The personal data of the complaint is kept while a legal hold is not released. */
export interface LegalHold extends Attribution {
  readonly legalHoldId: string;
  readonly reason: string;
  readonly released?: Attribution & { readonly reason: string };
}

/** An earlier complaint about what happens again. */
export interface Recurrence extends Attribution {
  readonly priorComplaintId: string;
  readonly reason?: string;
}

/** A suggestion that was shown to the person `by`, and what they made of it. */
export interface Suggestion extends Attribution {
  readonly kind: string;
  readonly version: string;
  readonly shown: string;
  readonly taken: SuggestionResult;
}

/** A declaration of inadmissibility that one person drafted for the approval of a second. */
export interface InadmissibilityDraft extends Attribution {
  /** The id that the notice will have. */
  readonly draftId: string;
  readonly status: 'Drafted' | 'Approved' | 'Discarded';
  readonly reasonCode: InadmissibleReason;
  readonly nature: Nature;
  readonly reasons: string;
  readonly recourse?: string;
  readonly addressees: readonly string[];
  readonly channel?: Channel;
}

/** A risk flag; it stands until it is cleared. */
export interface Flag extends Attribution {
  readonly flag: RiskFlag;
  readonly reason?: string;
  readonly evidenceIds?: readonly string[];
  readonly cleared?: Attribution & { readonly reason: string };
}

/** A declared conflict of interest of a person. */
export interface ConflictOfInterest extends Attribution {
  readonly person: string;
  /** Set if another person withdrew it; the conflict then no longer stands. */
  readonly withdrawn?: Attribution;
}

/** A task of a department beside the lead owner. */
export interface DepartmentTask extends Attribution {
  readonly taskId: string;
  readonly status: 'Requested' | 'Accepted' | 'Returned' | 'Completed' | 'Cancelled';
  readonly orgUnit: string;
  /** The person in the department, if the request names one. */
  readonly person?: string;
  readonly task: string;
  readonly dueAt?: Moment;
  readonly pointIds?: readonly string[];
  readonly acceptedBy?: string;
  readonly result?: string;
  readonly evidenceIds?: readonly string[];
  /** Why the task was returned or cancelled. */
  readonly reason?: string;
  /** When the task was completed or cancelled. */
  readonly endedAt?: Moment;
}

export interface EvidenceFile extends Attribution {
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
  readonly excluded?: string;
}

export interface InformationRequest extends Attribution {
  readonly requestId: string;
  readonly from: string;
  readonly question: string;
  readonly party?: string;
  readonly about?: string;
  readonly reason?: string;
  readonly answerBy?: Moment;
  readonly status: 'Open' | 'Answered' | 'Lapsed';
}

/** A hold is active until `ended` is set or the expected end has passed, when it ends automatically (I10). */
export interface Hold extends Attribution {
  readonly holdId: string;
  readonly reason: HoldReason;
  readonly counterparty: string;
  /** Absent if an upstream system did not state it. */
  readonly expectedEnd?: Moment;
  readonly requestId?: string;
  readonly ended?: 'answered' | 'lapsed' | 'released' | 'ended';
}

export interface Review extends Attribution {
  readonly decision: 'approve' | 'return';
  readonly capacity: string;
  readonly reasons?: string;
}

export interface Determination extends Attribution {
  readonly determinationId: string;
  readonly episode: number;
  readonly points: readonly PointDecision[];
  readonly agreedBy?: readonly StatedBy[];
  readonly recourse?: string;
  readonly decidedBy?: string;
  /** True if made at first contact (T24); a return to investigation does not take it back. */
  readonly firstContact?: boolean;
  /** True if returned to investigation; the determination is then no longer in force. */
  readonly returned: boolean;
  readonly reviews: readonly Review[];
}

export type MeasureStatus = 'Open' | 'Done' | 'Waived';

export interface MeasureFile extends Measure {
  readonly status: MeasureStatus;
  /** When the measure was done or waived. */
  readonly doneAt?: Moment;
}

export type RemedyStatus =
  | 'Drafted'
  | 'Returned'
  | 'Discarded'
  | 'Proposed'
  | 'Accepted'
  | 'Rejected'
  | 'Lapsed'
  | 'Withdrawn'
  | 'InProgress'
  | 'Implemented'
  | 'Waived';

/** The status of a remedy and its measures, from draft to implementation; {@link Remedy} adds the details. */
export interface Offer {
  readonly remedyId: string;
  readonly status: RemedyStatus;
  readonly measures: readonly Pick<MeasureFile, 'id' | 'type' | 'status'>[];
  /** The complainants who have not accepted the offer yet; absent before the first of several acceptances. */
  readonly awaiting?: readonly string[];
  /** Set only at first contact (T24). */
  readonly remedyType?: RemedyType;
  /** Set only at first contact (T24). */
  readonly money?: Money;
}

export interface Remedy extends Attribution, Offer {
  readonly episode: number;
  /** The complainants to whom it is offered; absent if nobody is named. */
  readonly to?: readonly string[];
  readonly needsAcceptance: boolean;
  readonly validUntil?: Moment;
  readonly measures: readonly MeasureFile[];
  readonly policyRefs?: readonly PolicyRef[];
  /** The external body that orders the measures (T21). */
  readonly orderedBy?: string;
  /** Who approved the draft (I14). */
  readonly approvedBy?: string;
  /** The acceptances of those who accepted, if the offer awaits others. */
  readonly acceptances?: readonly StatedBy[];
  /** The statement that settled the offer: a rejection, or the last acceptance. */
  readonly answered?: StatedBy;
  /** How an offer that nobody answered ended. */
  readonly over?: OfferEnd;
  /** When the last measure was done or waived. */
  readonly dischargedAt?: Moment;
  /** Set only at first contact (T24). */
  readonly whatWasDone?: string;
  /** Set only at first contact (T24). */
  readonly payee?: string;
}

/** The end of an offer that waited: its validity, the end of the complaint, or a withdrawal with its letter. */
export interface OfferEnd extends Attribution {
  readonly cause: 'validity' | 'ended' | 'withdrawn';
  /** The letter that tells the withdrawal; absent if the complainants asked for it. */
  readonly noticeId?: string;
}

export interface Payment extends Attribution {
  readonly paymentId: string;
  readonly remedyId?: string;
  readonly measureId?: string;
  readonly payee?: string;
  readonly money: Money;
  readonly paidAt?: Moment;
  readonly exGratia: boolean;
  readonly paymentRef?: string;
  /** Set if the payment came back; it then no longer stands. */
  readonly returned?: Attribution & { readonly reason: string };
}

/** The waiver of one measure. A draft changes nothing until a second person approves it. */
export interface MeasureWaiver extends Attribution {
  readonly waiverId: string;
  readonly status: 'Drafted' | 'Waived' | 'Discarded';
  readonly remedyId: string;
  readonly measureId: string;
  readonly reason: string;
  readonly responsible: string;
  readonly addressees?: readonly string[];
  readonly channel?: Channel;
  readonly statedBy?: readonly StatedBy[];
  readonly approvedBy?: string;
}

/** Help before the determination. */
export interface Relief extends Attribution {
  readonly reliefId: string;
  readonly status: 'Drafted' | 'Provided' | 'Discarded';
  readonly type: RemedyType;
  readonly amount?: Money;
  readonly payee?: string;
  readonly reason: string;
  readonly approvedBy?: string;
}

export interface Delivery {
  readonly result: 'delivered' | 'failed' | 'undeliverable' | 'contested';
  readonly channel?: Channel;
  readonly to?: string;
  readonly at: Moment;
  readonly reason?: string;
}

/**
 * A final response (f1, …), a notice of inadmissibility (i1, …), or the letter that tells the withdrawal of an offer
 * (o1, …) or the waiver of a measure (w1, …), with its deliveries.
 */
export interface Letter extends Attribution {
  readonly id: string;
  readonly kind: ResponseKind | 'summary' | 'inadmissible' | 'referral' | 'withdrawal_of_offer' | 'waiver';
  readonly episode: number;
  readonly addressees: readonly string[];
  readonly channel?: Channel;
  readonly text: string;
  readonly recourse?: string;
  /** The letter that it replaces, and why. */
  readonly supersedes?: string;
  readonly reason?: string;
  readonly referUntil?: Moment;
  readonly leaflets?: readonly string[];
  readonly language?: string;
  readonly deliveries: readonly Delivery[];
}

/** News for the complainant before the final response: a holding response or a progress update (T15). */
export interface Update extends Attribution {
  readonly updateId: string;
  readonly kind: 'holding' | 'progress';
  readonly episode: number;
  readonly addressees: readonly string[];
  readonly channel: Channel;
  readonly text: string;
  readonly until: Moment;
  readonly recourse?: string;
  readonly referUntil?: Moment;
  readonly leaflets?: readonly string[];
  readonly language?: string;
}

export interface AfterCare {
  readonly status: 'None' | 'Scheduled' | 'Requested' | 'Answered' | 'Unreachable' | 'Lapsed';
  readonly windowEndsAt?: Moment;
  readonly channel?: Channel;
  /** Result of the follow-up; `accepted` if the acceptance at first contact replaces the follow-up (T24). */
  readonly result?: 'feedback' | 'done' | 'unreachable' | 'declined' | 'accepted';
  readonly at?: Moment;
}

export interface Feedback extends Attribution {
  readonly episode: number;
  readonly score: number;
  readonly resolved?: 'yes' | 'partly' | 'no';
  readonly comment?: string;
  readonly nps?: number;
  readonly repurchase?: 'yes' | 'partly' | 'no';
}

export interface Contact {
  readonly contactId: string;
  readonly direction: 'inbound' | 'outbound';
  readonly channel: Channel;
  readonly party?: string;
  readonly at: Moment;
  readonly result: 'reached' | 'no_answer' | 'bounced';
  readonly substantive: boolean;
  readonly content?: string;
  readonly by: string;
}

export interface Note extends Attribution {
  readonly noteId: string;
  readonly text: string;
}

export interface Reopening extends Attribution {
  readonly episode: number;
  readonly kind: ReopenKind;
  readonly reason: string;
  readonly decidedBy?: string;
  /** When reopening was asked for, if that was before it was recorded. */
  readonly requestedAt?: Moment;
}

export interface Withdrawal extends Attribution {
  readonly statedBy: StatedBy;
  readonly reason?: string;
  readonly continuedOnOwnInitiative: boolean;
  /** True if other complainants have not withdrawn. */
  readonly partial?: boolean;
}

/** Where the complaint is escalated to; `at`, `by` and `reason` are those of the latest escalation. */
export interface Escalation extends Partial<Attribution> {
  readonly status: 'None' | 'Internal' | 'Supervisor' | 'External' | 'Returned';
  readonly level?: number;
  readonly body?: string;
  readonly reason?: string;
}

/** The decision of an external body. Its outcomes are in the determination of the same body. */
export interface ExternalDecision extends Attribution {
  readonly decisionId: string;
  readonly episode: number;
  readonly body: string;
  readonly ref?: string;
  readonly complyBy?: Moment;
}

export interface ExternalOutcome extends Attribution {
  readonly register: string;
  readonly response: string;
  readonly final: boolean;
  readonly handledElsewhere?: boolean;
  readonly publicResponse?: string;
  readonly timely?: boolean;
  readonly disputed?: boolean;
  readonly statedOn?: Moment;
}

/** The failed deliveries of a letter. */
export const failedAttempts = (letter: Letter): DeliveryAttempt[] =>
  letter.deliveries.flatMap(({ result, at, channel, reason }) =>
    result === 'failed' ? [{ at, channel: channel ?? 'unknown', reason: reason ?? '' }] : [],
  );

/** An act of one person that a rule of the house would have left to two, if the rule had been on (I25). */
export interface Waiver extends Attribution {
  /** Name of the rule. */
  readonly rule: string;
  /** Version of the house rules in which it was off. */
  readonly version: number;
  /** Type and revision of the event that it let through. */
  readonly type: string;
  readonly revision: number;
}
