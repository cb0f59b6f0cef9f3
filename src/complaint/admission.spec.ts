import { command, given, person } from '../../test/support/given.js';
import {
  closed,
  eventsUntilInvestigated,
  received,
  reopened,
  upheld,
  complainantWang,
} from '../../test/support/complaint-history.js';
import { AcknowledgeComplaint, AdmitComplaint } from './commands/intake.js';
import { ComplaintAcknowledged, ComplaintAdmitted, ConflictOfInterestDeclared } from './events.js';

describe('T2: acknowledging', () => {
  const acknowledge = command(AcknowledgeComplaint, { channel: 'phone', to: 'a1', message: 'We have it.' });
  const acknowledged = ComplaintAcknowledged({ channel: 'phone', to: 'a1', message: 'We have it.' });

  test('records the acknowledgement', () => given(received()).when(acknowledge).then(acknowledged));
  test('rejects a second acknowledgement in the same episode', () =>
    given(received(), acknowledged).when(acknowledge).thenRejected('nothing_to_change'));
  test('is allowed again in the next episode', () =>
    given(received(), acknowledged, closed, reopened()).when(acknowledge).then(acknowledged));
  test('is recorded in every stage, also after the end', () =>
    given(received(), closed).when(acknowledge).then(acknowledged));
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
