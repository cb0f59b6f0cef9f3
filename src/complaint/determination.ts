import type { MakeDetermination, ReturnToInvestigation, ReviewDetermination } from './commands/resolution.js';
import { nothingToChange, withoutUndefined, refusal, unmet, type Decider, type Guard } from './decision.js';
import { DeterminationMade, DeterminationReviewed, ReturnedToInvestigation } from './events.js';
import {
  decisionProblems,
  didNotDecideBefore,
  idFor,
  inStage,
  currentDetermination,
  withoutInterest,
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

/** Checks every party; a complaint without parties has no identity to check. */
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
    withoutInterest,
    didNotDecideBefore,
    contentChecked,
    meritsChecked,
    identityChecked,
  ],
  decide: ({ points, recourse }, complaint) =>
    refusal(
      decisionProblems(complaint, points),
      points.some(({ outcome }) => outcome === 'not_upheld') && (recourse ?? '').trim() === ''
        ? unmet('recourse_missing', 'a point is not fully upheld; state the external recourse', '/recourse')
        : undefined,
    ) ?? [
      DeterminationMade(
        withoutUndefined({
          determinationId: idFor(
            'd',
            undefined,
            complaint.determinations.map(({ determinationId }) => determinationId),
          ),
          points,
          recourse,
        }),
      ),
    ],
} satisfies Decider<MakeDetermination>;

const byAnother: Guard = (complaint, { actor }) =>
  currentDetermination(complaint)?.by === actor.id
    ? unmet('needs_second_person', 'the person who made the determination cannot review it; another person must')
    : undefined;

export const reviewDetermination = {
  guards: [inStage('Determined'), withoutInterest, didNotDecideBefore, byAnother],
  decide: ({ decision, capacity, reasons }, complaint, { actor }) => {
    const made = currentDetermination(complaint);
    const again = made?.reviews.some(
      (review) => review.by === actor.id && review.decision === decision && review.capacity === capacity,
    );
    const wrong = refusal(
      decision === 'return' && (reasons ?? '').trim() === ''
        ? unmet('reasons_missing', 'the determination is returned without reasons; give them', '/reasons')
        : undefined,
      again === true ? nothingToChange(`${actor.id} has already approved the determination`) : undefined,
    );
    const determinationId = made?.determinationId ?? '';
    return wrong ?? [DeterminationReviewed(withoutUndefined({ determinationId, decision, capacity, reasons }))];
  },
} satisfies Decider<ReviewDetermination>;

export const returnToInvestigation = {
  guards: [inStage('Determined'), withoutInterest],
  decide: ({ reason }) => [ReturnedToInvestigation({ reason })],
} satisfies Decider<ReturnToInvestigation>;
