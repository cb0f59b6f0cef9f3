import type { Complaint } from './complaint.js';
import type { ComplaintSettings } from './decision.js';
import { STAGE_LABELS, statusOf, type Status } from './status.js';

/**
 * The complaint file that shows a state, present or past: its fields, the status derived from it, and the outcome of each
 * point.
 */
export function complaintFileOf<C extends Complaint>(
  complaint: C,
  settings: Pick<ComplaintSettings, 'satisfiedScore'>,
) {
  const { progress, ...state } = complaint;
  const { stage, outcomes } = progress;
  const status: Status = statusOf(progress, settings);
  return {
    ...state,
    points: complaint.points.map((point) => {
      const outcome = outcomes[point.id];
      return outcome === undefined ? point : { ...point, outcome };
    }),
    stageLabel: stage === null ? null : STAGE_LABELS[stage],
    ...status,
  };
}
