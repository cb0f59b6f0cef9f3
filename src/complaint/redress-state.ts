import type { EventOf } from '../eventstore/envelope.js';
import type { InterimReliefProvided, RedressReturned, RemedyMeasureWaived } from './events.js';
import type { Attribution, Determination, Letter, MeasureWaiver, Payment, Relief } from './state-types.js';

/** State changes of payments, waivers, interim relief and the letters about them. All functions are total. */

type DataOf<T> = EventOf<T> extends { readonly data: infer Data } ? Data : never;

/** The payment no longer stands. */
export const withReturnedPayment = (
  payments: readonly Payment[],
  { paymentId, reason }: DataOf<typeof RedressReturned>,
  attribution: Attribution,
): Payment[] =>
  payments.map((payment) =>
    payment.paymentId === paymentId ? { ...payment, returned: { ...attribution, reason } } : payment,
  );

/** Adds a waiver or, if its draft exists, approves the draft. A waiver without an id is not kept. */
export function withWaiver(
  waivers: readonly MeasureWaiver[],
  { waiverId, ...waiver }: DataOf<typeof RemedyMeasureWaived>,
  attribution: Attribution,
  status: 'Drafted' | 'Waived',
): readonly MeasureWaiver[] {
  if (waiverId === undefined) return waivers;
  const { at, by } = attribution;
  const isDrafted = waivers.some((known) => known.waiverId === waiverId);
  return isDrafted
    ? waivers.map((known) => (known.waiverId === waiverId ? { ...known, at, status, approvedBy: by } : known))
    : [...waivers, { ...attribution, ...waiver, waiverId, status }];
}

/** Adds relief or, if its draft exists, approves the draft. */
export function withRelief(
  relief: readonly Relief[],
  data: DataOf<typeof InterimReliefProvided>,
  attribution: Attribution,
  status: 'Drafted' | 'Provided',
): Relief[] {
  const { reliefId } = data;
  const { at, by } = attribution;
  const isDrafted = relief.some((known) => known.reliefId === reliefId);
  return isDrafted
    ? relief.map((known) => (known.reliefId === reliefId ? { ...known, at, status, approvedBy: by } : known))
    : [...relief, { ...attribution, ...data, status }];
}

export const withDiscardedWaiver = (waivers: readonly MeasureWaiver[], id: string): MeasureWaiver[] =>
  waivers.map((waiver) => (waiver.waiverId === id ? { ...waiver, status: 'Discarded' } : waiver));

export const withDiscardedRelief = (relief: readonly Relief[], id: string): Relief[] =>
  relief.map((item) => (item.reliefId === id ? { ...item, status: 'Discarded' } : item));

interface LetterFields extends Attribution {
  readonly id: string | undefined;
  readonly kind: Letter['kind'];
  readonly episode: number;
  readonly addressees?: readonly string[];
  readonly channel?: Letter['channel'];
  readonly text: string;
}

/** Adds the letter that tells the end of an offer or a measure; the same list if the event has no letter. */
export function withRemedyLetter(
  letters: readonly Letter[],
  { id, addressees, channel, ...letter }: LetterFields,
): readonly Letter[] {
  if (id === undefined || addressees === undefined) return letters;
  const sent: Letter = { ...letter, id, addressees, deliveries: [] };
  return [...letters, channel === undefined ? sent : { ...sent, channel }];
}

/** True if a return to investigation takes the determination back: it is ours, of this episode, and not of T24. */
export const isReturnable = (
  { episode, returned, firstContact = false, decidedBy }: Determination,
  currentEpisode: number,
): boolean => episode === currentEpisode && !returned && !firstContact && decidedBy === undefined;

/** Marks the latest determination as made at first contact: it comes directly before the remedy that it describes. */
export const withFirstContact = (determinations: readonly Determination[]): Determination[] =>
  determinations.map((determination, index) =>
    index === determinations.length - 1 ? { ...determination, firstContact: true } : determination,
  );
