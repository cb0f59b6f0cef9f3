import type { Complaint } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';

/* What a reader of the file must find: money, letters and what is owed, read from the events and not from the fold. */

export type LetterState = 'sent' | 'delivered' | 'failed' | 'undeliverable' | 'contested';
/** For each party (or `nobody`), the state of each letter; at first contact the determination takes the letter's place. */
export type Told = Readonly<Record<string, Readonly<Record<string, LetterState>>>>;

interface Data {
  readonly [field: string]: unknown;
}

/** The state of each letter for each party. */
export function toldBy(events: readonly ComplaintEvent[]): Told {
  const told: Record<string, Record<string, LetterState>> = {};
  const mark = (party: string, letter: string, state: LetterState): void => {
    told[party] = { ...told[party], [letter]: state };
  };
  const addresseesOf = (letter: string): string[] =>
    Object.entries(told).flatMap(([party, letters]) => (letter in letters ? [party] : []));
  const parties = events.flatMap(({ type, data }) => (type === 'ComplaintReceived' ? data.parties : []));
  for (const { type, data } of events as readonly { type: string; data: Data }[]) {
    const letter = LETTER_ID[type];
    if (letter !== undefined && Array.isArray(data.addressees))
      for (const party of data.addressees as string[]) mark(party, String(data[letter]), 'sent');
    const result = RESULTS[type];
    if (result === undefined) continue;
    const of = String(data.of);
    if (data.cause === 'nobody') mark('nobody', of, 'undeliverable');
    else if (typeof data.to === 'string') mark(data.to, of, result);
    else {
      const addressees = addresseesOf(of);
      const everyone = parties.length > 0 ? parties.map(({ id }) => id) : ['unidentified'];
      for (const party of addressees.length > 0 ? addressees : everyone) mark(party, of, result);
    }
  }
  return told;
}

/** The field with the id of the letter, by the event that sends it. */
const LETTER_ID: Readonly<Record<string, string>> = {
  FinalResponseSent: 'responseId',
  ComplaintDeclaredInadmissible: 'noticeId',
  ComplaintReferredExternally: 'referralId',
  RemedyOfferWithdrawn: 'noticeId',
  RemedyMeasureWaived: 'waiverId',
  SummaryResolutionCommunicated: 'letterId',
};

const RESULTS: Readonly<Record<string, LetterState>> = {
  OutcomeCommunicated: 'delivered',
  CommunicationFailed: 'failed',
  OutcomeUndeliverable: 'undeliverable',
  DeliveryContested: 'contested',
};

/** Payments that stand, interim relief and money at first contact, by currency. */
export function moneyOf(events: readonly ComplaintEvent[]): Record<string, number> {
  const payments = new Map<string, { amount: number; currency: string }>();
  events.forEach(({ type, data }, index) => {
    const fields = data as Data;
    const money = (fields.money ?? fields.amount) as { amount: number; currency: string } | undefined;
    const name = type as string;
    if (name === 'RedressPaid' && money !== undefined) payments.set(String(fields.paymentId), money);
    if (name === 'RedressReturned') payments.delete(String(fields.paymentId));
    if ((name === 'InterimReliefProvided' || name === 'RemedyImplemented') && money !== undefined)
      payments.set(`event ${index}`, money);
  });
  const sums: Record<string, number> = {};
  for (const { amount, currency } of payments.values()) sums[currency] = (sums[currency] ?? 0) + amount;
  return sums;
}

/** The measures that are accepted, ordered or offered without acceptance, and neither done nor waived. */
export const owedMeasures = ({ remedies }: Complaint): string[] =>
  remedies
    .filter(({ status }) => status === 'Accepted' || status === 'InProgress')
    .flatMap(({ remedyId, measures }) =>
      measures.flatMap(({ id, status }) => (status === 'Open' ? [`${remedyId}/${id}`] : [])),
    );
