import { latest, plusDays } from '../platform/moment.js';
import type { CloseComplaint, ReopenComplaint, WithdrawComplaint } from './commands/feedback.js';
import { nothingToChange, withoutUndefined, refusal, unmet, type Decider, type Guard } from './decision.js';
import { ComplaintClosed, ComplaintReopened, ComplaintWithdrawn, DeterminationMade } from './events.js';
import { afterCareStart } from './feedback.js';
import { decisionProblems, idFor, inStage, open, statementProblems, withoutInterest } from './guards.js';
import { isOwed, isCommunicated, isWaiting } from './progress.js';
import { isOver } from './time.js';

/** ISO 10002 7.9: closing (T17), withdrawal (T19) and reopening (T18). */

/** I4 */
const outcomeCommunicated: Guard = (complaint) =>
  isCommunicated(complaint)
    ? undefined
    : unmet('outcome_not_communicated', 'the outcome is neither delivered nor undeliverable; use `record-delivery`');

const noOpenMeasure: Guard = ({ remedies }) => {
  const owed = remedies.filter(isOwed).map(({ remedyId }) => remedyId);
  return owed.length === 0
    ? undefined
    : unmet('measures_open', `these remedies have open measures: ${owed.join(', ')}; complete or waive them`);
};

const noOpenOffer: Guard = ({ remedies }) => {
  const offers = remedies.filter(isWaiting).map(({ remedyId }) => remedyId);
  return offers.length === 0
    ? undefined
    : unmet('offer_open', `these offers have no answer: ${offers.join(', ')}; record the answer or let them lapse`);
};

const followUpDone: Guard = (complaint, { now, settings }) => {
  if (complaint.afterCare.result !== undefined) return undefined;
  const start = afterCareStart(complaint);
  const windowEndsAt = complaint.afterCare.windowEndsAt;
  const over =
    windowEndsAt === undefined
      ? start !== undefined && plusDays(start, settings.followUpDays) <= now
      : isOver(windowEndsAt, now);
  return over
    ? undefined
    : unmet(
        'follow_up_open',
        'no feedback or follow-up is recorded and the follow-up window is still open; record one or wait',
      );
};

export const close = {
  guards: [
    (complaint, context) =>
      complaint.stage === 'Closed'
        ? nothingToChange('the complaint is already closed')
        : inStage('Responded')(complaint, context),
    withoutInterest,
    outcomeCommunicated,
    noOpenMeasure,
    noOpenOffer,
    followUpDone,
  ],
  decide: ({ note }) => [ComplaintClosed(withoutUndefined({ reason: 'handled' as const, note }))],
} satisfies Decider<CloseComplaint>;

/**
 * Starts a new episode (I9). The reopen window runs from the end, or from the recording of the end if the time of the end
 * is unknown. It does not apply to a supervisor or to an external decision, which carries the outcome of the body.
 */
export const reopen = {
  guards: [inStage('Responded', 'Closed', 'Withdrawn', 'Inadmissible', 'ReferredOut'), withoutInterest],
  decide: ({ kind, reason, statedBy, decidedBy, points }, complaint, { now, actor, settings }) => {
    const external = kind === 'external_decision';
    const end = complaint.endedAt === null ? complaint.endRecordedAt : latest(complaint.endedAt);
    const wrong = refusal(
      !external && actor.role !== 'supervisor' && end !== null && plusDays(end, settings.reopenDays) < now
        ? unmet(
            'reopen_window_over',
            `the complaint ended more than ${settings.reopenDays} days ago; a supervisor can still reopen it`,
          )
        : undefined,
      statementProblems(complaint, statedBy, now),
      external && (decidedBy ?? '').trim() === ''
        ? unmet('body_missing', 'an external decision needs the body that decided; give `decidedBy`', '/decidedBy')
        : undefined,
      external && points === undefined
        ? unmet('outcome_missing', 'an external decision needs its outcome; give `points`', '/points')
        : undefined,
      !external && decidedBy !== undefined
        ? unmet(
            'not_an_external_decision',
            `only kind external_decision takes \`decidedBy\` (kind: ${kind})`,
            '/decidedBy',
          )
        : undefined,
      !external && points !== undefined
        ? unmet('not_an_external_decision', `only kind external_decision takes \`points\` (kind: ${kind})`, '/points')
        : undefined,
      external && points !== undefined ? decisionProblems(complaint, points) : undefined,
    );
    if (wrong) return wrong;
    const reopened = ComplaintReopened(
      withoutUndefined({ episode: complaint.episode + 1, kind, reason, decidedBy, statedBy }),
    );
    if (points === undefined) return [reopened];
    const determinationId = idFor(
      'd',
      undefined,
      complaint.determinations.map((made) => made.determinationId),
    );
    return [reopened, DeterminationMade(withoutUndefined({ determinationId, points, decidedBy }))];
  },
} satisfies Decider<ReopenComplaint>;

/** A withdrawal needs a statement. A safety-critical complaint stays open on the organisation's own initiative. */
export const withdraw = {
  guards: [
    open,
    withoutInterest,
    ({ withdrawal }) => (withdrawal === null ? undefined : nothingToChange('the withdrawal is already recorded')),
  ],
  decide: ({ statedBy, reason }, complaint, { now }) =>
    refusal(statementProblems(complaint, statedBy, now)) ?? [
      ComplaintWithdrawn(
        withoutUndefined({ statedBy, reason, continuedOnOwnInitiative: complaint.severity?.safetyCritical ?? false }),
      ),
    ],
} satisfies Decider<WithdrawComplaint>;
