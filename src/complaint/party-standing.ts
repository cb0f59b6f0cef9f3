import type { ComplaintRecord } from './complaint-record.js';
import type { Party } from './terms/facts.js';
import type { Authority, PartyRole, Scope } from './terms/vocabulary.js';

/** What decides whether a party may act, be told or be paid (I22, I23). Part of the progress. */
export interface PartyStanding {
  readonly id: string;
  readonly role: PartyRole;
  /** The complainants whom a representative or heir acts for; all of them when absent. */
  readonly actsFor?: readonly string[];
  /** Number of contact details in use. */
  readonly contacts: number;
  readonly identity: 'unchecked' | 'verified' | 'failed' | 'waived';
  readonly authority: Authority;
  /** What the verified authority covers. */
  readonly scope: readonly Scope[];
  /** True if the party has withdrawn the complaint in this episode. */
  readonly hasWithdrawn: boolean;
  /** Requests to this party to show authority. */
  readonly authorityRequests: readonly AuthorityRequest[];
}

interface AuthorityRequest {
  readonly id: string;
  readonly isOpen: boolean;
}

/** What a verified authority covers if its event does not say it. */
export const DEFAULT_SCOPE: readonly Scope[] = ['act', 'correspondence'];

/** `about` of an information request that asks a party to show authority. */
export const ABOUT_AUTHORITY = 'authority';

/** Applies one event; returns the same array if nothing changes. */
export function evolveParties(parties: readonly PartyStanding[], event: ComplaintRecord): readonly PartyStanding[] {
  switch (event.type) {
    case 'ComplaintReceived':
      return event.data.parties.length === 0 ? parties : event.data.parties.map(initialStanding);
    case 'PartyAdded':
      return [...parties, initialStanding(event.data.party)];
    case 'ContactDetailsAdded':
      return withContacts(parties, event.data.party, event.data.contacts.length);
    case 'ContactDetailsRetired':
      return withContacts(parties, event.data.party, -1);
    case 'IdentityVerified':
      return withParty(parties, event.data.party, { identity: 'verified' });
    case 'IdentityVerificationFailed':
      return withParty(parties, event.data.party, { identity: 'failed' });
    case 'IdentityWaived':
      return withParty(parties, event.data.party, { identity: 'waived' });
    case 'AuthorityVerified':
      return withParty(parties, event.data.party, {
        authority: 'verified',
        scope: event.data.scope ?? DEFAULT_SCOPE,
      });
    case 'AuthorityRejected':
      return withParty(parties, event.data.party, { authority: 'rejected', scope: [] });
    case 'InformationRequested': {
      const { requestId, party, about } = event.data;
      if (about !== ABOUT_AUTHORITY) return parties;
      return changeParties(
        parties,
        ({ id }) => id === party,
        ({ authorityRequests }) => ({ authorityRequests: [...authorityRequests, { id: requestId, isOpen: true }] }),
      );
    }
    case 'InformationReceived':
    case 'InformationRequestLapsed':
      return withSettledRequest(parties, event.data.requestId);
    case 'ComplaintWithdrawn': {
      const { party } = event.data.statedBy;
      return changeParties(
        parties,
        (standing) => representedBy(parties, party).includes(standing.id),
        () => ({ hasWithdrawn: true }),
      );
    }
    case 'ComplaintReopened':
      // a verified identity carries over, any other check starts again
      return changeParties(
        parties,
        ({ hasWithdrawn, identity }) => hasWithdrawn || identity === 'failed' || identity === 'waived',
        ({ identity }) => ({ hasWithdrawn: false, identity: identity === 'verified' ? 'verified' : 'unchecked' }),
      );
    default:
      return parties;
  }
}

export const hasContact = ({ contacts }: PartyStanding): boolean => contacts > 0;

export const isComplainant = ({ role }: Pick<Party, 'role'>): boolean =>
  role === 'complainant' || role === 'co_complainant';

/**
 * The complainants for whom the party speaks: a complainant for themselves, a representative or heir for those they act
 * for. Does not check the authority.
 */
export function representedBy(parties: readonly PartyStanding[], id: string): string[] {
  const party = parties.find((standing) => standing.id === id);
  if (party === undefined) return [];
  if (isComplainant(party)) return [id];
  return parties.filter(isComplainant).flatMap((complainant) => (actsFor(party, complainant) ? complainant.id : []));
}

export const actsFor = (party: PartyStanding, complainant: PartyStanding): boolean =>
  !isComplainant(party) && (party.actsFor?.includes(complainant.id) ?? true);

const initialStanding = ({ id, role, actsFor: represented, contacts, authority, scope }: Party): PartyStanding => ({
  id,
  role,
  ...(represented !== undefined && { actsFor: represented }),
  contacts: contacts?.length ?? 0,
  identity: 'unchecked',
  authority,
  scope: authority === 'verified' ? (scope ?? DEFAULT_SCOPE) : [],
  hasWithdrawn: false,
  authorityRequests: [],
});

const withContacts = (parties: readonly PartyStanding[], id: string, added: number): readonly PartyStanding[] =>
  changeParties(
    parties,
    (party) => party.id === id,
    ({ contacts }) => ({ contacts: Math.max(0, contacts + added) }),
  );

const withParty = (
  parties: readonly PartyStanding[],
  id: string | undefined,
  change: Partial<PartyStanding>,
): readonly PartyStanding[] =>
  changeParties(
    parties,
    (party) => party.id === id,
    () => change,
  );

function withSettledRequest(parties: readonly PartyStanding[], requestId: string | undefined) {
  return changeParties(
    parties,
    ({ authorityRequests }) => authorityRequests.some(({ id, isOpen }) => id === requestId && isOpen),
    ({ authorityRequests }) => ({
      authorityRequests: authorityRequests.map((request) =>
        request.id === requestId ? { ...request, isOpen: false } : request,
      ),
    }),
  );
}

/** Changes the parties that meet the condition; the same array if there is none. */
function changeParties(
  parties: readonly PartyStanding[],
  isConcerned: (party: PartyStanding) => boolean,
  change: (party: PartyStanding) => Partial<PartyStanding>,
): readonly PartyStanding[] {
  return parties.some(isConcerned)
    ? parties.map((party) => (isConcerned(party) ? { ...party, ...change(party) } : party))
    : parties;
}
