import type { MakeDetermination, ReturnToInvestigation, ReviewDetermination } from './commands/resolution.js';
import { nothingToChange, withoutUndefined, rejectionOf, unmet, type Decider, type Guard } from './decision.js';
import { DeterminationMade, DeterminationReviewed, ReturnedToInvestigation } from './events.js';
import {
  decisionProblems,
  didNotDecideBefore,
  currentDetermination,
  inStage,
  nextId,
  withoutConflictOfInterest,
} from './guards.js';

/** The determination: one outcome with reasons per point (T10, R31, I5). */

const contentChecked: Guard = ({ verification: { content } }) =>
  content.status === 'None'
    ? unmet('content_not_verified', 'the content is not verified; use `verify-content` or `waive-investigation`')
    : undefined;

const meritsChecked: Guard = ({ verification: { merits } }) =>
  merits.status === 'None'
    ? unmet('merits_not_assessed', 'the merits are not assessed; use `assess-merits` or `waive-investigation`')
    : undefined;

/** The identity of every party is checked or waived. A complaint without parties has no identity to check. */
const identityChecked: Guard = ({ parties }) => {
  const unchecked = parties.filter(({ identity }) => identity.status === 'None').map(({ id }) => id);
  return unchecked.length === 0
    ? undefined
    : unmet(
        'identity_not_checked',
        `the identity of these parties is not checked: ${unchecked.join(', ')}; use \`verify-identity\` or \`waive-identity\``,
      );
};

export const makeDetermination = {
  guards: [
    inStage('UnderAssessment', 'UnderInvestigation'),
    withoutConflictOfInterest,
    didNotDecideBefore,
    contentChecked,
    meritsChecked,
    identityChecked,
  ],
  decide: ({ points, recourse }, complaint) => {
    const rejection = rejectionOf(
      decisionProblems(complaint, points),
      points.some(({ outcome }) => outcome === 'not_upheld') && (recourse ?? '').trim() === ''
        ? unmet('recourse_missing', 'a point is not upheld; state the external recourse', '/recourse')
        : undefined,
    );
    const determinationIds = complaint.determinations.map(({ determinationId }) => determinationId);
    const determinationId = nextId('d', determinationIds);
    return rejection ?? [DeterminationMade(withoutUndefined({ determinationId, points, recourse }))];
  },
} satisfies Decider<MakeDetermination>;

const madeByAnotherPerson: Guard = (complaint, { actor }) =>
  currentDetermination(complaint)?.by === actor.id
    ? unmet('needs_second_person', 'the person who made the determination cannot review it; another person must')
    : undefined;

export const reviewDetermination = {
  guards: [inStage('Determined'), withoutConflictOfInterest, didNotDecideBefore, madeByAnotherPerson],
  decide: ({ decision, capacity, reasons }, complaint, { actor }) => {
    const determination = currentDetermination(complaint);
    const hasSameReview = determination?.reviews.some(
      (review) => review.by === actor.id && review.decision === decision && review.capacity === capacity,
    );
    const rejection = rejectionOf(
      decision === 'return' && (reasons ?? '').trim() === ''
        ? unmet('reasons_missing', 'the determination is returned without reasons; give them', '/reasons')
        : undefined,
      hasSameReview === true ? nothingToChange(`${actor.id} has already approved the determination`) : undefined,
    );
    const determinationId = determination?.determinationId ?? '';
    return rejection ?? [DeterminationReviewed(withoutUndefined({ determinationId, decision, capacity, reasons }))];
  },
} satisfies Decider<ReviewDetermination>;

export const returnToInvestigation = {
  guards: [inStage('Determined'), withoutConflictOfInterest],
  decide: ({ reason }) => [ReturnedToInvestigation({ reason })],
} satisfies Decider<ReturnToInvestigation>;
