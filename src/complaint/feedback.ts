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

/** After the answer: whether it helped (T16, R48, R49). */

const afterwards = inStage('Responded', ...END_STAGES);

/**
 * When after-care began in this episode: when the outcome was communicated or found undeliverable, or when the last
 * remedy was carried out, if that was later; undefined before, and while something is owed.
 */
export function afterCareStart({ communication, remedies }: Complaint): string | undefined {
  if (communication.at === undefined || remedies.some(isOwed)) return undefined;
  const settled = remedies.flatMap(({ dischargedAt }) => (dischargedAt === undefined ? [] : [latest(dischargedAt)]));
  return [latest(communication.at), ...settled].sort().at(-1);
}

export const scheduleFollowUp: Decider<ScheduleFollowUp> = {
  guards: [afterwards, withoutInterest],
  decide: ({ windowEndsAt: given, channel }, complaint, { occurredAt, settings }) => {
    const start = afterCareStart(complaint);
    const windowEndsAt = given ?? (start === undefined ? undefined : instant(plusDays(start, settings.followUpDays)));
    if (windowEndsAt === undefined)
      return {
        unmet: [
          unmet('after_care_not_started', 'nothing to count from yet: say when the window ends', '/windowEndsAt'),
        ],
      };
    const { afterCare } = complaint;
    const same =
      afterCare.windowEndsAt !== undefined &&
      latest(afterCare.windowEndsAt) === latest(windowEndsAt) &&
      (channel ?? afterCare.channel) === afterCare.channel;
    const wrong = refusal(
      given !== undefined && occurredAt.precision === 'instant' && latest(given) <= occurredAt.at
        ? unmet('ends_before_it_begins', 'the window would end before it is planned', '/windowEndsAt')
        : undefined,
      same ? nothingToChange('it is planned like that') : undefined,
    );
    return wrong ?? [FollowUpScheduled(present({ windowEndsAt, channel }))];
  },
};

export const requestFeedback: Decider<RequestFeedback> = {
  guards: [afterwards, withoutInterest],
  decide: ({ channel, to }, complaint) =>
    refusal(unknownParty(complaint, to, '/to')) ?? [FeedbackRequested(present({ channel, to }))],
};

/** Whoever complained may say what they think, whoever they are. */
export const submitFeedback: Decider<SubmitFeedback> = {
  guards: [afterwards],
  decide: ({ score, resolved, comment, nps, statedBy }, complaint, { now }) =>
    refusal(statementProblems(complaint, statedBy, now)) ?? [
      FeedbackSubmitted(present({ score, resolved, comment, nps, statedBy })),
    ],
};

export const recordFollowUp: Decider<RecordFollowUp> = {
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
};
