import { complainantsOf } from './addressees.js';
import { mayAct, missingStatements } from './authority.js';
import type { MakeDetermination, ReturnToInvestigation, ReviewDetermination } from './commands/resolution.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
  rejectionOf,
  unmet,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import { DeterminationMade, DeterminationReviewed, ReturnedToInvestigation } from './events.js';
import {
  decisionProblems,
  didNotDecideBefore,
  currentDetermination,
  inStage,
  isPerson,
  nextId,
  reviewsThemselves,
  withoutConflictOfInterest,
} from './guards.js';
import { impliedAdmission } from './implied-admission.js';
import { letterFactsOf } from './letter-facts.js';
import { letThrough } from './policy-refs.js';
import { isReturnable } from './redress-state.js';
import { hasCapacity } from './reviews.js';
import type { Check } from './state-types.js';
import type { PointDecision, StatedBy } from './terms/facts.js';
import { BEFORE_DETERMINATION } from './terms/vocabulary.js';
import { hasRole } from './people.js';

/** The determination: one outcome with reasons per point (T10, R31, I5). */

const contentChecked: Guard = ({ verification: { content } }) =>
  content.status === 'None'
    ? unmet('content_not_verified', 'the content is not verified; use `verify-content` or `waive-investigation`')
    : undefined;

const meritsChecked: Guard = ({ verification: { merits } }) =>
  merits.status === 'None'
    ? unmet('merits_not_assessed', 'the merits are not assessed; use `assess-merits` or `waive-investigation`')
    : undefined;

/** The identity of every party is checked or waived. A complaint without parties has no identity to check. */
const identityChecked: Guard = ({ parties }) => {
  const unchecked = parties.filter(({ identity }) => identity.status === 'None').map(({ id }) => id);
  return unchecked.length === 0
    ? undefined
    : unmet(
        'identity_not_checked',
        `the identity of these parties is not checked: ${unchecked.join(', ')}; use \`verify-identity\` or \`waive-identity\``,
      );
};

/** True if the actor waived the investigation, or is responsible for the waiver. */
const waivedThemselves = ({ verification: { content, merits } }: Complaint, { actor }: Context): boolean =>
  [content, merits].some(
    ({ status, by, responsible }: Check) =>
      status === 'Waived' && (isPerson(by, actor.id) || isPerson(responsible, actor.id)),
  );

/** Whoever waived the investigation does not decide (I25). */
const investigationWaivedByAnother: Guard = (complaint, context) =>
  context.reference.house.investigationWaiverByTwo && waivedThemselves(complaint, context)
    ? unmet(
        'needs_second_person',
        `${context.actor.id} waived the investigation; another person must decide, or use \`verify-content\` and \`assess-merits\``,
      )
    : undefined;

export const makeDetermination = {
  guards: [
    inStage(...BEFORE_DETERMINATION),
    withoutConflictOfInterest,
    didNotDecideBefore,
    contentChecked,
    meritsChecked,
    investigationWaivedByAnother,
    identityChecked,
  ],
  decide: ({ points, agreedBy = [], recourse }, complaint, context) => {
    const rejection = rejectionOf(
      decisionProblems(complaint, points, Object.keys(complaint.progress.outcomes)),
      answeredProblems(complaint, points),
      agreementProblems(complaint, points, agreedBy, context),
      recourseProblem(complaint, points, recourse, context),
    );
    const determinationIds = complaint.determinations.map(({ determinationId }) => determinationId);
    const made = DeterminationMade(
      withoutUndefined({
        determinationId: nextId('d', determinationIds),
        points,
        agreedBy: agreedBy.length > 0 ? agreedBy : undefined,
        recourse,
      }),
    );
    const offRules = [
      ...(waivedThemselves(complaint, context) ? (['investigationWaiverByTwo'] as const) : []),
      ...(reviewsThemselves(complaint, context) ? (['reviewByOther'] as const) : []),
    ];
    return rejection ?? [...impliedAdmission(complaint), letThrough(made, context, ...offRules)];
  },
} satisfies Decider<MakeDetermination>;

/** `answered` is the outcome of a message that is no complaint. */
const answeredProblems = ({ classification }: Complaint, decisions: readonly PointDecision[]): Unmet[] =>
  decisions.flatMap(({ outcome }, index) =>
    outcome === 'answered' && (classification?.nature ?? 'complaint') === 'complaint'
      ? unmet(
          'outcome_contradicts_nature',
          'only an enquiry, suggestion, request or report is answered; decide the point, or use `classify` first',
          `/points/${index}/outcome`,
        )
      : [],
  );

/** A resolution without finding needs the agreement of every complainant (I22). */
function agreementProblems(
  complaint: Complaint,
  decisions: readonly PointDecision[],
  agreedBy: readonly StatedBy[],
  context: Context,
): Unmet[] {
  const statements = agreedBy.flatMap((statement, index) =>
    mayAct(complaint, statement, 'act', context, { pointer: `/agreedBy/${index}` }),
  );
  if (decisions.every(({ outcome }) => outcome !== 'resolved_without_finding')) return statements;
  const isAnybodyMissing = complainantsOf(complaint).length === 0 && agreedBy.length === 0;
  return [
    ...statements,
    ...missingStatements(complaint, agreedBy, '/agreedBy'),
    ...(isAnybodyMissing
      ? [unmet('agreement_missing', 'nobody has agreed; add the statement of a person who may act', '/agreedBy')]
      : []),
  ];
}

/** A point that is not upheld needs the recourse that the response policy asks of the letter that will tell it (I5). */
function recourseProblem(
  complaint: Complaint,
  decisions: readonly PointDecision[],
  recourse: string | undefined,
  { reference, now }: Context,
): Unmet | undefined {
  if (recourse !== undefined || decisions.every(({ outcome }) => outcome !== 'not_upheld')) return undefined;
  const decided = Object.fromEntries(decisions.map(({ id, outcome }) => [id, outcome]));
  const outcomes = { ...complaint.progress.outcomes, ...decided };
  const kind = Object.values(outcomes).every((outcome) => outcome === 'not_upheld') ? 'reject' : 'accept_in_part';
  const facts = letterFactsOf({ ...complaint, progress: { ...complaint.progress, outcomes } });
  return reference.responsePolicies.letterRequirement(kind, facts, now).recourse === 'required'
    ? unmet('recourse_missing', 'a point is not upheld; state the external recourse', '/recourse')
    : undefined;
}

/** True if the actor made the determination in force. */
const madeThemselves = (complaint: Complaint, { actor }: Context): boolean =>
  isPerson(currentDetermination(complaint)?.by, actor.id);

const madeByAnotherPerson: Guard = (complaint, context) =>
  context.reference.house.reviewByOther && madeThemselves(complaint, context)
    ? unmet('needs_second_person', 'the person who made the determination cannot review it; another person must')
    : undefined;

export const reviewDetermination = {
  guards: [inStage('Determined'), withoutConflictOfInterest, didNotDecideBefore, madeByAnotherPerson],
  decide: ({ decision, capacity, reasons }, complaint, context) => {
    const { actor } = context;
    const determination = currentDetermination(complaint);
    const hasSameReview = determination?.reviews.some(
      (review) => isPerson(review.by, actor.id) && review.decision === decision && review.capacity === capacity,
    );
    const rejection = rejectionOf(
      hasCapacity(capacity, context)
        ? undefined
        : unmet(
            'capacity_not_held',
            capacity === 'legal'
              ? `${actor.id} does not have the skill legal in the directory; another person must review, or record the skill with \`staff\``
              : `${actor.id} is no ${capacity}; review in your own capacity`,
            '/capacity',
          ),
      decision === 'return' && (reasons ?? '').trim() === ''
        ? unmet('reasons_missing', 'the determination is returned without reasons; give them', '/reasons')
        : undefined,
      decision === 'return' ? nothingToReturn(complaint, '/decision') : undefined,
      hasSameReview === true ? nothingToChange(`${actor.id} has already approved the determination`) : undefined,
    );
    const determinationId = determination?.determinationId ?? '';
    const reviewed = DeterminationReviewed(withoutUndefined({ determinationId, decision, capacity, reasons }));
    const offRules = madeThemselves(complaint, context) ? (['reviewByOther'] as const) : [];
    return rejection ?? [letThrough(reviewed, context, ...offRules)];
  },
} satisfies Decider<ReviewDetermination>;

/** A return takes back our determinations of this episode, except those at first contact; there must be one. */
const nothingToReturn = ({ determinations, episode }: Complaint, pointer?: string): Unmet | undefined =>
  determinations.some((determination) => isReturnable(determination, episode))
    ? undefined
    : unmet(
        'no_determination_to_return',
        'this episode has no determination that a return takes back: one at first contact, or of an external body, stands; use `reopen`',
        pointer,
      );

const returnedByOversight: Guard = ({ stage }, context) =>
  stage === 'Responded' && !hasRole(context, 'supervisor', 'reviewer')
    ? unmet(
        'needs_supervisor',
        'after the response, only a supervisor or reviewer returns the complaint to investigation; otherwise use `reopen`',
      )
    : undefined;

/** What a complainant accepted in this episode rests on its determination, which then stands. */
const noOfferAccepted: Guard = ({ stage, remedies, episode }) => {
  const accepted = remedies.filter(
    ({ episode: offeredIn, answered, status, whatWasDone }) =>
      offeredIn === episode && answered !== undefined && status !== 'Rejected' && whatWasDone === undefined,
  );
  return stage === 'Responded' && accepted.length > 0
    ? unmet(
        'offer_accepted',
        `the complainant has accepted ${accepted.map(({ remedyId }) => remedyId).join(', ')}; use \`reopen\``,
      )
    : undefined;
};

export const returnToInvestigation = {
  guards: [
    inStage('Determined', 'Responded'),
    withoutConflictOfInterest,
    returnedByOversight,
    noOfferAccepted,
    (complaint) =>
      complaint.stage === 'Determined' || complaint.stage === 'Responded' ? nothingToReturn(complaint) : undefined,
  ],
  decide: ({ reason }) => [ReturnedToInvestigation({ reason })],
} satisfies Decider<ReturnToInvestigation>;
