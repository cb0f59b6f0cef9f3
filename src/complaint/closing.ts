import { latest, plusDays } from '../platform/moment.js';
import type { CloseComplaint, ReopenComplaint, WithdrawComplaint } from './commands/feedback.js';
import { nothingToChange, withoutUndefined, rejectionOf, unmet, type Decider, type Guard } from './decision.js';
import { ComplaintClosed, ComplaintReopened, ComplaintWithdrawn, DeterminationMade } from './events.js';
import { afterCareStart } from './feedback.js';
import { decisionProblems, inStage, nextId, open, statementProblems, withoutConflictOfInterest } from './guards.js';
import { isOwed, isCommunicated, isAwaitingAnswer } from './progress.js';
import { isOver } from './time.js';

/** ISO 10002 7.9: closing (T17), withdrawal (T19) and reopening (T18). */

/** The outcome of this episode was delivered or found undeliverable (I4). */
const outcomeCommunicated: Guard = (complaint) =>
  isCommunicated(complaint)
    ? undefined
    : unmet('outcome_not_communicated', 'the outcome is neither delivered nor undeliverable; use `record-delivery`');

const noOpenMeasure: Guard = ({ remedies }) => {
  const owedRemedyIds = remedies.filter(isOwed).map(({ remedyId }) => remedyId);
  return owedRemedyIds.length === 0
    ? undefined
    : unmet('measures_open', `these remedies have open measures: ${owedRemedyIds.join(', ')}; complete or waive them`);
};

const noOpenOffer: Guard = ({ remedies }) => {
  const openOfferIds = remedies.filter(isAwaitingAnswer).map(({ remedyId }) => remedyId);
  return openOfferIds.length === 0
    ? undefined
    : unmet(
        'offer_open',
        `these offers have no answer: ${openOfferIds.join(', ')}; record the answer, or use \`lapse-remedy-offer\` after the validity of an offer ends`,
      );
};

const followUpDone: Guard = (complaint, { now, settings }) => {
  if (complaint.afterCare.result !== undefined) return undefined;
  const start = afterCareStart(complaint);
  const windowEndsAt = complaint.afterCare.windowEndsAt;
  const isWindowOver =
    windowEndsAt === undefined
      ? start !== undefined && plusDays(start, settings.followUpDays) <= now
      : isOver(windowEndsAt, now);
  return isWindowOver
    ? undefined
    : unmet(
        'follow_up_open',
        'no feedback or follow-up is recorded and the follow-up window is still open; record one or wait until the window ends',
      );
};

export const close = {
  guards: [
    (complaint, context) =>
      complaint.stage === 'Closed'
        ? nothingToChange('the complaint is already closed')
        : inStage('Responded')(complaint, context),
    withoutConflictOfInterest,
    outcomeCommunicated,
    noOpenMeasure,
    noOpenOffer,
    followUpDone,
  ],
  decide: ({ note }) => [ComplaintClosed(withoutUndefined({ reason: 'handled' as const, note }))],
} satisfies Decider<CloseComplaint>;

/**
 * Starts a new episode (I9). The reopen window starts at the end of the complaint, or at the recording of the end if
 * the time of the end is unknown. The window does not apply to a supervisor or to an external decision. The command
 * for an external decision also carries the outcome that the external body decided.
 */
export const reopen = {
  guards: [inStage('Responded', 'Closed', 'Withdrawn', 'Inadmissible', 'ReferredOut'), withoutConflictOfInterest],
  decide: ({ kind, reason, statedBy, decidedBy, points }, complaint, { now, actor, settings }) => {
    const isExternal = kind === 'external_decision';
    const endedAt = complaint.endedAt === null ? complaint.endRecordedAt : latest(complaint.endedAt);
    const rejection = rejectionOf(
      !isExternal && actor.role !== 'supervisor' && endedAt !== null && plusDays(endedAt, settings.reopenDays) < now
        ? unmet(
            'reopen_window_over',
            `the complaint ended more than ${settings.reopenDays} days ago; a supervisor can still reopen it`,
          )
        : undefined,
      statementProblems(complaint, statedBy, now),
      isExternal && (decidedBy ?? '').trim() === ''
        ? unmet(
            'body_missing',
            'an external decision needs the name of the deciding body; give `decidedBy`',
            '/decidedBy',
          )
        : undefined,
      isExternal && points === undefined
        ? unmet('outcome_missing', 'an external decision needs its outcome; give `points`', '/points')
        : undefined,
      !isExternal && decidedBy !== undefined
        ? unmet(
            'not_an_external_decision',
            `only the kind external_decision can have \`decidedBy\` (kind: ${kind})`,
            '/decidedBy',
          )
        : undefined,
      !isExternal && points !== undefined
        ? unmet(
            'not_an_external_decision',
            `only the kind external_decision can have \`points\` (kind: ${kind})`,
            '/points',
          )
        : undefined,
      isExternal && points !== undefined ? decisionProblems(complaint, points) : undefined,
    );
    if (rejection) return rejection;
    const reopened = ComplaintReopened(
      withoutUndefined({ episode: complaint.episode + 1, kind, reason, decidedBy, statedBy }),
    );
    if (points === undefined) return [reopened];
    const determinationIds = complaint.determinations.map(({ determinationId }) => determinationId);
    return [
      reopened,
      DeterminationMade(withoutUndefined({ determinationId: nextId('d', determinationIds), points, decidedBy })),
    ];
  },
} satisfies Decider<ReopenComplaint>;

/**
 * A withdrawal needs a statement of the complainant. The organisation continues a safety-critical complaint on its own
 * initiative.
 */
export const withdraw = {
  guards: [
    open,
    withoutConflictOfInterest,
    ({ withdrawal }) => (withdrawal === null ? undefined : nothingToChange('the withdrawal is already recorded')),
  ],
  decide: ({ statedBy, reason }, complaint, { now }) =>
    rejectionOf(statementProblems(complaint, statedBy, now)) ?? [
      ComplaintWithdrawn(
        withoutUndefined({ statedBy, reason, continuedOnOwnInitiative: complaint.severity?.safetyCritical ?? false }),
      ),
    ],
} satisfies Decider<WithdrawComplaint>;
