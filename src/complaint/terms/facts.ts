import type { Moment } from '../../platform/moment.js';
import type { Authority, Medium, Outcome, PartyRole, RemedyType, Scope } from './vocabulary.js';

/* Value types used in events. They are plain JSON; an absent value is unknown. */

/** An amount in whole minor units (1250 means 12.50) and the ISO 4217 code of its currency. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** A value of an event that can be corrected; exactly one member is set. */
export interface RecordedValue {
  readonly text?: string;
  readonly number?: number;
  readonly flag?: boolean;
  readonly time?: Moment;
}

export interface Source {
  readonly system: string;
  readonly ref: string;
  readonly receivedAt?: Moment;
  readonly replyDue?: Moment;
}

export interface Contact {
  readonly channel: string;
  readonly address: string;
}

/** Contact details with an id that is unique among those of the party. */
export interface IdentifiedContact extends Contact {
  readonly id: string;
}

export interface Party {
  readonly id: string;
  readonly role: PartyRole;
  /** The complainants whom a representative or heir acts for; all of them when absent. */
  readonly actsFor?: readonly string[];
  /** Id of the party as a data subject (data protection); not related to {@link Subject}. */
  readonly subjectId?: string;
  readonly name?: string;
  readonly contacts?: readonly Contact[];
  readonly authority: Authority;
  /** What the verified authority covers. */
  readonly scope?: readonly Scope[];
  /** Set if the party is an employee, who then has a conflict of interest (I6). */
  readonly employeeId?: string;
}

/** What a point is about. */
export interface Subject {
  readonly orgUnit?: string;
  readonly thirdParty?: string;
  readonly respondent?: string;
  readonly product?: string;
  readonly subProduct?: string;
  readonly orderId?: string;
  readonly employeeId?: string;
  readonly shift?: string;
  readonly region?: string;
  readonly postalCode?: string;
}

export interface Point {
  readonly id: string;
  readonly category?: string;
  readonly issue?: string;
  readonly subIssue?: string;
  readonly subject: Subject;
  readonly remedySought?: string;
}

/** Who made a statement, how and when. The actor of the event is the person who recorded the statement. */
export interface StatedBy {
  /** A party, or {@link UNIDENTIFIED} if no party is on file. */
  readonly party: string;
  readonly medium: Medium;
  readonly at: Moment;
  readonly evidenceId?: string;
  /** True if the person quoted the reference of the complaint. */
  readonly quotesReference?: boolean;
}

export interface Answer {
  readonly questionId: string;
  readonly answer: string;
}

export interface ContactAttempt {
  readonly at: Moment;
  readonly channel: string;
  readonly result: string;
}

export interface IncidentTime {
  readonly from: Moment;
  readonly to?: Moment;
}

export interface Finding {
  readonly text: string;
  readonly evidenceIds?: readonly string[];
}

export interface PolicyRef {
  readonly id: string;
  readonly version: number;
}

export interface PointDecision {
  readonly id: string;
  readonly outcome: Outcome;
  readonly reasons: string;
  readonly findings?: readonly Finding[];
  readonly policyRefs?: readonly PolicyRef[];
}

export interface Measure {
  readonly id: string;
  readonly type: RemedyType;
  readonly pointIds: readonly string[];
  readonly action: string;
  readonly owner: string;
  readonly provider: 'self' | 'third_party';
  readonly dueAt: Moment;
  readonly amount?: Money;
}

/** A failed attempt to deliver a letter. */
export interface DeliveryAttempt {
  readonly at: Moment;
  readonly channel: string;
  readonly reason: string;
}
