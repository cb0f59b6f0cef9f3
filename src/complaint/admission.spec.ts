import { command, given, type Fields, person } from '../../test/support/given.js';
import {
  closed,
  eventsUntilInvestigated,
  received,
  reopened,
  upheld,
  complainantWang,
} from '../../test/support/complaint-history.js';
import { AcknowledgeComplaint, AdmitComplaint, DeclareInadmissible } from './commands/intake.js';
import {
  AuthorityRejected,
  ComplaintAcknowledged,
  ComplaintAdmitted,
  ComplaintDeclaredInadmissible,
  ConflictOfInterestDeclared,
} from './events.js';

describe('T2: acknowledging', () => {
  const acknowledge = command(AcknowledgeComplaint, { channel: 'phone', to: 'a1', message: 'We have it.' });
  const acknowledged = ComplaintAcknowledged({ channel: 'phone', to: 'a1', message: 'We have it.' });

  test('records the acknowledgement', () => given(received()).when(acknowledge).then(acknowledged));
  test('rejects a second acknowledgement in the same episode', () =>
    given(received(), acknowledged).when(acknowledge).thenRejected('nothing_to_change'));
  test('is allowed again in the next episode', () =>
    given(received(), acknowledged, closed, reopened()).when(acknowledge).then(acknowledged));
  test('rejects an ended complaint', () => given(received(), closed).when(acknowledge).thenRejected('not_open'));
  test('rejects a complaint that is not received', () => given().when(acknowledge).thenRejected('not_received'));
  test('rejects an addressee who is not a party of the complaint', () =>
    given(received())
      .when(command(AcknowledgeComplaint, { channel: 'phone', to: 'a9' }))
      .thenRejected('unknown_party', '/to'));
});

describe('T3: admitting', () => {
  const admit = command(AdmitComplaint);

  test('records the admission', () => given(received()).when(admit).then(ComplaintAdmitted({})));
  test('rejects a second admission', () =>
    given(received(), ComplaintAdmitted({})).when(admit).thenRejected('nothing_to_change'));
  test('is rejected after the determination', () =>
    given(...eventsUntilInvestigated(), upheld)
      .when(admit)
      .thenRejected('wrong_stage'));
  test('rejects a person named in the complaint (I6)', () =>
    given(received({ points: [{ id: 'p1', subject: { employeeId: 'waiter-1' } }] }))
      .when(admit, { by: person('waiter-1') })
      .thenRejected('conflict_of_interest'));
  test('rejects an employee who is a party, and a person with a declared conflict of interest', () => {
    given(received({ parties: [{ ...complainantWang, employeeId: 'cook-1' }] }))
      .when(admit, { by: person('cook-1') })
      .thenRejected('conflict_of_interest');
    given(received(), ConflictOfInterestDeclared({ person: 'handler-1', reason: 'Was there' }))
      .when(admit)
      .thenRejected('conflict_of_interest');
  });
});

describe('T3: declaring inadmissible', () => {
  /** Fields of the command, which are also the data of its event. */
  const complete = {
    reasonCode: 'not_addressed_to_us',
    nature: 'not_addressed_to_us',
    reasons: 'Another company delivered.',
    recourse: 'The market regulator, 12315',
    addressees: ['a1'],
    channel: 'email',
  } as const;
  const declare = (overrides: Fields<DeclareInadmissible> = {}) =>
    command(DeclareInadmissible, { ...complete, addressees: [...complete.addressees], ...overrides });

  test('records the end of the complaint with a notice that states recourse', () =>
    given(received())
      .when(declare())
      .then(ComplaintDeclaredInadmissible({ noticeId: 'i1', ...complete })));
  test('is allowed during the investigation', () =>
    given(...eventsUntilInvestigated())
      .when(declare())
      .thenRecorded('ComplaintDeclaredInadmissible'));
  test('is rejected after the determination', () =>
    given(...eventsUntilInvestigated(), upheld)
      .when(declare())
      .thenRejected('wrong_stage'));
  test('rejects a second declaration', () =>
    given(received(), ComplaintDeclaredInadmissible({ noticeId: 'i1', ...complete }))
      .when(declare())
      .thenRejected('not_open'));
  test('requires recourse, addressee and channel', () => {
    given(received())
      .when(declare({ recourse: ' ' }))
      .thenRejected('recourse_missing', '/recourse');
    given(received())
      .when(declare({ addressees: [] }))
      .thenRejected('addressee_missing', '/addressees');
    const { channel: _channel, ...withoutChannel } = complete;
    given(received())
      .when(command(DeclareInadmissible, { ...withoutChannel, addressees: [...complete.addressees] }))
      .thenRejected('channel_missing', '/channel');
  });
  test('requires addressees that are known, listed once and have contact details', () => {
    given(received())
      .when(declare({ addressees: ['a9'] }))
      .thenRejected('unknown_party', '/addressees/0');
    given(received())
      .when(declare({ addressees: ['a1', 'a1'] }))
      .thenRejected('addressee_repeated', '/addressees/1');
    given(received({ parties: [{ id: 'a1', role: 'complainant', authority: 'none' }] }))
      .when(declare())
      .thenRejected('no_contact', '/addressees/0');
  });
  test('requires no notice for spam', () =>
    given(received())
      .when(command(DeclareInadmissible, { reasonCode: 'spam', nature: 'spam', reasons: 'Advertising' }))
      .then(
        ComplaintDeclaredInadmissible({ reasonCode: 'spam', nature: 'spam', reasons: 'Advertising', addressees: [] }),
      ));
  test('requires no notice if no party can be reached', () =>
    given(received({ parties: [] }))
      .when(command(DeclareInadmissible, { reasonCode: 'abusive', nature: 'complaint', reasons: 'Insults only' }))
      .thenRecorded('ComplaintDeclaredInadmissible'));
  test('allows a representative with rejected authority as addressee', () =>
    given(
      received({ parties: [{ ...complainantWang, role: 'representative' }] }),
      AuthorityRejected({ party: 'a1', reason: 'No power' }),
    )
      .when(declare({ reasonCode: 'no_interest', nature: 'complaint' }))
      .thenRecorded('ComplaintDeclaredInadmissible'));
});
