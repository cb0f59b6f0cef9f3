import type { EventMetadata, Recorded } from '../eventstore/envelope.js';
import type { Moment } from '../platform/moment.js';
import type { ComplaintEvent } from './events.js';
import type { PointDecision } from './terms/facts.js';
import {
  UNCHECKED,
  type Acknowledgement,
  type AfterCare,
  type Classification,
  type Communication,
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
  type Interest,
  type Letter,
  type MeritsCheck,
  type Note,
  type Ownership,
  type PartyFile,
  type Payment,
  type PointFile,
  type Prioritisation,
  type Remedy,
  type Reopening,
  type SeverityAssessment,
  type Withdrawal,
} from './regions.js';
import { answerOffer, discharge, drop, implement, measureDone, offer } from './remedies.js';
import type { Stage } from './terms/vocabulary.js';

/** The state of one complaint: plain JSON, the same document as the complaint file and as what time travel answers. */
export interface Complaint {
  readonly id: string;
  readonly reference: string | null;
  /** null before receipt. */
  readonly stage: Stage | null;
  /** 1, 2, …; 0 before receipt. */
  readonly episode: number;
  readonly receivedAt: Moment | null;
  /** null while open, and where a register does not say when it ended. */
  readonly endedAt: Moment | null;
  /** When the end was recorded: the re-open window runs from it where `endedAt` is not known. */
  readonly endRecordedAt: string | null;
  readonly closedReason: 'handled' | 'resolved_at_first_contact' | 'external_register' | null;
  readonly lodged: Lodging | null;
  readonly parties: readonly PartyFile[];
  readonly points: readonly PointFile[];
  /** When it was admitted; undone by a later finding that it is inadmissible. */
  readonly admittedAt: Moment | null;
  readonly acknowledgement: Acknowledgement | null;
  readonly ownership: Ownership;
  readonly classification: Classification | null;
  readonly severity: SeverityAssessment | null;
  readonly priority: Prioritisation | null;
  /** Persons who declared, or of whom it was declared, that they have an interest (I6). */
  readonly interests: readonly Interest[];
  /** Content and merits of the current episode; `anonymity` stands for identity where there is no party. */
  readonly verification: { readonly content: ContentCheck; readonly merits: MeritsCheck; readonly anonymity: Check };
  readonly evidence: readonly EvidenceFile[];
  readonly requests: readonly InformationRequest[];
  readonly holds: readonly Hold[];
  readonly determinations: readonly Determination[];
  readonly remedies: readonly Remedy[];
  readonly payments: readonly Payment[];
  /** Final responses and notices of inadmissibility. */
  readonly letters: readonly Letter[];
  readonly communication: Communication;
  readonly afterCare: AfterCare;
  readonly feedback: readonly Feedback[];
  readonly reopenings: readonly Reopening[];
  readonly withdrawal: Withdrawal | null;
  readonly external: ExternalOutcome | null;
  readonly contacts: readonly Contact[];
  /** How often the complainant had to ask where it stands (R45). */
  readonly chasers: number;
  readonly notes: readonly Note[];
}

/** What was lodged, as it was lodged: a later lodging of the same source reference is compared with it (I19). */
export interface Lodging {
  readonly commandId: string;
  readonly recordedAt: string;
  readonly facts: DataOf<'ComplaintReceived'>;
  /** The other events of the lodging, by type. */
  readonly carried: { readonly [type: string]: object };
}

/** What evolve reads of an event. */
type Fact<E extends ComplaintEvent = ComplaintEvent> = E extends ComplaintEvent
  ? { readonly type: E['type']; readonly data: E['data']; readonly metadata: EventMetadata }
  : never;
export type DataOf<Type extends ComplaintEvent['type']> = Extract<ComplaintEvent, { type: Type }>['data'];

export const initial = (id: string): Complaint => ({
  id,
  reference: null,
  stage: null,
  episode: 0,
  receivedAt: null,
  endedAt: null,
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
  communication: { status: 'None' },
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
 * The complaint after one more event. Total: any subsequence of a history folds without an error, because time travel
 * by `asOf` drops events from the middle (correctness.md §3.14). Depends on nothing but state and event.
 */
export function evolve(state: Complaint, recorded: Recorded<ComplaintEvent>): Complaint {
  const event = recorded as Fact; // the envelope's type does not say that type and data belong together
  const next = apply(state, event);
  const { lodged } = next;
  return lodged === null || event.type === 'ComplaintReceived' || event.metadata.commandId !== lodged.commandId
    ? next
    : { ...next, lodged: { ...lodged, carried: { ...lodged.carried, [event.type]: event.data } } };
}

function apply(state: Complaint, event: Fact): Complaint {
  const { type, data } = event;
  const mark = { at: event.metadata.occurredAt, by: event.metadata.actor.id };
  switch (type) {
    case 'ComplaintReceived':
      return {
        ...state,
        reference: data.reference,
        stage: 'Received',
        episode: 1,
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
        acknowledgement: { ...mark, channel: data.channel, ...(data.to !== undefined && { to: data.to }) },
      };
    case 'ComplaintAdmitted':
      return { ...state, stage: assessed(state.stage), admittedAt: mark.at };
    case 'ComplaintDeclaredInadmissible': {
      const { noticeId, addressees, channel, reasons, recourse } = data;
      const notice: Letter | undefined =
        noticeId === undefined
          ? undefined
          : {
              ...mark,
              id: noticeId,
              kind: 'inadmissible',
              episode: state.episode,
              addressees,
              text: reasons,
              deliveries: [],
              ...(channel !== undefined && { channel }),
              ...(recourse !== undefined && { recourse }),
            };
      return end(
        { ...state, admittedAt: null, letters: notice === undefined ? state.letters : [...state.letters, notice] },
        'Inadmissible',
        event,
      );
    }
    case 'ComplaintClassified': {
      const { points, ...rest } = data;
      return {
        ...state,
        stage: assessed(state.stage),
        classification: { ...state.classification, ...mark, ...rest },
        points: state.points.map((point) => ({ ...point, ...points.find(({ id }) => id === point.id) })),
      };
    }
    case 'SeverityAssessed': {
      const { reason: _reason, ...rest } = data;
      return { ...state, stage: assessed(state.stage), severity: { ...state.severity, ...mark, ...rest } };
    }
    case 'ComplaintPrioritised': {
      const { inputs: _inputs, ...rest } = data;
      return { ...state, stage: assessed(state.stage), priority: { ...mark, ...rest } };
    }
    case 'ComplaintAssigned':
      return { ...state, stage: assessed(state.stage), ownership: { ...data, status: 'Assigned', since: mark.at } };
    case 'ComplaintReassigned':
      return {
        ...state,
        ownership: {
          status: 'Assigned',
          handler: data.to,
          since: mark.at,
          ...(data.orgUnit !== undefined && { orgUnit: data.orgUnit }),
        },
      };
    case 'AssignmentAccepted':
      return { ...state, ownership: { ...state.ownership, handler: data.handler, status: 'PickedUp' } };
    case 'ConflictOfInterestDeclared':
      return { ...state, interests: [...state.interests, { ...mark, person: data.person }] };
    case 'IdentityVerified': {
      const { party, ...rest } = data;
      return withParty(state, party, (file) => ({ ...file, identity: { ...mark, ...rest, status: 'Done' } }));
    }
    case 'IdentityVerificationFailed': {
      const { party, ...rest } = data;
      return withParty(state, party, (file) => ({ ...file, identity: { ...mark, ...rest, status: 'Failed' } }));
    }
    case 'IdentityWaived': {
      const { party, cause: _cause, ...rest } = data;
      const waived: Check = { ...mark, ...rest, status: 'Waived' };
      return party === undefined
        ? { ...state, verification: { ...state.verification, anonymity: waived } }
        : withParty(state, party, (file) => ({ ...file, identity: waived }));
    }
    case 'AuthorityVerified': {
      const { party, basis, ...rest } = data;
      const done: Check = { ...mark, ...rest, reason: basis, status: 'Done' };
      return withParty(state, party, (file) => ({ ...file, authority: 'verified', authorityCheck: done }));
    }
    case 'AuthorityRejected': {
      const { party, ...rest } = data;
      const failed: Check = { ...mark, ...rest, status: 'Failed' };
      return withParty(state, party, (file) => ({ ...file, authority: 'rejected', authorityCheck: failed }));
    }
    case 'EvidenceAdded':
      return { ...state, evidence: [...state.evidence, { ...mark, ...data }] };
    case 'EvidenceExcluded':
      return {
        ...state,
        evidence: state.evidence.map((item) =>
          item.evidenceId === data.evidenceId ? { ...item, excluded: data.reason } : item,
        ),
      };
    case 'ContentVerified': {
      const { grounds, ...rest } = data;
      const content: ContentCheck = { ...mark, ...rest, reason: grounds, status: 'Done' };
      return { ...state, stage: investigated(state.stage), verification: { ...state.verification, content } };
    }
    case 'MeritsAssessed': {
      const { grounds, ...rest } = data;
      const merits: MeritsCheck = { ...mark, ...rest, reason: grounds, status: 'Done' };
      return { ...state, stage: investigated(state.stage), verification: { ...state.verification, merits } };
    }
    case 'InvestigationWaived': {
      const waived: Check = { ...mark, ...data, status: 'Waived' };
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
      return { ...state, requests: [...state.requests, { ...mark, ...rest, status: 'Open' }] };
    }
    case 'InformationReceived':
      return withRequest(state, data.requestId, 'Answered');
    case 'InformationRequestLapsed':
      return withRequest(state, data.requestId, 'Lapsed');
    case 'HoldPlaced': {
      const { note: _note, ...rest } = data;
      return { ...state, holds: [...state.holds, { ...mark, ...rest }] };
    }
    case 'HoldReleased':
      return {
        ...state,
        holds: state.holds.map((hold) => (hold.holdId === data.holdId ? { ...hold, ended: data.cause } : hold)),
      };
    case 'DeterminationMade': {
      const made: Determination = { ...mark, ...data, episode: state.episode, returned: false, reviews: [] };
      return {
        ...state,
        stage: 'Determined',
        determinations: [...state.determinations, made],
        points: decided(state.points, data.points),
      };
    }
    case 'DeterminationReviewed': {
      const { determinationId, ...review } = data;
      const determinations = state.determinations.map((made) =>
        made.determinationId === determinationId
          ? { ...made, reviews: [...made.reviews, { ...mark, ...review }] }
          : made,
      );
      return data.decision === 'approve' ? { ...state, determinations } : sentBack({ ...state, determinations });
    }
    case 'ReturnedToInvestigation':
      return sentBack(state);
    case 'RemedyDrafted':
      return { ...state, remedies: offer(state.remedies, data, 'Drafted', state.episode, mark) };
    case 'RemedyProposed':
      return {
        ...state,
        remedies: offer(state.remedies, data, data.needsAcceptance ? 'Proposed' : 'InProgress', state.episode, mark),
      };
    case 'RemedyApproved':
      return state; // RemedyProposed follows it
    case 'RemedyReturned':
      return { ...state, remedies: drop(state.remedies, data.remedyId, 'Returned') };
    case 'RemedyAccepted':
      return { ...state, remedies: answerOffer(state.remedies, data.remedyId, 'Accepted', data.statedBy) };
    case 'RemedyRejected':
      return { ...state, remedies: answerOffer(state.remedies, data.remedyId, 'Rejected', data.statedBy) };
    case 'RemedyOfferLapsed':
      return { ...state, remedies: drop(state.remedies, data.remedyId, 'Lapsed') };
    case 'RemedyMeasureCompleted':
      return { ...state, remedies: measureDone(state.remedies, data, 'Done', mark.at) };
    case 'RemedyMeasureWaived':
      return { ...state, remedies: measureDone(state.remedies, data, 'Waived', mark.at) };
    case 'RedressPaid':
      return { ...state, payments: [...state.payments, { ...mark, ...data }] };
    case 'RemedyImplemented': {
      const known = state.remedies.some(({ remedyId }) => remedyId === data.remedyId);
      if (known || data.statedBy === undefined)
        return { ...state, remedies: discharge(state.remedies, data.remedyId, mark.at) };
      return {
        ...state,
        remedies: [...state.remedies, implement(data, state.episode, mark)],
        afterCare: { ...state.afterCare, status: 'Answered', result: 'accepted', at: data.statedBy.at },
      };
    }
    case 'FinalResponseSent': {
      const { responseId, templateVersion: _templateVersion, ...rest } = data;
      const letter: Letter = { ...mark, ...rest, id: responseId, episode: state.episode, deliveries: [] };
      return { ...state, stage: 'Responded', letters: [...state.letters, letter] };
    }
    case 'OutcomeCommunicated': {
      const { of, channel, to, deliveredAt } = data;
      const told = withDelivery(state, of, {
        result: 'delivered',
        channel,
        at: deliveredAt,
        ...(to !== undefined && { to }),
      });
      if (!ofThisEpisode(state, of)) return told;
      return {
        ...told,
        stage: state.stage === 'Determined' ? 'Responded' : state.stage,
        communication:
          state.communication.status === 'Communicated'
            ? state.communication
            : { status: 'Communicated', of, at: deliveredAt },
      };
    }
    case 'CommunicationFailed': {
      const { of, ...rest } = data;
      return withDelivery(state, of, { ...rest, result: 'failed' });
    }
    case 'OutcomeUndeliverable': {
      const told = withDelivery(state, data.of, { result: 'undeliverable', at: mark.at, reason: data.reason });
      return ofThisEpisode(state, data.of) && state.communication.status === 'None'
        ? { ...told, communication: { status: 'Undeliverable', of: data.of, at: mark.at } }
        : told;
    }
    case 'FollowUpScheduled':
      return {
        ...state,
        afterCare: { ...state.afterCare, ...data, status: awaited(state.afterCare, 'Scheduled') },
      };
    case 'FeedbackRequested':
      return {
        ...state,
        afterCare: { ...state.afterCare, channel: data.channel, status: awaited(state.afterCare, 'Requested') },
      };
    case 'FeedbackSubmitted': {
      const { statedBy: _statedBy, ...rest } = data;
      return {
        ...state,
        feedback: [...state.feedback, { ...mark, ...rest, episode: state.episode }],
        afterCare: { ...state.afterCare, status: 'Answered', result: 'feedback', at: mark.at },
      };
    }
    case 'FollowUpCompleted':
      return {
        ...state,
        afterCare: { ...state.afterCare, channel: data.channel, status: 'Answered', result: 'done', at: mark.at },
      };
    case 'FollowUpUnreachable':
      return {
        ...state,
        afterCare: {
          ...state.afterCare,
          channel: data.channel,
          status: 'Unreachable',
          result: 'unreachable',
          at: mark.at,
        },
      };
    case 'FollowUpDeclined':
      return {
        ...state,
        afterCare: { ...state.afterCare, channel: data.channel, status: 'Answered', result: 'declined', at: mark.at },
      };
    case 'ComplaintClosed': {
      const waited = state.afterCare.status === 'Scheduled' || state.afterCare.status === 'Requested';
      const afterCare: AfterCare = waited ? { ...state.afterCare, status: 'Lapsed' } : state.afterCare;
      return end({ ...state, closedReason: data.reason, afterCare }, 'Closed', event);
    }
    case 'ComplaintReopened':
      return {
        ...state,
        stage: 'UnderAssessment',
        episode: data.episode,
        endedAt: null,
        endRecordedAt: null,
        closedReason: null,
        acknowledgement: null,
        parties: state.parties.map((party) =>
          party.identity.status === 'Done' ? party : { ...party, identity: UNCHECKED },
        ),
        points: state.points.map(undecided),
        verification: { content: UNCHECKED, merits: UNCHECKED, anonymity: UNCHECKED },
        remedies: state.remedies.map((remedy) =>
          remedy.status === 'Proposed' || remedy.status === 'Drafted' ? { ...remedy, status: 'Lapsed' } : remedy,
        ),
        communication: { status: 'None' },
        afterCare: { status: 'None' },
        withdrawal: null,
        reopenings: [
          ...state.reopenings,
          {
            ...mark,
            episode: data.episode,
            kind: data.kind,
            reason: data.reason,
            ...(data.decidedBy !== undefined && { decidedBy: data.decidedBy }),
          },
        ],
      };
    case 'ComplaintWithdrawn': {
      const withdrawn = { ...state, withdrawal: { ...mark, ...data } };
      return data.continuedOnOwnInitiative ? withdrawn : end(withdrawn, 'Withdrawn', event);
    }
    case 'ExternalOutcomeRecorded': {
      const told = { ...state, external: { ...mark, ...data } };
      if (state.stage !== 'Received' || state.episode !== 1 || isInProgress(data.response)) return told;
      return { ...end(told, 'Closed', event), endedAt: data.statedOn ?? null, closedReason: 'external_register' };
    }
    case 'ContactRecorded':
      return { ...state, contacts: [...state.contacts, { ...data, by: mark.by }] };
    case 'ComplainantChased':
      return { ...state, chasers: state.chasers + 1 };
    case 'NoteAdded':
      return { ...state, notes: [...state.notes, { ...mark, ...data }] };
    default:
      return unknownEvent(type, state);
  }
}

/** True when a register says that the company is still at work: then nothing ends (T25). */
export const isInProgress = (response: string): boolean => response.trim().toLowerCase() === 'in progress';

/** Assessment steps take a complaint out of Received; elsewhere the stage stays. */
const assessed = (stage: Stage | null): Stage | null => (stage === 'Received' ? 'UnderAssessment' : stage);

const investigated = (stage: Stage | null): Stage | null =>
  stage === 'Received' || stage === 'UnderAssessment' ? 'UnderInvestigation' : stage;

/** An end stops what was waited for: holds end with it. */
function end(state: Complaint, stage: Stage, event: Fact): Complaint {
  return {
    ...state,
    stage,
    endedAt: event.metadata.occurredAt,
    endRecordedAt: event.metadata.recordedAt,
    holds: state.holds.map((hold) => (hold.ended === undefined ? { ...hold, ended: 'ended' } : hold)),
  };
}

/** The determination of this episode no longer stands. */
function sentBack(state: Complaint): Complaint {
  return {
    ...state,
    stage: 'UnderInvestigation',
    determinations: state.determinations.map((made) =>
      made.episode === state.episode ? { ...made, returned: true } : made,
    ),
    points: state.points.map(undecided),
  };
}

const awaited = (afterCare: AfterCare, status: 'Scheduled' | 'Requested'): AfterCare['status'] =>
  afterCare.result === undefined ? status : afterCare.status;

const decided = (points: readonly PointFile[], decisions: readonly PointDecision[]): PointFile[] =>
  points.map((point) => {
    const decision = decisions.find(({ id }) => id === point.id);
    return decision === undefined ? point : { ...point, outcome: decision.outcome };
  });

function undecided(point: PointFile): PointFile {
  const { outcome: _outcome, ...rest } = point;
  return rest;
}

/** A delivery counts for the episode of the letter (or, at first contact, of the determination) that it names. */
const ofThisEpisode = (state: Complaint, of: string): boolean =>
  state.letters.some(({ id, episode }) => id === of && episode === state.episode) ||
  state.determinations.some(({ determinationId, episode }) => determinationId === of && episode === state.episode);

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

/** An event type of a later version changes nothing here; the compiler sees to it that ours are all handled. */
const unknownEvent = (_type: never, state: Complaint): Complaint => state;
