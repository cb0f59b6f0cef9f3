import type { RecordDelivery } from './commands/resolution.js';
import { partiesWhoMayBeTold } from './addressees.js';
import type { Complaint } from './complaint.js';
import {
  happenedAt,
  nothingToChange,
  rejectionOf,
  unmet,
  withoutUndefined,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import { CommunicationFailed, DeliveryContested, OutcomeCommunicated, OutcomeUndeliverable } from './events.js';
import { received, unknownParty, withoutConflictOfInterest } from './guards.js';
import { deliveryTo, type LetterStanding } from './letter-standing.js';
import { beforeWhatItAnswers } from './order.js';
import { UNIDENTIFIED } from './terms/vocabulary.js';
import { futureTime } from './time.js';
import { failedAttemptsTo, tooFewAttempts } from './unreachable.js';

/** ISO 10002 7.8: the delivery of a letter to each addressee (T14, I4, R45). */

const letterSent: Guard = ({ progress }) =>
  progress.letters.length === 0 ? unmet('nothing_sent', 'no letter has been sent') : undefined;

/**
 * Records what became of a letter for one party: an addressee, or a party that may be told by now. It counts for the
 * episode and the decision of the letter. Without `to`, the only party that comes into question.
 */
export const recordDelivery = {
  guards: [received, withoutConflictOfInterest, letterSent],
  decide: (command, complaint, context) => {
    const { of, result, channel, at: statedAt, reason = '', proof } = command;
    const letter = complaint.progress.letters.find(({ id }) => id === of);
    if (letter === undefined) {
      const known = complaint.progress.letters.map(({ id }) => id).join(', ');
      return { unmet: [unmet('unknown_response', `the complaint has no letter ${of}; it has: ${known}`, '/of')] };
    }
    const candidates = candidatesOf(complaint, letter, context.reference.house.authorityRequired);
    const to = command.to ?? (candidates.length === 1 ? candidates[0] : undefined);
    const at = statedAt ?? context.occurredAt;
    const attempt = { at, channel, reason };
    const known = to === undefined ? undefined : deliveryTo(letter, to);
    const rejection = rejectionOf(
      toProblem(complaint, of, to, candidates),
      futureTime(statedAt, context.now, '/at'),
      beforeWhatItAnswers(
        at,
        result === 'contested' && known?.result === 'delivered'
          ? { event: 'OutcomeCommunicated', at: known.at }
          : { event: EVENTS_OF_LETTERS[letter.kind], at: letter.at },
        context,
        statedAt === undefined ? '/occurredAt' : '/at',
      ),
      result !== 'delivered' && reason.trim() === ''
        ? unmet('reason_missing', `the result ${result} has no reason; give one`, '/reason')
        : undefined,
      resultProblem(of, to, result, known?.result),
      result === 'undeliverable' && to !== undefined && known?.result !== 'delivered'
        ? tooFewAttempts(complaint, to, attempt, context, '/result')
        : undefined,
    );
    if (rejection) return rejection;
    const addressee = to ?? UNIDENTIFIED;
    switch (result) {
      case 'delivered':
        return [
          happenedAt(OutcomeCommunicated(withoutUndefined({ of, channel, to, deliveredAt: at, proof })), statedAt),
        ];
      case 'failed':
        return [happenedAt(CommunicationFailed(withoutUndefined({ of, channel, to, at, reason })), statedAt)];
      case 'contested':
        return [happenedAt(DeliveryContested({ of, to: addressee, at, reason }), statedAt)];
      case 'undeliverable':
        return [
          happenedAt(
            OutcomeUndeliverable({
              of,
              to: addressee,
              attempts: [...failedAttemptsTo(complaint, addressee), attempt],
              cause: 'attempts',
              reason,
            }),
            statedAt,
          ),
        ];
    }
  },
} satisfies Decider<RecordDelivery>;

const EVENTS_OF_LETTERS = {
  response: 'FinalResponseSent',
  told: 'OutcomeCommunicated',
  notice: 'the letter',
} as const satisfies Record<LetterStanding['kind'], string>;

/** The addressees, and the parties that may be told by now. */
const candidatesOf = (complaint: Complaint, { addressees }: LetterStanding, authorityRequired: boolean): string[] => [
  ...new Set([...addressees, ...partiesWhoMayBeTold(complaint, authorityRequired).map(({ id }) => id)]),
];

function toProblem(
  complaint: Complaint,
  of: string,
  to: string | undefined,
  candidates: readonly string[],
): Unmet | undefined {
  const isNobodyOnFile = complaint.parties.length === 0;
  if (to === undefined)
    return isNobodyOnFile && candidates.length === 0
      ? unmet('addressee_missing', `${of} has no addressee and nobody may be told; give \`to\``, '/to')
      : unmet('addressee_missing', `say which of ${candidates.join(', ')} it is about; give \`to\``, '/to');
  if (candidates.includes(to) || (to === UNIDENTIFIED && isNobodyOnFile)) return undefined;
  return (
    unknownParty(complaint, to, '/to') ??
    unmet('not_an_addressee', `${to} is not an addressee of ${of} and may not be told; name one who is`, '/to')
  );
}

/** A result that the letter already has, or that contradicts it. */
function resultProblem(
  of: string,
  to: string | undefined,
  result: RecordDelivery['result'],
  known: string | undefined,
): Unmet | undefined {
  if (result !== 'failed' && result === known)
    return nothingToChange(`${of} is already recorded as ${known} for ${to ?? 'its addressee'}`);
  if (result === 'undeliverable' && known === 'delivered')
    return unmet('already_delivered', `${of} is already delivered; the result cannot be undeliverable`, '/result');
  return result === 'contested' && known !== 'delivered'
    ? unmet('not_delivered', `no delivery of ${of} is recorded that can be contested`, '/result')
    : undefined;
}
