import { before } from '../platform/moment.js';
import type { RecordDelivery, SendFinalResponse } from './commands/resolution.js';
import { nothingToChange, withoutUndefined, refusal, unmet, type Decider } from './decision.js';
import { CommunicationFailed, FinalResponseSent, OutcomeCommunicated, OutcomeUndeliverable } from './events.js';
import {
  addresseeProblems,
  idFor,
  inStage,
  reachable,
  received,
  currentDetermination,
  unknownParty,
  withoutInterest,
} from './guards.js';
import { failedAttempts } from './state-types.js';
import { inFuture } from './time.js';
import { ORAL_OR_BY_HAND, type Outcome, type ResponseKind } from './terms/vocabulary.js';

/** ISO 10002 7.7 and 7.8: final response and its delivery (T14, I4, R45). */

/**
 * An oral or hand-delivered response counts as communicated at once (I4), to each addressee or, in a complaint without
 * parties, to the anonymous complainant. A written response is undeliverable at once if no party can be reached: I4
 * requires no attempts without contact details.
 */
export const sendFinalResponse = {
  guards: [inStage('Determined'), withoutInterest],
  decide: (command, complaint, { occurredAt }) => {
    const { kind, addressees, channel, text, templateVersion } = command;
    const made = currentDetermination(complaint);
    const recourse = command.recourse ?? made?.recourse;
    const wrong = refusal(
      contradicts(kind, made?.points.map(({ outcome }) => outcome) ?? [])
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
    if (wrong) return wrong;
    const responseId = idFor(
      'f',
      undefined,
      complaint.letters.filter((one) => one.kind !== 'inadmissible').map(({ id }) => id),
    );
    const sent = FinalResponseSent(
      withoutUndefined({ responseId, kind, addressees, channel, text, recourse, templateVersion }),
    );
    const oral = ORAL_OR_BY_HAND.includes(channel);
    const communication = { of: responseId, channel, deliveredAt: occurredAt };
    if (oral && complaint.parties.length === 0) return [sent, OutcomeCommunicated(communication)];
    if (oral && addressees.length > 0)
      return [sent, ...addressees.map((to) => OutcomeCommunicated({ ...communication, to }))];
    if (addressees.length > 0) return [sent];
    return [sent, OutcomeUndeliverable({ of: responseId, attempts: [], reason: 'No contact was given.' })];
  },
} satisfies Decider<SendFinalResponse>;

/** `accept` requires every point upheld, `reject` requires none upheld. */
function contradicts(kind: ResponseKind, outcomes: readonly Outcome[]): boolean {
  if (kind === 'accept') return outcomes.some((outcome) => outcome === 'not_upheld' || outcome === 'partly_upheld');
  return kind === 'reject' && outcomes.some((outcome) => outcome === 'upheld' || outcome === 'partly_upheld');
}

/**
 * Undeliverable requires `deliveryAttempts` failed attempts, this one included, or none if no party can be reached.
 */
export const recordDelivery = {
  guards: [
    received,
    withoutInterest,
    ({ letters }) => (letters.length === 0 ? unmet('nothing_sent', 'no response or notice has been sent') : undefined),
  ],
  decide: ({ of, result, channel, to: named, at: given, reason, proof }, complaint, { occurredAt, now, settings }) => {
    const letter = complaint.letters.find(({ id }) => id === of);
    if (letter === undefined)
      return { unmet: [unmet('unknown_response', `the complaint has no response or notice ${of}`, '/of')] };
    const [only, ...others] = letter.addressees;
    const to = named ?? (others.length === 0 ? only : undefined);
    const at = given ?? occurredAt;
    const failed = failedAttempts(letter);
    const arrived = letter.deliveries.some(
      (delivery) => delivery.result === 'delivered' && (to === undefined || delivery.to === to),
    );
    const wrong = refusal(
      unknownParty(complaint, named, '/to'),
      named !== undefined && letter.addressees.length > 0 && !letter.addressees.includes(named)
        ? unmet('not_an_addressee', `${named} is not an addressee of ${of}`, '/to')
        : undefined,
      inFuture(given, now, '/at'),
      before(at, letter.at)
        ? unmet(
            'before_it_was_sent',
            `the time is before ${of} was sent; give a later time`,
            given === undefined ? '/occurredAt' : '/at',
          )
        : undefined,
      result !== 'delivered' && (reason ?? '').trim() === ''
        ? unmet('reason_missing', 'the reason for the failed delivery is missing; give one', '/reason')
        : undefined,
      arrived && result === 'delivered' ? nothingToChange(`the delivery of ${of} is already recorded`) : undefined,
      arrived && result === 'undeliverable'
        ? unmet('already_delivered', `${of} is delivered and cannot be undeliverable`, '/result')
        : undefined,
      result === 'undeliverable' && letter.deliveries.some((delivery) => delivery.result === 'undeliverable')
        ? nothingToChange(`${of} is already recorded as undeliverable`)
        : undefined,
      result === 'undeliverable' && reachable(complaint).length > 0 && failed.length + 1 < settings.deliveryAttempts
        ? unmet(
            'too_few_attempts',
            `undeliverable needs ${settings.deliveryAttempts} failed attempts (this is attempt ${failed.length + 1}); record this one as \`failed\``,
            '/result',
          )
        : undefined,
    );
    if (wrong) return wrong;
    const why = reason ?? '';
    switch (result) {
      case 'delivered':
        return [OutcomeCommunicated(withoutUndefined({ of, channel, to, deliveredAt: at, proof }))];
      case 'failed':
        return [CommunicationFailed(withoutUndefined({ of, channel, to, at, reason: why }))];
      case 'undeliverable':
        return [OutcomeUndeliverable({ of, attempts: [...failed, { at, channel, reason: why }], reason: why })];
    }
  },
} satisfies Decider<RecordDelivery>;
