import { isBefore, latest, plusDays, type Moment } from '../platform/moment.js';
import { mayAct } from './authority.js';
import { reopeningAskedAt } from './complaint-record.js';
import type { ReopenComplaint, SubmitFeedback } from './commands/feedback.js';
import type { Complaint, DataOf } from './complaint.js';
import {
  rejectionOf,
  unmet,
  withoutUndefined,
  unmetGuards,
  type Context,
  type Decider,
  type Unmet,
} from './decision.js';
import { ComplaintReopened } from './events.js';
import { externalDecisionEvents, externalDecisionProblems } from './external-decision.js';
import { inStage, withoutConflictOfInterest } from './guards.js';
import { impliedAdmission } from './implied-admission.js';
import { beforeWhatItAnswers, plusHours } from './order.js';
import { isAwaitingAnswer } from './progress.js';
import { futureTime } from './time.js';
import type { ReopenKind } from './terms/vocabulary.js';
import { hasRole } from './people.js';

/** Kinds of reopening that do not depend on when somebody asked for it. */
const WITHOUT_WINDOW: readonly ReopenKind[] = ['own_error', 'own_procedure', 'external_decision'];

/**
 * Reopening (T18) starts a new episode and rewrites no earlier one (I9). The window is judged by when reopening was
 * asked for (I24). A supervisor may reopen after it. An external decision carries what the body decided.
 */
export const reopen = {
  guards: [inStage('Responded', 'Closed', 'Withdrawn', 'Inadmissible', 'ReferredOut'), withoutConflictOfInterest],
  decide: (command, complaint, context) => {
    const { kind, reason, statedBy, requestedAt, decision } = command;
    const rejection = rejectionOf(
      windowProblem(command, complaint, context),
      requestProblem(command, complaint, context),
      mayAct(complaint, statedBy, 'act', context),
      kind === 'own_procedure' && complaint.external === null
        ? unmet(
            'no_register_outcome',
            'our own procedure follows the outcome of a register, and none is recorded; choose another kind',
            '/kind',
          )
        : undefined,
      kind === 'external_decision' && decision === undefined
        ? unmet('decision_missing', 'an external decision needs body, date and outcome; give `decision`', '/decision')
        : undefined,
      kind !== 'external_decision' && decision !== undefined
        ? unmet(
            'not_an_external_decision',
            `only the kind external_decision can have a \`decision\` (kind: ${kind})`,
            '/decision',
          )
        : undefined,
      decision === undefined ? undefined : externalDecisionProblems(decision, complaint, context, '/decision'),
    );
    if (rejection) return rejection;
    const begun = beginning(
      complaint,
      withoutUndefined({ kind, reason, decidedBy: decision?.body, statedBy, requestedAt }),
    );
    return decision === undefined ? begun : [...begun, ...externalDecisionEvents(decision, complaint)];
  },
} satisfies Decider<ReopenComplaint>;

/**
 * The reopening that a low score leads to, if the house rules say so and the complaint can be reopened (R51); otherwise no
 * events.
 */
export function reopeningAfterScore(
  { score, statedBy }: Pick<SubmitFeedback, 'score' | 'statedBy'>,
  complaint: Complaint,
  context: Context,
) {
  const { lowScoreReopens, satisfiedScore } = context.reference.house;
  if (!lowScoreReopens || score >= satisfiedScore) return [];
  const request = withoutUndefined({ kind: 'dissatisfied' as const, reason: `feedback score ${score}`, statedBy });
  const isPossible =
    unmetGuards(reopen, complaint, context).length === 0 &&
    windowProblem(request, complaint, context) === undefined &&
    mayAct(complaint, statedBy, 'act', context).length === 0;
  return isPossible ? beginning(complaint, request) : [];
}

/** The events that begin the next episode. */
const beginning = (
  complaint: Complaint,
  fields: Partial<Pick<DataOf<'ComplaintReopened'>, 'decidedBy' | 'statedBy' | 'requestedAt'>> &
    Pick<ReopenComplaint, 'kind' | 'reason'>,
) => [
  ComplaintReopened(
    withoutUndefined({
      ...fields,
      episode: complaint.episode + 1,
      standingOffers: complaint.remedies.filter(isAwaitingAnswer).map(({ remedyId }) => remedyId),
    }),
  ),
  ...impliedAdmission(complaint),
];

function windowProblem(
  command: Pick<ReopenComplaint, 'kind' | 'requestedAt' | 'statedBy'>,
  complaint: Complaint,
  context: Context,
): Unmet | undefined {
  const { reopenDays } = context.reference.house;
  const start = windowStart(complaint, context);
  if (start === null || WITHOUT_WINDOW.includes(command.kind) || hasRole(context, 'supervisor')) return undefined;
  const end: Moment = { precision: 'instant', at: plusDays(start, reopenDays) };
  return isBefore(end, reopeningAskedAt(command, context.occurredAt))
    ? unmet(
        'reopen_window_over',
        `the complaint ended more than ${reopenDays} days before; a supervisor can still reopen it`,
      )
    : undefined;
}

/**
 * Start of the window: the end or, if its time is unknown or only claimed, its recording, because the window runs against
 * the complainant (I24). The time is claimed if it was recorded late and is not proven (I12).
 */
function windowStart({ endedAt, endRecordedAt, endProven }: Complaint, { reference }: Context): string | null {
  if (endedAt === null || endRecordedAt === null) return endRecordedAt;
  const end = latest(endedAt);
  const isClaimed = !endProven && plusHours(end, reference.house.recordingTolerance) < endRecordedAt;
  return isClaimed ? endRecordedAt : end;
}

/** The problem of the time of the request: it is in the future or before the end (I21). */
function requestProblem(command: ReopenComplaint, { endedAt }: Complaint, context: Context): Unmet | undefined {
  const { requestedAt, statedBy } = command;
  const end = endedAt === null ? undefined : { event: 'the end of the complaint', at: endedAt };
  return (
    (requestedAt && futureTime(requestedAt, context.now, '/requestedAt')) ??
    beforeWhatItAnswers(requestedAt, end, context, '/requestedAt') ??
    beforeWhatItAnswers(statedBy?.at, end, context, '/statedBy/at') ??
    beforeWhatItAnswers(context.occurredAt, end, context, '/occurredAt')
  );
}
