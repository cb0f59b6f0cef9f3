import type { CloseComplaint } from './commands/feedback.js';
import { partiesWithOpenAuthority } from './addressees.js';
import { isEverybodyTold, partiesNotTold } from './communication.js';
import { nothingToChange, withoutUndefined, unmet, type Decider, type Guard } from './decision.js';
import { openDrafts } from './drafts.js';
import { ComplaintClosed } from './events.js';
import { followUpWindowEnd } from './feedback.js';
import { inStage, withoutConflictOfInterest } from './guards.js';
import { isAwaitingAnswer, isOwed } from './progress.js';
import { isOpenTask } from './tasks.js';

/** ISO 10002 7.9: closing (T17). */

/** Everybody who may be told is told the outcome of this episode, or undeliverable (I4). */
const everybodyTold: Guard = ({ progress }) => {
  if (isEverybodyTold(progress)) return undefined;
  const missing = partiesNotTold(progress).map(({ id }) => id);
  const undecided = partiesWithOpenAuthority({ progress }).map(({ id }) => id);
  return unmet(
    'outcome_not_communicated',
    missing.length > 0 || undecided.length === 0
      ? `the outcome is neither delivered to nor undeliverable to ${missing.join(', ') || 'anybody'}; use \`record-delivery\``
      : `it is not decided whether ${undecided.join(', ')} may be told; use \`verify-authority\`, or ask with \`request-information\``,
  );
};

const noOpenTask: Guard = ({ tasks }) => {
  const ids = tasks.filter(isOpenTask).map(({ taskId }) => taskId);
  return ids.length === 0
    ? undefined
    : unmet(
        'tasks_open',
        `these tasks are neither completed nor cancelled: ${ids.join(', ')}; complete or cancel them`,
      );
};

const noDraft: Guard = (complaint) => {
  const ids = openDrafts(complaint).map(({ id }) => id);
  return ids.length === 0
    ? undefined
    : unmet('draft_open', `these drafts wait for a second person: ${ids.join(', ')}; approve, return or discard them`);
};

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

/** Feedback or a follow-up is recorded, or the window is over; the time of the command decides, without a timer. */
const followUpDone: Guard = (complaint, { now, reference }) => {
  const windowEndsAt = followUpWindowEnd(complaint, reference.house);
  return complaint.afterCare.result !== undefined || (windowEndsAt !== undefined && windowEndsAt <= now)
    ? undefined
    : unmet(
        'follow_up_open',
        `no feedback or follow-up is recorded and the follow-up window is still open${windowEndsAt === undefined ? '' : ` until ${windowEndsAt}`}; record one or wait until the window ends`,
      );
};

/** What closing needs, but the stage and the follow-up; a resolution at first contact needs it too. */
export const beforeFollowUp: readonly Guard[] = [
  withoutConflictOfInterest,
  everybodyTold,
  noOpenTask,
  noOpenMeasure,
  noOpenOffer,
  noDraft,
];

export const close = {
  guards: [
    (complaint, context) =>
      complaint.stage === 'Closed'
        ? nothingToChange('the complaint is already closed')
        : inStage('Responded')(complaint, context),
    ...beforeFollowUp,
    followUpDone,
  ],
  decide: ({ note }) => [ComplaintClosed(withoutUndefined({ reason: 'handled' as const, note }))],
} satisfies Decider<CloseComplaint>;
