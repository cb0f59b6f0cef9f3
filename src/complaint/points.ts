import type { AddPoint, SplitPoint } from './commands/parties.js';
import type { Complaint } from './complaint.js';
import { rejectionOf, unmet, withoutUndefined, type Decider, type Unmet } from './decision.js';
import { PointAdded, PointSplit } from './events.js';
import { duplicateId, inStage, nextId, pointProblem, withoutConflictOfInterest } from './guards.js';
import { idsBefore, pointWithId, withIds } from './intake.js';
import { outcomesOf } from './progress.js';
import { BEFORE_DETERMINATION } from './terms/vocabulary.js';

/** Points after the receipt (T27): adding one, and splitting one into several. */

export const addPoint = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest],
  decide: ({ point }, { points }) => {
    const usedIds = points.map(({ id }) => id);
    return (
      rejectionOf(duplicateId(point.id, usedIds, '/point/id')) ?? [
        PointAdded({ point: pointWithId(point, point.id ?? nextId('p', usedIds)) }),
      ]
    );
  },
} satisfies Decider<AddPoint>;

export const splitPoint = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest],
  decide: ({ pointId, points }, complaint) => {
    const usedIds = complaint.points.map(({ id }) => id);
    const rejection = rejectionOf(
      undecidedPointProblem(complaint, pointId, '/pointId'),
      ...points.map(({ id }, index) =>
        duplicateId(id, [...usedIds, ...idsBefore(points, index)], `/points/${index}/id`),
      ),
    );
    if (rejection) return rejection;
    const split = complaint.points.find(({ id }) => id === pointId);
    const added = withIds('p', points, usedIds, (point, id) =>
      pointWithId(
        withoutUndefined({
          ...point,
          category: point.category ?? split?.category,
          subject: point.subject ?? split?.subject,
        }),
        id,
      ),
    );
    return [PointSplit({ pointId, points: added })];
  },
} satisfies Decider<SplitPoint>;

/** The problem of a point that is to be split or moved: it does not exist, no longer counts or has an outcome. */
export function undecidedPointProblem(complaint: Complaint, id: string, pointer: string): Unmet | undefined {
  const outcome = outcomesOf(complaint.progress)[id];
  return (
    pointProblem(complaint, id, pointer) ??
    (outcome === undefined
      ? undefined
      : unmet('point_decided', `point ${id} already has an outcome (${outcome}); name one without an outcome`, pointer))
  );
}
