import { before } from '../platform/moment.js';
import type { ResolveAtFirstContact } from './commands/resolution.js';
import { refusal, withoutUndefined, unmet, type Decider, type Guard } from './decision.js';
import {
  ComplaintAdmitted,
  ComplaintClassified,
  ComplaintClosed,
  DeterminationMade,
  OutcomeCommunicated,
  RemedyImplemented,
} from './events.js';
import { didNotDecideBefore, idFor, inStage, isHeld, statementProblems, withoutInterest } from './guards.js';
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
 * Resolves a simple complaint with one request (T24). Records the missing admission and classification, then closes the
 * complaint. The complaint stays open (Responded) if `keepOpen` is set, if a hold is active, or while an earlier accepted
 * remedy is still owed.
 */
export const resolveAtFirstContact = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutInterest, didNotDecideBefore, notSafetyCritical],
  decide: (command, complaint, { now }) => {
    const { category, whatWasDone, remedyType, amount, statedBy, keepOpen = false } = command;
    const { classification, points, receivedAt } = complaint;
    const wrong = refusal(
      statementProblems(complaint, statedBy, now),
      classification !== null && !points.some((point) => point.category === category)
        ? unmet('category_differs', 'the complaint is classified in another category; give that category', '/category')
        : undefined,
    );
    if (wrong) return wrong;
    const determinationId = idFor(
      'd',
      undefined,
      complaint.determinations.map((made) => made.determinationId),
    );
    const stays = keepOpen || complaint.holds.some((hold) => isHeld(hold, now)) || complaint.remedies.some(isOwed);
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
          remedyId: idFor(
            'r',
            undefined,
            complaint.remedies.map((remedy) => remedy.remedyId),
          ),
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
        deliveredAt: receivedAt !== null && before(statedBy.at, receivedAt) ? receivedAt : statedBy.at,
      }),
      ...(stays ? [] : [ComplaintClosed({ reason: 'resolved_at_first_contact' })]),
    ];
  },
} satisfies Decider<ResolveAtFirstContact>;
