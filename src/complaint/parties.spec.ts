import { command, given } from '../../test/support/given.js';
import { closed, complainantWang, received } from '../../test/support/complaint-history.js';
import { RecordContact } from './commands/intake.js';
import { AddContactDetails, AddParty, RetireContactDetails } from './commands/parties.js';
import { RequestFeedback } from './commands/feedback.js';
import * as events from './events.js';
import { reachableParties } from './guards.js';

const byEmail = { channel: 'email', address: 'wang@example.org' };

describe('T27: a party', () => {
  const addSon = command(AddParty, { party: { role: 'representative', name: '李强', contacts: [byEmail] } });
  const son = { id: 'a2', role: 'representative', name: '李强', contacts: [byEmail], authority: 'claimed' } as const;

  test('is added in every stage after receipt, with the next free id and authority that is only claimed', () => {
    given(received())
      .when(addSon)
      .then(events.PartyAdded({ party: son }));
    given(received(), closed)
      .when(addSon)
      .then(events.PartyAdded({ party: son }));
    given().when(addSon).thenRejected('not_received');
  });
  test('is refused under an id that another party has', () =>
    given(received())
      .when(command(AddParty, { party: { id: 'a1', role: 'complainant' } }))
      .thenRejected('id_taken', '/party/id'));
  test('is known to the commands that name a party', () =>
    given(received(), events.PartyAdded({ party: son }))
      .when(command(RequestFeedback, { channel: 'email', to: 'a2' }))
      .thenRejected('wrong_stage'));
  test('who is an employee has a conflict of interest (I6)', () =>
    given(received(), events.PartyAdded({ party: { ...son, employeeId: 'handler-1' } }))
      .when(addSon)
      .thenRejected('conflict_of_interest'));
});

describe('T27: contact details', () => {
  const add = command(AddContactDetails, { party: 'a1', contacts: [byEmail] });
  const added = events.ContactDetailsAdded({ party: 'a1', contacts: [{ id: 'k2', ...byEmail }] });
  const retire = command(RetireContactDetails, { party: 'a1', contact: 'k1', reason: 'Wrong number' });
  const retired = events.ContactDetailsRetired({ party: 'a1', contact: 'k1', reason: 'Wrong number' });

  test('of the lodging have the ids k1, k2, …; further ones are added in every stage', () => {
    const [phone] = complainantWang.contacts ?? [];
    expect(given(received()).state.parties[0]?.contacts).toEqual([{ id: 'k1', ...phone }]);
    given(received()).when(add).then(added);
    given(received(), closed).when(add).then(added);
    expect(given(received(), added).state.parties[0]?.contacts).toEqual([
      { id: 'k1', ...phone },
      { id: 'k2', ...byEmail },
    ]);
  });
  test('that the party already has are refused, and so is one contact twice', () => {
    given(received(), added).when(add).thenRejected('nothing_to_change', '/contacts/0');
    given(received())
      .when(command(AddContactDetails, { party: 'a1', contacts: [byEmail, byEmail] }))
      .thenRejected('nothing_to_change', '/contacts/1');
  });
  test('that were retired can be added again, under a new id', () =>
    given(received(), added, events.ContactDetailsRetired({ party: 'a1', contact: 'k2', reason: 'Bounced' }))
      .when(add)
      .then(events.ContactDetailsAdded({ party: 'a1', contacts: [{ id: 'k3', ...byEmail }] })));
  test('are retired with a reason, and the party is then not reached by them', () => {
    given(received()).when(retire).then(retired);
    const { state } = given(received(), retired);
    expect(state.parties[0]?.contacts).toMatchObject([{ id: 'k1', retired: 'Wrong number' }]);
    expect(reachableParties(state)).toEqual([]);
    expect(reachableParties(given(received(), retired, added).state)).toMatchObject([{ id: 'a1' }]);
  });
  test('are refused for an unknown party, an unknown contact, or one that is already retired', () => {
    given(received())
      .when(command(AddContactDetails, { party: 'a9', contacts: [byEmail] }))
      .thenRejected('unknown_party', '/party');
    given(received())
      .when(command(RetireContactDetails, { party: 'a1', contact: 'k9', reason: 'Wrong number' }))
      .thenRejected('unknown_contact', '/contact');
    given(received(), retired).when(retire).thenRejected('nothing_to_change', '/contact');
  });
  test('do not matter for a contact with the party', () =>
    given(received(), retired)
      .when(command(RecordContact, { direction: 'inbound', channel: 'phone', party: 'a1', result: 'reached' }))
      .thenRecorded('ContactRecorded'));
});
