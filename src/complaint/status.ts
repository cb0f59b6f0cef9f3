import { plainMoment } from '../eventstore/stored-moment.js';
import { isBefore, latest, type Moment } from '../platform/moment.js';
import { comparableText } from '../platform/text.js';
import { notReachedAt } from './communication.js';
import { isOpen, isOwed, outcomeOf, reliefOf, type Progress } from './progress.js';
import { lastWordOf, SATISFIED, UNSATISFIED, type LastWord } from './satisfaction.js';
import type { Outcome, StatusCode } from './terms/vocabulary.js';

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
  /** true: the complainant is dissatisfied, or reopened the complaint as dissatisfied; false: satisfied; null: unknown. */
  readonly disputed: boolean | null;
  /** Overall outcome of the points of the current episode; null before the determination. */
  readonly outcome: Outcome | null;
  /** The outcome in a public register, unchanged and separate from the derived response. */
  readonly registerResponse: string | null;
}

/** Derives the status from the progress. A score at or above `satisfiedScore` counts as satisfied. */
export function statusOf(progress: Progress, { satisfiedScore }: { readonly satisfiedScore: number }): Status {
  const status = statusWithStanding(standingOf(progress), satisfiedScore);
  return {
    status,
    response: responseWithStatus(progress, status),
    disputed: isDisputed(disputeOf(progress), satisfiedScore),
    outcome: outcomeOf(progress),
    registerResponse: progress.registerResponse,
  };
}

/**
 * The status without the rule `satisfiedScore`, as documents store it: the code, or a score with the status that it has
 * if the score is satisfied. Below it, the status is unresolved.
 */
export type Standing = StatusCode | `${number}_or_${StatusCode}`;

export function standingOf(progress: Progress): Standing {
  const { stage, satisfaction } = progress;
  switch (stage) {
    case 'Inadmissible':
      return 'inadmissible';
    case 'Withdrawn':
      return 'withdrawn';
    case 'ReferredOut':
      return 'referred_out';
    case 'Consolidated':
      return 'consolidated';
    case null:
    case 'Received':
      return 'pending';
    case 'UnderAssessment':
    case 'UnderInvestigation':
      return satisfaction.reopenedAs === 'dissatisfied' ? 'unresolved' : 'in_progress';
    case 'Determined':
      return 'in_progress';
    case 'Responded':
    case 'Closed':
      return standingAfterResponse(progress);
  }
}

function standingAfterResponse(progress: Progress): Standing {
  const word = lastWord(progress);
  const failedAt = outcomeFailedAt(progress);
  if (failedAt !== null && (word === null || isBefore(plainMoment(word.at), plainMoment(failedAt))))
    return 'unresolved';
  const isSatisfied = word !== null && !word.isPartial;
  const otherwise = progress.remedies.some(isOwed) ? 'commitment_outstanding' : isSatisfied ? 'resolved' : 'handled';
  return word === null ? otherwise : `${word.score}_or_${otherwise}`;
}

/** When the outcome last failed the complainant: an accepted measure was waived without them, or they were not reached. */
function outcomeFailedAt(progress: Progress): Moment | null {
  const times = [progress.satisfaction.waivedAt, notReachedAt(progress)].filter((at) => at !== null);
  return times.sort((one, other) => (latest(plainMoment(one)) < latest(plainMoment(other)) ? -1 : 1)).at(-1) ?? null;
}

const lastWord = ({ satisfaction, parties }: Progress): LastWord | null => lastWordOf(satisfaction.words, parties);

const SCORED = /^(\d+)_or_(\w+)$/;

/** The status with this standing. */
export function statusWithStanding(standing: Standing, satisfiedScore: number): StatusCode {
  const [, score, otherwise] = SCORED.exec(standing) ?? [];
  if (score === undefined) return standing as StatusCode;
  return Number(score) < satisfiedScore ? 'unresolved' : (otherwise as StatusCode);
}

/** All standings with this status. */
export function standingsWithStatus(status: StatusCode, satisfiedScore: number): readonly Standing[] {
  const scores = Array.from({ length: SATISFIED + 1 }, (_, score) => score);
  const scored = AFTER_RESPONSE.flatMap((otherwise) => scores.map((score): Standing => `${score}_or_${otherwise}`));
  return [status, ...scored.filter((standing) => statusWithStanding(standing, satisfiedScore) === status)];
}

const AFTER_RESPONSE = ['commitment_outstanding', 'resolved', 'handled'] as const satisfies readonly StatusCode[];

/** Whether the complainant disputes the outcome, without the rule `satisfiedScore`, as documents store it. */
export interface Dispute {
  /** Score of the last word; null without one. A score below `satisfiedScore` is a dispute. */
  readonly score: number | null;
  /** The answer without a dissatisfied last word. */
  readonly otherwise: 'yes' | 'no' | 'unknown';
}

export function disputeOf(progress: Progress): Dispute {
  const word = lastWord(progress);
  const isSatisfied = word !== null && !word.isPartial;
  const isReopened = progress.satisfaction.reopenedAs === 'dissatisfied';
  return { score: word?.score ?? null, otherwise: isSatisfied ? 'no' : isReopened ? 'yes' : 'unknown' };
}

/** True if the complainant disputes the outcome; null if unknown. */
export function isDisputed({ score, otherwise }: Dispute, satisfiedScore: number): boolean | null {
  if (score !== null && score < satisfiedScore) return true;
  return otherwise === 'unknown' ? null : otherwise === 'yes';
}

/** The company response if the last word is not dissatisfied. */
export const undisputedResponse = (progress: Progress): CompanyResponse =>
  responseWithStatus(progress, statusWithStanding(standingOf(progress), UNSATISFIED));

/** True if a dissatisfied last word changes the company response to "In progress": after the response, before the end. */
export const mayBeDisputed = (progress: Progress): boolean =>
  progress.stage === 'Responded' && SCORED.test(standingOf(progress));

function responseWithStatus(progress: Progress, status: StatusCode): CompanyResponse {
  switch (status) {
    case 'pending':
    case 'in_progress':
      return 'In progress';
    case 'inadmissible':
    case 'referred_out':
    case 'consolidated':
      return 'Closed';
    case 'withdrawn':
      return outcomeOf(progress) === null ? 'Closed' : responseByRelief(progress);
    case 'unresolved':
    case 'commitment_outstanding':
      return isOpen(progress) ? 'In progress' : responseByRelief(progress);
    case 'resolved':
    case 'handled':
      return responseByRelief(progress);
  }
}

function responseByRelief(progress: Progress): CompanyResponse {
  switch (reliefOf(progress)) {
    case 'monetary':
      return 'Closed with monetary relief';
    case 'non_monetary':
      return 'Closed with non-monetary relief';
    case 'none':
      return outcomeOf(progress) === 'not_upheld' ? 'Closed with explanation' : 'Closed';
  }
}
