import type { AddContactDetails, AddParty, RetireContactDetails } from './commands/parties.js';
import type { Complaint } from './complaint.js';
import { nothingToChange, rejectionOf, unmet, type Decider } from './decision.js';
import { ContactDetailsAdded, ContactDetailsRetired, PartyAdded } from './events.js';
import { duplicateId, nextId, received, unknownParty, usableContacts, withoutConflictOfInterest } from './guards.js';
import { partyWithId, representationProblems } from './intake.js';
import { UNIDENTIFIED } from './terms/vocabulary.js';
import type { PartyFile } from './state-types.js';
import type { Contact, IdentifiedContact } from './terms/facts.js';

/** Parties and their contact details after the receipt (T27). */

export const addParty = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ party }, { parties }) => {
    const usedIds = parties.map(({ id }) => id);
    return (
      rejectionOf(
        duplicateId(party.id, [UNIDENTIFIED, ...usedIds], '/party/id'),
        representationProblems(party, parties, '/party/actsFor'),
      ) ?? [PartyAdded({ party: partyWithId(party, party.id ?? nextId('a', usedIds)) })]
    );
  },
} satisfies Decider<AddParty>;

export const addContactDetails = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ party, contacts }, complaint) => {
    const file = complaint.parties.find(({ id }) => id === party);
    const used = file === undefined ? [] : usableContacts(file);
    const rejection = rejectionOf(
      unknownParty(complaint, party, '/party'),
      contacts.flatMap((contact, index) =>
        [...used, ...contacts.slice(0, index)].some((other) => isSameAddress(other, contact))
          ? [nothingToChange(`party ${party} already has these contact details`, `/contacts/${index}`)]
          : [],
      ),
    );
    if (rejection) return rejection;
    return [ContactDetailsAdded({ party, contacts: identified(contacts, file) })];
  },
} satisfies Decider<AddContactDetails>;

/** The contact details with the next free ids of the party. */
function identified(contacts: readonly Contact[], file: PartyFile | undefined): IdentifiedContact[] {
  const ids = (file?.contacts ?? []).map(({ id }) => id);
  return contacts.map(({ channel, address }) => {
    const id = nextId('k', ids);
    ids.push(id);
    return { id, channel, address };
  });
}

/** The event that adds the contact details that the party does not have; none if it has them all. */
export function missingContacts({ parties }: Complaint, party: string, contacts: readonly Contact[]) {
  const file = parties.find(({ id }) => id === party);
  if (file === undefined) return [];
  const used = usableContacts(file);
  const missing = contacts.filter(
    (contact, index) => ![...used, ...contacts.slice(0, index)].some((other) => isSameAddress(other, contact)),
  );
  return missing.length === 0 ? [] : [ContactDetailsAdded({ party, contacts: identified(missing, file) })];
}

const isSameAddress = (one: Contact, other: Contact): boolean =>
  one.channel === other.channel && one.address === other.address;

export const retireContactDetails = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ party, contact, reason }, complaint) => {
    const file = complaint.parties.find(({ id }) => id === party);
    const details = file?.contacts?.find(({ id }) => id === contact);
    const known = (file?.contacts ?? []).map(({ id }) => id).join(', ');
    return (
      rejectionOf(
        unknownParty(complaint, party, '/party'),
        file !== undefined && details === undefined
          ? unmet(
              'unknown_contact',
              `party ${party} has no contact details ${contact}; it has: ${known || 'none'}`,
              '/contact',
            )
          : undefined,
        details?.retired !== undefined ? nothingToChange(`${contact} is already retired`, '/contact') : undefined,
      ) ?? [ContactDetailsRetired({ party, contact, reason })]
    );
  },
} satisfies Decider<RetireContactDetails>;
