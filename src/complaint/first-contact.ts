import { earliest, latest, plusDays, type Moment } from '../platform/moment.js';
import { partiesWhoMayBeTold } from './addressees.js';
import { mayAct, missingStatements } from './authority.js';
import { beforeFollowUp } from './closing.js';
import type { ResolveAtFirstContact } from './commands/resolution.js';
import type { Complaint } from './complaint.js';
import {
  happenedAt,
  rejectionOf,
  stateAfter,
  unmet,
  unmetGuards,
  withoutUndefined,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import {
  ComplaintClassified,
  ComplaintClosed,
  DeterminationMade,
  OutcomeCommunicated,
  RemedyImplemented,
  SummaryResolutionCommunicated,
} from './events.js';
import { hasFlag } from './flags.js';
import { inStage, isHeld, nextId, pointProblem, withoutConflictOfInterest } from './guards.js';
import { impliedAdmission } from './implied-admission.js';
import { askedContent } from './letter-content.js';
import { letterFactsOf } from './letter-facts.js';
import { isAboveLimit } from './limits.js';
import { beforeWhatItAnswers, laterOf } from './order.js';
import { payeeProblems } from './payees.js';
import { undecidedPoints } from './progress.js';
import type { StatedBy } from './terms/facts.js';
import { BEFORE_DETERMINATION, PAID_REMEDIES, type Category } from './terms/vocabulary.js';

/** The resolution of a simple complaint with one request, accepted by the complainants (T24). */

const inFirstEpisode: Guard = ({ episode }) =>
  episode > 1
    ? unmet('not_first_contact', 'a reopened complaint cannot be resolved at first contact; use the full procedure')
    : undefined;

const withoutRisk: Guard = (complaint) => {
  if (complaint.safety.isSet)
    return unmet(
      'safety_critical',
      'a safety-critical complaint cannot be resolved at first contact; use the full procedure',
    );
  const flag = (['legal', 'reportable'] as const).find((risk) => hasFlag(complaint, risk));
  return flag === undefined
    ? undefined
    : unmet('risk_flagged', `the flag ${flag} excludes a resolution at first contact; use the full procedure`);
};

/**
 * Records the missing admission and classification, then determination, remedy and communication. With no point left
 * it closes the complaint, unless `keepOpen` is set, a hold is active, or the closing lacks something but feedback: the
 * acceptance stands for it.
 */
export const resolveAtFirstContact = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest, inFirstEpisode, withoutRisk],
  decide: (command, complaint, context) => {
    const { whatWasDone, remedyType, amount, statedBy, agreedBy = [], keepOpen = false } = command;
    const statements = [statedBy, ...agreedBy];
    const payee = isPaidOut(command) ? (command.payee ?? statedBy.party) : command.payee;
    const rejection = rejectionOf(
      statementProblems(statements, complaint, context),
      pointProblems(command, complaint),
      moneyProblems(command, payee, complaint, context),
    );
    if (rejection) return rejection;
    const acceptedAt = statements.map(({ at }) => at).reduce(laterOf);
    const determinationId = nextId(
      'd',
      complaint.determinations.map((determination) => determination.determinationId),
    );
    const events = [
      ...impliedAdmission(complaint),
      ...missingClassification(command, complaint, context),
      DeterminationMade(
        withoutUndefined({
          determinationId,
          points: pointIdsOf(command, complaint).map((id) => ({
            id,
            outcome: 'resolved_without_finding' as const,
            reasons: whatWasDone,
          })),
          agreedBy: agreedBy.length > 0 ? agreedBy : undefined,
        }),
      ),
      RemedyImplemented(
        withoutUndefined({
          remedyId: nextId(
            'r',
            complaint.remedies.map(({ remedyId }) => remedyId),
          ),
          whatWasDone,
          remedyType,
          money: amount,
          payee: amount === undefined ? undefined : payee,
          statedBy,
        }),
      ),
      ...statements.map(({ party, at }) =>
        OutcomeCommunicated({
          of: determinationId,
          channel: channelOf(command, complaint),
          to: party,
          deliveredAt: at,
        }),
      ),
      ...summary(determinationId, command, complaint, context),
    ].map((event) => happenedAt(event, acceptedAt));
    const next = stateAfter(complaint, events, context);
    const staysOpen =
      keepOpen ||
      next.stage !== 'Responded' ||
      complaint.holds.some((hold) => isHeld(hold, context.now)) ||
      unmetGuards({ guards: beforeFollowUp }, next, context).length > 0;
    const closed = happenedAt(ComplaintClosed({ reason: 'resolved_at_first_contact' }), acceptedAt);
    return staysOpen ? events : [...events, closed];
  },
} satisfies Decider<ResolveAtFirstContact>;

/** Each complainant accepts, within the time that counts as first contact (I22, I24). */
function statementProblems(statements: readonly StatedBy[], complaint: Complaint, context: Context): Unmet[] {
  const { receivedAt } = complaint;
  const { firstContactWithin } = context.reference.house;
  const lastTime = receivedAt === null ? undefined : plusDays(latest(receivedAt), firstContactWithin);
  return [
    ...statements.flatMap((statement, index) => {
      const pointer = index === 0 ? '/statedBy' : `/agreedBy/${String(index - 1)}`;
      return [
        ...mayAct(complaint, statement, 'act', context, { pointer, isFirstContact: true }),
        beforeWhatItAnswers(
          statement.at,
          receivedAt === null ? undefined : { event: 'ComplaintReceived', at: receivedAt },
          context,
          `${pointer}/at`,
        ) ?? [],
        lastTime !== undefined && isLate(statement.at, lastTime)
          ? unmet(
              'first_contact_over',
              `an acceptance counts as first contact within ${String(firstContactWithin)} days of receipt; use the full procedure`,
              `${pointer}/at`,
            )
          : [],
      ].flat();
    }),
    ...missingStatements(complaint, statements, '/agreedBy'),
  ];
}

const isLate = (at: Moment, lastTime: string): boolean => lastTime < earliest(at);

/** The points that the command resolves: those that it names, otherwise the only one without an outcome. */
function pointIdsOf({ points }: ResolveAtFirstContact, complaint: Complaint): string[] {
  return points?.map(({ id }) => id) ?? undecidedPoints(complaint.progress);
}

/** The points are named if there are several; each has a category, which is that of the classification. */
function pointProblems(command: ResolveAtFirstContact, complaint: Complaint): Unmet[] {
  const { points, category } = command;
  const undecided = undecidedPoints(complaint.progress);
  if (points === undefined && undecided.length > 1)
    return [
      unmet(
        'points_missing',
        `the complaint has several points (${undecided.join(', ')}); name those that were resolved in \`points\``,
        '/points',
      ),
    ];
  const resolved = points ?? undecided.map((id) => ({ id, category }));
  return resolved.flatMap(({ id, category: stated }, index) => {
    const pointer = points === undefined ? '' : `/points/${String(index)}`;
    const known = complaint.points.find((point) => point.id === id);
    const isClassified = complaint.classification !== null && known?.category !== undefined;
    const chosen = stated ?? category;
    return [
      points === undefined ? [] : (pointProblem(complaint, id, `${pointer}/id`) ?? []),
      resolved.findIndex((point) => point.id === id) < index
        ? unmet('point_repeated', `point ${id} is listed twice; name each point once`, `${pointer}/id`)
        : [],
      isClassified && chosen !== undefined && chosen !== known.category
        ? unmet(
            'category_differs',
            'the complaint is classified in another category; give that category',
            `${pointer}/category`,
          )
        : [],
      !isClassified && chosen === undefined
        ? unmet('category_missing', `point ${id} has no category; give one`, `${pointer}/category`)
        : [],
    ].flat();
  });
}

function missingClassification(
  command: ResolveAtFirstContact,
  complaint: Complaint,
  { reference }: Pick<Context, 'reference'>,
) {
  if (complaint.classification !== null) return [];
  const points = pointIdsOf(command, complaint).flatMap((id) => {
    const category: Category | undefined =
      command.points?.find((point) => point.id === id)?.category ?? command.category;
    return category === undefined ? [] : [{ id, category }];
  });
  return [ComplaintClassified({ nature: 'complaint', points, taxonomyVersion: reference.taxonomy.version })];
}

/** True if money goes to the complainant: not for a waived charge, nor for what others receive in their place. */
const isPaidOut = ({ amount, remedyType }: ResolveAtFirstContact): boolean =>
  amount !== undefined && amount.amount > 0 && (remedyType === undefined || PAID_REMEDIES.includes(remedyType));

/** Money is within the limit of the recorder, who is responsible for the identity of the payee (I14, I23). */
function moneyProblems(
  { amount }: ResolveAtFirstContact,
  payee: string | undefined,
  complaint: Complaint,
  context: Context,
): Unmet[] {
  if (amount === undefined) return [];
  const payout = { payee, money: amount, isRecorderResponsible: true };
  return [
    ...(isAboveLimit(complaint, [amount], context)
      ? [unmet('above_limit', `${context.actor.id} may not grant this amount alone; use \`propose-remedy\``, '/amount')]
      : []),
    ...(payee === undefined ? [] : payeeProblems(complaint, payout, context, { payee: '/payee', amount: '/amount' })),
  ];
}

const channelOf = ({ channel }: ResolveAtFirstContact, { lodged }: Complaint) =>
  channel ?? lodged?.facts.channel ?? 'in_person';

/** The summary of the resolution, where a response policy asks for one and somebody may be told. */
function summary(of: string, command: ResolveAtFirstContact, complaint: Complaint, context: Context) {
  const { responsePolicies, house } = context.reference;
  const asked = responsePolicies.letterRequirement('summary', letterFactsOf(complaint), latest(context.occurredAt));
  const addressees = partiesWhoMayBeTold(complaint, house.authorityRequired).map(({ id }) => id);
  if (!asked.asked || addressees.length === 0) return [];
  const letterIds = complaint.letters.map(({ id }) => id);
  const content = askedContent('summary', { leaflets: asked.leaflets }, complaint, context).content;
  return [
    SummaryResolutionCommunicated(
      withoutUndefined({
        letterId: nextId('s', letterIds),
        of,
        addressees,
        channel: channelOf(command, complaint),
        text: command.whatWasDone,
        recourse: asked.recourse === 'required' ? asked.bodies.join(', ') || undefined : undefined,
        referUntil: content.referUntil,
        leaflets: asked.leaflets.length > 0 ? asked.leaflets : undefined,
      }),
    ),
  ];
}
