import { partiesWhoMayBeTold, partiesWithOpenAuthority } from './addressees.js';
import { partyProblems } from './authority.js';
import type { Complaint } from './complaint.js';
import { unmet, type Context, type Unmet } from './decision.js';
import { OutcomeCommunicated, OutcomeUndeliverable } from './events.js';
import { hasContact, isComplainant } from './party-standing.js';
import { ORAL_OR_BY_HAND, UNIDENTIFIED, type Channel } from './terms/vocabulary.js';

/** Rules of every letter: who receives it, and when it is delivered (T14). */

export interface LetterTerms {
  readonly addressees: readonly string[];
  readonly channel: Channel | undefined;
}

/** True for a letter that is spoken or handed over, which is delivered when it is recorded. */
export const isSpoken = (channel: Channel | undefined): boolean =>
  channel !== undefined && ORAL_OR_BY_HAND.includes(channel);

interface AddresseeOptions {
  readonly pointer?: string;
  /** Parties that may receive this kind of letter although they may not be told the outcome. */
  readonly also?: readonly string[];
}

/**
 * The problems of the addressees of a letter. A letter goes to everybody who may be told, or to nobody where there is
 * nobody. A complainant may receive it in addition to their representative. Without contact details a letter is spoken
 * or handed over.
 */
export function letterProblems(
  complaint: Complaint,
  terms: LetterTerms,
  context: Context,
  options: AddresseeOptions = {},
): Unmet[] {
  const { addressees } = terms;
  const { pointer = '/addressees' } = options;
  const told = partiesWhoMayBeTold(complaint, context.reference.house.authorityRequired);
  const missing = told.filter(({ id }) => !addressees.includes(id)).map(({ id }) => id);
  const undecided = addressees.length > 0 ? [] : partiesWithOpenAuthority(complaint);
  return [
    ...addresseeProblems(complaint, terms, context, options),
    ...(missing.length > 0
      ? [unmet('addressee_missing', `the letter goes to everybody who may be told; add ${missing.join(', ')}`, pointer)]
      : undecided.map(({ id }) =>
          unmet(
            'authority_open',
            `it is not decided whether ${id} may be told; use \`verify-authority\`, or ask for the authority with \`request-information\``,
            pointer,
          ),
        )),
  ];
}

/** The problems of each addressee. */
export const addresseeProblems = (
  complaint: Complaint,
  { addressees, channel }: LetterTerms,
  context: Context,
  { pointer = '/addressees', also = [] }: AddresseeOptions = {},
): Unmet[] =>
  addressees.flatMap((id, index) => {
    const itemPointer = `${pointer}/${index}`;
    if (addressees.indexOf(id) < index)
      return [unmet('addressee_repeated', `party ${id} is listed twice; list each party once`, itemPointer)];
    if (id === UNIDENTIFIED) return unidentifiedProblems(complaint, channel, itemPointer);
    const problems = also.includes(id) ? [] : partyProblems(complaint, id, 'correspondence', context, itemPointer);
    const party = complaint.progress.parties.find((standing) => standing.id === id);
    if (party === undefined) return problems;
    if (isComplainant(party) && party.hasWithdrawn)
      problems.push(
        unmet('addressee_withdrawn', `${id} has withdrawn the complaint; remove this addressee`, itemPointer),
      );
    if (!hasContact(party) && !isSpoken(channel))
      problems.push(
        unmet('no_contact', `party ${id} has no contact details; use an oral or hand-delivery channel`, itemPointer),
      );
    return problems;
  });

function unidentifiedProblems({ progress }: Complaint, channel: Channel | undefined, pointer: string): Unmet[] {
  if (progress.parties.length > 0)
    return [unmet('party_on_file', 'the complaint has parties; name the party that is told', pointer)];
  return isSpoken(channel)
    ? []
    : [
        unmet(
          'no_contact',
          'a person who is not named has no contact details; use an oral or hand-delivery channel',
          pointer,
        ),
      ];
}

/**
 * The events that follow a letter in the same command: it is delivered if it is spoken or handed over, and
 * undeliverable if it has no addressees.
 */
export function letterEvents(id: string, { addressees, channel }: LetterTerms, { occurredAt }: Context) {
  if (addressees.length === 0) return [OutcomeUndeliverable({ of: id, attempts: [], cause: 'nobody' })];
  if (channel === undefined || !isSpoken(channel)) return [];
  return addressees.map((to) => OutcomeCommunicated({ of: id, channel, to, deliveredAt: occurredAt }));
}
