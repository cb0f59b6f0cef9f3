import { plainMoment } from '../eventstore/stored-moment.js';
import { latest, type Moment } from '../platform/moment.js';
import { isNobodyToTell, partiesWhoMayBeTold, type WithTelling } from './addressees.js';
import { deliveryTo, isUndone, type DeliveryStanding, type LetterStanding } from './letter-standing.js';
import { isComplainant, representedBy, type PartyStanding } from './party-standing.js';

/** Whether the outcome of this episode reached everybody who may be told (I4). */

export interface Communication {
  readonly status: CommunicationStatus;
  /** Id of the letter that tells the determination in force, or of the determination at first contact. */
  readonly of?: string;
  /** When the last of those who may be told was told or found undeliverable. */
  readonly at?: Moment;
}

/**
 * None: no letter was sent. Sent: somebody who may be told is not told yet. Contested: somebody contests the delivery.
 * Communicated: everybody is told or undeliverable, and somebody is told. Undeliverable: nobody could be told.
 */
export type CommunicationStatus = 'None' | 'Sent' | 'Contested' | 'Communicated' | 'Undeliverable';

export type Progressing = WithTelling['progress'];

/** The letter by which the determination in force was told. */
export const standingLetterOf = ({ letters, standingLetter }: Progressing): LetterStanding | undefined =>
  letters.find(({ id }) => id === standingLetter);

export function communicationOf(progress: Progressing): Communication {
  const letter = standingLetterOf(progress);
  if (letter === undefined) return { status: 'None' };
  const { id: of } = letter;
  const tellings = partiesWhoMayBeTold({ progress }).map((party) => tellingTo(party, letter, progress));
  if (tellings.some((telling) => telling?.result === 'contested')) return { status: 'Contested', of };
  const settled = tellings.flatMap((telling) => (telling !== undefined && isSettled(telling) ? [telling] : []));
  if (settled.length < tellings.length) return { status: 'Sent', of };
  if (settled.length === 0) return toNobodyOnFile(letter, progress);
  const at = latestOf(settled.map((telling) => telling.at));
  const isTold = settled.some(({ result }) => result === 'delivered');
  return { status: isTold ? 'Communicated' : 'Undeliverable', of, at };
}

/** True if everybody who may be told is told or undeliverable. Where nobody may be told, nothing is asked (I4). */
export const isEverybodyTold = (progress: Progressing): boolean => {
  const { status } = communicationOf(progress);
  return status === 'Communicated' || status === 'Undeliverable';
};

/** Those who may be told but are neither told nor undeliverable. */
export function partiesNotTold(progress: Progressing): PartyStanding[] {
  const letter = standingLetterOf(progress);
  return partiesWhoMayBeTold({ progress }).filter((party) => {
    const telling = letter && tellingTo(party, letter, progress);
    return telling === undefined || !isSettled(telling);
  });
}

/** When somebody who may be told was last found undeliverable or contested the delivery; null if nobody was or did. */
export function notReachedAt(progress: Progressing): Moment | null {
  const letter = standingLetterOf(progress);
  if (letter === undefined) return null;
  const times = partiesWhoMayBeTold({ progress }).flatMap((party) => {
    const telling = tellingTo(party, letter, progress);
    return telling?.result === 'undeliverable' || telling?.result === 'contested' ? [telling.at] : [];
  });
  return times.length === 0 ? null : latestOf(times);
}

/** Time of the first final response of any episode that counts; null if there is none. */
export const finalResponseAt = ({ letters }: Progressing): Moment | null =>
  letters.find((letter) => letter.kind !== 'notice' && counts(letter))?.at ?? null;

/** Time of the first letter of this episode that counts; null if there is none. */
export const firstLetterAt = ({ letters }: Progressing, episode: number): Moment | null =>
  letters.find((letter) => letter.episode === episode && counts(letter))?.at ?? null;

/** False for a letter that counts as never sent: a stop of a clock that hung on it is undone. */
const counts = (letter: LetterStanding): boolean => letter.isReturned !== true && !isUndone(letter);

/** Without a party that may be told: told to a person who is not on file, or to nobody. */
function toNobodyOnFile(letter: LetterStanding, progress: Progressing): Communication {
  const { id: of, at: sentAt, deliveries } = letter;
  const delivered = deliveries.filter(({ result }) => result === 'delivered');
  if (delivered.length > 0) return { status: 'Communicated', of, at: latestOf(delivered.map(({ at }) => at)) };
  return isNobodyToTell({ progress }) ? { status: 'Undeliverable', of, at: sentAt } : { status: 'Sent', of };
}

/** What became of the letter for a party. A representative counts as told if those whom they act for are told. */
function tellingTo(
  party: PartyStanding,
  letter: LetterStanding,
  { parties }: Progressing,
): DeliveryStanding | undefined {
  const own = deliveryTo(letter, party.id);
  if (own?.result === 'delivered' || isComplainant(party)) return own;
  const ofComplainants = representedBy(parties, party.id).map((id) => deliveryTo(letter, id));
  const told = ofComplainants.filter((delivery) => delivery?.result === 'delivered');
  return told.length > 0 && told.length === ofComplainants.length ? told[0] : own;
}

const isSettled = ({ result }: DeliveryStanding): boolean => result === 'delivered' || result === 'undeliverable';

/** @throws TypeError if there are no moments */
const latestOf = (moments: readonly Moment[]): Moment =>
  moments.reduce((last, moment) => (latest(plainMoment(moment)) > latest(plainMoment(last)) ? moment : last));
