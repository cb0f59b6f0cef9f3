import { instant, latest, plusDays } from '../platform/moment.js';
import type { RecordFollowUp, RequestFeedback, ScheduleFollowUp, SubmitFeedback } from './commands/feedback.js';
import type { Complaint } from './complaint.js';
import { nothingToChange, withoutUndefined, rejectionOf, unmet, type Decider } from './decision.js';
import {
  FeedbackRequested,
  FeedbackSubmitted,
  FollowUpCompleted,
  FollowUpDeclined,
  FollowUpScheduled,
  FollowUpUnreachable,
} from './events.js';
import { inStage, statementProblems, unknownParty, withoutConflictOfInterest } from './guards.js';
import { isOwed } from './progress.js';
import { END_STAGES } from './terms/vocabulary.js';

/* After-care: follow-up and feedback after the final response (T16, R48, R49). */

const afterFinalResponse = inStage('Responded', ...END_STAGES);

/**
 * Start of after-care in this episode (UTC): the time when the outcome was communicated or found undeliverable, or the
 * time when the last remedy was carried out, whichever is later. Undefined before the communication and while a
 * measure is owed.
 */
export function afterCareStart({ communication, remedies }: Complaint): string | undefined {
  if (communication.at === undefined || remedies.some(isOwed)) return undefined;
  const dischargeTimes = remedies.flatMap(({ dischargedAt }) =>
    dischargedAt === undefined ? [] : [latest(dischargedAt)],
  );
  return [latest(communication.at), ...dischargeTimes].sort().at(-1);
}

export const scheduleFollowUp = {
  guards: [afterFinalResponse, withoutConflictOfInterest],
  decide: ({ windowEndsAt: requestedEnd, channel }, complaint, { occurredAt, settings }) => {
    const start = afterCareStart(complaint);
    const windowEndsAt =
      requestedEnd ?? (start === undefined ? undefined : instant(plusDays(start, settings.followUpDays)));
    if (windowEndsAt === undefined)
      return {
        unmet: [
          unmet(
            'after_care_not_started',
            'after-care has not started, so the window has no default end; give `windowEndsAt`',
            '/windowEndsAt',
          ),
        ],
      };
    const { afterCare } = complaint;
    const isUnchanged =
      afterCare.windowEndsAt !== undefined &&
      latest(afterCare.windowEndsAt) === latest(windowEndsAt) &&
      (channel ?? afterCare.channel) === afterCare.channel;
    const rejection = rejectionOf(
      requestedEnd !== undefined && occurredAt.precision === 'instant' && latest(requestedEnd) <= occurredAt.at
        ? unmet(
            'ends_before_it_begins',
            'the window must end after the time at which it is planned; give a later `windowEndsAt`',
            '/windowEndsAt',
          )
        : undefined,
      isUnchanged ? nothingToChange('this follow-up is already planned') : undefined,
    );
    return rejection ?? [FollowUpScheduled(withoutUndefined({ windowEndsAt, channel }))];
  },
} satisfies Decider<ScheduleFollowUp>;

export const requestFeedback = {
  guards: [afterFinalResponse, withoutConflictOfInterest],
  decide: ({ channel, to }, complaint) =>
    rejectionOf(unknownParty(complaint, to, '/to')) ?? [FeedbackRequested(withoutUndefined({ channel, to }))],
} satisfies Decider<RequestFeedback>;

/** An anonymous complainant may give feedback: `statedBy` is optional. */
export const submitFeedback = {
  guards: [afterFinalResponse],
  decide: ({ score, resolved, comment, nps, statedBy }, complaint, { now }) =>
    rejectionOf(statementProblems(complaint, statedBy, now)) ?? [
      FeedbackSubmitted(withoutUndefined({ score, resolved, comment, nps, statedBy })),
    ],
} satisfies Decider<SubmitFeedback>;

export const recordFollowUp = {
  guards: [afterFinalResponse, withoutConflictOfInterest],
  decide: ({ result, channel, attempts = 1, note }) => {
    switch (result) {
      case 'done':
        return [FollowUpCompleted(withoutUndefined({ channel, note }))];
      case 'declined':
        return [FollowUpDeclined(withoutUndefined({ channel, note }))];
      case 'unreachable':
        return [FollowUpUnreachable(withoutUndefined({ channel, attempts, note }))];
    }
  },
} satisfies Decider<RecordFollowUp>;
