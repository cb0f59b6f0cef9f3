import type { Recorded } from '../eventstore/envelope.js';
import type { Moment } from '../platform/moment.js';
import type { ComplaintRecord } from './complaint-record.js';
import type { ComplaintEvent } from './events.js';
import { evolveProgress, initialProgress, isOpen, type Progress } from './progress.js';
import type { Point } from './terms/facts.js';
import {
  UNCHECKED,
  type Acknowledgement,
  type AfterCare,
  type Classification,
  type Contact,
  type ContentCheck,
  type Check,
  type Delivery,
  type Determination,
  type EvidenceFile,
  type ExternalOutcome,
  type Feedback,
  type Hold,
  type InformationRequest,
  type ConflictOfInterest,
  type Letter,
  type MeritsCheck,
  type Note,
  type Ownership,
  type PartyFile,
  type Payment,
  type Prioritisation,
  type Remedy,
  type Reopening,
  type SeverityAssessment,
  type Withdrawal,
} from './state-types.js';
import { withRemedyDetails } from './remedies.js';

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
  readonly closedReason: 'handled' | 'resolved_at_first_contact' | 'external_register' | null;
  readonly lodged: Lodging | null;
  readonly parties: readonly PartyFile[];
  readonly points: readonly Point[];
  /** When the complaint was admitted; null again after it is declared inadmissible. */
  readonly admittedAt: Moment | null;
  readonly acknowledgement: Acknowledgement | null;
  readonly ownership: Ownership;
  readonly classification: Classification | null;
  readonly severity: SeverityAssessment | null;
  readonly priority: Prioritisation | null;
  /** Declared conflicts of interest (I6). */
  readonly interests: readonly ConflictOfInterest[];
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
  /** Final responses and notices of inadmissibility. */
  readonly letters: readonly Letter[];
  readonly afterCare: AfterCare;
  readonly feedback: readonly Feedback[];
  readonly reopenings: readonly Reopening[];
  readonly withdrawal: Withdrawal | null;
  readonly external: ExternalOutcome | null;
  readonly contacts: readonly Contact[];
  /** How often the complainant asked for an update (R45). */
  readonly chasers: number;
  readonly notes: readonly Note[];
}

/** The first lodging. A later lodging with the same source reference is compared with it (I19). */
export interface Lodging {
  readonly commandId: string;
  readonly recordedAt: string;
  readonly facts: DataOf<'ComplaintReceived'>;
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
  interests: [],
  verification: { content: UNCHECKED, merits: UNCHECKED, anonymity: UNCHECKED },
  evidence: [],
  requests: [],
  holds: [],
  determinations: [],
  remedies: [],
  payments: [],
  letters: [],
  afterCare: { status: 'None' },
  feedback: [],
  reopenings: [],
  withdrawal: null,
  external: null,
  contacts: [],
  chasers: 0,
  notes: [],
});

/**
 * Applies one event. Pure and total: it folds any subsequence of a history without an error, because a query with
 * `asOf` leaves out events from the middle.
 */
export function evolve(state: Complaint, recorded: Recorded<ComplaintEvent>): Complaint {
  const event = recorded as ComplaintRecord; // the envelope's type does not relate `type` to `data`
  const next = apply(withProgress(state, event), event);
  const { lodged } = next;
  const isOtherEventOfLodging =
    lodged !== null && event.type !== 'ComplaintReceived' && event.metadata.commandId === lodged.commandId;
  if (!isOtherEventOfLodging) return next;
  return { ...next, lodged: { ...lodged, carried: { ...lodged.carried, [event.type]: event.data } } };
}

/** The state with the progress after the event. */
function withProgress(state: Complaint, event: ComplaintRecord): Complaint {
  const progress = evolveProgress(state.progress, event);
  if (progress === state.progress) return state;
  const { remedies } = progress;
  const next: Complaint = {
    ...state,
    progress,
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
const withEnd = (state: Complaint, { metadata }: ComplaintRecord): Complaint => ({
  ...state,
  endRecordedAt: metadata.recordedAt,
  holds: state.holds.map((hold) => (hold.ended === undefined ? { ...hold, ended: 'ended' } : hold)),
});

/** Updates all fields that do not follow from the progress. The progress in `state` already includes the event. */
function apply(state: Complaint, event: ComplaintRecord): Complaint {
  const { type, data } = event;
  const attribution = { at: event.metadata.occurredAt, by: event.metadata.actor.id };
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
          carried: {},
        },
        parties: data.parties.map((party) => ({ ...party, identity: UNCHECKED, authorityCheck: UNCHECKED })),
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
      return { ...state, admittedAt: null, letters };
    }
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
      const { inputs: _inputs, ...rest } = data;
      return { ...state, priority: { ...attribution, ...rest } };
    }
    case 'ComplaintAssigned':
      return { ...state, ownership: { ...data, status: 'Assigned', since: attribution.at } };
    case 'ComplaintReassigned': {
      const { orgUnit = state.ownership.orgUnit } = data; // without a new orgUnit, the earlier one stays
      return {
        ...state,
        ownership: {
          status: 'Assigned',
          handler: data.to,
          since: attribution.at,
          ...(orgUnit !== undefined && { orgUnit }),
        },
      };
    }
    case 'AssignmentAccepted':
      return { ...state, ownership: { ...state.ownership, handler: data.handler, status: 'PickedUp' } };
    case 'ConflictOfInterestDeclared':
      return { ...state, interests: [...state.interests, { ...attribution, person: data.person }] };
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
      const { party, basis, ...rest } = data;
      const done: Check = { ...attribution, ...rest, reason: basis, status: 'Done' };
      return withParty(state, party, (file) => ({ ...file, authority: 'verified', authorityCheck: done }));
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
    case 'RemedyApproved':
    case 'RemedyReturned':
    case 'RemedyAccepted':
    case 'RemedyRejected':
    case 'RemedyOfferLapsed':
    case 'RemedyMeasureCompleted':
    case 'RemedyMeasureWaived':
      return state; // withProgress has updated the remedies
    case 'RedressPaid':
      return { ...state, payments: [...state.payments, { ...attribution, ...data }] };
    case 'RemedyImplemented':
      return data.statedBy === undefined
        ? state
        : { ...state, afterCare: { ...state.afterCare, status: 'Answered', result: 'accepted', at: data.statedBy.at } };
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
    case 'OutcomeUndeliverable':
      return withDelivery(state, data.of, { result: 'undeliverable', at: attribution.at, reason: data.reason });
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
        ...state,
        endRecordedAt: null,
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
          },
        ],
      };
    case 'ComplaintWithdrawn':
      return { ...state, withdrawal: { ...attribution, ...data } };
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
    default:
      return unknownEvent(type, state);
  }
}

/** Marks the determinations of this episode as returned. */
function withDeterminationsReturned(state: Complaint): Complaint {
  return {
    ...state,
    determinations: state.determinations.map((determination) =>
      determination.episode === state.episode ? { ...determination, returned: true } : determination,
    ),
  };
}

/**
 * The new status of after-care. Once after-care has a result, a planned follow-up or a request does not change the
 * status.
 */
const statusUnlessAnswered = (afterCare: AfterCare, status: 'Scheduled' | 'Requested'): AfterCare['status'] =>
  afterCare.result === undefined ? status : afterCare.status;

const withParty = (state: Complaint, id: string, change: (party: PartyFile) => PartyFile): Complaint => ({
  ...state,
  parties: state.parties.map((party) => (party.id === id ? change(party) : party)),
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
