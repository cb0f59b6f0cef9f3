import type { Language } from '../platform/language.js';
import type { Complaint } from './complaint.js';
import { rulesOff } from '../house-policy/rules.js';
import type { ReferenceData, TaxonomyData } from '../reference/reference-data.js';
import type { Point } from './terms/facts.js';
import { withoutUndefined } from './decision.js';
import { outcomesOf, ownOutcomeOf } from './progress.js';
import { statusOf, type Status } from './status.js';
import { labelOf } from './terms/labels.js';
import { STAGE_WORDS, STATUS_WORDS } from './terms/words.js';

/**
 * The complaint file that shows a state, present or past: its fields, the status derived from it, the words for stage and
 * status, and the outcome of each point.
 */
export function complaintFileOf<C extends Complaint>(
  complaint: C,
  { house, taxonomy }: Pick<ReferenceData, 'house' | 'taxonomy'>,
  language: Language,
) {
  const { progress, ...state } = complaint;
  const { stage } = progress;
  const outcomes = outcomesOf(progress);
  const status: Status = statusOf(progress, house);
  return {
    ...state,
    points: complaint.points.map((point) => {
      const outcome = outcomes[point.id];
      const ownOutcome = progress.outcomes[point.id];
      const isDecidedByBody = point.id in progress.externalOutcomes;
      return withoutUndefined({
        ...point,
        readNow: readNow(point, complaint.classification?.taxonomyVersion ?? 1, taxonomy),
        outcome,
        ownOutcome: isDecidedByBody ? ownOutcome : undefined,
      });
    }),
    rulesOff: rulesOff(house),
    ownOutcome: ownOutcomeOf(progress),
    stageLabel: labelOf(STAGE_WORDS, stage, language),
    ...status,
    statusLabel: STATUS_WORDS[status.status][language],
  };
}

/** The codes of a point as the taxonomy in force reads them; undefined if it reads them as they were recorded. */
function readNow(point: Point, from: number, taxonomy: TaxonomyData) {
  const codes = (['category', 'issue', 'subIssue'] as const).flatMap((list) => {
    const recorded = point[list];
    const current = recorded === undefined ? undefined : taxonomy.current(list, recorded, from);
    return current === undefined || current === recorded ? [] : [[list, current] as const];
  });
  return codes.length === 0 ? undefined : Object.fromEntries(codes);
}
