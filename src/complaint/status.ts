import { isBefore } from '../platform/moment.js';
import type { ComplaintSettings } from './decision.js';
import { isOpen, outcomeOf, reliefOf, SATISFIED, UNSATISFIED, type Progress } from './progress.js';
import { plainMoment } from '../eventstore/stored-moment.js';
import { comparableText } from '../platform/text.js';
import { BEFORE_DETERMINATION, type Outcome, type StatusCode } from './terms/vocabulary.js';

/**
 * Status and company response of a complaint: derived from the progress, never stored. They do not depend on lateness.
 */

export const COMPANY_RESPONSES = [
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
  readonly status: StatusCode;
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
    status: statusWithStanding(standingOf(progress), satisfiedScore),
    response: disputed === true && mayBeDisputed(progress) ? 'In progress' : undisputedResponse(progress),
    disputed,
    outcome: outcomeOf(progress),
    registerResponse: progress.registerResponse,
  };
}

/**
 * The status without the setting `satisfiedScore`, as documents store it: the code, or the satisfaction of the
 * complainant, which decides between resolved and unresolved.
 */
export type Standing = Exclude<StatusCode, 'resolved' | 'unresolved'> | `satisfaction_${number}`;

export function standingOf(progress: Progress): Standing {
  const { stage } = progress;
  switch (stage) {
    case 'Inadmissible':
      return 'inadmissible';
    case 'Withdrawn':
      return 'withdrawn';
    case 'ReferredOut':
      return 'referred_out';
    case 'Consolidated':
      return 'consolidated';
    case 'Determined':
      return 'in_progress';
    default: {
      const satisfaction = satisfactionOf(progress);
      if (satisfaction !== null) return `satisfaction_${satisfaction}`;
      return stage === 'Responded' || stage === 'Closed' ? 'handled' : 'pending';
    }
  }
}

/** The status with this standing. A satisfaction at or above `satisfiedScore` is resolved, any other unresolved. */
export function statusWithStanding(standing: Standing, satisfiedScore: number): StatusCode {
  if (!isSatisfaction(standing)) return standing;
  const satisfaction = Number(standing.slice('satisfaction_'.length));
  return isDisputed(satisfaction, satisfiedScore) === true ? 'unresolved' : 'resolved';
}

/** All standings with this status. */
export function standingsWithStatus(status: StatusCode, satisfiedScore: number): readonly Standing[] {
  if (status !== 'resolved' && status !== 'unresolved') return [status];
  const scores = Array.from({ length: SATISFIED + 1 }, (_, satisfaction): Standing => `satisfaction_${satisfaction}`);
  return scores.filter((standing) => statusWithStanding(standing, satisfiedScore) === status);
}

const isSatisfaction = (standing: Standing): standing is `satisfaction_${number}` =>
  standing.startsWith('satisfaction_');

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
