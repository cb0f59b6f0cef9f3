import { latest, plusDays } from '../platform/moment.js';
import type { CloseComplaint, ReopenComplaint, WithdrawComplaint } from './commands/feedback.js';
import { nothingToChange, present, refusal, unmet, type Decider, type Guard } from './decision.js';
import { ComplaintClosed, ComplaintReopened, ComplaintWithdrawn, DeterminationMade } from './events.js';
import { afterCareStart } from './feedback.js';
import { decisionProblems, idFor, inStage, open, statementProblems, withoutInterest } from './guards.js';
import { isOwed, isTold, isWaiting } from './progress.js';
import { isOver } from './time.js';

/** ISO 10002 7.9: ending it (T17, T19), and taking it up again (T18). */

/** I4 */
const outcomeTold: Guard = (complaint) =>
  isTold(complaint)
    ? undefined
    : unmet('outcome_not_communicated', 'the outcome was neither delivered nor found undeliverable');

const nothingOwed: Guard = ({ remedies }) => {
  const owed = remedies.filter(isOwed).map(({ remedyId }) => remedyId);
  return owed.length === 0
    ? undefined
    : unmet('measures_open', `measures are neither done nor waived: ${owed.join(', ')}`);
};

const noOfferWaits: Guard = ({ remedies }) => {
  const offers = remedies.filter(isWaiting).map(({ remedyId }) => remedyId);
  return offers.length === 0 ? undefined : unmet('offer_open', `an offer waits for an answer: ${offers.join(', ')}`);
};

const followedUp: Guard = (complaint, { now, settings }) => {
  if (complaint.afterCare.result !== undefined) return undefined;
  const start = afterCareStart(complaint);
  const windowEndsAt = complaint.afterCare.windowEndsAt;
  const over =
    windowEndsAt === undefined
      ? start !== undefined && plusDays(start, settings.followUpDays) <= now
      : isOver(windowEndsAt, now);
  return over ? undefined : unmet('follow_up_open', 'no feedback, no follow-up, and the time for them is not over');
};

export const close: Decider<CloseComplaint> = {
  guards: [
    (complaint, context) =>
      complaint.stage === 'Closed' ? nothingToChange('it is closed') : inStage('Responded')(complaint, context),
    withoutInterest,
    outcomeTold,
    nothingOwed,
    noOfferWaits,
    followedUp,
  ],
  decide: ({ note }) => [ComplaintClosed(present({ reason: 'handled' as const, note }))],
};

/**
 * A new episode (I9). The window runs from the end, or from when the end was recorded where nobody says when it was; a
 * supervisor needs none. An external decision needs neither and brings the body's outcome with it.
 */
export const reopen: Decider<ReopenComplaint> = {
  guards: [inStage('Responded', 'Closed', 'Withdrawn', 'Inadmissible', 'ReferredOut'), withoutInterest],
  decide: ({ kind, reason, statedBy, decidedBy, points }, complaint, { now, actor, settings }) => {
    const external = kind === 'external_decision';
    const end = complaint.endedAt === null ? complaint.endRecordedAt : latest(complaint.endedAt);
    const wrong = refusal(
      !external && actor.role !== 'supervisor' && end !== null && plusDays(end, settings.reopenDays) < now
        ? unmet('reopen_window_over', `it ended more than ${settings.reopenDays} days ago: ask a supervisor`)
        : undefined,
      statementProblems(complaint, statedBy, now),
      external && (decidedBy ?? '').trim() === '' ? unmet('body_missing', 'say who decided', '/decidedBy') : undefined,
      external && points === undefined ? unmet('outcome_missing', 'say what was decided', '/points') : undefined,
      !external && decidedBy !== undefined
        ? unmet('not_an_external_decision', `${kind} has no such body`, '/decidedBy')
        : undefined,
      !external && points !== undefined
        ? unmet('not_an_external_decision', `${kind} decides nothing yet`, '/points')
        : undefined,
      external && points !== undefined ? decisionProblems(complaint, points) : undefined,
    );
    if (wrong) return wrong;
    const reopened = ComplaintReopened(present({ episode: complaint.episode + 1, kind, reason, decidedBy, statedBy }));
    if (points === undefined) return [reopened];
    const determinationId = idFor(
      'd',
      undefined,
      complaint.determinations.map((made) => made.determinationId),
    );
    return [reopened, DeterminationMade(present({ determinationId, points, decidedBy }))];
  },
};

/** Safety keeps it open on our own initiative; silence is never withdrawal: somebody states it. */
export const withdraw: Decider<WithdrawComplaint> = {
  guards: [
    open,
    withoutInterest,
    ({ withdrawal }) => (withdrawal === null ? undefined : nothingToChange('its withdrawal is recorded')),
  ],
  decide: ({ statedBy, reason }, complaint, { now }) =>
    refusal(statementProblems(complaint, statedBy, now)) ?? [
      ComplaintWithdrawn(
        present({ statedBy, reason, continuedOnOwnInitiative: complaint.severity?.safetyCritical ?? false }),
      ),
    ],
};
