import { personOf, type Recorded } from '../eventstore/envelope.js';
import type { Moment } from '../platform/moment.js';
import type { ComplaintRecord } from './complaint-record.js';
import type { ComplaintEvent } from './events.js';
import { evolveProgress, initialProgress, isOpen, type Progress } from './progress.js';
import { DEFAULT_SCOPE } from './party-standing.js';
import type { Contact as Address, Party } from './terms/facts.js';
import type { EscalationLevel } from './terms/vocabulary.js';
import {
  isSameNeed,
  UNCHECKED,
  type Acknowledgement,
  type AfterCare,
  type Classification,
  type Contact,
  type ContactDetails,
  type ConfirmedTime,
  type ContentCheck,
  type Correction,
  type Check,
  type Delivery,
  type DepartmentTask,
  type Determination,
  type Escalation,
  type EvidenceFile,
  type ExternalDecision,
  type ExternalOutcome,
  type Feedback,
  type Flag,
  type Hold,
  type InadmissibilityDraft,
  type InformationRequest,
  type ConflictOfInterest,
  type LegalHold,
  type Letter,
  type MeasureWaiver,
  type MeritsCheck,
  type Need,
  type Note,
  type Ownership,
  type PartyFile,
  type PointFile,
  type Payment,
  type Prioritisation,
  type Recurrence,
  type Relief,
  type RelatedComplaint,
  type Remedy,
  type Reopening,
  type SeverityAssessment,
  type Update,
  type SplitOffFile,
  type Suggestion,
  type Waiver,
  type Withdrawal,
} from './state-types.js';
import {
  isReturnable,
  withDiscardedRelief,
  withDiscardedWaiver,
  withFirstContact,
  withRelief,
  withRemedyLetter,
  withReturnedPayment,
  withWaiver,
} from './redress-state.js';
import { withRemedyDetails } from './remedies.js';
import { evolveSafety, NO_SAFETY, type SafetyRecord } from './safety.js';

/** Fields of the progress that the state repeats for deciders and the complaint file. */
type RepeatedProgress = Pick<Progress, 'stage' | 'episode' | 'endedAt' | 'communication'>;

/** The full state of one complaint as plain JSON; the complaint file shows it. */
export interface Complaint extends RepeatedProgress {
  readonly progress: Progress;
  readonly id: string;
  readonly reference: string | null;
  readonly receivedAt: Moment | null;
  /** When the end was recorded (UTC). The reopen window starts at this time if `endedAt` is unknown. */
  readonly endRecordedAt: string | null;
  /** True if the time of the end is that of the upstream system itself, or a second person confirmed it (I12). */
  readonly endProven: boolean;
  /** Revision of the event that ended the complaint. */
  readonly endRevision: number | null;
  readonly closedReason: 'handled' | 'resolved_at_first_contact' | 'external_register' | null;
  readonly lodged: Lodging | null;
  readonly parties: readonly PartyFile[];
  /** Also those that left for another complaint or an external body. */
  readonly points: readonly PointFile[];
  /** When the complaint was admitted; null again after it is declared inadmissible. */
  readonly admittedAt: Moment | null;
  readonly acknowledgement: Acknowledgement | null;
  readonly ownership: Ownership;
  readonly classification: Classification | null;
  readonly severity: SeverityAssessment | null;
  readonly priority: Prioritisation | null;
  readonly inadmissibilityDrafts: readonly InadmissibilityDraft[];
  readonly flags: readonly Flag[];
  readonly safety: SafetyRecord;
  readonly needs: readonly Need[];
  readonly legalHolds: readonly LegalHold[];
  readonly recurrences: readonly Recurrence[];
  /** Minutes spent on the complaint. */
  readonly effortMinutes: number;
  readonly suggestions: readonly Suggestion[];
  /** Declared conflicts of interest (I6). */
  readonly interests: readonly ConflictOfInterest[];
  readonly tasks: readonly DepartmentTask[];
  /**
   * Content and merits of the current episode; `anonymity` replaces the identity checks of a complaint without
   * parties.
   */
  readonly verification: { readonly content: ContentCheck; readonly merits: MeritsCheck; readonly anonymity: Check };
  readonly evidence: readonly EvidenceFile[];
  readonly requests: readonly InformationRequest[];
  readonly holds: readonly Hold[];
  readonly determinations: readonly Determination[];
  readonly remedies: readonly Remedy[];
  readonly payments: readonly Payment[];
  readonly measureWaivers: readonly MeasureWaiver[];
  /** Interim relief. */
  readonly relief: readonly Relief[];
  /** Final responses, notices of inadmissibility, and letters about offers and measures. */
  readonly letters: readonly Letter[];
  /** Holding responses and progress updates. */
  readonly updates: readonly Update[];
  readonly afterCare: AfterCare;
  readonly feedback: readonly Feedback[];
  readonly reopenings: readonly Reopening[];
  readonly withdrawal: Withdrawal | null;
  /** Files that points were split off into. */
  readonly splitOffs: readonly SplitOffFile[];
  readonly related: readonly RelatedComplaint[];
  readonly corrections: readonly Correction[];
  readonly confirmedTimes: readonly ConfirmedTime[];
  readonly escalation: Escalation;
  readonly externalDecisions: readonly ExternalDecision[];
  readonly external: ExternalOutcome | null;
  readonly contacts: readonly Contact[];
  /** How often the complainant asked for an update (R45). */
  readonly chasers: number;
  readonly notes: readonly Note[];
  /** Acts of one person that rules for two people let through because they were off (I25). */
  readonly waivers: readonly Waiver[];
}

/** The first lodging. A later lodging with the same source reference is compared with it (I19). */
export interface Lodging {
  readonly commandId: string;
  readonly recordedAt: string;
  readonly facts: DataOf<'ComplaintReceived'>;
  /** The facts as they were stated, if some were corrected later. */
  readonly stated?: DataOf<'ComplaintReceived'>;
  /** Data of the other events of the lodging command, by event type. */
  readonly carried: { readonly [type: string]: object };
}

export type DataOf<Type extends ComplaintEvent['type']> = Extract<ComplaintEvent, { type: Type }>['data'];

export const initial = (id: string): Complaint => ({
  progress: initialProgress,
  stage: initialProgress.stage,
  episode: initialProgress.episode,
  endedAt: initialProgress.endedAt,
  communication: initialProgress.communication,
  id,
  reference: null,
  receivedAt: null,
  endRecordedAt: null,
  endProven: false,
  endRevision: null,
  closedReason: null,
  lodged: null,
  parties: [],
  points: [],
  admittedAt: null,
  acknowledgement: null,
  ownership: { status: 'Unassigned' },
  classification: null,
  severity: null,
  priority: null,
  inadmissibilityDrafts: [],
  flags: [],
  safety: NO_SAFETY,
  needs: [],
  legalHolds: [],
  recurrences: [],
  effortMinutes: 0,
  suggestions: [],
  interests: [],
  tasks: [],
  verification: { content: UNCHECKED, merits: UNCHECKED, anonymity: UNCHECKED },
  evidence: [],
  requests: [],
  holds: [],
  determinations: [],
  remedies: [],
  payments: [],
  measureWaivers: [],
  relief: [],
  letters: [],
  updates: [],
  afterCare: { status: 'None' },
  feedback: [],
  reopenings: [],
  withdrawal: null,
  splitOffs: [],
  related: [],
  corrections: [],
  confirmedTimes: [],
  escalation: { status: 'None' },
  externalDecisions: [],
  external: null,
  contacts: [],
  chasers: 0,
  notes: [],
  waivers: [],
});

/**
 * Applies one event. Pure and total: it folds any subsequence of a history without an error, because a query with
 * `asOf` leaves out events from the middle.
 */
export function evolve(state: Complaint, recorded: Recorded<ComplaintEvent>): Complaint {
  const event = recorded as ComplaintRecord; // the envelope's type does not relate `type` to `data`
  const next = withWaivers(apply(withProgress(state, event), event), event);
  const { lodged } = next;
  const isOtherEventOfLodging =
    lodged !== null && event.type !== 'ComplaintReceived' && event.metadata.commandId === lodged.commandId;
  if (!isOtherEventOfLodging) return next;
  return {
    ...next,
    lodged: { ...lodged, carried: { ...lodged.carried, [event.type]: event.uncorrected ?? event.data } },
  };
}

/** The state with the rules that let the event through although one person acted alone. */
function withWaivers(state: Complaint, { type, revision, metadata }: ComplaintRecord): Complaint {
  const waivers = (metadata.policyRefs ?? []).flatMap(({ version, off = [] }) =>
    off.map((rule) => ({ rule, version, type, revision, at: metadata.occurredAt, by: personOf(metadata) })),
  );
  return waivers.length === 0 ? state : { ...state, waivers: [...state.waivers, ...waivers] };
}

/** The state with the progress after the event. */
function withProgress(state: Complaint, event: ComplaintRecord): Complaint {
  const progress = evolveProgress(state.progress, event);
  if (progress === state.progress) return state;
  const { remedies } = progress;
  const next: Complaint = {
    ...state,
    progress,
    safety: evolveSafety(state.safety, state.progress, progress, event),
    stage: progress.stage,
    episode: progress.episode,
    endedAt: progress.endedAt,
    communication: progress.communication,
    remedies:
      remedies === state.progress.remedies
        ? state.remedies
        : withRemedyDetails(state.remedies, remedies, event, state.episode),
  };
  return isOpen(state) && !isOpen(next) ? withEnd(next, event) : next;
}

/** The state after the end of the complaint, which also ends all holds. */
const withEnd = (state: Complaint, { metadata, revision }: ComplaintRecord): Complaint => ({
  ...state,
  endRecordedAt: metadata.recordedAt,
  endProven: metadata.actor.type === 'upstream',
  endRevision: revision,
  holds: state.holds.map((hold) => (hold.ended === undefined ? { ...hold, ended: 'ended' } : hold)),
});

/** Updates all fields that do not follow from the progress. The progress in `state` already includes the event. */
function apply(state: Complaint, event: ComplaintRecord): Complaint {
  const { type, data } = event;
  const attribution = { at: event.metadata.occurredAt, by: personOf(event.metadata) };
  switch (type) {
    case 'ComplaintReceived':
      return {
        ...state,
        reference: data.reference,
        receivedAt: data.receivedAt,
        lodged: {
          commandId: event.metadata.commandId,
          recordedAt: event.metadata.recordedAt,
          facts: data,
          ...(event.uncorrected !== undefined && { stated: event.uncorrected }),
          carried: {},
        },
        parties: data.parties.map(partyFile),
        points: data.points,
      };
    case 'ComplaintAcknowledged':
      return {
        ...state,
        acknowledgement: { ...attribution, channel: data.channel, ...(data.to !== undefined && { to: data.to }) },
      };
    case 'ComplaintAdmitted':
      return { ...state, admittedAt: attribution.at };
    case 'ComplaintDeclaredInadmissible': {
      const { noticeId, addressees, channel, reasons, recourse } = data;
      const notice: Letter | undefined =
        noticeId === undefined
          ? undefined
          : {
              ...attribution,
              id: noticeId,
              kind: 'inadmissible',
              episode: state.episode,
              addressees,
              text: reasons,
              deliveries: [],
              ...(channel !== undefined && { channel }),
              ...(recourse !== undefined && { recourse }),
            };
      const letters = notice === undefined ? state.letters : [...state.letters, notice];
      const next = { ...state, admittedAt: null, letters };
      return data.draftId === undefined ? next : withInadmissibilityDraft(next, data.draftId, 'Approved');
    }
    case 'InadmissibilityDrafted':
      return {
        ...state,
        inadmissibilityDrafts: [...state.inadmissibilityDrafts, { ...attribution, ...data, status: 'Drafted' }],
      };
    case 'ComplaintClassified': {
      const { points, ...rest } = data;
      return {
        ...state,
        classification: { ...state.classification, ...attribution, ...rest },
        points: state.points.map((point) => ({ ...point, ...points.find(({ id }) => id === point.id) })),
      };
    }
    case 'SeverityAssessed': {
      const { reason: _reason, ...rest } = data;
      return { ...state, severity: { ...state.severity, ...attribution, ...rest } };
    }
    case 'ComplaintPrioritised': {
      const { basis = data.reason === undefined ? 'rule' : 'person', ...rest } = data;
      const { priority, reason } = data;
      const earlier = basis === 'input_changed' ? state.priority?.override : undefined;
      const override = basis === 'person' && reason !== undefined ? { priority, reason } : earlier;
      return { ...state, priority: { ...attribution, ...rest, ...(override !== undefined && { override }) } };
    }
    case 'ComplaintAssigned':
      return { ...state, ownership: { ...data, status: 'Assigned', since: attribution.at } };
    case 'ComplaintReassigned': {
      const { orgUnit = state.ownership.orgUnit } = data; // without a new orgUnit, the earlier one stays
      return {
        ...state,
        ownership: {
          status: 'Assigned',
          since: attribution.at,
          ...(data.to !== undefined && { handler: data.to }),
          ...(orgUnit !== undefined && { orgUnit }),
        },
      };
    }
    case 'AssignmentAccepted':
      return { ...state, ownership: { ...state.ownership, handler: data.handler, status: 'PickedUp' } };
    case 'ConflictOfInterestDeclared':
      return { ...state, interests: [...state.interests, { ...attribution, person: data.person }] };
    case 'ComplaintUnassigned':
      return { ...state, ownership: { status: 'Unassigned' } };
    case 'ConflictOfInterestWithdrawn':
      return {
        ...state,
        interests: state.interests.map((interest) =>
          interest.person === data.person && interest.withdrawn === undefined
            ? { ...interest, withdrawn: attribution }
            : interest,
        ),
      };
    case 'DepartmentTaskRequested':
      return { ...state, tasks: [...state.tasks, { ...attribution, ...data, status: 'Requested' }] };
    case 'DepartmentTaskAccepted':
      return withTask(state, data.taskId, { status: 'Accepted', acceptedBy: attribution.by });
    case 'DepartmentTaskReturned':
      return withTask(state, data.taskId, { status: 'Returned', reason: data.reason });
    case 'DepartmentTaskCompleted':
      return withTask(state, data.taskId, { ...data, status: 'Completed', endedAt: attribution.at });
    case 'DepartmentTaskCancelled': {
      const { cause: _cause, ...rest } = data;
      return withTask(state, data.taskId, { ...rest, status: 'Cancelled', endedAt: attribution.at });
    }
    case 'IdentityVerified': {
      const { party, ...rest } = data;
      return withParty(state, party, (file) => ({ ...file, identity: { ...attribution, ...rest, status: 'Done' } }));
    }
    case 'IdentityVerificationFailed': {
      const { party, ...rest } = data;
      return withParty(state, party, (file) => ({ ...file, identity: { ...attribution, ...rest, status: 'Failed' } }));
    }
    case 'IdentityWaived': {
      const { party, cause: _cause, ...rest } = data;
      const waived: Check = { ...attribution, ...rest, status: 'Waived' };
      return party === undefined
        ? { ...state, verification: { ...state.verification, anonymity: waived } }
        : withParty(state, party, (file) => ({ ...file, identity: waived }));
    }
    case 'AuthorityVerified': {
      const { party, basis, scope = DEFAULT_SCOPE, ...rest } = data;
      const done: Check = { ...attribution, ...rest, reason: basis, status: 'Done' };
      return withParty(state, party, (file) => ({ ...file, authority: 'verified', scope, authorityCheck: done }));
    }
    case 'AuthorityRejected': {
      const { party, ...rest } = data;
      const failed: Check = { ...attribution, ...rest, status: 'Failed' };
      return withParty(state, party, (file) => ({ ...file, authority: 'rejected', authorityCheck: failed }));
    }
    case 'EvidenceAdded':
      return { ...state, evidence: [...state.evidence, { ...attribution, ...data }] };
    case 'EvidenceExcluded':
      return {
        ...state,
        evidence: state.evidence.map((item) =>
          item.evidenceId === data.evidenceId ? { ...item, excluded: data.reason } : item,
        ),
      };
    case 'ContentVerified': {
      const { grounds, ...rest } = data;
      const content: ContentCheck = { ...attribution, ...rest, reason: grounds, status: 'Done' };
      return { ...state, verification: { ...state.verification, content } };
    }
    case 'MeritsAssessed': {
      const { grounds, ...rest } = data;
      const merits: MeritsCheck = { ...attribution, ...rest, reason: grounds, status: 'Done' };
      return { ...state, verification: { ...state.verification, merits } };
    }
    case 'InvestigationWaived': {
      const waived: Check = { ...attribution, ...data, status: 'Waived' };
      const { content, merits } = state.verification;
      return {
        ...state,
        verification: {
          ...state.verification,
          content: content.status === 'None' ? waived : content,
          merits: merits.status === 'None' ? waived : merits,
        },
      };
    }
    case 'InformationRequested': {
      const { channel: _channel, ...rest } = data;
      return { ...state, requests: [...state.requests, { ...attribution, ...rest, status: 'Open' }] };
    }
    case 'InformationReceived':
      return withRequest(state, data.requestId, 'Answered');
    case 'InformationRequestLapsed':
      return withRequest(state, data.requestId, 'Lapsed');
    case 'HoldPlaced': {
      const { note: _note, ...rest } = data;
      return { ...state, holds: [...state.holds, { ...attribution, ...rest }] };
    }
    case 'HoldReleased':
      return {
        ...state,
        holds: state.holds.map((hold) => (hold.holdId === data.holdId ? { ...hold, ended: data.cause } : hold)),
      };
    case 'DeterminationMade': {
      const determination: Determination = {
        ...attribution,
        ...data,
        episode: state.episode,
        returned: false,
        reviews: [],
      };
      return { ...state, determinations: [...state.determinations, determination] };
    }
    case 'DeterminationReviewed': {
      const { determinationId, ...review } = data;
      const determinations = state.determinations.map((determination) =>
        determination.determinationId === determinationId
          ? { ...determination, reviews: [...determination.reviews, { ...attribution, ...review }] }
          : determination,
      );
      return data.decision === 'approve'
        ? { ...state, determinations }
        : withDeterminationsReturned({ ...state, determinations });
    }
    case 'ReturnedToInvestigation':
      return withDeterminationsReturned(state);
    case 'RemedyDrafted':
    case 'RemedyProposed':
    case 'RemedyReturned':
    case 'RemedyAccepted':
    case 'RemedyRejected':
    case 'RemedyOfferLapsed':
    case 'RemedyOfferLapseReversed':
    case 'RemedyMeasureCompleted':
      return state; // withProgress has updated the remedies
    case 'RemedyApproved':
      return {
        ...state,
        remedies: state.remedies.map((remedy) =>
          remedy.remedyId === data.remedyId ? { ...remedy, approvedBy: attribution.by } : remedy,
        ),
      };
    case 'RemedyOfferWithdrawn': {
      const { noticeId: id, reason: text, remedyId: _remedyId, ...rest } = data;
      const kind = 'withdrawal_of_offer';
      const letter = { ...attribution, ...rest, id, kind, episode: state.episode, text } as const;
      return { ...state, letters: withRemedyLetter(state.letters, letter) };
    }
    case 'DraftDiscarded':
      return {
        ...withInadmissibilityDraft(state, data.draftId, 'Discarded'),
        measureWaivers: withDiscardedWaiver(state.measureWaivers, data.draftId),
        relief: withDiscardedRelief(state.relief, data.draftId),
      };
    case 'MeasureWaiverDrafted':
      return { ...state, measureWaivers: withWaiver(state.measureWaivers, data, attribution, 'Drafted') };
    case 'RemedyMeasureWaived': {
      const { waiverId: id, reason: text, addressees, channel } = data;
      const letter = { ...attribution, id, kind: 'waiver', episode: state.episode, text } as const;
      return {
        ...state,
        measureWaivers: withWaiver(state.measureWaivers, data, attribution, 'Waived'),
        letters: withRemedyLetter(state.letters, {
          ...letter,
          ...(addressees !== undefined && { addressees }),
          ...(channel !== undefined && { channel }),
        }),
      };
    }
    case 'RedressPaid':
      return { ...state, payments: [...state.payments, { ...attribution, ...data }] };
    case 'RedressReturned':
      return { ...state, payments: withReturnedPayment(state.payments, data, attribution) };
    case 'InterimReliefDrafted':
      return { ...state, relief: withRelief(state.relief, data, attribution, 'Drafted') };
    case 'InterimReliefProvided':
      return { ...state, relief: withRelief(state.relief, data, attribution, 'Provided') };
    case 'RemedyImplemented':
      return data.statedBy === undefined
        ? state
        : {
            ...state,
            determinations: withFirstContact(state.determinations),
            afterCare: { ...state.afterCare, status: 'Answered', result: 'accepted', at: data.statedBy.at },
          };
    case 'FinalResponseSent': {
      const { responseId, templateVersion: _templateVersion, ...rest } = data;
      const letter: Letter = { ...attribution, ...rest, id: responseId, episode: state.episode, deliveries: [] };
      return { ...state, letters: [...state.letters, letter] };
    }
    case 'OutcomeCommunicated': {
      const { of, channel, to, deliveredAt } = data;
      return withDelivery(state, of, {
        result: 'delivered',
        channel,
        at: deliveredAt,
        ...(to !== undefined && { to }),
      });
    }
    case 'CommunicationFailed': {
      const { of, ...rest } = data;
      return withDelivery(state, of, { ...rest, result: 'failed' });
    }
    case 'OutcomeUndeliverable': {
      const { of, to, reason } = data;
      return withDelivery(state, of, {
        result: 'undeliverable',
        at: attribution.at,
        ...(to !== undefined && { to }),
        ...(reason !== undefined && { reason }),
      });
    }
    case 'DeliveryContested': {
      const { of, ...rest } = data;
      return withDelivery(state, of, { ...rest, result: 'contested' });
    }
    case 'SummaryResolutionCommunicated': {
      const { letterId, of: _of, ...rest } = data;
      const summary: Letter = {
        ...attribution,
        ...rest,
        id: letterId,
        kind: 'summary',
        episode: state.episode,
        deliveries: [],
      };
      return { ...state, letters: [...state.letters, summary] };
    }
    case 'HoldingResponseSent':
      return {
        ...state,
        updates: [...state.updates, { ...attribution, ...data, kind: 'holding', episode: state.episode }],
      };
    case 'ProgressUpdateSent':
      return {
        ...state,
        updates: [...state.updates, { ...attribution, ...data, kind: 'progress', episode: state.episode }],
      };
    case 'FollowUpScheduled':
      return {
        ...state,
        afterCare: { ...state.afterCare, ...data, status: statusUnlessAnswered(state.afterCare, 'Scheduled') },
      };
    case 'FeedbackRequested':
      return {
        ...state,
        afterCare: {
          ...state.afterCare,
          channel: data.channel,
          status: statusUnlessAnswered(state.afterCare, 'Requested'),
        },
      };
    case 'FeedbackSubmitted': {
      const { statedBy: _statedBy, ...rest } = data;
      return {
        ...state,
        feedback: [...state.feedback, { ...attribution, ...rest, episode: state.episode }],
        afterCare: { ...state.afterCare, status: 'Answered', result: 'feedback', at: attribution.at },
      };
    }
    case 'FollowUpCompleted':
      return {
        ...state,
        afterCare: {
          ...state.afterCare,
          channel: data.channel,
          status: 'Answered',
          result: 'done',
          at: attribution.at,
        },
      };
    case 'FollowUpUnreachable':
      return {
        ...state,
        afterCare: {
          ...state.afterCare,
          channel: data.channel,
          status: 'Unreachable',
          result: 'unreachable',
          at: attribution.at,
        },
      };
    case 'FollowUpDeclined':
      return {
        ...state,
        afterCare: {
          ...state.afterCare,
          channel: data.channel,
          status: 'Answered',
          result: 'declined',
          at: attribution.at,
        },
      };
    case 'ComplaintClosed': {
      const awaitsAnswer = state.afterCare.status === 'Scheduled' || state.afterCare.status === 'Requested';
      const afterCare: AfterCare = awaitsAnswer ? { ...state.afterCare, status: 'Lapsed' } : state.afterCare;
      return { ...state, closedReason: data.reason, afterCare };
    }
    case 'ComplaintReopened':
      return {
        ...withPointsBack(state),
        endRecordedAt: null,
        endProven: false,
        endRevision: null,
        closedReason: null,
        acknowledgement: null,
        parties: state.parties.map((party) =>
          party.identity.status === 'Done' ? party : { ...party, identity: UNCHECKED },
        ),
        verification: { content: UNCHECKED, merits: UNCHECKED, anonymity: UNCHECKED },
        afterCare: { status: 'None' },
        withdrawal: null,
        reopenings: [
          ...state.reopenings,
          {
            ...attribution,
            episode: data.episode,
            kind: data.kind,
            reason: data.reason,
            ...(data.decidedBy !== undefined && { decidedBy: data.decidedBy }),
            ...(data.requestedAt !== undefined && { requestedAt: data.requestedAt }),
          },
        ],
      };
    case 'ComplaintWithdrawn':
      return { ...state, withdrawal: { ...attribution, ...data } };
    case 'ComplaintEscalated': {
      const { to: status, ...rest } = data;
      return { ...state, escalation: { ...attribution, ...rest, status: ESCALATION_STATUSES[status] } };
    }
    case 'CorrectionProposed':
      return { ...state, corrections: [...state.corrections, { ...attribution, ...data, status: 'Proposed' }] };
    case 'RecordCorrected':
      return withCorrected(state, { ...attribution, ...data, status: 'Corrected' });
    case 'CorrectionRejected':
      return {
        ...state,
        corrections: state.corrections.map((correction) =>
          correction.correctionId === data.correctionId
            ? { ...correction, status: 'Rejected', decidedBy: attribution.by, reason: data.reason }
            : correction,
        ),
      };
    case 'TimeConfirmed':
      return {
        ...state,
        confirmedTimes: [...state.confirmedTimes, { ...attribution, ...data.target }],
        endProven: state.endProven || data.target.revision === state.endRevision,
      };
    case 'ComplaintReferredExternally': {
      const { referralId, pointIds, body, addressees, channel, text = '', recourse } = data;
      const letter: Letter = {
        ...attribution,
        id: referralId,
        kind: 'referral',
        episode: state.episode,
        addressees,
        text,
        deliveries: [],
        ...(channel !== undefined && { channel }),
        ...(recourse !== undefined && { recourse }),
      };
      return {
        ...withPointsLeft(state, pointIds, { how: 'referred', to: body }),
        letters: [...state.letters, letter],
      };
    }
    case 'ExternalDecisionRecorded': {
      const { decidedOn: _decidedOn, ...rest } = data;
      const { escalation, episode } = state;
      const isFromBody = escalation.status === 'External' && escalation.body === data.body;
      return {
        ...state,
        escalation: isFromBody ? { ...attribution, status: 'Returned', body: data.body } : escalation,
        externalDecisions: [...state.externalDecisions, { ...attribution, ...rest, at: data.decidedOn, episode }],
      };
    }
    case 'ExternalOutcomeRecorded':
      return {
        ...state,
        external: { ...attribution, ...data },
        // a closed complaint without an earlier reason was closed by the register
        closedReason: state.closedReason ?? (state.stage === 'Closed' ? 'external_register' : null),
      };
    case 'ContactRecorded':
      return { ...state, contacts: [...state.contacts, { ...data, by: attribution.by }] };
    case 'ComplainantChased':
      return { ...state, chasers: state.chasers + 1 };
    case 'NoteAdded':
      return { ...state, notes: [...state.notes, { ...attribution, ...data }] };
    case 'NeedRecorded':
      return {
        ...state,
        needs: [...state.needs.filter((need) => !isSameNeed(need, data)), { ...attribution, ...data }],
      };
    case 'LegalHoldPlaced':
      return { ...state, legalHolds: [...state.legalHolds, { ...attribution, ...data }] };
    case 'LegalHoldReleased': {
      const released = { ...attribution, reason: data.reason };
      return {
        ...state,
        legalHolds: state.legalHolds.map((hold) =>
          hold.legalHoldId === data.legalHoldId ? { ...hold, released } : hold,
        ),
      };
    }
    case 'RecurrenceLinked':
      return { ...state, recurrences: [...state.recurrences, { ...attribution, ...data }] };
    case 'EffortRecorded':
      return { ...state, effortMinutes: state.effortMinutes + data.minutes };
    case 'SuggestionShown':
      return { ...state, suggestions: [...state.suggestions, { ...attribution, ...data }] };
    case 'RiskFlagged':
      return { ...state, flags: [...state.flags, { ...attribution, ...data }] };
    case 'RiskFlagCleared': {
      const cleared = { ...attribution, reason: data.reason };
      return {
        ...state,
        flags: state.flags.map((raised) =>
          raised.flag === data.flag && raised.cleared === undefined ? { ...raised, cleared } : raised,
        ),
      };
    }
    case 'PointAdded':
      return { ...state, points: [...state.points, data.point] };
    case 'PointSplit':
      return { ...state, points: [...state.points, ...data.points] };
    case 'PointsSplitOff':
      return {
        ...withPointsLeft(state, data.pointIds, { how: 'split_off', to: data.complaintId }),
        splitOffs: [...state.splitOffs, data],
      };
    case 'RelatedComplaintLinked':
      return { ...state, related: [...state.related, { ...attribution, ...data }] };
    case 'PartyAdded':
      return { ...state, parties: [...state.parties, partyFile(data.party)] };
    case 'ContactDetailsAdded':
      return withContacts(state, data.party, (contacts) => [...contacts, ...data.contacts]);
    case 'ContactDetailsRetired':
      return withContacts(state, data.party, (contacts) =>
        contacts.map((contact) => (contact.id === data.contact ? { ...contact, retired: data.reason } : contact)),
      );
    default:
      return unknownEvent(type, state);
  }
}

/** Marks our determinations of this episode as returned, except those at first contact (T10); that of a body stands. */
function withDeterminationsReturned(state: Complaint): Complaint {
  return {
    ...state,
    determinations: state.determinations.map((determination) =>
      isReturnable(determination, state.episode) ? { ...determination, returned: true } : determination,
    ),
  };
}

/**
 * The new status of after-care. Once after-care has a result, a planned follow-up or a request does not change the
 * status.
 */
const statusUnlessAnswered = (afterCare: AfterCare, status: 'Scheduled' | 'Requested'): AfterCare['status'] =>
  afterCare.result === undefined ? status : afterCare.status;

/** A correction that was proposed keeps who proposed it. Two people stand behind the corrected time of the end. */
function withCorrected(state: Complaint, corrected: Correction): Complaint {
  const { correctionId, target, by } = corrected;
  const isProposed = state.corrections.some((correction) => correction.correctionId === correctionId);
  return {
    ...state,
    corrections: isProposed
      ? state.corrections.map((correction) =>
          correction.correctionId === correctionId ? { ...correction, status: 'Corrected', decidedBy: by } : correction,
        )
      : [...state.corrections, corrected],
    endProven: state.endProven || (isProposed && target.revision === state.endRevision),
  };
}

const withPointsLeft = (state: Complaint, ids: readonly string[], left: PointFile['left']): Complaint => ({
  ...state,
  points: state.points.map((point) => (left !== undefined && ids.includes(point.id) ? { ...point, left } : point)),
});

/** Points that were all referred count again when the complaint is reopened. */
function withPointsBack(state: Complaint): Complaint {
  if (state.points.some(({ left }) => left === undefined)) return state;
  return {
    ...state,
    points: state.points.map((point) => (point.left?.how === 'referred' ? withoutLeft(point) : point)),
  };
}

const withoutLeft = ({ left: _left, ...point }: PointFile): PointFile => point;

const ESCALATION_STATUSES = {
  internal: 'Internal',
  supervisor: 'Supervisor',
  external: 'External',
  returned: 'Returned',
} as const satisfies Readonly<Record<EscalationLevel, Escalation['status']>>;

/** A party without checks. Its contact details get the ids k1, k2, … */
function partyFile({ contacts, ...party }: Party): PartyFile {
  const file = { ...party, identity: UNCHECKED, authorityCheck: UNCHECKED };
  const withId = (contact: Address, index: number): ContactDetails => ({ id: `k${index + 1}`, ...contact });
  return contacts === undefined ? file : { ...file, contacts: contacts.map(withId) };
}

const withContacts = (
  state: Complaint,
  id: string,
  change: (contacts: readonly ContactDetails[]) => readonly ContactDetails[],
): Complaint => withParty(state, id, (party) => ({ ...party, contacts: change(party.contacts ?? []) }));

const withParty = (state: Complaint, id: string, change: (party: PartyFile) => PartyFile): Complaint => ({
  ...state,
  parties: state.parties.map((party) => (party.id === id ? change(party) : party)),
});

const withInadmissibilityDraft = (state: Complaint, id: string, status: 'Approved' | 'Discarded'): Complaint => ({
  ...state,
  inadmissibilityDrafts: state.inadmissibilityDrafts.map((draft) =>
    draft.draftId === id && draft.status === 'Drafted' ? { ...draft, status } : draft,
  ),
});

const withTask = (state: Complaint, id: string, change: Partial<DepartmentTask>): Complaint => ({
  ...state,
  tasks: state.tasks.map((task) => (task.taskId === id ? { ...task, ...change } : task)),
});

const withRequest = (state: Complaint, id: string | undefined, status: 'Answered' | 'Lapsed'): Complaint => ({
  ...state,
  requests: state.requests.map((request) => (request.requestId === id ? { ...request, status } : request)),
});

const withDelivery = (state: Complaint, of: string, delivery: Delivery): Complaint => ({
  ...state,
  letters: state.letters.map((letter) =>
    letter.id === of ? { ...letter, deliveries: [...letter.deliveries, delivery] } : letter,
  ),
});

/**
 * Ignores event types of later versions of the service. The parameter type `never` makes the compiler check that all
 * known types are handled.
 */
const unknownEvent = (_type: never, state: Complaint): Complaint => state;
