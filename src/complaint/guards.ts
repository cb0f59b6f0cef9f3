import { latest } from '../platform/moment.js';
import type { Complaint } from './complaint.js';
import { unmet, type Context, type Guard, type Unmet } from './decision.js';
import type { PointDecision, StatedBy } from './terms/facts.js';
import { isOpen } from './progress.js';
import type { ContactDetails, Determination, Hold, PartyFile, PointFile } from './state-types.js';
import { isSameId } from '../staff/person.js';
import { futureTime } from './time.js';
import {
  BEFORE_DETERMINATION,
  END_STAGES,
  ORAL_OR_BY_HAND,
  STAGES,
  type Channel,
  type Stage,
} from './terms/vocabulary.js';

/**
 * Guards and checks of fields that several steps of the procedure share. A function that is named after a problem
 * returns this problem, or undefined if there is none. Lateness is never a reason to reject a command.
 */

export const received: Guard = ({ stage }) =>
  stage === null ? unmet('not_received', 'the complaint has not been received yet; lodge it first') : undefined;

export const open: Guard = (complaint, context) =>
  received(complaint, context) ??
  (isOpen(complaint)
    ? undefined
    : unmet(
        'not_open',
        `the complaint has ended (stage: ${String(complaint.stage)}); to take it up again, use \`reopen\``,
      ));

export const inStage =
  (...stages: readonly Stage[]): Guard =>
  (complaint, context) => {
    const { stage } = complaint;
    if (stage === null) return received(complaint, context);
    if (stages.includes(stage)) return undefined;
    // `not_open` says how to continue; `wrong_stage` would not
    const requiresOpen = stages.every((allowed) => !END_STAGES.includes(allowed));
    if (!isOpen(complaint) && requiresOpen) return open(complaint, context);
    return unmet(
      'wrong_stage',
      `only allowed in stage ${stages.join(', ')} (stage: ${stage})${leadsOn(stage, stages)}`,
    );
  };

/** What leads from a stage to the first of these stages, as the end of a message. */
function leadsOn(stage: Stage, stages: readonly Stage[]): string {
  const [goal] = stages.filter((allowed) => STAGES.indexOf(allowed) > STAGES.indexOf(stage));
  if (BEFORE_DETERMINATION.includes(stage) && goal !== undefined && !BEFORE_DETERMINATION.includes(goal))
    return '; use `make-determination`';
  if (stage === 'Determined' && goal === 'Responded') return '; use `send-final-response`';
  const isBack = goal === undefined && (stage === 'Determined' || stage === 'Responded');
  return isBack ? '; use `return-to-investigation`' : '';
}

/** True for a person who is named in the complaint or who has a declared conflict of interest that stands (I6). */
export const hasConflictOfInterest = ({ points, parties, interests }: Complaint, person: string): boolean =>
  points.some(({ subject }) => isPerson(subject.employeeId, person)) ||
  parties.some(({ employeeId }) => isPerson(employeeId, person)) ||
  interests.some((interest) => interest.withdrawn === undefined && isSameId(interest.person, person));

export const isPerson = (id: string | undefined, person: string): boolean => id !== undefined && isSameId(id, person);

/** A person with a conflict of interest neither handles nor decides the complaint (I6). */
export const withoutConflictOfInterest: Guard = (complaint, { actor }) => conflictOfInterest(complaint, actor.id);

export const conflictOfInterest = (complaint: Complaint, person: string, pointer?: string): Unmet | undefined =>
  hasConflictOfInterest(complaint, person)
    ? unmet(
        'conflict_of_interest',
        `${person} has a conflict of interest in this complaint; another person must act`,
        pointer,
      )
    : undefined;

/** The determination in force in the current episode: ours or, without one, that of an external body. */
export function currentDetermination({ determinations, episode }: Complaint): Determination | undefined {
  const inForce = determinations.filter(
    (determination) => determination.episode === episode && !determination.returned,
  );
  return inForce.findLast(({ decidedBy }) => decidedBy === undefined) ?? inForce.at(-1);
}

/** True if this is an internal review (核查) of a determination that the actor made. */
export function reviewsThemselves({ reopenings, episode, determinations }: Complaint, { actor }: Context): boolean {
  const isInternalReview = reopenings.some(
    (reopening) => reopening.episode === episode && reopening.kind === 'internal_review',
  );
  const decidedBefore = determinations.some(
    ({ episode: decidedIn, by, decidedBy }) => decidedBy === undefined && decidedIn < episode && isSameId(by, actor.id),
  );
  return isInternalReview && decidedBefore;
}

/** In an internal review, a person who made an earlier determination cannot decide (T18). */
export const didNotDecideBefore: Guard = (complaint, context) =>
  context.reference.house.reviewByOther && reviewsThemselves(complaint, context)
    ? unmet('decided_before', `${context.actor.id} made the decision under internal review; another person must decide`)
    : undefined;

/** True while the hold is active. A hold ends automatically at its expected end (I10). */
export const isHeld = ({ ended, expectedEnd }: Hold, now: string): boolean =>
  ended === undefined && (expectedEnd === undefined || latest(expectedEnd) > now);

export const unknownParty = ({ parties }: Complaint, id: string | undefined, pointer: string): Unmet | undefined =>
  id === undefined || parties.some((party) => party.id === id)
    ? undefined
    : unmet('unknown_party', `the complaint has no party ${id}`, pointer);

export const unknownPoints = ({ points }: Complaint, ids: readonly string[] | undefined, pointer: string): Unmet[] =>
  (ids ?? []).flatMap((id, index) =>
    points.some((point) => point.id === id)
      ? []
      : [unmet('unknown_point', `the complaint has no point ${id}`, `${pointer}/${index}`)],
  );

/** The problem of a point that is to be decided or moved: it does not exist or no longer counts. */
export function pointProblem({ points }: Complaint, id: string, pointer: string): Unmet | undefined {
  const point = points.find((candidate) => candidate.id === id);
  if (point === undefined) return unmet('unknown_point', `the complaint has no point ${id}`, pointer);
  const { left } = point;
  if (left === undefined) return undefined;
  const where = left.how === 'split_off' ? `split off to complaint ${left.to}` : `referred to ${left.to}`;
  return unmet('point_left', `point ${id} was ${where} and no longer counts here; omit it`, pointer);
}

export const unknownEvidence = (
  { evidence }: Complaint,
  ids: readonly string[] | undefined,
  pointer: string,
): Unmet[] =>
  (ids ?? []).flatMap((id, index) => {
    const item = evidence.find(({ evidenceId }) => evidenceId === id);
    if (item === undefined)
      return [unmet('unknown_evidence', `the complaint has no evidence ${id}`, `${pointer}/${index}`)];
    return item.excluded === undefined
      ? []
      : [unmet('evidence_excluded', `evidence ${id} was excluded; refer to other evidence`, `${pointer}/${index}`)];
  });

/**
 * Problems of a statement: an unknown party, a party whose authority was rejected, a time in the future, or unknown or
 * excluded evidence. None if there is no statement.
 */
export function statementProblems(
  complaint: Complaint,
  statedBy: StatedBy | undefined,
  now: string,
  pointer = '/statedBy',
): Unmet[] {
  if (statedBy === undefined) return [];
  const party = complaint.parties.find(({ id }) => id === statedBy.party);
  const evidenceIds = statedBy.evidenceId === undefined ? [] : [statedBy.evidenceId];
  const evidencePointer = `${pointer}/evidenceId`;
  return [
    unknownParty(complaint, statedBy.party, `${pointer}/party`),
    party?.authority === 'rejected'
      ? unmet(
          'authority_rejected',
          `the authority of ${party.id} was rejected; another party must make the statement`,
          `${pointer}/party`,
        )
      : undefined,
    futureTime(statedBy.at, now, `${pointer}/at`),
    // evidenceId is a single id: its pointer has no index
    ...unknownEvidence(complaint, evidenceIds, evidencePointer).map((problem) => ({
      ...problem,
      pointer: evidencePointer,
    })),
  ].flatMap((problem) => problem ?? []);
}

/**
 * Problems of the decisions: each point must be decided exactly once, with reasons, and on evidence of the complaint.
 * @param decidedIds points that have an outcome already
 */
export function decisionProblems(
  complaint: Complaint,
  decisions: readonly PointDecision[],
  decidedIds: readonly string[] = [],
): Unmet[] {
  const ids = decisions.map(({ id }) => id);
  const undecidedIds = countingPoints(complaint).flatMap(({ id }) =>
    [...ids, ...decidedIds].includes(id) ? [] : [id],
  );
  return [
    ...ids.flatMap((id, index) => {
      const pointer = `/points/${index}/id`;
      const problem = pointProblem(complaint, id, pointer);
      if (problem !== undefined) return [problem];
      if (decidedIds.includes(id))
        return [unmet('point_decided', `point ${id} already has an outcome; omit it`, pointer)];
      return ids.indexOf(id) < index
        ? [unmet('point_repeated', `point ${id} is listed twice; decide each point once`, pointer)]
        : [];
    }),
    ...(undecidedIds.length > 0
      ? [
          unmet(
            'point_undecided',
            `these points have no decision: ${undecidedIds.join(', ')}; decide every point`,
            '/points',
          ),
        ]
      : []),
    ...decisions.flatMap(({ reasons }, index) =>
      reasons.trim() === ''
        ? [unmet('reasons_missing', 'the decision has no reasons; give them', `/points/${index}/reasons`)]
        : [],
    ),
    ...decisions.flatMap(({ findings }, pointIndex) =>
      (findings ?? []).flatMap(({ evidenceIds }, findingIndex) =>
        unknownEvidence(complaint, evidenceIds, `/points/${pointIndex}/findings/${findingIndex}/evidenceIds`),
      ),
    ),
  ];
}

/** The points that are decided here: not those that left for another complaint or an external body. */
export const countingPoints = ({ points }: Pick<Complaint, 'points'>): PointFile[] =>
  points.filter(({ left }) => left === undefined);

/** The contact details that are still used. */
export const usableContacts = ({ contacts = [] }: PartyFile): ContactDetails[] =>
  contacts.filter(({ retired }) => retired === undefined);

/** True if the party has contact details that are still used. */
export const hasContact = (party: PartyFile): boolean => usableContacts(party).length > 0;

/** Parties to notify: they have contact details and their authority was not rejected. */
export const reachableParties = ({ parties }: Complaint): PartyFile[] =>
  parties.filter((party) => hasContact(party) && party.authority !== 'rejected');

/**
 * Problems of the addressees of a letter. Only oral or hand delivery is possible to a party without contact details.
 * The list may be empty only if no party can be reached.
 */
export function addresseeProblems(
  complaint: Complaint,
  addressees: readonly string[],
  channel: Channel | undefined,
): Unmet[] {
  if (addressees.length === 0)
    return reachableParties(complaint).length === 0
      ? []
      : [unmet('addressee_missing', 'at least one party has contact details; name the addressees', '/addressees')];
  return addressees.flatMap((id, index) => {
    const pointer = `/addressees/${index}`;
    const party = complaint.parties.find((candidate) => candidate.id === id);
    if (party === undefined) return [unmet('unknown_party', `the complaint has no party ${id}`, pointer)];
    if (addressees.indexOf(id) < index)
      return [unmet('addressee_repeated', `party ${id} is listed twice; list each party once`, pointer)];
    const isOralOrByHand = channel !== undefined && ORAL_OR_BY_HAND.includes(channel);
    if (!hasContact(party) && !isOralOrByHand)
      return [unmet('no_contact', `party ${id} has no contact details; use an oral or hand-delivery channel`, pointer)];
    return [];
  });
}

/** The next free id with this prefix: after `e1` and `e2` it is `e3`. */
export function nextId(prefix: string, usedIds: readonly string[]): string {
  let number = usedIds.length + 1;
  while (usedIds.includes(`${prefix}${number}`)) number += 1;
  return `${prefix}${number}`;
}

export const duplicateId = (id: string | undefined, usedIds: readonly string[], pointer: string): Unmet | undefined =>
  id !== undefined && usedIds.includes(id)
    ? unmet('id_taken', `the id ${id} already exists; use another id or omit it`, pointer)
    : undefined;
