import type { HouseRules } from '../house-policy/rules.js';
import { instant, latest, plusDays, type Moment } from '../platform/moment.js';
import type { RecordFollowUp, RequestFeedback, ScheduleFollowUp, SubmitFeedback } from './commands/feedback.js';
import { mayAct } from './authority.js';
import type { Complaint } from './complaint.js';
import { nothingToChange, withoutUndefined, rejectionOf, unmet, type Context, type Decider } from './decision.js';
import {
  FeedbackRequested,
  FeedbackSubmitted,
  FollowUpCompleted,
  FollowUpDeclined,
  FollowUpScheduled,
  FollowUpUnreachable,
} from './events.js';
import { inStage, unknownParty, withoutConflictOfInterest } from './guards.js';
import { beforeWhatItAnswers, plusHours } from './order.js';
import { nothingOpenSince } from './progress.js';
import { reopeningAfterScore } from './reopening.js';
import { END_STAGES } from './terms/vocabulary.js';

/* After-care: follow-up and feedback after the final response (T16, R48, R49). */

const afterFinalResponse = inStage('Responded', ...END_STAGES);

/** Start of after-care in this episode: the time since which nothing is open. Undefined while something is. */
export function afterCareStart({ progress }: Complaint): string | undefined {
  const start = nothingOpenSince(progress);
  return start === null ? undefined : latest(start);
}

/**
 * When the follow-up window ends (UTC): at the planned time, otherwise `followUpDays` after the start, and never before
 * `followUpMinimum` from it. Undefined before the start.
 */
export function followUpWindowEnd(
  complaint: Complaint,
  { followUpDays, followUpMinimum }: Pick<HouseRules, 'followUpDays' | 'followUpMinimum'>,
): string | undefined {
  const start = afterCareStart(complaint);
  if (start === undefined) return undefined;
  const { windowEndsAt } = complaint.afterCare;
  const planned = windowEndsAt === undefined ? plusDays(start, followUpDays) : latest(windowEndsAt);
  const earliestEnd = plusHours(start, followUpMinimum);
  return planned > earliestEnd ? planned : earliestEnd;
}

export const scheduleFollowUp = {
  guards: [afterFinalResponse, withoutConflictOfInterest],
  decide: ({ windowEndsAt: requestedEnd, channel }, complaint, { occurredAt, reference: { house } }) => {
    const start = afterCareStart(complaint);
    const windowEndsAt =
      requestedEnd ?? (start === undefined ? undefined : instant(plusDays(start, house.followUpDays)));
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

/**
 * Feedback of whoever may act for a complainant (I22), after the response of this episode (I21). An anonymous complainant
 * may give it too: `statedBy` is optional.
 */
export const submitFeedback = {
  guards: [afterFinalResponse],
  decide: ({ score, resolved, comment, nps, repurchase, statedBy }, complaint, context) =>
    rejectionOf(
      mayAct(complaint, statedBy, 'act', context),
      beforeResponse(complaint, statedBy?.at, context, '/statedBy/at'),
      statedBy === undefined ? beforeResponse(complaint, context.occurredAt, context, '/occurredAt') : undefined,
    ) ?? [
      FeedbackSubmitted(withoutUndefined({ score, resolved, comment, nps, repurchase, statedBy })),
      ...reopeningAfterScore({ score, ...(statedBy !== undefined && { statedBy }) }, complaint, context),
    ],
} satisfies Decider<SubmitFeedback>;

/** The problem of a time before the response of this episode. */
function beforeResponse({ progress }: Complaint, at: Moment | undefined, context: Context, pointer: string) {
  const { letters, episode } = progress;
  const response = letters.find((letter) => letter.episode === episode && letter.kind !== 'notice');
  return beforeWhatItAnswers(
    at,
    response && { event: response.kind === 'told' ? 'OutcomeCommunicated' : 'FinalResponseSent', at: response.at },
    context,
    pointer,
  );
}

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
