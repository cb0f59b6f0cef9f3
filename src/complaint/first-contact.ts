import { isBefore } from '../platform/moment.js';
import type { ResolveAtFirstContact } from './commands/resolution.js';
import { rejectionOf, withoutUndefined, unmet, type Decider, type Guard } from './decision.js';
import {
  ComplaintAdmitted,
  ComplaintClassified,
  ComplaintClosed,
  DeterminationMade,
  OutcomeCommunicated,
  RemedyImplemented,
} from './events.js';
import { didNotDecideBefore, inStage, isHeld, nextId, statementProblems, withoutConflictOfInterest } from './guards.js';
import { isOwed } from './progress.js';
import { BEFORE_DETERMINATION, TAXONOMY_VERSION } from './terms/vocabulary.js';

const notSafetyCritical: Guard = ({ severity }) =>
  severity?.safetyCritical === true
    ? unmet(
        'safety_critical',
        'a safety-critical complaint cannot be resolved at first contact; use the full procedure',
      )
    : undefined;

/**
 * Resolves a simple complaint with one request (T24). Records admission and classification if they are missing, then
 * determination, remedy, communication and closing. The complaint is not closed and stays in Responded if `keepOpen` is
 * set, if a hold is active, or if an earlier accepted remedy is still owed.
 */
export const resolveAtFirstContact = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest, didNotDecideBefore, notSafetyCritical],
  decide: (command, complaint, { now }) => {
    const { category, whatWasDone, remedyType, amount, statedBy, keepOpen = false } = command;
    const { classification, points, receivedAt } = complaint;
    const rejection = rejectionOf(
      statementProblems(complaint, statedBy, now),
      classification !== null && !points.some((point) => point.category === category)
        ? unmet('category_differs', 'the complaint is classified in another category; give that category', '/category')
        : undefined,
    );
    if (rejection) return rejection;
    const determinationIds = complaint.determinations.map((determination) => determination.determinationId);
    const determinationId = nextId('d', determinationIds);
    const remedyIds = complaint.remedies.map((remedy) => remedy.remedyId);
    const staysOpen = keepOpen || complaint.holds.some((hold) => isHeld(hold, now)) || complaint.remedies.some(isOwed);
    return [
      ...(complaint.admittedAt === null ? [ComplaintAdmitted({})] : []),
      ...(classification === null
        ? [
            ComplaintClassified({
              nature: 'complaint',
              points: points.map(({ id }) => ({ id, category })),
              taxonomyVersion: TAXONOMY_VERSION,
            }),
          ]
        : []),
      DeterminationMade({
        determinationId,
        points: points.map(({ id }) => ({ id, outcome: 'resolved_without_finding', reasons: whatWasDone })),
      }),
      RemedyImplemented(
        withoutUndefined({
          remedyId: nextId('r', remedyIds),
          whatWasDone,
          remedyType,
          money: amount,
          statedBy,
        }),
      ),
      OutcomeCommunicated({
        of: determinationId,
        channel: command.channel ?? complaint.lodged?.facts.channel ?? 'in_person',
        to: statedBy.party,
        deliveredAt: receivedAt !== null && isBefore(statedBy.at, receivedAt) ? receivedAt : statedBy.at,
      }),
      ...(staysOpen ? [] : [ComplaintClosed({ reason: 'resolved_at_first_contact' })]),
    ];
  },
} satisfies Decider<ResolveAtFirstContact>;
