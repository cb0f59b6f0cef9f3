import type { LetterFacts } from '../response-policy/response-policy.js';
import type { Complaint } from './complaint.js';
import { isAwaitingAnswer } from './progress.js';

/** What response policies may ask of a complaint before a letter. */
export function letterFactsOf(complaint: Complaint): LetterFacts {
  const { points, lodged, classification, severity, remedies, progress, episode } = complaint;
  const subjects = points.map(({ subject }) => subject);
  return {
    nature: classification?.nature ?? 'complaint',
    channel: lodged?.facts.channel ?? null,
    language: lodged?.facts.language ?? null,
    severity: severity?.severity ?? null,
    region: known(subjects.map(({ region }) => region)),
    product: known(subjects.map(({ product }) => product)),
    category: known(points.map(({ category }) => category)),
    respondent: known(subjects.map(({ respondent }) => respondent)),
    orgUnit: known(subjects.map(({ orgUnit }) => orgUnit)),
    source: known((lodged?.facts.sources ?? []).map(({ system }) => system)),
    accepted:
      points.every(({ id, left }) => left !== undefined || ACCEPTED_OUTCOMES.includes(progress.outcomes[id] ?? '')) &&
      !remedies.some(
        (remedy) => isAwaitingAnswer(remedy) || (remedy.status === 'Rejected' && remedy.episode === episode),
      ),
  };
}

/** Outcomes after which the complainant has nothing to ask of anybody else. */
const ACCEPTED_OUTCOMES: readonly string[] = ['upheld', 'resolved_without_finding', 'answered'];

const known = (values: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(values.flatMap((value) => value ?? [])),
];
