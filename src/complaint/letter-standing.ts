import type { Moment } from '../platform/moment.js';
import type { ComplaintRecord } from './complaint-record.js';

/** A letter, or a determination told at first contact, and what became of it for each addressee. Part of the progress. */
export interface LetterStanding {
  readonly id: string;
  /** `told`: a determination that was told without a letter, at first contact (T24). */
  readonly kind: 'response' | 'told' | 'notice';
  /** True after a return to investigation: the response tells a determination that is no longer in force. */
  readonly isReturned?: true;
  readonly episode: number;
  readonly at: Moment;
  readonly addressees: readonly string[];
  /** The latest result for each addressee; without an entry, the letter is sent. */
  readonly deliveries: readonly DeliveryStanding[];
}

export interface DeliveryStanding {
  /** null: every addressee. */
  readonly to: string | null;
  readonly result: DeliveryResult;
  readonly at: Moment;
}

export type DeliveryResult = 'delivered' | 'failed' | 'undeliverable' | 'contested';

interface LettersContext {
  readonly episode: number;
  readonly decisions: readonly string[];
  /** True if a point has no outcome yet: what is told then is no final response. */
  readonly isPartlyDecided: boolean;
}

/** Applies one event to the letters of all episodes; returns the same array if nothing changes. */
export function evolveLetters(
  letters: readonly LetterStanding[],
  event: ComplaintRecord,
  { episode, decisions, isPartlyDecided }: LettersContext,
): readonly LetterStanding[] {
  const at = event.metadata.occurredAt;
  switch (event.type) {
    case 'FinalResponseSent':
      return [...letters, letter('response', event.data.responseId, episode, at, event.data.addressees)];
    case 'ComplaintDeclaredInadmissible': {
      const { noticeId, addressees } = event.data;
      return noticeId === undefined ? letters : [...letters, letter('notice', noticeId, episode, at, addressees)];
    }
    case 'RemedyOfferWithdrawn':
      return withNotice(letters, event.data.noticeId, episode, at, event.data.addressees);
    case 'RemedyMeasureWaived':
      return withNotice(letters, event.data.waiverId, episode, at, event.data.addressees);
    case 'ComplaintReferredExternally':
      return [...letters, letter('notice', event.data.referralId, episode, at, event.data.addressees)];
    case 'SummaryResolutionCommunicated':
      return [...letters, letter('notice', event.data.letterId, episode, at, event.data.addressees)];
    case 'OutcomeCommunicated': {
      const { of, to, deliveredAt } = event.data;
      const isToldDetermination = decisions.includes(of) && !letters.some(({ id }) => id === of);
      const known = isToldDetermination
        ? [...letters, letter(isPartlyDecided ? 'notice' : 'told', of, episode, deliveredAt, [])]
        : letters;
      return withDelivery(withAddressee(known, of, to), of, { to: to ?? null, result: 'delivered', at: deliveredAt });
    }
    case 'CommunicationFailed':
      return withDelivery(letters, event.data.of, { to: event.data.to ?? null, result: 'failed', at: event.data.at });
    case 'OutcomeUndeliverable': {
      const { of, to, attempts, cause = attempts.length > 0 ? 'attempts' : 'nobody' } = event.data;
      return cause === 'nobody' ? letters : withDelivery(letters, of, { to: to ?? null, result: 'undeliverable', at });
    }
    case 'ReturnedToInvestigation':
      return withReturnedResponses(letters, episode);
    case 'DeterminationReviewed':
      return event.data.decision === 'approve' ? letters : withReturnedResponses(letters, episode);
    case 'DeliveryContested':
      return withDelivery(letters, event.data.of, { to: event.data.to, result: 'contested', at: event.data.at });
    default:
      return letters;
  }
}

/** The latest result of the letter for an addressee; undefined while it is only sent. */
export const deliveryTo = ({ deliveries }: LetterStanding, party: string): DeliveryStanding | undefined =>
  deliveries.find(({ to }) => to === party) ?? deliveries.find(({ to }) => to === null);

/**
 * True if the letter counts as never sent: it failed for or is contested by every addressee, and is not undeliverable
 * to all of them.
 */
export function isUndone(sent: LetterStanding): boolean {
  const results = sent.addressees.map((to) => deliveryTo(sent, to)?.result ?? 'sent');
  return (
    results.some((result) => result === 'failed' || result === 'contested') &&
    results.every((result) => result !== 'sent' && result !== 'delivered')
  );
}

/** True while an addressee contests the delivery. */
export const isContested = ({ deliveries }: LetterStanding): boolean =>
  deliveries.some(({ result }) => result === 'contested');

/** Adds the letter that tells the end of an offer or a measure, if the event sends one. */
const withNotice = (
  letters: readonly LetterStanding[],
  id: string | undefined,
  episode: number,
  at: Moment,
  addressees: readonly string[] | undefined,
): readonly LetterStanding[] =>
  id === undefined || addressees === undefined ? letters : [...letters, letter('notice', id, episode, at, addressees)];

const letter = (
  kind: LetterStanding['kind'],
  id: string,
  episode: number,
  at: Moment,
  addressees: readonly string[],
): LetterStanding => ({
  id,
  kind,
  episode,
  at,
  addressees,
  deliveries: [],
});

/** A determination that is told has no letter; whoever is told is its addressee. */
const withAddressee = (letters: readonly LetterStanding[], id: string, to: string | undefined) =>
  letters.map((sent) =>
    sent.id === id && sent.kind === 'told' && to !== undefined && !sent.addressees.includes(to)
      ? { ...sent, addressees: [...sent.addressees, to] }
      : sent,
  );

const withReturnedResponses = (letters: readonly LetterStanding[], episode: number): readonly LetterStanding[] =>
  letters.some((sent) => sent.kind === 'response' && sent.episode === episode)
    ? letters.map((sent) =>
        sent.kind === 'response' && sent.episode === episode ? { ...sent, isReturned: true } : sent,
      )
    : letters;

function withDelivery(letters: readonly LetterStanding[], id: string, delivery: DeliveryStanding) {
  return letters.some((sent) => sent.id === id)
    ? letters.map((sent) => (sent.id === id ? { ...sent, deliveries: withResult(sent.deliveries, delivery) } : sent))
    : letters;
}

/** A failed attempt changes nothing after a delivery, a contested delivery or an undeliverable letter. */
function withResult(deliveries: readonly DeliveryStanding[], delivery: DeliveryStanding): readonly DeliveryStanding[] {
  const isForAll = delivery.to === null;
  const changed = deliveries.map((entry) =>
    (isForAll || entry.to === delivery.to) && replaces(delivery.result, entry.result)
      ? { ...delivery, to: entry.to }
      : entry,
  );
  return deliveries.some(({ to }) => to === delivery.to) ? changed : [...changed, delivery];
}

const replaces = (result: DeliveryResult, known: DeliveryResult): boolean =>
  result === 'failed' ? known === 'failed' : result !== 'undeliverable' || known !== 'delivered';
