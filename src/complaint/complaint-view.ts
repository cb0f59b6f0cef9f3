import type { Language } from '../platform/language.js';
import type { Complaint } from './complaint.js';
import type { ComplaintSettings } from './decision.js';
import { statusOf, type Status } from './status.js';
import { labelOf } from './terms/labels.js';
import { STAGE_WORDS, STATUS_WORDS } from './terms/words.js';

/**
 * The complaint file that shows a state, present or past: its fields, the status derived from it, the words for stage and
 * status, and the outcome of each point.
 */
export function complaintFileOf<C extends Complaint>(
  complaint: C,
  settings: Pick<ComplaintSettings, 'satisfiedScore'>,
  language: Language,
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
    stageLabel: labelOf(STAGE_WORDS, stage, language),
    ...status,
    statusLabel: STATUS_WORDS[status.status][language],
  };
}
