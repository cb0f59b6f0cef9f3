import { isBefore } from '../platform/moment.js';
import type { ComplaintSettings } from './decision.js';
import { isOpen, outcomeOf, reliefOf, UNSATISFIED, type Progress } from './progress.js';
import { plainMoment } from '../eventstore/stored-moment.js';
import { comparableText } from '../platform/text.js';
import { BEFORE_DETERMINATION, type Outcome, type Stage } from './terms/vocabulary.js';

/**
 * Status and company response of a complaint: derived from the progress, never stored. They do not depend on lateness.
 */

export const STAGE_LABELS: Readonly<Record<Stage, string>> = {
  Received: '已接收',
  UnderAssessment: '初步评估中',
  UnderInvestigation: '核实调查中',
  Determined: '已认定',
  Responded: '已答复',
  Closed: '已结案',
  Inadmissible: '不予受理',
  Withdrawn: '已撤回',
  ReferredOut: '已移送',
  Consolidated: '已并案',
};

export type StatusLabel =
  '待处理' | '处理中' | '未解决' | '已解决' | '已处理' | '不予受理' | '已撤回' | '已移送' | '已并案';

const COMPANY_RESPONSES = [
  'In progress',
  'Closed',
  'Closed with explanation',
  'Closed with non-monetary relief',
  'Closed with monetary relief',
] as const;
export type CompanyResponse = (typeof COMPANY_RESPONSES)[number];

/** The responses by their lower-case form. */
const RESPONSES_BY_KEY = new Map<string, CompanyResponse>(
  COMPANY_RESPONSES.map((known) => [known.toLowerCase(), known]),
);

export const isCompanyResponse = (text: string): text is CompanyResponse =>
  (COMPANY_RESPONSES as readonly string[]).includes(text);

/**
 * The response of a register for statistics: one spelling for each response that we know, regardless of case and blanks;
 * another response in the form for comparison.
 */
export function knownResponse(registerResponse: string): string {
  const response = comparableText(registerResponse);
  return RESPONSES_BY_KEY.get(response.toLowerCase()) ?? response;
}

export interface Status {
  /** Status in the terms of other systems (R52). */
  readonly status: StatusLabel;
  /** Company response in the terms of the CFPB register, derived from the recorded events. */
  readonly response: CompanyResponse;
  /**
   * true: the complainant is dissatisfied, was not reached or reopened the complaint; false: satisfied; null: unknown.
   */
  readonly disputed: boolean | null;
  /** Overall outcome of the points of the current episode; null before the determination. */
  readonly outcome: Outcome | null;
  /** The outcome in a public register, unchanged and separate from the derived response. */
  readonly registerResponse: string | null;
}

/** Derives the status from the progress. A score at or above `satisfiedScore` counts as satisfied. */
export function statusOf(progress: Progress, { satisfiedScore }: Pick<ComplaintSettings, 'satisfiedScore'>): Status {
  const disputed = isDisputed(satisfactionOf(progress), satisfiedScore);
  return {
    status: labelOf(progress, disputed),
    response: disputed === true && mayBeDisputed(progress) ? 'In progress' : undisputedResponse(progress),
    disputed,
    outcome: outcomeOf(progress),
    registerResponse: progress.registerResponse,
  };
}

function labelOf({ stage, episode }: Progress, disputed: boolean | null): StatusLabel {
  switch (stage) {
    case 'Inadmissible':
      return '不予受理';
    case 'Withdrawn':
      return '已撤回';
    case 'ReferredOut':
      return '已移送';
    case 'Consolidated':
      return '已并案';
    case 'Determined':
      return '处理中';
    case 'Responded':
    case 'Closed':
      return disputed === null ? '已处理' : disputed ? '未解决' : '已解决';
    default:
      return episode <= 1 ? '待处理' : '未解决';
  }
}

/**
 * Satisfaction of the complainant in this episode, on the scale of feedback scores; null if unknown. The value is the
 * score of the latest statement, with two exceptions: the complainant counts as dissatisfied while a reopened
 * complaint is not yet decided again, and after an undeliverable outcome without a later statement.
 */
export function satisfactionOf({ stage, episode, communication, lastWord }: Progress): number | null {
  if (stage !== null && BEFORE_DETERMINATION.includes(stage)) return episode > 1 ? UNSATISFIED : null;
  if (stage !== 'Responded' && stage !== 'Closed') return null;
  if (communication.status !== 'Undeliverable' || communication.at === undefined) return lastWord?.score ?? null;
  return lastWord === null || isBefore(plainMoment(lastWord.at), plainMoment(communication.at))
    ? UNSATISFIED
    : lastWord.score;
}

/** True if the satisfaction is below `satisfiedScore`; null if the satisfaction is unknown. */
export const isDisputed = (satisfaction: number | null, satisfiedScore: number): boolean | null =>
  satisfaction === null ? null : satisfaction < satisfiedScore;

/** True if a dispute changes the company response to "In progress": after the final response and before the closing. */
export const mayBeDisputed = ({ stage }: Progress): boolean => stage === 'Responded';

/** The company response if the complainant does not dispute it. */
export function undisputedResponse(progress: Progress): CompanyResponse {
  const { stage } = progress;
  if (stage !== 'Responded' && stage !== 'Closed') return isOpen(progress) || stage === null ? 'In progress' : 'Closed';
  switch (reliefOf(progress)) {
    case 'monetary':
      return 'Closed with monetary relief';
    case 'non_monetary':
      return 'Closed with non-monetary relief';
    case 'none':
      return outcomeOf(progress) === 'not_upheld' ? 'Closed with explanation' : 'Closed';
  }
}
