import type { LetterStanding } from './letter-standing.js';
import { actsFor, hasContact, isComplainant, representedBy, type PartyStanding } from './party-standing.js';
import type { Scope } from './terms/vocabulary.js';

/** Who speaks for the complainants, and who may be told (I22). */

export interface WithParties {
  readonly progress: { readonly parties: readonly PartyStanding[] };
}

/** The complainants and co-complainants who have not withdrawn in this episode. */
export const complainantsOf = ({ progress }: WithParties): PartyStanding[] =>
  progress.parties.filter((party) => isComplainant(party) && !party.hasWithdrawn);

/** Ids of the complainants for whom a statement of this party counts. */
export const speaksFor = ({ progress }: WithParties, party: string): string[] => representedBy(progress.parties, party);

/** True if a representative or heir has authority with this scope; with the switch off, a claim is enough except for money. */
export const hasAuthority = ({ authority, scope: scopes }: PartyStanding, scope: Scope, isRequired: boolean): boolean =>
  (authority === 'verified' && scopes.includes(scope)) || (!isRequired && authority === 'claimed' && scope !== 'money');

/**
 * The parties that may be told the outcome, and must be: in the place of a complainant, a representative with authority
 * for correspondence. `authorityRequired`: see the house rules.
 */
export function partiesWhoMayBeTold({ progress }: WithTelling, authorityRequired = true): PartyStanding[] {
  const { parties } = progress;
  const sentTo = progress.letters.find(({ id }) => id === progress.standingLetter)?.addressees ?? [];
  // only the switch lets a letter go to a party whose authority is claimed, and then the party counts as told
  const mayReceive = (party: PartyStanding): boolean =>
    hasContact(party) &&
    party.identity !== 'failed' &&
    hasAuthority(party, 'correspondence', authorityRequired && !sentTo.includes(party.id));
  const representatives = parties.filter((party) => !isComplainant(party) && mayReceive(party));
  const complainants = parties.filter(isComplainant);
  const told = complainants.flatMap((complainant) => {
    if (complainant.hasWithdrawn) return [];
    const inTheirPlace = representatives.filter((party) => actsFor(party, complainant));
    if (inTheirPlace.length > 0) return inTheirPlace;
    return hasContact(complainant) && complainant.identity !== 'failed' ? [complainant] : [];
  });
  return [...new Set(complainants.length === 0 ? representatives : told)];
}

export interface WithTelling {
  readonly progress: {
    readonly parties: readonly PartyStanding[];
    readonly letters: readonly LetterStanding[];
    /** Id of the letter that tells the determination in force; null if there is none. */
    readonly standingLetter: string | null;
  };
}

/**
 * True if nobody may be told: no party may, and each representative with a contact was rejected, or did not show
 * their authority when asked.
 */
export const isNobodyToTell = (complaint: WithTelling, authorityRequired = true): boolean =>
  partiesWhoMayBeTold(complaint, authorityRequired).length === 0 && partiesWithOpenAuthority(complaint).length === 0;

/** The representatives with a contact whose authority is neither verified nor rejected nor asked for. */
export const partiesWithOpenAuthority = ({ progress }: WithParties): PartyStanding[] =>
  progress.parties.filter(
    (party) =>
      !isComplainant(party) &&
      hasContact(party) &&
      party.identity !== 'failed' &&
      (party.authority === 'claimed' || party.authority === 'none') &&
      !party.authorityRequests.some(({ isOpen }) => !isOpen),
  );
