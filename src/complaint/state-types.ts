import type { Moment } from '../platform/moment.js';
import type { DeliveryAttempt, Measure, Money, Party, PointDecision, PolicyRef, StatedBy } from './terms/facts.js';
import type {
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

export interface PartyFile extends Party {
  readonly identity: Check;
  /** The check that determined `authority`. */
  readonly authorityCheck: Check;
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
  readonly reason?: string;
}

/** A declared conflict of interest of a person. */
export interface ConflictOfInterest extends Attribution {
  readonly person: string;
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
  readonly answerBy?: Moment;
  readonly status: 'Open' | 'Answered' | 'Lapsed';
}

/** A hold is active until `ended` is set or the expected end has passed, when it ends automatically (I10). */
export interface Hold extends Attribution {
  readonly holdId: string;
  readonly reason: HoldReason;
  readonly counterparty: string;
  readonly expectedEnd: Moment;
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
  readonly recourse?: string;
  readonly decidedBy?: string;
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
  'Drafted' | 'Returned' | 'Proposed' | 'Accepted' | 'Rejected' | 'Lapsed' | 'InProgress' | 'Implemented' | 'Waived';

/** The status of a remedy and its measures, from draft to implementation; {@link Remedy} adds the details. */
export interface Offer {
  readonly remedyId: string;
  readonly status: RemedyStatus;
  readonly measures: readonly Pick<MeasureFile, 'id' | 'type' | 'status'>[];
  /** Set only at first contact (T24). */
  readonly remedyType?: RemedyType;
  /** Set only at first contact (T24). */
  readonly money?: Money;
}

export interface Remedy extends Attribution, Offer {
  readonly episode: number;
  readonly needsAcceptance: boolean;
  readonly validUntil?: Moment;
  readonly measures: readonly MeasureFile[];
  readonly policyRefs?: readonly PolicyRef[];
  /** The statement with which the complainant accepted or rejected the offer. */
  readonly answered?: StatedBy;
  /** When the last measure was done or waived. */
  readonly dischargedAt?: Moment;
  /** Set only at first contact (T24). */
  readonly whatWasDone?: string;
}

export interface Payment extends Attribution {
  readonly paymentId: string;
  readonly remedyId?: string;
  readonly measureId?: string;
  readonly money: Money;
  readonly exGratia: boolean;
  readonly paymentRef?: string;
}

export interface Delivery {
  readonly result: 'delivered' | 'failed' | 'undeliverable';
  readonly channel?: Channel;
  readonly to?: string;
  readonly at: Moment;
  readonly reason?: string;
}

/** A final response (f1, …) or a notice of inadmissibility (i1, …), with its deliveries. */
export interface Letter extends Attribution {
  readonly id: string;
  readonly kind: ResponseKind | 'inadmissible';
  readonly episode: number;
  readonly addressees: readonly string[];
  readonly channel?: Channel;
  readonly text: string;
  readonly recourse?: string;
  readonly deliveries: readonly Delivery[];
}

/** Whether the outcome of the current episode reached the complainant (I4). */
export interface Communication {
  readonly status: 'None' | 'Communicated' | 'Undeliverable';
  /** Id of the letter, or of the determination at first contact. */
  readonly of?: string;
  readonly at?: Moment;
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
}

export interface Withdrawal extends Attribution {
  readonly statedBy: StatedBy;
  readonly reason?: string;
  readonly continuedOnOwnInitiative: boolean;
}

export interface ExternalOutcome extends Attribution {
  readonly register: string;
  readonly response: string;
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
