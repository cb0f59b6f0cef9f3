import type { Allowed } from './allowed.js';
import type { Complaint } from './complaint.js';
import { isHeld } from './guards.js';
import { isOwed } from './progress.js';
import { BEFORE_DETERMINATION } from './terms/vocabulary.js';

/** The allowed commands by their use now. */
export interface NextCommands {
  /** Commands that lead to the next stage or meet its conditions, in the order in which people usually send them. */
  readonly next: readonly Allowed[];
  /** The other allowed commands, in the order of the procedure. */
  readonly others: readonly Allowed[];
}

/** Separates the allowed commands that help the complaint on from the others. */
export function nextCommands(complaint: Complaint, commands: readonly Allowed[], now: string): NextCommands {
  const allowed = commands.filter((command) => command.allowed);
  const unmetCodesOf = (path: string): string[] =>
    commands.find((command) => command.path === path)?.unmet.map(({ code }) => code) ?? [];
  const paths = [...new Set(usualCommands(complaint, unmetCodesOf, now))];
  const next = paths.flatMap((path) => allowed.find((command) => command.path === path) ?? []);
  return { next, others: allowed.filter((command) => !next.includes(command)) };
}

/** Paths of the commands that help on in this state; some may not be allowed. */
function usualCommands(complaint: Complaint, unmetCodesOf: (path: string) => string[], now: string): string[] {
  const { stage, episode, requests, holds, remedies, letters, progress } = complaint;
  const toward = (goal: string): string[] => [
    ...unmetCodesOf(goal).flatMap((code) => COMMANDS_FOR_CONDITION[code] ?? []),
    goal,
  ];
  const waitingFor = [
    ...(requests.some(({ status }) => status === 'Open') ? ['receive-information'] : []),
    ...(holds.some((hold) => isHeld(hold, now)) ? ['release-hold'] : []),
  ];
  if (stage === null) return [];
  if (BEFORE_DETERMINATION.includes(stage)) {
    const { classification, severity } = complaint;
    return [
      ...['acknowledge', 'assign'],
      ...(stage === 'Received' ? ['admit'] : []),
      'accept-assignment',
      'approve-relief',
      ...(classification === null ? ['classify'] : []),
      ...(severity === null ? ['assess-severity'] : []),
      ...waitingFor,
      ...toward('make-determination'),
    ];
  }
  const carryOut = remedies.some(isOwed) ? CARRY_OUT : [];
  const hasOffer = remedies.some((remedy) => remedy.episode === episode);
  const isUpheld = Object.values(progress.outcomes).some(
    (outcome) => outcome === 'upheld' || outcome === 'partly_upheld',
  );
  switch (stage) {
    case 'Determined':
      return [
        ...waitingFor,
        ...DRAFT,
        ...(isUpheld && !hasOffer ? ['propose-remedy'] : []),
        ...toward('send-final-response'),
        ...ANSWER,
        ...carryOut,
      ];
    case 'Responded':
      return [...waitingFor, ...DRAFT, ...toward('close')];
    default: {
      const isUndelivered = letters.some(({ deliveries }) => deliveries.every(({ result }) => result === 'failed'));
      return [...(isUndelivered ? ['record-delivery'] : []), ...carryOut];
    }
  }
}

/** Commands for a draft and for an offer. Their guards allow them only if there is one. */
const DRAFT = ['approve-remedy', 'return-remedy', 'approve-waiver'];
const ANSWER = ['accept-remedy', 'reject-remedy', 'lapse-remedy-offer'];
/** Commands for a measure that is owed. */
const CARRY_OUT = ['complete-measure', 'record-redress-payment'];

/** The commands that meet a condition, by the code of the condition; the usual one first. */
export const COMMANDS_FOR_CONDITION: { readonly [code: string]: readonly string[] } = {
  content_not_verified: ['verify-content'],
  merits_not_assessed: ['assess-merits'],
  identity_not_checked: ['verify-identity', 'waive-identity'],
  outcome_not_communicated: ['record-delivery'],
  review_missing: ['review-determination'],
  draft_open: [...DRAFT, 'discard-draft'],
  measures_open: [...CARRY_OUT, 'waive-measure'],
  offer_open: [...ANSWER, 'withdraw-offer'],
  follow_up_open: ['request-feedback', 'submit-feedback', 'schedule-follow-up', 'record-follow-up'],
};
