import { isBefore } from '../platform/moment.js';
import type { RecordDelivery, SendFinalResponse } from './commands/resolution.js';
import { nothingToChange, withoutUndefined, rejectionOf, unmet, type Decider } from './decision.js';
import { CommunicationFailed, FinalResponseSent, OutcomeCommunicated, OutcomeUndeliverable } from './events.js';
import {
  addresseeProblems,
  currentDetermination,
  inStage,
  nextId,
  reachableParties,
  received,
  unknownParty,
  withoutConflictOfInterest,
} from './guards.js';
import { failedAttempts } from './state-types.js';
import { futureTime } from './time.js';
import { ORAL_OR_BY_HAND, type Outcome, type ResponseKind } from './terms/vocabulary.js';

/** ISO 10002 7.7 and 7.8: final response and its delivery (T14, I4, R45). */

/**
 * A response that is given orally or by hand counts as communicated at once (I4): to each addressee or, in a complaint
 * without parties, to the anonymous complainant. A written response counts as undeliverable at once if no party can be
 * reached; delivery attempts are not required then (I4).
 */
export const sendFinalResponse = {
  guards: [inStage('Determined'), withoutConflictOfInterest],
  decide: (command, complaint, { occurredAt }) => {
    const { kind, addressees, channel, text, templateVersion } = command;
    const determination = currentDetermination(complaint);
    const recourse = command.recourse ?? determination?.recourse;
    const outcomes = determination?.points.map(({ outcome }) => outcome) ?? [];
    const rejection = rejectionOf(
      contradictsOutcomes(kind, outcomes)
        ? unmet(
            'kind_contradicts_outcome',
            'the kind of the response contradicts the determined outcome; choose the kind that matches it',
            '/kind',
          )
        : undefined,
      kind !== 'accept' && (recourse ?? '').trim() === ''
        ? unmet('recourse_missing', 'the complaint is not fully accepted; state the external recourse', '/recourse')
        : undefined,
      addresseeProblems(complaint, addressees, channel),
      addressees.flatMap((id, index) =>
        complaint.parties.some((party) => party.id === id && party.authority === 'rejected')
          ? [
              unmet(
                'authority_rejected',
                `the authority of ${id} was rejected; remove this addressee`,
                `/addressees/${index}`,
              ),
            ]
          : [],
      ),
    );
    if (rejection) return rejection;
    const responses = complaint.letters.filter((letter) => letter.kind !== 'inadmissible');
    const responseIds = responses.map(({ id }) => id);
    const responseId = nextId('f', responseIds);
    const sent = FinalResponseSent(
      withoutUndefined({ responseId, kind, addressees, channel, text, recourse, templateVersion }),
    );
    const isOralOrByHand = ORAL_OR_BY_HAND.includes(channel);
    const communication = { of: responseId, channel, deliveredAt: occurredAt };
    if (isOralOrByHand && complaint.parties.length === 0) return [sent, OutcomeCommunicated(communication)];
    if (isOralOrByHand && addressees.length > 0)
      return [sent, ...addressees.map((to) => OutcomeCommunicated({ ...communication, to }))];
    if (addressees.length > 0) return [sent];
    return [sent, OutcomeUndeliverable({ of: responseId, attempts: [], reason: 'No contact was given.' })];
  },
} satisfies Decider<SendFinalResponse>;

/**
 * `accept` contradicts a point that is not upheld or only partly upheld. `reject` contradicts a point that is fully or
 * partly upheld.
 */
function contradictsOutcomes(kind: ResponseKind, outcomes: readonly Outcome[]): boolean {
  if (kind === 'accept') return outcomes.some((outcome) => outcome === 'not_upheld' || outcome === 'partly_upheld');
  return kind === 'reject' && outcomes.some((outcome) => outcome === 'upheld' || outcome === 'partly_upheld');
}

/**
 * The result `undeliverable` requires `deliveryAttempts` failed attempts including this one. If no party can be
 * reached, one attempt is enough. Without `to`, a delivery of a letter with a single addressee is a delivery to this
 * addressee.
 */
export const recordDelivery = {
  guards: [
    received,
    withoutConflictOfInterest,
    ({ letters }) => (letters.length === 0 ? unmet('nothing_sent', 'no response or notice has been sent') : undefined),
  ],
  decide: (
    { of, result, channel, to: requestedTo, at: statedAt, reason, proof },
    complaint,
    { occurredAt, now, settings },
  ) => {
    const letter = complaint.letters.find(({ id }) => id === of);
    if (letter === undefined)
      return { unmet: [unmet('unknown_response', `the complaint has no response or notice ${of}`, '/of')] };
    const onlyAddressee = letter.addressees.length === 1 ? letter.addressees[0] : undefined;
    const to = requestedTo ?? onlyAddressee;
    const at = statedAt ?? occurredAt;
    const failed = failedAttempts(letter);
    const isDelivered = letter.deliveries.some(
      (delivery) => delivery.result === 'delivered' && (to === undefined || delivery.to === to),
    );
    const rejection = rejectionOf(
      unknownParty(complaint, requestedTo, '/to'),
      requestedTo !== undefined && letter.addressees.length > 0 && !letter.addressees.includes(requestedTo)
        ? unmet('not_an_addressee', `${requestedTo} is not an addressee of ${of}`, '/to')
        : undefined,
      futureTime(statedAt, now, '/at'),
      isBefore(at, letter.at)
        ? unmet(
            'before_it_was_sent',
            `the time is before ${of} was sent; give a later time`,
            statedAt === undefined ? '/occurredAt' : '/at',
          )
        : undefined,
      result !== 'delivered' && (reason ?? '').trim() === ''
        ? unmet('reason_missing', 'the failed delivery has no reason; give one', '/reason')
        : undefined,
      isDelivered && result === 'delivered' ? nothingToChange(`the delivery of ${of} is already recorded`) : undefined,
      isDelivered && result === 'undeliverable'
        ? unmet('already_delivered', `${of} is already delivered; the result cannot be undeliverable`, '/result')
        : undefined,
      result === 'undeliverable' && letter.deliveries.some((delivery) => delivery.result === 'undeliverable')
        ? nothingToChange(`${of} is already recorded as undeliverable`)
        : undefined,
      result === 'undeliverable' &&
        reachableParties(complaint).length > 0 &&
        failed.length + 1 < settings.deliveryAttempts
        ? unmet(
            'too_few_attempts',
            `undeliverable needs ${settings.deliveryAttempts} failed attempts (this is attempt ${failed.length + 1}); record this one as \`failed\``,
            '/result',
          )
        : undefined,
    );
    if (rejection) return rejection;
    const failureReason = reason ?? '';
    switch (result) {
      case 'delivered':
        return [OutcomeCommunicated(withoutUndefined({ of, channel, to, deliveredAt: at, proof }))];
      case 'failed':
        return [CommunicationFailed(withoutUndefined({ of, channel, to, at, reason: failureReason }))];
      case 'undeliverable':
        return [
          OutcomeUndeliverable({
            of,
            attempts: [...failed, { at, channel, reason: failureReason }],
            reason: failureReason,
          }),
        ];
    }
  },
} satisfies Decider<RecordDelivery>;
