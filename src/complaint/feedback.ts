import { instant, latest, plusDays } from '../platform/moment.js';
import type { RecordFollowUp, RequestFeedback, ScheduleFollowUp, SubmitFeedback } from './commands/feedback.js';
import type { Complaint } from './complaint.js';
import { nothingToChange, present, refusal, unmet, type Decider } from './decision.js';
import {
  FeedbackRequested,
  FeedbackSubmitted,
  FollowUpCompleted,
  FollowUpDeclined,
  FollowUpScheduled,
  FollowUpUnreachable,
} from './events.js';
import { inStage, statementProblems, unknownParty, withoutInterest } from './guards.js';
import { isOwed } from './progress.js';
import { END_STAGES } from './terms/vocabulary.js';

/** After-care: follow-up and feedback after the final response (T16, R48, R49). */

const afterwards = inStage('Responded', ...END_STAGES);

/**
 * Start of after-care in this episode: the time when the outcome was communicated or found undeliverable, or the time when
 * the last remedy was carried out, whichever is later. Undefined before that, and while a measure is owed.
 */
export function afterCareStart({ communication, remedies }: Complaint): string | undefined {
  if (communication.at === undefined || remedies.some(isOwed)) return undefined;
  const settled = remedies.flatMap(({ dischargedAt }) => (dischargedAt === undefined ? [] : [latest(dischargedAt)]));
  return [latest(communication.at), ...settled].sort().at(-1);
}

export const scheduleFollowUp = {
  guards: [afterwards, withoutInterest],
  decide: ({ windowEndsAt: given, channel }, complaint, { occurredAt, settings }) => {
    const start = afterCareStart(complaint);
    const windowEndsAt = given ?? (start === undefined ? undefined : instant(plusDays(start, settings.followUpDays)));
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
    const same =
      afterCare.windowEndsAt !== undefined &&
      latest(afterCare.windowEndsAt) === latest(windowEndsAt) &&
      (channel ?? afterCare.channel) === afterCare.channel;
    const wrong = refusal(
      given !== undefined && occurredAt.precision === 'instant' && latest(given) <= occurredAt.at
        ? unmet('ends_before_it_begins', 'the window ends before it is planned; give a later time', '/windowEndsAt')
        : undefined,
      same ? nothingToChange('this follow-up is already planned') : undefined,
    );
    return wrong ?? [FollowUpScheduled(present({ windowEndsAt, channel }))];
  },
} satisfies Decider<ScheduleFollowUp>;

export const requestFeedback = {
  guards: [afterwards, withoutInterest],
  decide: ({ channel, to }, complaint) =>
    refusal(unknownParty(complaint, to, '/to')) ?? [FeedbackRequested(present({ channel, to }))],
} satisfies Decider<RequestFeedback>;

/** The complainant may give feedback even if anonymous. */
export const submitFeedback = {
  guards: [afterwards],
  decide: ({ score, resolved, comment, nps, statedBy }, complaint, { now }) =>
    refusal(statementProblems(complaint, statedBy, now)) ?? [
      FeedbackSubmitted(present({ score, resolved, comment, nps, statedBy })),
    ],
} satisfies Decider<SubmitFeedback>;

export const recordFollowUp = {
  guards: [afterwards, withoutInterest],
  decide: ({ result, channel, attempts = 1, note }) => {
    switch (result) {
      case 'done':
        return [FollowUpCompleted(present({ channel, note }))];
      case 'declined':
        return [FollowUpDeclined(present({ channel, note }))];
      case 'unreachable':
        return [FollowUpUnreachable(present({ channel, attempts, note }))];
    }
  },
} satisfies Decider<RecordFollowUp>;
