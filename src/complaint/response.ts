import type { SendFinalResponse } from './commands/resolution.js';
import type { Complaint } from './complaint.js';
import { rejectionOf, stateAfter, unmet, withoutUndefined, type Decider, type Guard, type Unmet } from './decision.js';
import { DeterminationMade, FinalResponseSent } from './events.js';
import { currentDetermination, inStage, nextId, withoutConflictOfInterest } from './guards.js';
import { impliedAdmission } from './implied-admission.js';
import { askedContent } from './letter-content.js';
import { letterEvents, letterProblems } from './letters.js';
import { beforeWhatItAnswers } from './order.js';
import { missingReviews } from './reviews.js';
import { isAwaitingAnswer, isOwed, outcomesOf } from './progress.js';
import { ANSWERED_NATURES, BEFORE_DETERMINATION, type Outcome, type ResponseKind } from './terms/vocabulary.js';

/** ISO 10002 7.7 and 7.8: the final response (T14, R46). */

/** An enquiry, a suggestion or a request is answered without an investigation. */
const isAnsweredDirectly = ({ stage, classification }: Complaint): boolean =>
  stage !== null &&
  BEFORE_DETERMINATION.includes(stage) &&
  classification !== null &&
  ANSWERED_NATURES.includes(classification.nature);

const determined: Guard = (complaint, context) =>
  isAnsweredDirectly(complaint) ? undefined : inStage('Determined', 'Responded')(complaint, context);

/** Where a flag or the house rules ask for a review, a second person has approved the determination (T10). */
const reviewed: Guard = (complaint, context) =>
  isAnsweredDirectly(complaint) ? undefined : missingReviews(complaint, context)[0];

/**
 * Sends the final response. Its kind follows from the outcomes and offers. After an earlier response it names the one
 * that it supersedes. An answer to what is no complaint records the determination that it implies.
 */
export const sendFinalResponse = {
  guards: [determined, withoutConflictOfInterest, reviewed],
  decide: (command, complaint, context) => {
    const { kind, addressees, channel, text, templateVersion, supersedes, reason, leaflets, language } = command;
    const implied = isAnsweredDirectly(complaint) ? impliedAnswer(complaint, text) : [];
    const answered = stateAfter(complaint, implied, context);
    const recourse = command.recourse ?? currentDetermination(answered)?.recourse;
    const { referUntil, problems } = contentOf(command, recourse, answered, context);
    const letter = { addressees, channel };
    const rejection = rejectionOf(
      kindProblem(kind, answered),
      problems,
      letterProblems(complaint, letter, context),
      supersedingProblems(supersedes, reason, complaint),
      implied.length > 0 ? undefined : beforeDetermination(complaint, context),
    );
    if (rejection) return rejection;
    const responseId = nextId('f', idsOfResponses(complaint));
    return [
      ...implied,
      FinalResponseSent(
        withoutUndefined({
          responseId,
          kind,
          addressees,
          channel,
          text,
          recourse,
          templateVersion,
          supersedes,
          reason,
          referUntil,
          leaflets,
          language,
        }),
      ),
      ...letterEvents(responseId, letter, context),
    ];
  },
} satisfies Decider<SendFinalResponse>;

/** The kind of the response that follows from the outcomes of the points, ours before those of others, and the offers. */
export function responseKindOf({ progress }: Pick<Complaint, 'progress'>): ResponseKind {
  const outcomes = progress.points.flatMap((id) => progress.outcomes[id] ?? progress.externalOutcomes[id] ?? []);
  const isEvery = (...kinds: readonly Outcome[]): boolean => outcomes.every((outcome) => kinds.includes(outcome));
  if (isEvery('answered')) return 'answer';
  if (isEvery('upheld', 'resolved_without_finding')) return 'accept';
  if (!isEvery('not_upheld')) return 'accept_in_part';
  const hasOffer = progress.remedies.some(
    (offer) => isAwaitingAnswer(offer) || isOwed(offer) || offer.status === 'Implemented',
  );
  return hasOffer ? 'offer_without_acceptance' : 'reject';
}

function kindProblem(kind: ResponseKind, complaint: Complaint): Unmet | undefined {
  const fitting = responseKindOf(complaint);
  return kind === fitting
    ? undefined
    : unmet(
        'kind_contradicts_outcome',
        `the outcomes and offers of the complaint need a response of the kind ${fitting} (kind: ${kind})`,
        '/kind',
      );
}

/** In Responded the response replaces the one that stands, if there is one, with a reason. */
function supersedingProblems(
  supersedes: string | undefined,
  reason: string | undefined,
  { stage, progress, letters }: Complaint,
): Unmet[] {
  const standing = stage === 'Responded' ? letters.find(({ id }) => id === progress.standingLetter)?.id : undefined;
  return [
    standing !== undefined && supersedes !== standing
      ? unmet(
          'supersedes_missing',
          `the complaint is already answered by ${standing}; give it in \`supersedes\`, with a \`reason\``,
          '/supersedes',
        )
      : undefined,
    standing === undefined && supersedes !== undefined
      ? unmet('nothing_to_supersede', 'no response stands that could be superseded; omit `supersedes`', '/supersedes')
      : undefined,
    standing !== undefined && (reason ?? '').trim() === ''
      ? unmet('reason_missing', 'the response that replaces another has no reason; give one', '/reason')
      : undefined,
  ].flatMap((problem) => problem ?? []);
}

function contentOf(
  { kind, referUntil, leaflets, language }: SendFinalResponse,
  recourse: string | undefined,
  complaint: Complaint,
  context: Parameters<typeof askedContent>[3],
) {
  const { content, problems } = askedContent(kind, { recourse, referUntil, leaflets, language }, complaint, context);
  return { referUntil: content.referUntil, problems };
}

/** A response occurs after the determination that it tells (I21). */
function beforeDetermination(complaint: Complaint, context: Parameters<Guard>[1]): Unmet | undefined {
  const determination = currentDetermination(complaint);
  return beforeWhatItAnswers(
    context.occurredAt,
    determination && { event: 'DeterminationMade', at: determination.at },
    context,
    '/occurredAt',
  );
}

/** The admission and the determination that an answer implies. */
function impliedAnswer(complaint: Complaint, text: string) {
  const { determinations, progress, stage } = complaint;
  const determinationIds = determinations.map(({ determinationId }) => determinationId);
  const undecided = progress.points.filter((id) => outcomesOf(progress)[id] === undefined);
  return [
    ...(stage === 'Received' ? impliedAdmission(complaint) : []),
    DeterminationMade({
      determinationId: nextId('d', determinationIds),
      points: undecided.map((id) => ({ id, outcome: 'answered', reasons: text })),
    }),
  ];
}

const idsOfResponses = ({ letters }: Complaint): string[] => letters.map(({ id }) => id);
