import type { Complaint } from './complaint.js';
import { unmet, type Context, type Unmet } from './decision.js';
import { currentDetermination } from './guards.js';
import { hasSkill } from './people.js';
import type { Review } from './state-types.js';

/** Reviews of a determination (T10). */

/** True if the actor may review in this capacity: legal is a skill in the directory, the others are roles. */
export const hasCapacity = (capacity: Review['capacity'], { actor, reference }: Context): boolean => {
  const known = reference.staff.person(actor.id);
  if (capacity === 'legal') return hasSkill(known, 'legal');
  return actor.role === capacity || (known?.roles.some((role) => role === capacity) ?? false);
};

/**
 * The reviews that are missing before the final response: a legal one while the legal flag is set (R14), and those that
 * the house rules ask for.
 */
export function missingReviews(complaint: Complaint, { reference }: Context): Unmet[] {
  const { determinationReview } = reference.house;
  const isLegalRisk = complaint.flags.some(({ flag, cleared }) => flag === 'legal' && cleared === undefined);
  const approvedAs = (currentDetermination(complaint)?.reviews ?? [])
    .filter(({ decision }) => decision === 'approve')
    .map(({ capacity }) => capacity);
  const needed = [
    ...(isLegalRisk || determinationReview === 'legal' ? ['legal'] : []),
    ...(determinationReview === 'reviewer' ? ['reviewer'] : []),
  ];
  return needed
    .filter((capacity) => !approvedAs.includes(capacity))
    .map((capacity) =>
      unmet(
        'review_missing',
        `the determination needs the approval of a second person in the capacity ${capacity}; use \`review-determination\``,
      ),
    );
}
