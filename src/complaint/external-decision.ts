import { isBefore, latest, earliest } from '../platform/moment.js';
import type { Order, RecordExternalDecision } from './commands/external.js';
import type { Complaint } from './complaint.js';
import { rejectionOf, unmet, withoutUndefined, type Context, type Decider, type Unmet } from './decision.js';
import { DeterminationMade, ExternalDecisionRecorded, RemedyProposed } from './events.js';
import {
  conflictOfInterest,
  nextId,
  pointProblem,
  received,
  unknownEvidence,
  unknownPoints,
  withoutConflictOfInterest,
} from './guards.js';
import { unknownPerson } from './people.js';
import { futureTime } from './time.js';

/**
 * The decision of an external body (T21). It is the outcome of the complaint, beside our own, in any stage. What it
 * orders is owed at once and due at `complyBy`, whatever the limit of the person who records it.
 */
export const recordExternalDecision = {
  guards: [received, withoutConflictOfInterest],
  decide: (command, complaint, context) =>
    rejectionOf(externalDecisionProblems(command, complaint, context)) ?? externalDecisionEvents(command, complaint),
} satisfies Decider<RecordExternalDecision>;

/** The problems of the decision. No verification and no recourse is asked of a decision that is not ours (I5). */
export function externalDecisionProblems(
  { decidedOn, points, orders = [], complyBy }: RecordExternalDecision,
  complaint: Complaint,
  context: Context,
  pointer = '',
): Unmet[] {
  const ids = points.map(({ id }) => id);
  const { receivedAt } = complaint;
  return [
    futureTime(decidedOn, context.now, `${pointer}/decidedOn`),
    receivedAt !== null && isBefore(decidedOn, receivedAt)
      ? unmet(
          'occurred_before_receipt',
          'the time is before the complaint was received; give a later time',
          `${pointer}/decidedOn`,
        )
      : undefined,
    ...ids.flatMap((id, index) => {
      const at = `${pointer}/points/${index}/id`;
      const repeated =
        ids.indexOf(id) < index
          ? unmet('point_repeated', `point ${id} is listed twice; list each point once`, at)
          : undefined;
      return [pointProblem(complaint, id, at) ?? repeated];
    }),
    ...points.flatMap(({ findings = [] }, index) =>
      findings.flatMap(({ evidenceIds }, finding) =>
        unknownEvidence(complaint, evidenceIds, `${pointer}/points/${index}/findings/${finding}/evidenceIds`),
      ),
    ),
    ...orders.flatMap(({ pointIds, owner }, index) => [
      ...unknownPoints(complaint, pointIds, `${pointer}/orders/${index}/pointIds`),
      conflictOfInterest(complaint, owner, `${pointer}/orders/${index}/owner`),
      unknownPerson(owner, context, `${pointer}/orders/${index}/owner`),
    ]),
    orders.length > 0 && complyBy === undefined
      ? unmet('due_time_missing', 'the orders have no due time; give `complyBy`', `${pointer}/complyBy`)
      : undefined,
    complyBy !== undefined && latest(complyBy) < earliest(decidedOn)
      ? unmet(
          'ends_before_it_begins',
          'the orders are due before the decision; give a later time',
          `${pointer}/complyBy`,
        )
      : undefined,
  ].flatMap((problem) => problem ?? []);
}

/** The events of a decision without problems. */
export function externalDecisionEvents(command: RecordExternalDecision, complaint: Complaint) {
  const { body, ref, decidedOn, points, orders = [], complyBy } = command;
  const occurredAt = decidedOn;
  const decisionId = nextId(
    'x',
    complaint.externalDecisions.map((decision) => decision.decisionId),
  );
  const determinationId = nextId(
    'd',
    complaint.determinations.map((determination) => determination.determinationId),
  );
  const remedyId = nextId(
    'r',
    complaint.remedies.map((remedy) => remedy.remedyId),
  );
  const recorded = ExternalDecisionRecorded(withoutUndefined({ decisionId, body, ref, decidedOn, complyBy }));
  const determined = DeterminationMade({ determinationId, points, decidedBy: body });
  const decision = [
    { ...recorded, occurredAt },
    { ...determined, occurredAt },
  ];
  if (orders.length === 0 || complyBy === undefined) return decision;
  const measures = orders.map((order, index) => ({ ...measureOf(order), id: `m${index + 1}`, dueAt: complyBy }));
  const ordered = RemedyProposed({ remedyId, measures, needsAcceptance: false, orderedBy: body });
  return [...decision, { ...ordered, occurredAt }];
}

const measureOf = ({ type, pointIds, action, owner, provider, amount }: Order) =>
  withoutUndefined({ type, pointIds, action, owner, provider, amount });
